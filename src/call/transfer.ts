import { TrunklineError, asTrunklineError } from '../kernel/errors.js';
import type { Logger } from '../kernel/log.js';
import type { TrunkSettings } from '../config/trunk-schema.js';
import type { PlaceFailure } from '../sip/signalling.js';
import type { TransferRecord } from '../store/store.js';
import { Bridge } from './bridge.js';
import type { TransferOrder } from './call-service.js';
import { FarEnd } from './far-end.js';
import { placeTransferLeg } from './transfer-leg.js';
import type { TransferLeg, TransferLegParts } from './transfer-leg.js';
import { refer, referTo } from './transfer-refer.js';
import { isSipUri } from './trunk-route.js';

export interface TransferParts extends TransferLegParts {
  readonly log: Logger;
}

/** The call that is to be transferred. */
export interface TransferSubject {
  readonly far: FarEnd;
  readonly trunk: TrunkSettings | undefined;
  /** The call is over. */
  readonly signal: AbortSignal;
}

/** A transfer that was made, or not. */
export interface Transferred {
  readonly record: TransferRecord;
  /** Both far ends talk through us. */
  readonly bridge?: BridgedCall;
}

export interface BridgedCall {
  readonly other: FarEnd;
  /** A digit of the first far end is meant for the second. */
  press(digit: string): void;
  /** Resolves when either has hung up or the call is over. */
  readonly over: Promise<void>;
  /** Hangs the second up; resolves when that is done. */
  end(): Promise<void>;
}

/** After the ring time the far end needs a moment to tell us how it went, ms. */
const REPORT_MS = 5_000;
const NUMBER = /^\+[1-9]\d{3,31}$/;
/** What may stand in Refer-To: no brackets, no header part. */
const URI = /^sips?:[^\s<>"?,]{1,250}$/i;

/** TRK_NUMBER_INVALID. */
export function checkTarget(to: string): void {
  if (!NUMBER.test(to) && !URI.test(to)) throw new TrunklineError('TRK_NUMBER_INVALID', { field: 'to' });
}

/** Transfers the far end to somebody else. Never rejects: how it failed is in the record. */
export async function transfer(parts: TransferParts, subject: TransferSubject, order: TransferOrder): Promise<Transferred> {
  const startedAt = parts.clock.monotonic();
  const base = { mode: order.mode, to: order.to } as const;
  const ms = (): number => Math.round(parts.clock.monotonic() - startedAt);
  try {
    checkTarget(order.to);
    if (order.mode === 'blind') {
      const { status } = await blind(parts, subject, order);
      return { record: { ...base, by: 'refer', outcome: 'completed', status, ms: ms() } };
    }
    const made = await attended(parts, subject, order);
    return { record: { ...base, by: made.by, outcome: 'completed', status: 200, ms: ms() }, ...(made.bridge === undefined ? {} : { bridge: made.bridge }) };
  } catch (error) {
    const coded = asTrunklineError(error);
    if (coded.code === 'TRK_INTERNAL') parts.log.error({ err: coded.cause ?? coded }, 'transfer failed');
    const status = (coded.cause as Partial<PlaceFailure> | undefined)?.status;
    return { record: { ...base, by: undefined, outcome: 'failed', status: typeof status === 'number' ? status : undefined, code: coded.code, ms: ms() } };
  }
}

function ringTimeout(parts: TransferParts, order: TransferOrder): number {
  return order.ringTimeoutMs ?? parts.config.sip.ring_timeout_ms;
}

async function blind(parts: TransferParts, subject: TransferSubject, order: TransferOrder): Promise<{ status: number }> {
  const uri = await referUri(parts, subject, order);
  return refer(subject.far, { to: referTo(uri), limitMs: ringTimeout(parts, order) + REPORT_MS, signal: subject.signal, clock: parts.clock });
}

/** Where the far end shall call. A number is written as its own trunk wants it, and only if that trunk would carry it. */
async function referUri(parts: TransferParts, { far, trunk }: TransferSubject, order: TransferOrder): Promise<string> {
  if (isSipUri(order.to)) return order.to;
  const routes = parts.trunks.routes({ to: order.to, from: order.from });
  const name = trunk !== undefined && routes.includes(trunk.name) ? trunk.name : undefined;
  const lease = name === undefined ? undefined : parts.trunks.take(name);
  try {
    const tries = lease === undefined ? [] : await parts.trunks.tries(lease, { to: order.to, from: order.from });
    if (tries[0] !== undefined) return tries[0].request.to;
  } finally {
    lease?.release();
  }
  // The far end's own host knows its numbers best.
  return `sip:${order.to}@${/^sips?:(?:[^@]*@)?([^;?>]+)/i.exec(far.dialog.peer.uri)?.[1] ?? 'invalid'}`;
}

async function attended(parts: TransferParts, subject: TransferSubject, order: TransferOrder): Promise<{ by: 'replaces' | 'bridge'; bridge?: BridgedCall }> {
  const { far, signal } = subject;
  const held = await far.direct('sendonly');
  const resume = async (): Promise<void> => {
    if (held) await far.direct('sendrecv');
  };
  let leg: TransferLeg;
  try {
    leg = await placeTransferLeg(parts, { to: order.to, from: order.from, signal, ringTimeoutMs: ringTimeout(parts, order) });
  } catch (error) {
    await resume();
    throw error;
  }
  if (signal.aborted) {
    await dismiss(leg);
    throw new TrunklineError('TRK_SIP_CANCELLED');
  }
  // RFC 5589 7.1: only who knows Replaces can be put in the place of the call that we have.
  const swappable = far.dialog.peer.allows('REFER') && far.dialog.peer.supports('replaces') && leg.dialog.peer.supports('replaces');
  if (swappable) {
    try {
      await refer(far, { to: referTo(leg.dialog.peer.uri, leg.dialog), limitMs: REPORT_MS * 2, signal, clock: parts.clock });
      await dismiss(leg);
      return { by: 'replaces' };
    } catch (error) {
      if (signal.aborted || leg.dialog.ended || far.dialog.ended) {
        await dismiss(leg);
        throw error;
      }
      parts.log.info({ code: asTrunklineError(error).code }, 'the far ends could not be joined; they talk through us');
    }
  }
  await resume();
  return { by: 'bridge', bridge: bridge(parts, subject, leg) };
}

function bridge(parts: TransferParts, { far, signal }: TransferSubject, leg: TransferLeg): BridgedCall {
  let over: () => void = () => undefined;
  const until = new Promise<void>((resolve) => (over = resolve));
  const relay = (to: FarEnd, digit: string): void => void to.sendDigits(digit).catch((error: unknown) => parts.log.info({ code: asTrunklineError(error).code }, 'a digit could not be passed on'));
  const other = new FarEnd(
    { clock: parts.clock, log: parts.log, timeoutMs: parts.config.media.timeout_ms, dtmf: leg.trunk?.dtmf ?? 'rfc4733' },
    leg.dialog,
    leg.media,
    { ended: () => over(), silent: () => over(), held: () => undefined, digit: (digit) => relay(far, digit), refer: () => ({ status: 603 }) },
  );
  const audio = new Bridge(far.media, leg.media);
  far.dialog.onEnd(() => over());
  signal.addEventListener('abort', () => over(), { once: true });
  if (signal.aborted) over();
  return {
    other,
    press: (digit) => relay(other, digit),
    over: until,
    end: async () => {
      audio.close();
      other.close();
      await dismiss({ ...leg, dialog: other.dialog });
    },
  };
}

async function dismiss(leg: TransferLeg): Promise<void> {
  await leg.dialog.hangup();
  leg.media.close();
  leg.release();
}
