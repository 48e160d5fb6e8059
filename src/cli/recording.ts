import { createWriteStream } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { TrunklineError } from '../kernel/errors.js';
import { silentLogger } from '../kernel/log.js';
import { systemRandom } from '../kernel/random.js';
import { openVault } from '../recording-wiring.js';
import { configFrom } from './arguments.js';
import { EXIT } from './output.js';
import type { Output } from './output.js';

/** Writes a recording of `data_dir` as a WAV file that any player takes; needs no running server. */
export async function recording(output: Output, name: string, options: { config?: string; out: string }): Promise<number> {
  const config = configFrom(options.config);
  const vault = openVault(config, join(resolve(config.data_dir), 'recordings'), { random: systemRandom, log: silentLogger });
  const wav = `${basename(name).replace(/(\.wav)?(\.sealed)?$/, '')}.wav`;
  const file = await vault.open(wav);
  if (file === undefined) throw new TrunklineError('TRK_NOT_FOUND', { params: { what: 'recording' } });
  try {
    // Somebody's voice is in it: for the owner only.
    await pipeline(file.read(0, Math.max(0, file.size - 1)), createWriteStream(options.out, { mode: 0o600 }));
  } catch (cause) {
    if (cause instanceof TrunklineError) throw cause;
    throw new TrunklineError('TRK_USAGE', { params: { reason: `${options.out} cannot be written.` }, field: '--out', cause });
  }
  if (output.json) output.out(JSON.stringify({ file: options.out, bytes: file.size }));
  else output.note(`${options.out}: ${file.size} bytes`);
  return EXIT.ok;
}
