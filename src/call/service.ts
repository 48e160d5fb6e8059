import { TrunklineError, asTrunklineError } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import type { Random } from '../kernel/random.js';
import type { MediaEngine, MediaSession } from '../media/media-session.js';
import type { Dialog, IncomingCall, PlaceFailure, Signalling } from '../sip/signalling.js';
import type { Attempt, CallResult, Disposition, Task } from '../store/store.js';
import type { CallEvent, CallService, LiveCall, Reservation } from './call-service.js';
import { Capacity } from './capacity.js';
import { dispositionOf } from './disposition.js';
import type { PublishedFlow } from './flow-library.js';
import { LiveCallRecord } from './live-call.js';
import { talk } from './talk.js';
import type { TalkOutcome, TalkParts } from './talk.js';

export interface CallServiceParts extends TalkParts {
  readonly random: Random;
  readonly signalling: Signalling;
  readonly media: MediaEngine;
  /** TRK_FLOW_UNKNOWN. */
  readonly flow: (id: string, version?: number) => Promise<PublishedFlow>;
  /** Saves the result of an inbound call. */
  readonly saveInbound: (result: CallResult) => Promise<void>;
  /** Which models serve, for the record. */
  readonly models: () => Readonly<Record<string, string>>;
}

type Identity = Pick<CallResult, 'id' | 'taskId' | 'attemptId' | 'callId' | 'direction' | 'flow' | 'flowVersion' | 'startedAt'>;

const NOTHING_SAID: Pick<CallResult, 'slots' | 'transcript' | 'turns' | 'recording' | 'media'> = { slots: {}, transcript: [], turns: [], recording: undefined, media: undefined };

/** Joins SIP leg, media and dialogue; one instance a node. */
export function createCallService(parts: CallServiceParts): CallService & { answer(call: IncomingCall, flowId: string): Promise<void> } {
  const { clock, random, config, signalling } = parts;
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

  function finish(record: LiveCallRecord, identity: Identity, ending: Omit<CallResult, keyof Identity | 'models' | 'answeredAt' | 'endedAt'>): CallResult {
    const result: CallResult = { ...identity, ...ending, models: parts.models(), answeredAt: record.view.answeredAt, endedAt: clock.now() };
    live.delete(record.id);
    record.over(result);
    return result;
  }

  async function dial(order: { task: Task; attempt: Attempt; reservation: Reservation; signal: AbortSignal; onAnswered: () => void }): Promise<CallResult> {
    const { task, attempt } = order;
    const record = begin({ id: newId('call', clock, random), direction: 'outbound', taskId: task.id, attemptId: attempt.id, flow: task.flow, startedAt: clock.now() });
    const identity: Identity = { id: newId('res', clock, random), taskId: task.id, attemptId: attempt.id, callId: record.id, direction: 'outbound', flow: task.flow, flowVersion: task.flowVersion, startedAt: record.view.startedAt };
    const onAbort = (): void => record.hangup();
    order.signal.addEventListener('abort', onAbort, { once: true });
    let media: MediaSession | undefined;
    try {
      const published = await parts.flow(task.flow, task.flowVersion);
      media = parts.media.createSession({ nat: config.media.nat });
      const dialog = await place(task, attempt, media, record);
      record.answered(clock.now());
      order.onAnswered();
      const outcome = await talk(parts, { dialog, media, published, variables: task.variables, live: record });
      return finish(record, identity, { ...outcome, sipStatus: 200 });
    } catch (error) {
      media?.close();
      unexpected(record, error);
      return finish(record, identity, { ...NOTHING_SAID, ...failureOf(error) });
    } finally {
      order.signal.removeEventListener('abort', onAbort);
      order.reservation.release();
    }
  }

  function place(task: Task, attempt: Attempt, media: MediaSession, record: LiveCallRecord): Promise<Dialog> {
    let earlySdp: string | undefined;
    return signalling
      .place({
        ...route(task.to),
        from: task.from ?? config.sip.caller,
        sdp: media.createOffer(),
        callId: attempt.callId,
        ringTimeoutMs: config.sip.ring_timeout_ms,
        signal: record.abort.signal,
        onProgress: ({ sdp }) => {
          record.ringing();
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

  /** A phone number goes to the gateway; a SIP URI goes where it says. */
  function route(to: string): { to: string; auth?: { username: string; password: string } } {
    if (/^sips?:/i.test(to)) return { to };
    const gateway = config.sip.gateway;
    if (!gateway) throw new TrunklineError('TRK_SIP_NO_ROUTE', { field: 'to' });
    const target = { to: `sip:${to}@${gateway.address}` };
    if (gateway.username === undefined) return target;
    return { ...target, auth: { username: gateway.username, password: gateway.password ?? '' } };
  }

  async function answer(call: IncomingCall, flowId: string): Promise<void> {
    const reservation = capacity.reserve();
    if (!reservation) {
      // RFC 3261 21.5.4: the caller may try again, here or elsewhere.
      return call.reject(503, { headers: { 'Retry-After': '5' } });
    }
    const record = begin({ id: newId('call', clock, random), direction: 'inbound', taskId: undefined, attemptId: undefined, flow: flowId, startedAt: clock.now() });
    const identity: Identity = { id: newId('res', clock, random), taskId: undefined, attemptId: undefined, callId: record.id, direction: 'inbound', flow: flowId, flowVersion: 0, startedAt: record.view.startedAt };
    call.onCancel(() => record.hangup());
    let media: MediaSession | undefined;
    let version = 0;
    let result: CallResult;
    try {
      const published = await parts.flow(flowId);
      version = published.version;
      media = parts.media.createSession({ nat: config.media.nat });
      const dialog = await pickUp(call, media);
      record.answered(clock.now());
      const outcome: TalkOutcome = await talk(parts, { dialog, media, published, variables: {}, live: record });
      result = finish(record, { ...identity, flowVersion: version }, { ...outcome, sipStatus: 200 });
    } catch (error) {
      media?.close();
      const coded = asTrunklineError(error);
      unexpected(record, coded);
      const gaveUp = coded.code === 'TRK_SIP_CANCELLED';
      if (!gaveUp) await call.reject(coded.status === 488 ? 488 : 500).catch(() => undefined);
      result = finish(record, { ...identity, flowVersion: version }, { ...NOTHING_SAID, ...failureOf(coded), ...(gaveUp ? { endedBy: 'caller' } : {}) });
    } finally {
      reservation.release();
    }
    await parts.saveInbound(result);
  }

  return {
    reserve: () => capacity.reserve(),
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
