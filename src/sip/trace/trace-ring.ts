import type { Clock, Timer } from '../../kernel/clock.js';
import { callIdOf } from './call-id.js';
import { redactSip } from './redact.js';
import type { CallTrace, CallTracer, RtpCapture, SipTap, TapPath, TraceBook, TraceEvent } from './trace.js';
import { TracedCall } from './traced-call.js';

export interface TraceLimits {
  /** Bytes of all traces together. */
  readonly maxBytes: number;
  /** Calls, live and ended. */
  readonly maxCalls: number;
  /** Messages of one call, and events of one call. */
  readonly perCall: number;
  /** An ended call is forgotten after this time, ms. */
  readonly keepMs: number;
}

/** Of all bytes: what Call-IDs may take that belong to no call of ours (keep-alives, registrations, scans). */
const STRANGERS_SHARE = 0.25;
const SWEEP_MS = 30_000;

/** A call that is nobody's, over, or up. Each row is in the order of last use. */
type Row = 'strangers' | 'ended' | 'live';

/**
 * The last SIP messages and events by call, in bounded memory. What belongs to no call
 * of ours goes first, then calls that are over, then those that were silent longest:
 * a flood of foreign requests costs no call its trace.
 */
export class TraceRing implements SipTap, CallTracer, TraceBook {
  readonly #clock: Clock;
  readonly #limits: TraceLimits;
  readonly #rows: Readonly<Record<Row, Set<TracedCall>>> = { strangers: new Set(), ended: new Set(), live: new Set() };
  readonly #bySip = new Map<string, TracedCall>();
  readonly #byCall = new Map<string, TracedCall>();
  readonly #bytes: Record<Row, number> = { strangers: 0, ended: 0, live: 0 };
  #sweep: Timer | undefined;

  constructor(clock: Clock, limits: TraceLimits) {
    this.#clock = clock;
    this.#limits = limits;
    this.#sweepLater();
  }

  get bytes(): number {
    return this.#bytes.strangers + this.#bytes.ended + this.#bytes.live;
  }

  get calls(): number {
    return this.#byCall.size;
  }

  message(direction: 'in' | 'out', raw: Uint8Array | string, path: TapPath): void {
    const text = typeof raw === 'string' ? Buffer.from(raw, 'utf8').toString('latin1') : Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('latin1');
    const sipCallId = callIdOf(text);
    if (sipCallId === undefined) return;
    const call = this.#bySip.get(sipCallId) ?? this.#open('strangers', sipCallId);
    this.#change(call, () => call.message({ atMs: this.#clock.monotonic(), direction, path, sipCallId, raw: redactSip(text) }));
  }

  leg(callId: string, sipCallId: string): void {
    const call = this.#callOf(callId);
    const stranger = this.#bySip.get(sipCallId);
    this.#bySip.set(sipCallId, call);
    this.#change(call, () => {
      call.sipCallIds.add(sipCallId);
      // What belongs to another call of ours stays there, as when a proxy sends a call of ours back to us.
      if (stranger === undefined || stranger.callId !== undefined) return;
      call.adopt(stranger);
      this.#remove('strangers', stranger, false);
    });
  }

  note(callId: string, event: TraceEvent, detail?: string, atMs = this.#clock.monotonic()): void {
    const call = this.#byCall.get(callId) ?? (event === 'started' ? this.#callOf(callId) : undefined);
    if (call !== undefined) this.#change(call, () => call.event({ atMs, event, detail }, this.#clock.monotonic()));
  }

  rtp(callId: string, capture: RtpCapture): void {
    const call = this.#byCall.get(callId);
    if (call !== undefined) this.#change(call, () => call.rtp(capture));
  }

  ended(callId: string): void {
    const call = this.#byCall.get(callId);
    if (call !== undefined) this.#change(call, () => (call.live = false));
  }

  find(id: string): CallTrace | undefined {
    this.#forgetOld();
    return (this.#byCall.get(id) ?? this.#bySip.get(id))?.view;
  }

  close(): void {
    this.#sweep?.cancel();
    for (const row of ROWS) for (const call of this.#rows[row]) this.#remove(row, call);
  }

  #callOf(callId: string): TracedCall {
    const known = this.#byCall.get(callId);
    if (known !== undefined) return known;
    const call = this.#open('live', undefined);
    call.callId = callId;
    this.#byCall.set(callId, call);
    return call;
  }

  #open(row: Row, sipCallId: string | undefined): TracedCall {
    const now = this.#clock.monotonic();
    const call = new TracedCall(this.#limits.perCall, now, this.#clock.now() - now);
    if (sipCallId !== undefined) {
      call.sipCallIds.add(sipCallId);
      this.#bySip.set(sipCallId, call);
    }
    this.#rows[row].add(call);
    this.#bytes[row] += call.bytes;
    return call;
  }

  /** Changes a call, moves it to the end of its row, and makes room. */
  #change(call: TracedCall, change: () => void): void {
    const before = this.#rowOf(call);
    const bytes = call.bytes;
    change();
    const after: Row = call.callId === undefined ? 'strangers' : call.live ? 'live' : 'ended';
    if (before !== undefined) {
      this.#rows[before].delete(call);
      this.#bytes[before] -= bytes;
    }
    this.#rows[after].add(call);
    this.#bytes[after] += call.bytes;
    this.#makeRoom();
  }

  #rowOf(call: TracedCall): Row | undefined {
    return ROWS.find((row) => this.#rows[row].has(call));
  }

  #makeRoom(): void {
    const { maxBytes, maxCalls } = this.#limits;
    while (this.#bytes.strangers > maxBytes * STRANGERS_SHARE) if (!this.#removeOldest('strangers')) break;
    while (this.bytes > maxBytes) if (!this.#removeOldest('strangers') && !this.#removeOldest('ended') && !this.#removeOldest('live')) break;
    while (this.#byCall.size > maxCalls) if (!this.#removeOldest('ended') && !this.#removeOldest('live')) break;
  }

  #removeOldest(row: Row): boolean {
    const [oldest] = this.#rows[row];
    if (oldest !== undefined) this.#remove(row, oldest);
    return oldest !== undefined;
  }

  #remove(row: Row, call: TracedCall, names = true): void {
    this.#rows[row].delete(call);
    this.#bytes[row] -= call.bytes;
    if (!names) return;
    if (call.callId !== undefined) this.#byCall.delete(call.callId);
    for (const id of call.sipCallIds) if (this.#bySip.get(id) === call) this.#bySip.delete(id);
  }

  #forgetOld(): void {
    const before = this.#clock.monotonic() - this.#limits.keepMs;
    for (const row of ['strangers', 'ended'] as const) {
      for (const call of this.#rows[row]) {
        if (call.touchedMs > before) break;
        this.#remove(row, call);
      }
    }
  }

  #sweepLater(): void {
    this.#sweep = this.#clock.after(Math.min(SWEEP_MS, this.#limits.keepMs), () => {
      this.#forgetOld();
      this.#sweepLater();
    }, { keepAlive: false });
  }
}

const ROWS: readonly Row[] = ['strangers', 'ended', 'live'];
