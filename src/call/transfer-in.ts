/** Transfers that far ends make: they refer us to somebody else (RFC 3515), or put somebody in their place (RFC 3891). */
import { TrunklineError, asTrunklineError } from '../kernel/errors.js';
import type { Dialog, IncomingCall, PlaceFailure, SipReply, SipRequestInfo } from '../sip/signalling.js';
import type { TransferRecord } from '../store/store.js';
import type { TransferParts, TransferSubject } from './transfer.js';
import { placeTransferLeg } from './transfer-leg.js';
import type { TransferLeg } from './transfer-leg.js';

/** Who referred us and is told that it worked has this long to hang up itself, ms. */
const FAREWELL_MS = 2_000;

interface Target {
  /** E.164 or SIP URI. */
  readonly to: string;
  /** Value of a Replaces header for the new call. */
  readonly replaces: string | undefined;
}

/**
 * Calls where the far end sends us, if that is allowed, and goes on there with the same conversation.
 * `onDone` hears how it went, once for each REFER that was taken. `onLeg`: the call now holds this leg.
 */
export class Referral {
  readonly #parts: TransferParts;
  readonly #subject: TransferSubject;
  readonly #onDone: (record: TransferRecord) => void;
  readonly #onLeg: (leg: TransferLeg) => void;
  #running = false;

  constructor(parts: TransferParts, subject: TransferSubject, onDone: (record: TransferRecord) => void, onLeg: (leg: TransferLeg) => void) {
    this.#parts = parts;
    this.#subject = subject;
    this.#onDone = onDone;
    this.#onLeg = onLeg;
  }

  /** A REFER is being followed. */
  get running(): boolean {
    return this.#running;
  }

  /** The answer to a REFER; what follows from it goes on behind. `busy`: the call is being transferred already. */
  onRefer(request: SipRequestInfo, busy: boolean): SipReply {
    const { config } = this.#parts;
    const { trunk, far } = this.#subject;
    const allowed = trunk === undefined ? config.sip.refer === 'accept' : trunk.refer;
    // RFC 3261 21.6.2: whoever pays for our calls has not agreed to calls that a far end orders.
    if (!allowed || far.media.reoffer === undefined || far.media.encrypted) return { status: 603 };
    const target = targetOf(request.headers['Refer-To']);
    // RFC 3515 2.4.2: exactly one Refer-To.
    if (target === undefined) return { status: 400 };
    if (!this.#mayCall(target.to)) return { status: 403 };
    // RFC 3261 21.4.27: one after the other.
    if (busy || this.#running) return { status: 491 };
    this.#running = true;
    const silent = /^\s*false\b/i.test(request.headers['Refer-Sub'] ?? '');
    void this.#follow(target, silent).finally(() => (this.#running = false));
    // RFC 4488 4: no subscription where none is wanted.
    return { status: 202, ...(silent ? { headers: { 'Refer-Sub': 'false' } } : {}) };
  }

  /** By a trunk only where a task could go by it; the trunk's own hosts are its own affair. */
  #mayCall(to: string): boolean {
    const { trunk } = this.#subject;
    const number = numberOf(to);
    if (number !== undefined && (trunk !== undefined || !/^sips?:/i.test(to))) {
      try {
        return this.#parts.trunks.routes({ to: number, from: undefined }).length > 0;
      } catch {
        return false;
      }
    }
    if (trunk === undefined) return true;
    const host = hostPart(to);
    return trunk.addresses.some((address) => address.host.toLowerCase() === host);
  }

  async #follow(target: Target, silent: boolean): Promise<void> {
    const { clock, log, config } = this.#parts;
    const { far, signal, trunk } = this.#subject;
    const referrer = far.dialog;
    const startedAt = clock.monotonic();
    let told: Promise<unknown> = Promise.resolve();
    const notify = (status: number, last: boolean): void => {
      if (!silent) told = told.then(() => sendNotify(referrer, status, last)).catch(() => undefined);
    };
    // RFC 3515 2.4.4: the first NOTIFY comes at once.
    notify(100, false);
    const base = { mode: target.replaces === undefined ? 'blind' : 'attended', to: target.to } as const;
    const ms = (): number => Math.round(clock.monotonic() - startedAt);
    try {
      const number = numberOf(target.to);
      const leg = await placeTransferLeg(this.#parts, {
        to: trunk !== undefined && number !== undefined ? number : target.to,
        from: undefined,
        signal,
        ringTimeoutMs: config.sip.ring_timeout_ms,
        media: far.media,
        ...(target.replaces === undefined ? {} : { headers: { Replaces: target.replaces } }),
        onProgress: (status) => notify(status, false),
      });
      this.#onLeg(leg);
      if (signal.aborted) {
        await leg.dialog.hangup();
        throw new TrunklineError('TRK_SIP_CANCELLED', { cause: { status: 487, reason: 'the call is over' } });
      }
      far.adopt(leg.dialog);
      notify(200, true);
      this.#onDone({ ...base, by: 'far_end', outcome: 'completed', status: 200, ms: ms() });
      await told;
      // RFC 5589 6.1: who has referred us hangs up when it hears that it worked.
      clock.after(FAREWELL_MS, () => void referrer.hangup(), { keepAlive: false });
      signal.addEventListener('abort', () => void referrer.hangup(), { once: true });
    } catch (error) {
      const coded = asTrunklineError(error);
      const status = (coded.cause as Partial<PlaceFailure> | undefined)?.status ?? (coded.status >= 400 && coded.code.startsWith('TRK_SDP') ? 488 : 503);
      if (coded.code === 'TRK_INTERNAL') log.error({ err: coded.cause ?? coded }, 'a REFER could not be followed');
      notify(status, true);
      this.#onDone({ ...base, by: undefined, outcome: 'failed', status, code: coded.code, ms: ms() });
    }
  }
}

/** Somebody takes the far end's place. Resolves when the old one is hung up. Errors as of `MediaSession.acceptOffer` and `IncomingCall.answer`. */
export async function takePlace(subject: Pick<TransferSubject, 'far'>, call: IncomingCall): Promise<void> {
  const { far } = subject;
  const late = call.sdp === '';
  if (late && far.media.reoffer === undefined) throw new TrunklineError('TRK_SDP_NO_AUDIO');
  const ours = late ? await far.media.reoffer?.({ fresh: true }) : await far.media.acceptOffer(call.sdp);
  const dialog = await call.answer(ours ?? '');
  if (late) await far.media.acceptAnswer(dialog.remoteSdp);
  const before = far.adopt(dialog);
  // RFC 3891 3: the accepted call ends the one that it replaces.
  await before.hangup();
}

function sendNotify(dialog: Dialog, status: number, last: boolean): Promise<unknown> {
  const headers = {
    Event: 'refer',
    // RFC 3515 2.4.7.
    'Subscription-State': last ? 'terminated;reason=noresource' : 'active;expires=180',
    'Content-Type': 'message/sipfrag;version=2.0',
    Contact: '<sip:trunkline@localhost>',
  };
  return dialog.request('NOTIFY', { headers, body: `SIP/2.0 ${status} ${PHRASES[status] ?? 'Status'}\r\n` });
}

const PHRASES: Readonly<Record<number, string>> = { 100: 'Trying', 180: 'Ringing', 183: 'Session Progress', 200: 'OK', 408: 'Request Timeout', 486: 'Busy Here', 487: 'Request Terminated', 503: 'Service Unavailable', 603: 'Decline' };

/** Undefined unless it is one SIP URI, with no other header than Replaces (RFC 3261 19.1.5 tells what else it could smuggle in). */
function targetOf(header: string | undefined): Target | undefined {
  const bracketed = /^\s*(?:"(?:[^"\\]|\\.)*"|[^<",]*)\s*<(sips?:[^<>\s"]{1,400})>\s*(?:;[^,]*)?$/i.exec(header ?? '')?.[1];
  const uri = bracketed ?? /^\s*(sips?:[^<>\s",;?]{1,400})\s*(?:;[^,]*)?$/i.exec(header ?? '')?.[1];
  if (uri === undefined) return undefined;
  const [to = '', query] = uri.split('?');
  // A method other than INVITE is nothing that a telephone call could be referred to.
  if (/;method=(?!INVITE\b)/i.test(to)) return undefined;
  const plain = to.replace(/;method=INVITE\b/i, '');
  if (query === undefined) return { to: plain, replaces: undefined };
  const [name = '', value = '', ...more] = query.split('=');
  if (name.toLowerCase() !== 'replaces' || more.length > 0 || query.includes('&')) return undefined;
  try {
    const replaces = decodeURIComponent(value);
    return /^[\x21-\x7e]{1,400}$/.test(replaces) && !replaces.includes(',') ? { to: plain, replaces } : undefined;
  } catch {
    return undefined;
  }
}

/** E.164 of a number or of a URI's user part. */
function numberOf(to: string): string | undefined {
  const user = /^sips?:/i.test(to) ? (/^sips?:([^@;:]*)[^@]*@/i.exec(to)?.[1] ?? '') : to;
  if (!/^\+?\d{5,32}$/.test(user)) return undefined;
  return user.startsWith('+') ? user : `+${user}`;
}

function hostPart(uri: string): string {
  return (/^sips?:(?:[^@]*@)?(\[[^\]]*\]|[^;:?>]*)/i.exec(uri)?.[1] ?? '').toLowerCase();
}
