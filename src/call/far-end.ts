import type { TrunkSettings } from '../config/trunk-schema.js';
import type { Clock, Timer } from '../kernel/clock.js';
import { TrunklineError } from '../kernel/errors.js';
import type { Logger } from '../kernel/log.js';
import type { MediaSession } from '../media/media-session.js';
import type { Dialog, DialogEnd, SipReply, SipRequestInfo } from '../sip/signalling.js';
import { DigitMerge, digitOfInfo, infoOfDigit } from './info-dtmf.js';

export interface FarEndParts {
  readonly clock: Clock;
  readonly log: Logger;
  /** Silence that ends a call, ms; 0 never. */
  readonly timeoutMs: number;
  /** How digits go out. */
  readonly dtmf: NonNullable<TrunkSettings['dtmf']>;
}

export interface FarEndEvents {
  ended(end: DialogEnd): void;
  /** No audio for too long, and nobody said that there would be none. */
  silent(): void;
  /** The far end put us on hold, or took us off it. */
  held(onHold: boolean): void;
  digit(digit: string): void;
  /** REFER. */
  refer(request: SipRequestInfo): SipReply;
}

/** Digits that `sendDigits` takes at once. */
const MAX_DIGITS = 64;
const ACCEPTED_BODIES = 'application/sdp, application/dtmf-relay, application/dtmf';

/** Who we talk to: a dialog and its media, kept in step. The dialog may be changed for another while the media stays. */
export class FarEnd {
  readonly media: MediaSession;
  readonly #parts: FarEndParts;
  readonly #events: FarEndEvents;
  readonly #digits: DigitMerge;
  #dialog: Dialog;
  #onHold = false;
  #watch: Timer | undefined;
  #onNotify: ((request: SipRequestInfo) => void) | undefined;

  constructor(parts: FarEndParts, dialog: Dialog, media: MediaSession, events: FarEndEvents) {
    this.#parts = parts;
    this.#events = events;
    this.media = media;
    // A call may begin on hold: its caller said so in the offer.
    this.#onHold = media.onHold;
    this.#digits = new DigitMerge(parts.clock, (digit) => events.digit(digit));
    media.onDtmf((event) => this.#digits.press(event.digit, 'rtp'));
    // On hold many far ends send nothing at all, whatever their SDP says.
    media.onTimeout(() => {
      if (!this.#onHold) events.silent();
    });
    this.#dialog = dialog;
    this.#attach(dialog);
  }

  get dialog(): Dialog {
    return this.#dialog;
  }

  get onHold(): boolean {
    return this.#onHold;
  }

  /** From now on `dialog` is the far end; the one before is no longer listened to, and its owner hangs it up. */
  adopt(dialog: Dialog): Dialog {
    const before = this.#dialog;
    this.#dialog = dialog;
    this.#setHold(this.media.onHold);
    this.#attach(dialog);
    return before;
  }

  /** Takes NOTIFY requests until it is given `undefined`. */
  onNotify(handler: ((request: SipRequestInfo) => void) | undefined): void {
    this.#onNotify = handler;
  }

  /** Asks the far end to wait (`sendonly`), or to go on. False if it refused, or the media cannot; the call goes on as it was. */
  async direct(direction: 'sendrecv' | 'sendonly'): Promise<boolean> {
    if (this.media.reoffer === undefined || this.#dialog.ended) return false;
    try {
      const answer = await this.#dialog.modify(await this.media.reoffer({ direction }));
      await this.media.acceptAnswer(answer);
      return true;
    } catch (error) {
      if (!(error instanceof TrunklineError)) throw error;
      this.#parts.log.info({ code: error.code, direction }, 'the far end did not take our offer');
      return false;
    }
  }

  /** Keys, one after the other, by the way of the trunk. TRK_MEDIA_STATE, TRK_SIP_DIALOG_GONE, TRK_SIP_TIMEOUT, TRK_SIP_REJECTED, TRK_INVALID_REQUEST. */
  async sendDigits(digits: string): Promise<void> {
    if (digits.length > MAX_DIGITS || !/^[0-9*#A-D]+$/.test(digits)) throw new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: `1 to ${MAX_DIGITS} of 0-9, *, # and A-D` }, field: 'digits' });
    if (this.#parts.dtmf === 'rfc4733') return this.media.sendDtmf(digits);
    for (const digit of digits) {
      const { status } = await this.#dialog.request('INFO', infoOfDigit(digit));
      if (status >= 300) throw new TrunklineError('TRK_SIP_REJECTED', { params: { status } });
    }
  }

  close(): void {
    this.#watch?.cancel();
  }

  #attach(dialog: Dialog): void {
    const mine = (): boolean => this.#dialog === dialog;
    dialog.onEnd((end) => {
      if (mine()) this.#events.ended(end);
    });
    dialog.onModify(async (sdp) => {
      if (!mine()) throw new TrunklineError('TRK_SIP_DIALOG_GONE');
      const answer = await this.media.acceptOffer(sdp);
      this.#setHold(this.media.onHold);
      return answer;
    });
    dialog.onRequest((request) => (mine() ? this.#onRequest(request) : { status: request.method === 'OPTIONS' || request.method === 'NOTIFY' ? 200 : 481 }));
  }

  #onRequest(request: SipRequestInfo): SipReply {
    switch (request.method) {
      case 'OPTIONS':
        return { status: 200 };
      case 'INFO':
        return this.#onInfo(request);
      case 'REFER':
        return this.#events.refer(request);
      case 'NOTIFY':
        // RFC 6665 4.1.3: a NOTIFY that belongs to no subscription gets 481.
        if (this.#onNotify === undefined) return { status: 481 };
        // RFC 6665 8.2.1.
        if (!/^\s*refer\s*(?:;|$)/i.test(request.headers['Event'] ?? '')) return { status: 489, headers: { 'Allow-Events': 'refer' } };
        this.#onNotify(request);
        return { status: 200 };
      default:
        // RFC 3261 8.2.1: a method that is recognised but not allowed here.
        return { status: 405 };
    }
  }

  #onInfo(request: SipRequestInfo): SipReply {
    const digit = digitOfInfo(request.contentType, request.body);
    // RFC 2976 2.2: an INFO without a body is no more than a sign of life.
    if (digit === undefined && request.body === '') return { status: 200 };
    // RFC 6086 4.2.2: a package or body that is not known.
    if (digit === undefined) return { status: 415, headers: { Accept: ACCEPTED_BODIES } };
    if (digit === '') return { status: 400 };
    this.#digits.press(digit, 'info');
    return { status: 200 };
  }

  #setHold(onHold: boolean): void {
    if (onHold === this.#onHold) return;
    this.#onHold = onHold;
    this.#watch?.cancel();
    if (!onHold) this.#watchForAudio();
    this.#events.held(onHold);
  }

  /** The media may have told of its silence while that was meant so, and it tells only once. */
  #watchForAudio(): void {
    const { clock, timeoutMs } = this.#parts;
    if (timeoutMs === 0) return;
    const before = this.media.stats().packetsReceived;
    this.#watch = clock.after(timeoutMs, () => {
      if (!this.#onHold && this.media.stats().packetsReceived === before) this.#events.silent();
    }, { keepAlive: false });
  }
}
