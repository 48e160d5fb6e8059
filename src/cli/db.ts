import { once } from 'node:events';
import { createReadStream, createWriteStream, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import type { Readable, Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { systemClock } from '../kernel/clock.js';
import { TrunklineError } from '../kernel/errors.js';
import { silentLogger } from '../kernel/log.js';
import { systemRandom } from '../kernel/random.js';
import { openStore } from '../store-wiring.js';
import { configFrom } from './arguments.js';
import { EXIT } from './output.js';
import type { Output } from './output.js';
import { withStore } from './with-store.js';

/** The longest line that a backup may have, bytes: a result with its transcript is far below. */
const LONGEST_LINE = 64 * 1024 * 1024;

/** Writes everything that the store holds to `file`, packed if it ends with `.gz`. It is whole or not there. */
export async function backup(output: Output, file: string, options: { config?: string }): Promise<number> {
  const store = openStore(configFrom(options.config), { clock: systemClock, random: systemRandom, log: silentLogger }, { beside: true });
  const half = `${file}.part`;
  try {
    // Numbers and words of people lie in it: for the owner only.
    const descriptor = reading(half, () => openSync(half, 'w', 0o600));
    const written = createWriteStream('', { fd: descriptor, autoClose: false });
    const source: Writable = file.endsWith('.gz') ? createGzip() : new PassThrough();
    const done = pipeline(source as PassThrough, written);
    done.catch(() => undefined);
    const summary = await store.backup(async (lines) => {
      if (source.destroyed) await done;
      if (!source.write(lines)) await Promise.race([once(source, 'drain'), done]);
    });
    source.end();
    await done;
    fsyncSync(descriptor);
    renameSync(half, file);
    const bytes = statSync(file).size;
    output.out(output.json ? JSON.stringify({ ...summary, bytes }) : `${summary.rows} rows of ${summary.tables} tables, version ${summary.schema}, ${bytes} bytes.`);
    return EXIT.ok;
  } catch (error) {
    rmSync(half, { force: true });
    throw error;
  } finally {
    await store.close();
  }
}

/** Reads a backup into an empty store, that of the configuration. */
export async function restore(output: Output, file: string, options: { config?: string }): Promise<number> {
  const { size } = reading(file, () => statSync(file));
  const summary = await withStore(configFrom(options.config), { beside: false }, (store) => store.restore(linesOf(file, (bytes) => output.progress('restore', size === 0 ? 1 : bytes / size))));
  output.out(output.json ? JSON.stringify(summary) : `${summary.rows} rows of ${summary.tables} tables are back.`);
  output.note('What was dialled after the backup was made is not known to this store: look at the tasks that wait before you start the server.');
  return EXIT.ok;
}

function reading<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new TrunklineError('TRK_USAGE', { params: { reason: `${file}: ${(error as NodeJS.ErrnoException).code ?? 'cannot be opened'}.` }, field: 'file', cause: error });
  }
}

async function* linesOf(file: string, onBytes: (bytes: number) => void): AsyncGenerator<string> {
  const raw = createReadStream(file);
  const text: Readable = file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw;
  raw.on('error', (error) => text.destroy(error));
  text.setEncoding('utf8');
  let rest = '';
  try {
    for await (const chunk of text as AsyncIterable<string>) {
      onBytes(raw.bytesRead);
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > LONGEST_LINE) throw new TrunklineError('TRK_BACKUP_INVALID', { params: { reason: 'a line without an end' } });
      yield* lines;
    }
    if (rest !== '') yield rest;
  } catch (error) {
    if (error instanceof TrunklineError) throw error;
    throw new TrunklineError('TRK_BACKUP_INVALID', { params: { reason: 'the file is cut off or damaged' }, cause: error });
  } finally {
    raw.destroy();
    text.destroy();
    await finished(raw).catch(() => undefined);
  }
}
