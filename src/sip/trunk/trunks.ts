import type { TrunkSettings } from '../../config/trunk-schema.js';
import type { IncomingCall, OutgoingCallRequest } from '../signalling.js';

/**
 * PORT: the trunks of this server, as calls and the API see them. `TrunkBook`
 * implements it.
 */

/** One channel of a trunk, held from before the INVITE until the call is over. */
export interface TrunkLease {
  readonly trunk: TrunkSettings;
  /** Gives the channel back; doing so twice is harmless. `talkedMs`: answered time that counts as minutes of the day. */
  release(talkedMs?: number): void;
}

/** One INVITE that may be sent. */
export interface TrunkTry {
  /** `host:port` for records. */
  readonly label: string;
  readonly request: Pick<OutgoingCallRequest, 'to' | 'from' | 'headers' | 'nextHop' | 'auth'>;
  /** The place did not answer, or could not be reached: others are tried before it for a while. */
  failed(): void;
}

export interface TrunkOrder {
  /** E.164. */
  readonly to: string;
  /** Caller number that the task wants; undefined takes the trunk's first, else the server's. */
  readonly from: string | undefined;
}

/** A place behind a trunk. */
export interface TrunkTargetStatus {
  readonly target: string;
  readonly state: 'unknown' | 'up' | 'down';
  /** Last answer to OPTIONS: a status, or the code of an error. */
  readonly last: string | undefined;
}

export interface TrunkStatus {
  readonly name: string;
  /** `unchecked`: neither keep-alive nor registration has said anything yet; it carries calls. */
  readonly state: 'up' | 'down' | 'registering' | 'unchecked' | 'disabled';
  /** Code or status that says why it is down. */
  readonly reason: string | undefined;
  readonly channels: number;
  readonly talkedMsToday: number;
  readonly targets: readonly TrunkTargetStatus[];
  readonly registration: { readonly state: 'off' | 'registering' | 'registered' | 'failed'; readonly expiresAt: number | undefined; readonly error: string | undefined };
}

export interface Trunks {
  /**
   * Takes a channel for `order`: `busy` if all that could carry it are down or full now.
   * Undefined where the order will be refused anyway: `routes` says why.
   */
  reserve(order: TrunkOrder): TrunkLease | 'busy' | undefined;
  /** Names of the trunks that may carry `order`, best first. TRK_SIP_NO_ROUTE, TRK_TRUNK_DENIED. */
  routes(order: TrunkOrder): readonly string[];
  /** A channel of the trunk; undefined if it is down or full. */
  take(name: string): TrunkLease | undefined;
  /** Where the INVITE can go, best first. TRK_TRUNK_UNRESOLVED. */
  tries(lease: TrunkLease, order: TrunkOrder): Promise<readonly TrunkTry[]>;
  /** What to do with an INVITE from this source. */
  admit(call: Pick<IncomingCall, 'source'>): { readonly kind: 'known'; readonly trunk: TrunkSettings } | { readonly kind: 'unknown' } | { readonly kind: 'refused' };
  /** Called number of an incoming call, as we write it. */
  calledNumber(trunk: TrunkSettings, number: string): string;
  /** Caller number of an incoming call, as we write it. */
  callerNumber(trunk: TrunkSettings, number: string): string;
  /** A channel for an incoming call; undefined if all are in use. */
  takeInbound(name: string): TrunkLease | undefined;
  list(): readonly TrunkStatus[];
}
