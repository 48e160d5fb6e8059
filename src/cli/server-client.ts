import type { Config } from '../config/schema.js';
import { systemClock } from '../kernel/clock.js';
import type { Timer } from '../kernel/clock.js';
import { TrunklineError } from '../kernel/errors.js';

/** Where the server is, for commands that ask a running one. */
export interface ServerOptions {
  /** Default: `api.address` and `api.port` of the configuration. */
  readonly url?: string;
}

/** Environment variable with the API key: on a command line everybody on the machine could read it. */
export const KEY_VARIABLE = 'TRUNKLINE_API_KEY';
/** A server that does not answer by then is stuck, ms. */
const TIMEOUT_MS = 10_000;

export function serverUrl(config: Config, options: ServerOptions): string {
  if (options.url !== undefined) return options.url.replace(/\/+$/, '');
  const { address, port } = config.api;
  const host = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '[::1]' : address.includes(':') ? `[${address}]` : address;
  return `http://${host}:${port}`;
}

/** Asks a running server. TRK_SERVER_UNREACHABLE; what the server refuses is printed as it says it: TRK_SERVER_REFUSED. */
export async function fetchFrom(url: string, path: string, method: 'GET' | 'DELETE' = 'GET'): Promise<Response> {
  return (await ask(url, path, { method })).response;
}

/** Asks for something long: the server must begin to answer in time; how long it goes on is up to the reader. Errors as of `fetchFrom`. */
export async function streamFrom(url: string, path: string): Promise<ReadableStream<Uint8Array>> {
  const { response, limit } = await ask(url, path, {});
  limit.cancel();
  return response.body ?? new ReadableStream();
}

/** Sends JSON to a running server, or nothing at all. Errors as of `fetchFrom`. */
export async function postTo(url: string, path: string, json?: unknown): Promise<Response> {
  const body = json === undefined ? {} : { body: JSON.stringify(json), headers: { 'content-type': 'application/json' } };
  return (await ask(url, path, { method: 'POST', ...body })).response;
}

/** `limit` goes on until it is cancelled: the body as well must be there in time. */
async function ask(url: string, path: string, init: { readonly method?: string; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }): Promise<{ response: Response; limit: Timer }> {
  const late = new AbortController();
  const limit = systemClock.after(TIMEOUT_MS, () => late.abort(), { keepAlive: false });
  let response: Response;
  try {
    response = await fetch(`${url}${path}`, { ...init, headers: { ...keyHeader(), ...init.headers }, signal: late.signal });
  } catch (cause) {
    limit.cancel();
    throw new TrunklineError('TRK_SERVER_UNREACHABLE', { params: { url }, cause });
  }
  if (!response.ok) throw await refusalOf(response, path);
  return { response, limit };
}

/** What the server says, as it says it. */
export async function refusalOf(response: Response, path: string): Promise<TrunklineError> {
  const body = (await response.json().catch(() => undefined)) as { error?: { code?: unknown; message?: unknown; field?: unknown } } | undefined;
  const { code, message, field } = body?.error ?? {};
  const where = typeof field === 'string' ? ` (${field})` : '';
  return new TrunklineError('TRK_SERVER_REFUSED', { params: { answer: typeof code === 'string' ? `${code}: ${typeof message === 'string' ? message : ''}${where}` : `HTTP ${response.status}` }, field: response.status === 401 ? KEY_VARIABLE : path });
}

/** The API key of the environment, as a header. */
export function keyHeader(): Record<string, string> {
  const key = process.env[KEY_VARIABLE];
  return key === undefined ? {} : { authorization: `Bearer ${key}` };
}
