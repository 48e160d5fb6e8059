import { configFrom } from './arguments.js';
import { EXIT, table } from './output.js';
import type { Output } from './output.js';
import { fetchFrom, serverUrl } from './server-client.js';

interface Options {
  readonly config?: string;
  readonly url?: string;
}

interface Ban {
  readonly source: string;
  readonly reason: string;
  readonly times: number;
  readonly since: string;
  readonly until: string;
}

/** The SIP sources that a running server has banned. */
export async function list(output: Output, options: Options): Promise<number> {
  const response = await fetchFrom(serverUrl(configFrom(options.config), options), '/v1/sip/bans');
  const { items } = (await response.json()) as { items: Ban[] };
  if (output.json) output.out(JSON.stringify(items));
  else if (items.length === 0) output.out('Nobody is banned.');
  else output.out(table(['source', 'reason', 'times', 'since', 'until'], items.map(({ source, reason, times, since, until }) => [source, reason, String(times), since, until])));
  return EXIT.ok;
}

/** Hears a source again. TRK_SERVER_REFUSED with TRK_NOT_FOUND if it was not banned. */
export async function lift(output: Output, source: string, options: Options): Promise<number> {
  await fetchFrom(serverUrl(configFrom(options.config), options), `/v1/sip/bans/${encodeURIComponent(source)}`, 'DELETE');
  if (output.json) output.out(JSON.stringify({ lifted: source }));
  else output.out(`${source} is heard again.`);
  return EXIT.ok;
}
