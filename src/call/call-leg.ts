import type { Config } from '../config/schema.js';
import type { TrunkSettings } from '../config/trunk-schema.js';
import type { Clock } from '../kernel/clock.js';
import type { CompiledFlow } from '../dialogue/dialogue.js';
import { TrunklineError, asTrunklineError } from '../kernel/errors.js';
import type { Logger } from '../kernel/log.js';
import type { MediaEngine, MediaSession, Playout } from '../media/media-session.js';
import type { Dialog, IncomingCall, PlaceFailure, Signalling } from '../sip/signalling.js';
import type { Mouth } from '../speech/mouth.js';
import type { EarlyMedia } from './early-media.js';
import type { LiveCallRecord } from './live-call.js';
import type { Tried } from './trunk-metrics.js';
import type { RoutedRequest } from './trunk-route.js';

export interface LegParts {
  readonly clock: Clock;
  readonly config: Config;
  readonly signalling: Signalling;
  readonly media: MediaEngine;
  /** Address of ours for this peer's audio; undefined leaves it to the media engine. */
  readonly mediaAddress: (peer: string) => string | undefined;
  /** Counts each INVITE of ours. */
  readonly tried?: Tried;
}

/** `peer`: host or address of the far end's signalling, as good as its media's to choose our address by. */
export function openMedia({ config, media, mediaAddress }: LegParts, trunk: TrunkSettings | undefined, peer: string): MediaSession {
  const { ptime_ms: ptimeMs, rtcp_mux: rtcpMux, opus_complexity: opusComplexity } = config.media;
  const codecs = { codecs: trunk && trunk.codecs.length > 0 ? trunk.codecs : config.media.codecs };
  const announced = mediaAddress(peer);
  const announce = announced === undefined ? {} : { announce: announced };
  return media.createSession({ ...announce, nat: trunk?.nat ?? config.media.nat, srtp: trunk?.srtp ?? config.media.srtp, ptimeMs, rtcpMux, opusComplexity, ...codecs });
}

/** Sends the INVITE with this media's offer; its answer, early or final, goes back into the media. Errors as of `Signalling.place` and `MediaSession.acceptAnswer`. */
export async function placeLeg(parts: LegParts, leg: { request: RoutedRequest; media: MediaSession; live: LiveCallRecord; early: EarlyMedia; onRinging: () => void }): Promise<Dialog> {
  const { request, media, live } = leg;
  const { clock } = parts;
  let earlySdp: string | undefined;
  let early: Promise<unknown> = Promise.resolve();
  const offer = await media.createOffer();
  live.postDial.invited(clock.monotonic());
  const placed = parts.signalling.place({
    ...request,
    sdp: offer,
    ringTimeoutMs: parts.config.sip.ring_timeout_ms,
    signal: live.abort.signal,
    onProgress: ({ status, sdp }) => {
      live.ringing();
      live.postDial.progress(clock.monotonic(), sdp !== undefined);
      if (status === 180) leg.onRinging();
      if (!sdp || sdp === earlySdp) return;
      earlySdp = sdp;
      early = early.then(() => acceptEarly(media, sdp)).then((usable) => usable && leg.early.begin(media));
    },
  });
  const dialog = await placed.catch((error: unknown) => {
    live.postDial.over(clock.monotonic());
    parts.tried?.(live.view.trunk, (asTrunklineError(error).cause as Partial<PlaceFailure> | undefined)?.status, live.postDial.times);
    throw error;
  });
  live.postDial.answered(clock.monotonic());
  parts.tried?.(live.view.trunk, 200, live.postDial.times);
  // The final answer counts, so it must be the last that the media hears of.
  await early;
  return withAnswer(dialog, media);
}

/** RFC 3264 5: a late offer means that ours goes into the 200 and theirs comes with the ACK. `described`: our answer, if a 183 has told it. */
export async function pickUp(call: IncomingCall, media: MediaSession, described?: string): Promise<Dialog> {
  // RFC 3262 5, RFC 6337 3.1.1: the 200 says again what the 183 said, or nothing new at least.
  if (described !== undefined) return call.answer(described);
  if (call.sdp !== '') return call.answer(await media.acceptOffer(call.sdp));
  return withAnswer(await call.answer(await media.createOffer()), media);
}

/**
 * Says something before the call is answered: 183 with our SDP, reliably where the caller can. Resolves
 * when the last packet of it has left, or it cannot be said, with the description that the caller has
 * by then; undefined if it has none.
 */
export async function sayEarly(parts: { mouth: Mouth; log: Logger }, call: IncomingCall, media: MediaSession, words: { text: string; flow: Pick<CompiledFlow, 'language' | 'voice'>; signal: AbortSignal }): Promise<string | undefined> {
  // A late offer has no description to answer yet (RFC 3264 4): the first one of ours is that of the 200.
  if (call.sdp === '') return undefined;
  const sdp = await media.acceptOffer(call.sdp);
  try {
    await call.progress({ sdp, reliable: true });
    const { language, voice } = words.flow;
    let last: Playout | undefined;
    for await (const audio of parts.mouth.speak({ text: words.text, language, signal: words.signal, ...(voice === undefined ? {} : { voice }) })) last = media.play(audio);
    const over = new Promise((resolve) => words.signal.addEventListener('abort', resolve, { once: true }));
    await Promise.race([last?.ended, over]);
  } catch (error) {
    const coded = asTrunklineError(error);
    // Without a caller there is no call to go on with.
    if (coded.code === 'TRK_SIP_CANCELLED') throw coded;
    parts.log.warn({ code: coded.code }, 'the early prompt was not said');
  }
  return sdp;
}

/** Host part of a SIP URI, IPv6 without brackets. */
export function hostOf(uri: string): string {
  const host = /^sips?:(?:[^@]*@)?(\[[^\]]*\]|[^;:?>]*)/i.exec(uri)?.[1] ?? '';
  return host.replace(/^\[|\]$/g, '');
}

async function withAnswer(dialog: Dialog, media: MediaSession): Promise<Dialog> {
  try {
    await media.acceptAnswer(dialog.remoteSdp);
    return dialog;
  } catch (error) {
    // The call is up but cannot carry audio: it must not stay open.
    await dialog.hangup();
    throw error;
  }
}

/** Early media that cannot be used is not a reason to give up a call that may still be answered. */
async function acceptEarly(media: MediaSession, sdp: string): Promise<boolean> {
  try {
    await media.acceptAnswer(sdp);
    return true;
  } catch (error) {
    if (!(error instanceof TrunklineError)) throw error;
    return false;
  }
}
