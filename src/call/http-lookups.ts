import type { Config } from '../config/schema.js';
import type { Clock } from '../kernel/clock.js';
import { TrunklineError } from '../kernel/errors.js';
import type { Lookups, LookupValues } from './lookups.js';

export interface HttpLookupParts {
  readonly lookups: Config['lookups'];
  readonly clock: Clock;
  readonly fetch: typeof fetch;
}

/** An answer of this size is no answer to a question on the telephone, bytes. */
const MAX_ANSWER_BYTES = 65_536;
const MAX_VALUES = 500;
const MAX_DEPTH = 8;

/**
 * Lookups over HTTP. The address comes from the configuration alone; what callers say
 * only fills its parameters, encoded. Redirects are not followed: they would lead
 * where nobody has looked.
 */
export function createHttpLookups({ lookups, clock, fetch: send }: HttpLookupParts): Lookups {
  return {
    async run(name, input, { deadlineMs, signal }) {
      const lookup = Object.hasOwn(lookups, name) ? lookups[name] : undefined;
      if (lookup === undefined) throw new TrunklineError('TRK_LOOKUP_UNKNOWN', { params: { lookup: name }, field: 'action' });
      const stop = new AbortController();
      const onAbort = (): void => stop.abort();
      signal.addEventListener('abort', onAbort, { once: true });
      let late = false;
      const limit = clock.after(deadlineMs, () => {
        late = true;
        stop.abort();
      });
      try {
        const post = lookup.method === 'POST';
        const response = await send(filled(name, lookup.url, input), {
          method: lookup.method,
          redirect: 'error',
          signal: stop.signal,
          headers: { accept: 'application/json', ...(post ? { 'content-type': 'application/json' } : {}), ...lookup.headers },
          ...(post ? { body: JSON.stringify(input) } : {}),
        });
        if (!response.ok) throw new TrunklineError('TRK_LOOKUP_FAILED', { params: { lookup: name, reason: `HTTP ${response.status}` } });
        return flat(JSON.parse(await bounded(response, name)) as unknown);
      } catch (error) {
        if (error instanceof TrunklineError) throw error;
        if (late) throw new TrunklineError('TRK_LOOKUP_DEADLINE', { params: { lookup: name }, cause: error });
        throw new TrunklineError('TRK_LOOKUP_FAILED', { params: { lookup: name, reason: error instanceof SyntaxError ? 'the answer is not JSON' : 'no usable answer' }, cause: error });
      } finally {
        limit.cancel();
        signal.removeEventListener('abort', onAbort);
      }
    },
  };
}

const PLACEHOLDER = /\{([a-z][a-z0-9_]*)\}/g;

/** A value may fill a step of the path, but not lead to another one: `..` goes up, an empty one lists what is there. */
function filled(lookup: string, url: string, input: LookupValues): string {
  const fill = (text: string): string => text.replace(PLACEHOLDER, (_, name: string) => encodeURIComponent(String((Object.hasOwn(input, name) ? input[name] : undefined) ?? '')));
  const end = url.search(/[?#]/);
  const [path, rest] = end < 0 ? [url, ''] : [url.slice(0, end), url.slice(end)];
  const steps = path.split('/').map((step) => {
    const full = fill(step);
    if (full !== step && /^\.{0,2}$/.test(full)) throw new TrunklineError('TRK_LOOKUP_FAILED', { params: { lookup, reason: 'a value cannot stand in the path of its address' } });
    return full;
  });
  return steps.join('/') + fill(rest);
}

async function bounded(response: Response, lookup: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    const bytes = chunk as Uint8Array;
    size += bytes.byteLength;
    if (size > MAX_ANSWER_BYTES) throw new TrunklineError('TRK_LOOKUP_FAILED', { params: { lookup, reason: `the answer is larger than ${MAX_ANSWER_BYTES} bytes` } });
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** `{customer: {balance: 12}, slots: [{at: "9:00"}]}` to `customer.balance`, `slots.0.at`. */
function flat(value: unknown): LookupValues {
  const values: Record<string, string | number | boolean> = {};
  let count = 0;
  const walk = (one: unknown, path: string, depth: number): void => {
    if (count >= MAX_VALUES || depth > MAX_DEPTH) return;
    if (typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean') {
      values[path] = typeof one === 'string' ? one.slice(0, 500) : one;
      count++;
    } else if (typeof one === 'object' && one !== null) for (const [key, inner] of Object.entries(one)) walk(inner, path === '' ? key : `${path}.${key}`, depth + 1);
  };
  walk(value, '', 0);
  return values;
}
