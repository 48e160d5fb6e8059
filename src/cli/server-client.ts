import type { Config } from '../config/schema.js';
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
  const key = process.env[KEY_VARIABLE];
  let response: Response;
  try {
    response = await fetch(`${url}${path}`, { method, headers: key === undefined ? {} : { authorization: `Bearer ${key}` }, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (cause) {
    throw new TrunklineError('TRK_SERVER_UNREACHABLE', { params: { url }, cause });
  }
  if (response.ok) return response;
  throw await refusalOf(response, path);
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

/** Sends JSON to a running server, or nothing at all. Errors as of `fetchFrom`. */
export async function postTo(url: string, path: string, json?: unknown): Promise<Response> {
  const body = json === undefined ? {} : { body: JSON.stringify(json) };
  const headers = { ...keyHeader(), ...(json === undefined ? {} : { 'content-type': 'application/json' }) };
  let response: Response;
  try {
    response = await fetch(`${url}${path}`, { method: 'POST', headers, ...body, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (cause) {
    throw new TrunklineError('TRK_SERVER_UNREACHABLE', { params: { url }, cause });
  }
  if (!response.ok) throw await refusalOf(response, path);
  return response;
}
