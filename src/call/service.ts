import type { TrunkSettings } from '../config/trunk-schema.js';
import { TrunklineError, asTrunklineError } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import type { Random } from '../kernel/random.js';
import type { MediaEngine, MediaSession } from '../media/media-session.js';
import type { Dialog, IncomingCall, PlaceFailure, Signalling } from '../sip/signalling.js';
import type { TrunkLease, Trunks } from '../sip/trunk/trunks.js';
import type { Attempt, CallResult, Disposition, Task } from '../store/store.js';
import type { CallEvent, CallService, LiveCall, Reservation } from './call-service.js';
import { Capacity } from './capacity.js';
import { dispositionOf } from './disposition.js';
import type { PublishedFlow } from './flow-library.js';
import { LiveCallRecord } from './live-call.js';
import { talk } from './talk.js';
import type { TalkOutcome, TalkParts } from './talk.js';
import { TrunkRoute, isSipUri } from './trunk-route.js';
import type { RoutedRequest } from './trunk-route.js';

export interface CallServiceParts extends TalkParts {
  readonly random: Random;
  readonly signalling: Signalling;
  readonly trunks: Trunks;
  readonly media: MediaEngine;
  /** TRK_FLOW_UNKNOWN. */
  readonly flow: (id: string, version?: number) => Promise<PublishedFlow>;
  /** Saves the result of an inbound call. */
  readonly saveInbound: (result: CallResult) => Promise<void>;
  /** Address of ours for this peer's audio; undefined leaves it to the media engine. */
  readonly mediaAddress: (peer: string) => string | undefined;
  /** Which models serve, for the record. */
  readonly models: () => Readonly<Record<string, string>>;
}

type Identity = Pick<CallResult, 'id' | 'taskId' | 'attemptId' | 'callId' | 'direction' | 'flow' | 'flowVersion' | 'startedAt' | 'trunk'>;

const NOTHING_SAID: Pick<CallResult, 'slots' | 'transcript' | 'turns' | 'recording' | 'media'> = { slots: {}, transcript: [], turns: [], recording: undefined, media: undefined };

/** Joins SIP leg, media and dialogue; one instance a node. */
export function createCallService(parts: CallServiceParts): CallService & { answer(call: IncomingCall, flowId: string, channel?: TrunkLease): Promise<void> } {
  const { clock, random, config, signalling, trunks } = parts;
  const capacity = new Capacity({ media: parts.media, ear: parts.ear, mouth: parts.mouth });
  const live = new Map<string, LiveCallRecord>();
  const listeners: ((event: CallEvent) => void)[] = [];
  const emit = (event: CallEvent): void => listeners.forEach((listener) => listener(event));

  function begin(call: Omit<LiveCall, 'state' | 'answeredAt' | 'node' | 'transcript'>): LiveCallRecord {
    const record = new LiveCallRecord(call, emit);
    live.set(record.id, record);
    return record;
  }

  /** The result only has a code: what is wrong with us must be found in the log. */
  function unexpected(record: LiveCallRecord, error: unknown): void {
    const coded = asTrunklineError(error);
    if (coded.code === 'TRK_INTERNAL') parts.log.error({ callId: record.id, err: coded.cause ?? coded }, 'call failed');
  }

  function compose(record: LiveCallRecord, identity: Identity, ending: Omit<CallResult, keyof Identity | 'models' | 'answeredAt' | 'endedAt'>): CallResult {
    return { ...identity, ...ending, models: parts.models(), answeredAt: record.view.answeredAt, endedAt: clock.now() };
  }

  function conclude(record: LiveCallRecord, result: CallResult): CallResult {
    live.delete(record.id);
    record.over(result);
    return result;
  }

  async function dial(order: { task: Task; attempt: Attempt; reservation: Reservation; signal: AbortSignal; onAnswered: () => void }): Promise<CallResult> {
    const { task, attempt } = order;
    const record = begin({ id: newId('call', clock, random), direction: 'outbound', taskId: task.id, attemptId: attempt.id, flow: task.flow, startedAt: clock.now() });
    const identity: Identity = { id: newId('res', clock, random), taskId: task.id, attemptId: attempt.id, callId: record.id, direction: 'outbound', flow: task.flow, flowVersion: task.flowVersion, startedAt: record.view.startedAt };
    const route = new TrunkRoute(trunks, config.sip.caller, order.reservation.trunk);
    const onAbort = (): void => record.hangup();
    order.signal.addEventListener('abort', onAbort, { once: true });
    let media: MediaSession | undefined;
    let rang = false;
    try {
      const published = await parts.flow(task.flow, task.flowVersion);
      const dialog = await route.place(
        { to: task.to, from: task.from, callId: attempt.callId, reached: () => rang, signal: record.abort.signal },
        (request, trunk) => {
          // A try that failed may have negotiated early media: the next one gets an offer of its own.
          media?.close();
          media = openMedia(trunk, hostOf(request.nextHop ?? request.to));
          record.carriedBy(trunk?.name);
          return place(request, media, record, () => (rang = true));
        },
      );
      record.answered(clock.now());
      order.onAnswered();
      if (media === undefined) throw new RangeError('a dialog without media');
      const outcome = await talk(parts, { dialog, media, published, variables: task.variables, live: record });
      return conclude(record, compose(record, { ...identity, trunk: route.trunk }, { ...outcome, reason: route.explain(outcome.reason), sipStatus: 200 }));
    } catch (error) {
      media?.close();
      unexpected(record, error);
      const failure = failureOf(error);
      return conclude(record, compose(record, { ...identity, trunk: route.trunk }, { ...NOTHING_SAID, ...failure, reason: route.explain(failure.reason) }));
    } finally {
      const { answeredAt } = record.view;
      route.release(answeredAt === undefined ? 0 : clock.now() - answeredAt);
      order.signal.removeEventListener('abort', onAbort);
      order.reservation.release();
    }
  }

  /** `peer`: host or address of the far end's signalling, as good as its media's to choose our address by. */
  function openMedia(trunk: TrunkSettings | undefined, peer: string): MediaSession {
    const { srtp, ptime_ms: ptimeMs, rtcp_mux: rtcpMux } = config.media;
    const codecs = { codecs: trunk && trunk.codecs.length > 0 ? trunk.codecs : config.media.codecs };
    const announced = parts.mediaAddress(peer);
    const announce = announced === undefined ? {} : { announce: announced };
    return parts.media.createSession({ ...announce, nat: trunk?.nat ?? config.media.nat, srtp, ptimeMs, rtcpMux, ...codecs });
  }

  function place(request: RoutedRequest, media: MediaSession, record: LiveCallRecord, onRinging: () => void): Promise<Dialog> {
    let earlySdp: string | undefined;
    return signalling
      .place({
        ...request,
        sdp: media.createOffer(),
        ringTimeoutMs: config.sip.ring_timeout_ms,
        signal: record.abort.signal,
        onProgress: ({ status, sdp }) => {
          record.ringing();
          if (status === 180) onRinging();
          if (!sdp || sdp === earlySdp) return;
          earlySdp = sdp;
          acceptEarly(media, sdp);
        },
      })
      .then(async (dialog) => {
        try {
          media.acceptAnswer(dialog.remoteSdp);
        } catch (error) {
          // The call is up but cannot carry audio: it must not stay open.
          await dialog.hangup();
          throw error;
        }
        return dialog;
      });
  }

  function reserve(task?: Pick<Task, 'to' | 'from'>): Reservation | undefined {
    const reservation = capacity.reserve();
    if (reservation === undefined || task === undefined || isSipUri(task.to)) return reservation;
    const channel = trunks.reserve({ to: task.to, from: task.from });
    if (channel === 'busy') {
      reservation.release();
      return undefined;
    }
    // It will be refused with its reason, which only a dial can record.
    if (channel === undefined) return reservation;
    return {
      trunk: channel,
      release: () => {
        channel.release();
        reservation.release();
      },
    };
  }

  async function answer(call: IncomingCall, flowId: string, channel?: TrunkLease): Promise<void> {
    const reservation = capacity.reserve();
    if (!reservation) {
      channel?.release();
      // RFC 3261 21.5.4: the caller may try again, here or elsewhere.
      return call.reject(503, { headers: { 'Retry-After': '5' } });
    }
    const record = begin({ id: newId('call', clock, random), direction: 'inbound', taskId: undefined, attemptId: undefined, flow: flowId, startedAt: clock.now() });
    const identity: Identity = { id: newId('res', clock, random), taskId: undefined, attemptId: undefined, callId: record.id, direction: 'inbound', flow: flowId, flowVersion: 0, trunk: channel?.trunk.name, startedAt: record.view.startedAt };
    record.carriedBy(channel?.trunk.name);
    call.onCancel(() => record.hangup());
    let media: MediaSession | undefined;
    let version = 0;
    let result: CallResult;
    try {
      const published = await parts.flow(flowId);
      version = published.version;
      media = openMedia(channel?.trunk, call.source.address);
      const dialog = await pickUp(call, media);
      record.answered(clock.now());
      const outcome: TalkOutcome = await talk(parts, { dialog, media, published, variables: {}, live: record });
      result = compose(record, { ...identity, flowVersion: version }, { ...outcome, sipStatus: 200 });
    } catch (error) {
      media?.close();
      const coded = asTrunklineError(error);
      unexpected(record, coded);
      const gaveUp = coded.code === 'TRK_SIP_CANCELLED';
      if (!gaveUp) await call.reject(coded.status === 488 ? 488 : 500).catch(() => undefined);
      result = compose(record, { ...identity, flowVersion: version }, { ...NOTHING_SAID, ...failureOf(coded), ...(gaveUp ? { endedBy: 'caller' } : {}) });
    } finally {
      channel?.release();
      reservation.release();
    }
    // Whoever is told of the result must be able to read it.
    try {
      await parts.saveInbound(result);
    } finally {
      conclude(record, result);
    }
  }

  return {
    reserve,
    dial,
    answer,
    live: () => [...live.values()].map((record) => record.view),
    get: (id) => live.get(id)?.view,
    hangup(id) {
      const record = live.get(id);
      record?.hangup();
      return record !== undefined;
    },
    onEvent: (listener) => void listeners.push(listener),
  };
}

/** Host part of a SIP URI, IPv6 without brackets. */
function hostOf(uri: string): string {
  const host = /^sips?:(?:[^@]*@)?(\[[^\]]*\]|[^;:?>]*)/i.exec(uri)?.[1] ?? '';
  return host.replace(/^\[|\]$/g, '');
}

/** RFC 3264 5: a late offer means that ours goes into the 200 and theirs comes with the ACK. */
async function pickUp(call: IncomingCall, media: MediaSession): Promise<Dialog> {
  if (call.sdp !== '') return call.answer(media.acceptOffer(call.sdp));
  const dialog = await call.answer(media.createOffer());
  try {
    media.acceptAnswer(dialog.remoteSdp);
  } catch (error) {
    await dialog.hangup();
    throw error;
  }
  return dialog;
}

/** Early media that cannot be used is not a reason to give up a call that may still be answered. */
function acceptEarly(media: MediaSession, sdp: string): void {
  try {
    media.acceptAnswer(sdp);
  } catch (error) {
    if (!(error instanceof TrunklineError)) throw error;
  }
}

function failedDisposition(error: TrunklineError, status: number | undefined): Disposition {
  if (error.code === 'TRK_SIP_CANCELLED') return 'cancelled';
  if (status === undefined) return 'failed';
  // A 487 that answers the CANCEL of our own ring timeout says that nobody picked up.
  return error.code === 'TRK_SIP_TIMEOUT' ? 'no_answer' : dispositionOf(status);
}

function failureOf(error: unknown): Pick<CallResult, 'disposition' | 'sipStatus' | 'reason' | 'endedBy' | 'verdict'> {
  const coded = asTrunklineError(error);
  const failure = coded.cause as Partial<PlaceFailure> | undefined;
  const status = typeof failure?.status === 'number' ? failure.status : undefined;
  return {
    disposition: failedDisposition(coded, status),
    sipStatus: status,
    reason: failure?.reason ?? coded.code,
    endedBy: coded.code === 'TRK_SIP_REJECTED' ? 'caller' : 'system',
    verdict: { kind: 'end', reason: coded.code },
  };
}
