import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { request as plainRequest } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { isIP } from 'node:net';
import type { Clock } from '../kernel/clock.js';
import type { AddressGuard } from './address-guard.js';
import { retryAfterMs } from './retry-times.js';

/** What became of one try. `reason`: a status or a code, never words of the receiver. */
export type SendOutcome =
  | { readonly kind: 'delivered'; readonly status: number }
  | { readonly kind: 'failed'; readonly reason: string; readonly retryAfterMs?: number | undefined }
  /** Trying again cannot help; `gone`: the receiver wants nothing more (410). */
  | { readonly kind: 'refused'; readonly reason: string; readonly gone: boolean };

export interface WebhookSenderParts {
  readonly guard: AddressGuard;
  readonly clock: Clock;
  /** From the look-up of the name to the end of the answer, ms. */
  readonly timeoutMs: number;
  readonly userAgent: string;
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>;
}

/** An answer's body says nothing to us; a little is read so that the connection ends in peace. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** Sends one signed body by POST. Never follows a redirect: it could lead to where the guard does not look. */
export class WebhookSender {
  readonly #parts: WebhookSenderParts;

  constructor(parts: WebhookSenderParts) {
    this.#parts = parts;
  }

  /** Never rejects. */
  async send(url: string, headers: Readonly<Record<string, string>>, body: string, signal?: AbortSignal): Promise<SendOutcome> {
    const over = new AbortController();
    const timer = this.#parts.clock.after(this.#parts.timeoutMs, () => over.abort(new Error('timeout')));
    const onAbort = (): void => over.abort(new Error('closed'));
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const target = new URL(url);
      const address = await this.#addressOf(target.hostname.replace(/^\[|\]$/g, ''), over.signal);
      if (address === undefined) return { kind: 'refused', reason: 'private_address', gone: false };
      return this.#judge(await this.#post(target, address, headers, body, over.signal));
    } catch (error) {
      return { kind: 'failed', reason: over.signal.aborted ? (over.signal.reason as Error).message : codeOf(error) };
    } finally {
      timer.cancel();
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** One address that may be reached; undefined if the name has only others. */
  async #addressOf(host: string, signal: AbortSignal): Promise<LookupAddress | undefined> {
    const family = isIP(host);
    const resolve = this.#parts.resolve ?? ((name: string) => lookup(name, { all: true }));
    const found = family !== 0 ? [{ address: host, family }] : await Promise.race([resolve(host), aborted(signal)]);
    // One private address among public ones is a trap as well as none: all must be open.
    return found.length > 0 && found.every(({ address }) => this.#parts.guard.allows(address)) ? found[0] : undefined;
  }

  #post(target: URL, to: LookupAddress, headers: Readonly<Record<string, string>>, body: string, signal: AbortSignal): Promise<IncomingMessage> {
    const bytes = Buffer.from(body);
    const options: RequestOptions = {
      method: 'POST',
      signal,
      agent: false,
      headers: { 'content-type': 'application/json', 'content-length': bytes.length, 'user-agent': this.#parts.userAgent, connection: 'close', ...headers },
      // The address that was judged is the one that is connected to.
      lookup: (_host, wanted, done) => (wanted.all === true ? (done as (error: null, all: LookupAddress[]) => void)(null, [to]) : done(null, to.address, to.family)),
    };
    return new Promise((resolve, reject) => {
      const sent = (target.protocol === 'https:' ? tlsRequest : plainRequest)(target, options, (answer) => {
        let size = 0;
        answer.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > MAX_ANSWER_BYTES) answer.destroy();
        });
        // The status has come: what happens to the rest changes nothing.
        answer.on('error', () => resolve(answer));
        answer.on('close', () => resolve(answer));
      });
      sent.on('error', reject);
      sent.end(bytes);
    });
  }

  #judge(answer: IncomingMessage): SendOutcome {
    const status = answer.statusCode ?? 0;
    if (status >= 200 && status < 300) return { kind: 'delivered', status };
    if (status === 410) return { kind: 'refused', reason: 'http_410', gone: true };
    return { kind: 'failed', reason: status >= 300 && status < 400 ? `redirect_${status}` : `http_${status}`, retryAfterMs: retryAfterMs(answer.headers['retry-after'], this.#parts.clock.now()) };
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));
}

/** `ECONNREFUSED`, `ENOTFOUND`, `CERT_HAS_EXPIRED`, ...: what operators look for. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'connection_failed';
}
