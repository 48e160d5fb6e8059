/** Calls that a transfer places: to the person who shall take over, or to where a far end refers us. */
import type { Clock } from '../kernel/clock.js';
import { hex } from '../kernel/random.js';
import type { Random } from '../kernel/random.js';
import type { MediaSession } from '../media/media-session.js';
import type { Dialog, SipHeaders } from '../sip/signalling.js';
import type { Trunks } from '../sip/trunk/trunks.js';
import type { TrunkSettings } from '../config/trunk-schema.js';
import { hostOf, openMedia } from './call-leg.js';
import type { LegParts } from './call-leg.js';
import { followRedirects } from './redirect.js';
import { TrunkRoute } from './trunk-route.js';

export interface TransferLegParts extends LegParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly trunks: Trunks;
  /** Each INVITE, by its Call-ID. */
  readonly onLeg?: (sipCallId: string) => void;
}

export interface TransferLegOrder {
  /** E.164 or SIP URI. */
  readonly to: string;
  readonly from: string | undefined;
  readonly signal: AbortSignal;
  readonly ringTimeoutMs: number;
  readonly headers?: SipHeaders;
  /** Audio that is there already and shall go to the new far end; without it the leg gets its own. */
  readonly media?: MediaSession;
  readonly onProgress?: (status: number) => void;
}

export interface TransferLeg {
  readonly dialog: Dialog;
  readonly media: MediaSession;
  readonly trunk: TrunkSettings | undefined;
  /** Gives the trunk's channel back; the dialog is hung up by whoever has it. */
  release(): void;
}

/** Errors as of `Signalling.place`, `TrunkRoute.place` and `MediaSession.acceptAnswer`. */
export async function placeTransferLeg(parts: TransferLegParts, order: TransferLegOrder): Promise<TransferLeg> {
  const route = new TrunkRoute(parts.trunks, parts.config.sip.caller, undefined);
  let media: MediaSession | undefined;
  let trunk: TrunkSettings | undefined;
  let rang = false;
  try {
    const dialog = await route.place(
      { to: order.to, from: order.from, callId: `transfer-${hex(parts.random, 16)}@trunkline`, reached: () => rang, signal: order.signal },
      (request, by) =>
        followRedirects({ trunks: parts.trunks, trunk: by, from: order.from, dialled: undefined }, request, async (one) => {
          trunk = by;
          parts.onLeg?.(one.callId);
          if (order.media === undefined) media?.close();
          const audio = order.media ?? openMedia(parts, by, hostOf(one.nextHop ?? one.to));
          media = audio;
          const sdp = order.media?.reoffer === undefined ? await audio.createOffer() : await order.media.reoffer({ fresh: true });
          const answered = await parts.signalling.place({
            ...one,
            headers: { ...one.headers, ...order.headers },
            sdp,
            ringTimeoutMs: order.ringTimeoutMs,
            signal: order.signal,
            onProgress: ({ status }) => {
              if (status === 180) rang = true;
              order.onProgress?.(status);
            },
          });
          try {
            await audio.acceptAnswer(answered.remoteSdp);
          } catch (error) {
            await answered.hangup();
            throw error;
          }
          return answered;
        }),
    );
    const answeredAt = parts.clock.now();
    if (media === undefined) throw new RangeError('a dialog without media');
    return { dialog, media, trunk, release: () => route.release(parts.clock.now() - answeredAt) };
  } catch (error) {
    if (order.media === undefined) media?.close();
    route.release(0);
    throw error;
  }
}
