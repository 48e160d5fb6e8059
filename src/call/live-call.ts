import type { MediaSession } from '../media/media-session.js';
import type { Dialog, IncomingCall } from '../sip/signalling.js';
import type { CallAudio, CallResult, TranscriptLine, TransferRecord } from '../store/store.js';
import type { CallEvent, CallState, LiveCall, TransferOrder } from './call-service.js';
import { nextCallState } from './call-states.js';
import type { CallInput } from './call-states.js';
import { PostDial } from './post-dial.js';

/** What can be done with a call in which somebody talks. */
export interface CallControl {
  /** TRK_CONFLICT, TRK_NUMBER_INVALID. */
  transfer(order: TransferOrder): void;
  /** Errors as of `FarEnd.sendDigits`. */
  sendDigits(digits: string): Promise<void>;
  /** One of its far ends is `dialog`. */
  owns(dialog: Dialog): boolean;
  /** `call` takes the place of `dialog`. Errors as of `MediaSession.acceptOffer` and `IncomingCall.answer`. */
  takePlace(dialog: Dialog, call: IncomingCall): Promise<void>;
}

/** Undefined before negotiation, or where the engine does not tell. */
export function audioOf({ codec, sampleRate, encrypted }: MediaSession): CallAudio | undefined {
  return codec === undefined || sampleRate === undefined ? undefined : { codec, sampleRate, encrypted };
}

/** The record of one call while it lives; the API sees copies. */
export class LiveCallRecord {
  readonly abort = new AbortController();
  /** While somebody talks. */
  control: CallControl | undefined;
  readonly postDial = new PostDial();
  #media: MediaSession | undefined;
  readonly #emit: (event: CallEvent) => void;
  #call: LiveCall;

  constructor(call: Omit<LiveCall, 'state' | 'answeredAt' | 'node' | 'transcript'>, emit: (event: CallEvent) => void) {
    this.#call = { ...call, state: 'dialing', answeredAt: undefined, node: undefined, transcript: [] };
    this.#emit = emit;
    emit({ type: 'call.started', call: this.#call });
  }

  get id(): string {
    return this.#call.id;
  }

  get view(): LiveCall {
    return this.#call;
  }

  /** As of this moment, with the figures of its audio. */
  get snapshot(): LiveCall {
    const mos = this.#call.answeredAt === undefined ? undefined : this.#media?.stats().mos;
    return { ...this.#call, ...this.postDial.times, mos, audio: this.#media && audioOf(this.#media) };
  }

  carriedBy(trunk: string | undefined): void {
    this.#call = { ...this.#call, trunk };
  }

  /** The SIP call and the audio by which it is tried now. */
  leg(sipCallId: string, media: MediaSession): void {
    this.#call = { ...this.#call, sipCallId };
    this.#media = media;
  }

  ringing(): void {
    if (this.#move('ringing')) this.#emit({ type: 'call.ringing', call: this.#call });
  }

  /** `at`: ms since the epoch. */
  answered(at: number): void {
    if (!this.#move('answered')) return;
    this.#call = { ...this.#call, answeredAt: at };
    this.#emit({ type: 'call.answered', call: this.#call });
  }

  line(line: TranscriptLine, node: string, decision: string | undefined, replyMs: number | undefined): void {
    this.#call = { ...this.#call, node, transcript: [...this.#call.transcript, line] };
    this.#emit({ type: 'call.transcript', call: this.#call, line, decision, replyMs });
  }

  transferred(transfer: TransferRecord): void {
    this.#emit({ type: 'call.transfer', call: this.#call, transfer });
  }

  /** Someone here wants the call to end. */
  hangup(): void {
    this.#move('hangup');
    this.abort.abort(new Error('hangup'));
  }

  over(result: CallResult): void {
    this.#move('over');
    this.#emit({ type: 'call.ended', call: this.#call, result });
  }

  #move(input: CallInput): boolean {
    const state: CallState = nextCallState(this.#call.state, input);
    const changed = state !== this.#call.state;
    this.#call = { ...this.#call, state };
    return changed;
  }
}
