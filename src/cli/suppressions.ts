import { configFrom } from './arguments.js';
import { EXIT } from './output.js';
import type { Output } from './output.js';
import { serverUrl } from './server-client.js';
import { sizeOf, upload } from './upload.js';

interface Options {
  readonly config?: string;
  readonly url?: string;
  readonly defaultCountry?: string;
  readonly scope?: string;
  readonly source?: string;
  readonly expires?: string;
}

interface Imported {
  readonly read: number;
  readonly saved: number;
  readonly refused: number;
  readonly refusals: readonly { readonly line: number; readonly reason: string }[];
}

/** Sends a list of numbers that must not be called to a running server. Exit code 1 if lines were refused. */
export async function importList(output: Output, file: string, options: Options): Promise<number> {
  const size = sizeOf(file);
  const { defaultCountry, scope, source, expires } = options;
  const query = new URLSearchParams({
    ...(defaultCountry === undefined ? {} : { defaultCountry: defaultCountry.toUpperCase() }),
    ...(scope === undefined ? {} : { scope }),
    ...(source === undefined ? {} : { source }),
    ...(expires === undefined ? {} : { expiresAt: expires }),
  });
  let sent = 0;
  const onSent = (bytes: number): void => {
    sent += bytes;
    output.progress('importing', Math.min(0.99, sent / Math.max(1, size)));
  };
  const answer = await upload(serverUrl(configFrom(options.config), options), `/v1/suppressions:import?${query.toString()}`, file, onSent, 'POST');
  const done = (await answer.json()) as Imported;
  output.progress('importing', 1);
  if (output.json) output.out(JSON.stringify(done));
  else {
    for (const { line, reason } of done.refusals) output.note(`line ${line}: ${reason}`);
    output.out(`${done.read} lines: ${done.saved} saved, ${done.refused} refused.`);
  }
  return done.refused > 0 ? EXIT.failed : EXIT.ok;
}
