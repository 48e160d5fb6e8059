import { configFrom } from './arguments.js';
import { EXIT, table } from './output.js';
import type { Output } from './output.js';
import { fetchFrom, postTo, serverUrl } from './server-client.js';

interface Options {
  readonly config?: string;
  readonly url?: string;
}

interface Audience {
  readonly id: string;
  readonly name: string;
  readonly filter: string;
  readonly kind: string;
}

interface Preview {
  readonly count: number;
  readonly ms: number;
  /** Missing for a key that may not read contacts. */
  readonly sample?: readonly { readonly id: string; readonly name?: string; readonly numbers: readonly { readonly number: string }[]; readonly attributes: Readonly<Record<string, unknown>> }[];
}

/** Saves a choice of contacts in a running server. */
export async function create(output: Output, name: string, filter: string, options: Options): Promise<number> {
  const audience = (await (await postTo(serverUrl(configFrom(options.config), options), '/v1/audiences', { name, filter })).json()) as Audience;
  output.out(output.json ? JSON.stringify(audience) : audience.id);
  return EXIT.ok;
}

/** The audiences of a running server, a page of them. */
export async function list(output: Output, options: Options): Promise<number> {
  const { items } = (await (await fetchFrom(serverUrl(configFrom(options.config), options), '/v1/audiences?limit=1000')).json()) as { items: readonly Audience[] };
  if (output.json) output.out(JSON.stringify(items));
  else if (items.length === 0) output.out('There are no audiences.');
  else output.out(table(['id', 'name', 'kind', 'filter'], items.map(({ id, name, kind, filter }) => [id, name, kind, filter])));
  return EXIT.ok;
}

/** How many are in an audience, or would be taken by a filter, and some of them. */
export async function preview(output: Output, what: string, options: Options): Promise<number> {
  const saved = /^aud_[0-9A-Z]{26}$/.test(what);
  const path = saved ? `/v1/audiences/${what}:preview` : '/v1/audiences:preview';
  const found = (await (await postTo(serverUrl(configFrom(options.config), options), path, saved ? undefined : { filter: what })).json()) as Preview;
  if (output.json) output.out(JSON.stringify(found));
  else {
    output.out(`${found.count} contacts (${found.ms} ms).`);
    if (found.sample !== undefined && found.sample.length > 0) output.out(table(['id', 'name', 'number', 'attributes'], found.sample.map(({ id, name, numbers, attributes }) => [id, name ?? '', numbers[0]?.number ?? '', JSON.stringify(attributes)])));
  }
  return EXIT.ok;
}
