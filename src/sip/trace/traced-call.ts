import type { CallTrace, RtpCapture, TracedEvent, TracedMessage } from './trace.js';

/** What a message costs besides its text, and a call besides its messages; bytes, as measured. */
const MESSAGE_BYTES = 400;
const EVENT_BYTES = 120;
const CALL_BYTES = 1_500;
/** The first part of a call is how it came about: it is kept before what is in the middle. */
const HEAD_SHARE = 0.25;

/** The messages and events of one call, or of one SIP Call-ID that is nobody's yet. */
export class TracedCall {
  callId: string | undefined;
  live = true;
  bytes = CALL_BYTES;
  touchedMs: number;
  readonly sipCallIds = new Set<string>();
  readonly #epochOffsetMs: number;
  readonly #limit: number;
  readonly #messages: TracedMessage[] = [];
  readonly #events: TracedEvent[] = [];
  readonly #captures: RtpCapture[] = [];
  #leftOut = 0;

  /** `limit`: messages kept, and events kept. */
  constructor(limit: number, nowMs: number, epochOffsetMs: number) {
    this.#limit = limit;
    this.touchedMs = nowMs;
    this.#epochOffsetMs = epochOffsetMs;
  }

  get view(): CallTrace {
    const captures = [...this.#captures];
    return {
      callId: this.callId,
      sipCallIds: [...this.sipCallIds],
      live: this.live,
      epochOffsetMs: this.#epochOffsetMs,
      messages: [...this.#messages],
      events: [...this.#events].sort((a, b) => a.atMs - b.atMs),
      // Thousands of headers, which a ladder does not show.
      get rtp() {
        return captures.flatMap((capture) => capture.read());
      },
      leftOut: this.#leftOut,
    };
  }

  message(message: Omit<TracedMessage, 'repeated'>): void {
    this.touchedMs = message.atMs;
    const same = this.#messages.findLast((one) => one.direction === message.direction && one.raw.length === message.raw.length && one.raw === message.raw);
    // A retransmission shares the text of what it repeats.
    this.#messages.push(same === undefined ? { ...message, repeated: false } : { ...message, raw: same.raw, repeated: true });
    this.bytes += MESSAGE_BYTES + (same === undefined ? message.raw.length : 0);
    if (this.#messages.length <= this.#limit) return;
    const [gone] = this.#messages.splice(this.#head, 1);
    if (gone !== undefined) this.#forget(MESSAGE_BYTES + (gone.repeated || this.#shared(gone.raw) ? 0 : gone.raw.length));
  }

  event(event: TracedEvent, nowMs: number): void {
    this.touchedMs = nowMs;
    this.#events.push(event);
    this.bytes += EVENT_BYTES;
    if (this.#events.length <= this.#limit) return;
    this.#events.splice(this.#head, 1);
    this.#forget(EVENT_BYTES);
  }

  rtp(capture: RtpCapture): void {
    this.#captures.push(capture);
    this.bytes += capture.maxBytes;
  }

  /** Takes over what was seen under a Call-ID before it was known whose it is. */
  adopt(other: TracedCall): void {
    for (const id of other.sipCallIds) this.sipCallIds.add(id);
    for (const message of other.#messages) this.message(message);
    this.#leftOut += other.#leftOut;
    this.#messages.sort((a, b) => a.atMs - b.atMs);
  }

  get #head(): number {
    return Math.floor(this.#limit * HEAD_SHARE);
  }

  /** A text that a retransmission still holds stays in memory, and stays counted. */
  #shared(raw: string): boolean {
    return this.#messages.some((message) => message.raw === raw);
  }

  #forget(bytes: number): void {
    this.bytes -= bytes;
    this.#leftOut += 1;
  }
}
