import { TrunklineError } from '../kernel/errors.js';
import { configFrom } from './arguments.js';
import { EXIT } from './output.js';
import type { Output } from './output.js';
import { postTo, serverUrl } from './server-client.js';
import { sizeOf, upload } from './upload.js';

interface Options {
  readonly config?: string;
  readonly url?: string;
  readonly format?: string;
  readonly map?: readonly string[];
  readonly dryRun?: boolean;
  readonly defaultCountry?: string;
  readonly merge?: string;
  readonly encoding?: string;
  readonly delimiter?: string;
  readonly tag?: readonly string[];
}

interface Import {
  readonly id: string;
  readonly state: string;
  readonly found?: { readonly encoding: string; readonly delimiter?: string; readonly columns?: readonly { readonly header: string; readonly becomes: string }[] };
  readonly rows: number;
  readonly created: number;
  readonly updated: number;
  readonly kept: number;
  readonly refused: number;
}

/** Sends a file of contacts to a running server. Exit code 1 if rows were refused. */
export async function importFile(output: Output, file: string, options: Options): Promise<number> {
  const size = sizeOf(file);
  const url = serverUrl(configFrom(options.config), options);
  const settings = {
    format: options.format ?? (/\.(?:ndjson|jsonl)$/i.test(file) ? 'ndjson' : 'csv'),
    map: mapFrom(options.map ?? []),
    ...(options.dryRun === true ? { dryRun: true } : {}),
    ...(options.defaultCountry === undefined ? {} : { defaultCountry: options.defaultCountry.toUpperCase() }),
    ...(options.merge === undefined ? {} : { merge: options.merge }),
    ...(options.encoding === undefined ? {} : { encoding: options.encoding }),
    ...(options.delimiter === undefined ? {} : { delimiter: options.delimiter === '\\t' ? '\t' : options.delimiter }),
    ...(options.tag === undefined ? {} : { tags: options.tag }),
  };
  const made = (await (await postTo(url, '/v1/contacts/imports', settings)).json()) as Import;
  const done = (await (await upload(url, `/v1/contacts/imports/${made.id}/content`, file, count(output, size))).json()) as Import;
  output.progress('importing', 1);
  if (output.json) output.out(JSON.stringify(done));
  else print(output, done, options, url);
  return done.refused > 0 ? EXIT.failed : EXIT.ok;
}

/** The server reads as fast as it saves, so what was sent is what is done, but for some buffers. */
function count(output: Output, size: number): (bytes: number) => void {
  let sent = 0;
  return (bytes) => {
    sent += bytes;
    output.progress('importing', Math.min(0.99, sent / Math.max(1, size)));
  };
}

function mapFrom(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.lastIndexOf('=');
      if (at < 1) throw new TrunklineError('TRK_USAGE', { params: { reason: `--map wants header=field, got "${pair}".` } });
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

function print(output: Output, done: Import, options: Options, url: string): void {
  const { encoding, delimiter, columns } = done.found ?? {};
  output.note(`${encoding ?? ''}${delimiter === undefined ? '' : `, delimiter ${JSON.stringify(delimiter)}`}`);
  for (const { header, becomes } of columns ?? []) output.note(`  ${header} > ${becomes}`);
  output.out(`${options.dryRun === true ? 'Dry run, nothing saved: ' : ''}${done.rows} rows: ${done.created} created, ${done.updated} updated, ${done.kept} kept, ${done.refused} refused.`);
  if (done.refused > 0) output.out(`What was refused, and why: ${url}/v1/contacts/imports/${done.id}/report`);
}
