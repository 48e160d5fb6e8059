import { TrunklineError } from '../kernel/errors.js';
import type { MediaSession } from '../media/media-session.js';
import type { CallTracer } from '../sip/trace/trace.js';
import type { CallEvent, CallService } from './call-service.js';

export interface CaptureLimits {
  /** Capture the RTP headers of every call. */
  readonly all: boolean;
  /** Headers kept of one call, the newest. */
  readonly packets: number;
  /** Calls that are captured at once. */
  readonly calls: number;
}

interface Leg {
  media: MediaSession;
  /** Whoever asked for it once gets it for the legs to come, too. */
  captured: boolean;
}

/** Joins what calls, their SIP and their audio say into one trace each. Nothing of what was said. */
export class CallSight {
  readonly #trace: CallTracer;
  readonly #limits: CaptureLimits;
  readonly #legs = new Map<string, Leg>();

  constructor(trace: CallTracer, limits: CaptureLimits) {
    this.#trace = trace;
    this.#limits = limits;
  }

  watch(calls: Pick<CallService, 'onEvent'>): void {
    calls.onEvent((event) => this.#note(event));
  }

  /** SIP messages with this Call-ID belong to the call: somebody it is transferred to. */
  sip(callId: string, sipCallId: string): void {
    this.#trace.leg(callId, sipCallId);
  }

  /** SIP messages with this Call-ID, and what this media hears and sends, belong to the call. */
  leg(callId: string, sipCallId: string, media: MediaSession): void {
    const trace = this.#trace;
    this.sip(callId, sipCallId);
    const waiting = new Set(['first_rtp_in', 'first_rtp_out'] as const);
    media.onFrame((_samples, atMs) => {
      if (waiting.size === 0) return;
      const { packetsReceived, packetsSent } = media.stats();
      for (const event of waiting) {
        if ((event === 'first_rtp_in' ? packetsReceived : packetsSent) === 0) continue;
        waiting.delete(event);
        trace.note(callId, event, undefined, atMs);
      }
    });
    // How long, but not which: digits are what people type for a PIN.
    media.onDtmf(({ durationMs, atMs }) => trace.note(callId, 'dtmf', `${Math.round(durationMs)} ms`, atMs));
    const wanted = this.#legs.get(callId)?.captured ?? (this.#limits.all && this.#captured < this.#limits.calls);
    this.#legs.set(callId, { media, captured: wanted && this.#begin(callId, media) });
  }

  /** Captures RTP headers of a live call from now on; doing so twice is harmless. TRK_NOT_FOUND, TRK_CAPTURE_LIMIT; TRK_MEDIA_STATE if its media engine cannot. */
  capture(callId: string): void {
    const leg = this.#legs.get(callId);
    if (leg === undefined) throw new TrunklineError('TRK_NOT_FOUND', { params: { what: 'live call' } });
    if (leg.captured) return;
    if (this.#captured >= this.#limits.calls) throw new TrunklineError('TRK_CAPTURE_LIMIT', { params: { limit: this.#limits.calls } });
    leg.captured = this.#begin(callId, leg.media);
    if (!leg.captured) throw new TrunklineError('TRK_MEDIA_STATE', { params: { reason: 'this media engine captures nothing, or the audio has ended' } });
  }

  get #captured(): number {
    let count = 0;
    for (const leg of this.#legs.values()) if (leg.captured) count += 1;
    return count;
  }

  #begin(callId: string, media: MediaSession): boolean {
    const capture = media.captureRtp?.(this.#limits.packets);
    if (capture !== undefined) this.#trace.rtp(callId, capture);
    return capture !== undefined;
  }

  #note(event: CallEvent): void {
    const trace = this.#trace;
    const { id, trunk, direction } = event.call;
    switch (event.type) {
      case 'call.started':
        return trace.note(id, 'started', direction);
      case 'call.ringing':
        return trace.note(id, 'ringing');
      case 'call.answered':
        return trace.note(id, 'answered', trunk === undefined ? undefined : `by trunk ${trunk}`);
      case 'call.transcript':
        if (event.line.speaker === 'caller') return trace.note(id, 'caller_turn');
        return trace.note(id, 'bot_turn', event.replyMs === undefined ? undefined : `${event.replyMs} ms after the caller's last sound`);
      case 'call.transfer':
        return trace.note(id, 'transfer', `${event.transfer.mode}, ${event.transfer.outcome}`);
      case 'call.ended': {
        const { disposition, endedBy, reason } = event.result;
        trace.note(id, 'ended', `${disposition}, by ${endedBy}: ${reason}`);
        trace.ended(id);
        this.#legs.delete(id);
      }
    }
  }
}
