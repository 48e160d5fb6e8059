import { TrunklineError, asTrunklineError } from '../kernel/errors.js';
import type { TrunkSettings } from '../config/trunk-schema.js';
import type { OutgoingCallRequest, PlaceFailure } from '../sip/signalling.js';
import type { TrunkLease, Trunks } from '../sip/trunk/trunks.js';

/** What differs from one INVITE of a call to the next. */
export type RoutedRequest = Pick<OutgoingCallRequest, 'to' | 'from' | 'headers' | 'nextHop' | 'auth' | 'callId'>;

export interface RouteOrder {
  /** E.164 or SIP URI. */
  readonly to: string;
  readonly from: string | undefined;
  readonly callId: string;
  /** A phone rang or the call was answered: whatever comes now is the callee's word. */
  readonly reached: () => boolean;
  readonly signal: AbortSignal;
}

/** INVITEs of one call; a longer row of dead places is given up. */
const MAX_TRIES = 6;

export function isSipUri(to: string): boolean {
  return /^sips?:/i.test(to);
}

/**
 * The way of one call: which trunk, which place, and what was tried before. A SIP URI
 * goes where it says; a phone number goes by trunks.
 */
export class TrunkRoute {
  readonly #trunks: Trunks;
  readonly #fallbackCaller: string;
  readonly #notes: string[] = [];
  #lease: TrunkLease | undefined;

  /** `held`: a channel that was reserved for this call; it is used first. */
  constructor(trunks: Trunks, fallbackCaller: string, held: TrunkLease | undefined) {
    this.#trunks = trunks;
    this.#fallbackCaller = fallbackCaller;
    this.#lease = held;
  }

  /** The trunk that carries the call, or was the last to be tried. */
  get trunk(): string | undefined {
    return this.#lease?.trunk.name;
  }

  /** `reason` with every try that went elsewhere afterwards. */
  explain(reason: string): string {
    return this.#notes.length === 0 ? reason : `${reason} (before: ${this.#notes.join('; ')})`;
  }

  /** Gives the channel back; `talkedMs` counts as minutes of the day. */
  release(talkedMs: number): void {
    this.#lease?.release(talkedMs);
  }

  /**
   * Sends one INVITE after the other until one is answered or nobody else may be asked:
   * only 5xx, 408, transport errors and silence go to the next place. Throws what the last
   * `send` threw; before any INVITE TRK_SIP_NO_ROUTE, TRK_TRUNK_DENIED, TRK_TRUNK_BUSY, TRK_TRUNK_UNRESOLVED.
   */
  async place<T>(order: RouteOrder, send: (request: RoutedRequest, trunk: TrunkSettings | undefined) => Promise<T>): Promise<T> {
    if (isSipUri(order.to)) return await send({ to: order.to, from: order.from ?? this.#fallbackCaller, callId: order.callId }, undefined);
    const routes = this.#trunks.routes(order);
    const held = this.trunk;
    const names = held !== undefined && routes.includes(held) ? [held, ...routes.filter((name) => name !== held)] : routes;
    let failure: TrunklineError | undefined;
    let number = 0;
    for (const name of names) {
      if (!this.#change(name)) continue;
      for (const one of await this.#tries(order, (error) => (failure = this.#note(name, error)))) {
        if (number >= MAX_TRIES) break;
        number += 1;
        try {
          return await send({ ...one.request, callId: callIdOf(order.callId, number) }, this.#lease?.trunk);
        } catch (thrown) {
          const error = asTrunklineError(thrown);
          if (!mayGoElsewhere(error) || order.reached() || order.signal.aborted) throw error;
          one.failed();
          failure = this.#note(`${name} ${one.label}`, error);
        }
      }
    }
    // The last try is the result itself, not what came before it.
    if (failure !== undefined) this.#notes.pop();
    throw failure ?? new TrunklineError('TRK_TRUNK_BUSY', { field: 'to' });
  }

  /** Holds a channel of `name` and of no other trunk. */
  #change(name: string): boolean {
    if (this.trunk === name) return true;
    const lease = this.#trunks.take(name);
    if (lease === undefined) return false;
    this.#lease?.release();
    this.#lease = lease;
    return true;
  }

  async #tries(order: RouteOrder, onError: (error: TrunklineError) => void): ReturnType<Trunks['tries']> {
    if (this.#lease === undefined) return [];
    try {
      return await this.#trunks.tries(this.#lease, order);
    } catch (error) {
      onError(asTrunklineError(error));
      return [];
    }
  }

  #note(where: string, error: TrunklineError): TrunklineError {
    const failure = error.cause as Partial<PlaceFailure> | undefined;
    this.#notes.push(`${where}: ${typeof failure?.status === 'number' ? `${failure.status} ${failure.reason ?? ''}`.trim() : error.code}`);
    return error;
  }
}

/** RFC 3261 8.1.1.4: another INVITE outside a dialog is another call; both are of the same attempt. */
function callIdOf(callId: string, number: number): string {
  if (number === 1) return callId;
  const at = callId.indexOf('@');
  return at < 0 ? `${callId}.${number}` : `${callId.slice(0, at)}.${number}${callId.slice(at)}`;
}

/** RFC 3263 4.3: silence, transport errors and 503 lead to the next place; other 5xx are one server's trouble, too. 4xx and 6xx are about the callee or us. */
function mayGoElsewhere(error: TrunklineError): boolean {
  const status = (error.cause as Partial<PlaceFailure> | undefined)?.status ?? 0;
  if (error.code === 'TRK_SIP_TRANSPORT') return true;
  if (error.code === 'TRK_SIP_TIMEOUT') return status === 408;
  return error.code === 'TRK_SIP_REJECTED' && status >= 500 && status < 600;
}
