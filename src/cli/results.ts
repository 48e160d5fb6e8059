import { createWriteStream, openSync, renameSync, rmSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TrunklineError } from '../kernel/errors.js';
import { configFrom } from './arguments.js';
import { EXIT } from './output.js';
import type { Output } from './output.js';
import { serverUrl, streamFrom } from './server-client.js';

interface Options {
  readonly config?: string;
  readonly url?: string;
  readonly format?: string;
  readonly out?: string;
  readonly flow?: string;
  readonly campaign?: string;
  readonly disposition?: string;
  readonly verdict?: string;
  readonly cursor?: string;
}

const formats = ['csv', 'ndjson'] as const;

/** Results of a running server, as it writes them, to a file or to standard output. A file is whole or not there. */
export async function exportResults(output: Output, options: Options): Promise<number> {
  const { out } = options;
  const format = options.format ?? (out !== undefined && /\.(?:ndjson|jsonl)$/i.test(out) ? 'ndjson' : 'csv');
  if (!(formats as readonly string[]).includes(format)) throw new TrunklineError('TRK_USAGE', { params: { reason: `--format is ${formats.join(' or ')}, not "${format}".` }, field: '--format' });
  const query = new URLSearchParams({ format });
  for (const name of ['flow', 'campaign', 'disposition', 'verdict', 'cursor'] as const) {
    const value = options[name];
    if (value !== undefined) query.set(name, value);
  }
  const url = serverUrl(configFrom(options.config), options);
  const body = await streamFrom(url, `/v1/results?${query.toString()}`);
  if (out === undefined) await copy(body, process.stdout, url, false);
  else await toFile(body, out, url);
  if (out !== undefined) output.out(output.json ? JSON.stringify({ file: out, format }) : `Results are in ${out}.`);
  return EXIT.ok;
}

/** Words of people lie in it: for the owner only. */
async function toFile(body: ReadableStream<Uint8Array>, file: string, url: string): Promise<void> {
  const half = `${file}.part`;
  let descriptor: number;
  try {
    descriptor = openSync(half, 'w', 0o600);
  } catch (cause) {
    await body.cancel();
    throw unwritable(file, cause);
  }
  try {
    await copy(body, createWriteStream('', { fd: descriptor }), url, true);
    renameSync(half, file);
  } catch (error) {
    rmSync(half, { force: true });
    // A full disk is not the server's.
    const cause = error instanceof TrunklineError ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
    throw cause?.syscall === 'write' ? unwritable(file, cause) : error;
  }
}

function unwritable(file: string, cause: unknown): TrunklineError {
  return new TrunklineError('TRK_USAGE', { params: { reason: `${file} cannot be written: ${(cause as NodeJS.ErrnoException).code ?? ''}.` }, field: '--out', cause });
}

/** As fast as `target` takes it. TRK_SERVER_UNREACHABLE if the server ends in the middle. */
async function copy(body: ReadableStream<Uint8Array>, target: Writable, url: string, end: boolean): Promise<void> {
  try {
    await pipeline(Readable.fromWeb(body), target, { end });
  } catch (cause) {
    // Whoever reads our output (`| head`) may stop when he has seen enough.
    if ((cause as NodeJS.ErrnoException).code === 'EPIPE') return;
    throw new TrunklineError('TRK_SERVER_UNREACHABLE', { params: { url }, cause });
  }
}
