import type { TrunkSettings } from '../config/trunk-schema.js';
import { TrunklineError, asTrunklineError } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import type { Random } from '../kernel/random.js';
import type { MediaSession } from '../media/media-session.js';
import { sdpRefusal } from '../sdp/refusal.js';
import type { IncomingCall, PlaceFailure } from '../sip/signalling.js';
import type { TrunkLease, Trunks } from '../sip/trunk/trunks.js';
import type { CallResult, Disposition, Task } from '../store/store.js';
import type { CallEvent, CallNeeds, CallService, DialOrder, LiveCall, Reservation } from './call-service.js';
import { callLog } from './call-log.js';
import { hostOf, openMedia, pickUp, placeLeg, sayEarly } from './call-leg.js';
import type { LegParts } from './call-leg.js';
import { Capacity } from './capacity.js';
import type { CallSpeech } from './capacity.js';
import { dispositionOf } from './disposition.js';
import type { PublishedFlow } from './flow-library.js';
import { EarlyMedia } from './early-media.js';
import type { EarlyListener } from './early-media.js';
import { OpeningMouth } from './opening.js';
import { LiveCallRecord } from './live-call.js';
import type { CallControl } from './live-call.js';
import { followRedirects } from './redirect.js';
import { talk } from './talk.js';
import type { OtherFlow, TalkOutcome, TalkParts } from './talk.js';
import { TrunkRoute, isSipUri } from './trunk-route.js';

export interface CallServiceParts extends TalkParts, LegParts {
  readonly random: Random;
  readonly trunks: Trunks;
  /** The ear and the mouth of a language, always the same ones for it; default: `ear` and `mouth` for all. */
  readonly speech?: (language: string) => CallSpeech;
  /** All of them; the server's own alone by default. */
  readonly allSpeech?: () => readonly CallSpeech[];
  /** Persons of each queue who take calls that are handed over alive; a queue that is not named does not limit. */
  readonly people?: Readonly<Record<string, number>>;
  /** TRK_FLOW_UNKNOWN. */
  readonly flow: (id: string, version?: number) => Promise<PublishedFlow>;
  /** Keeps the result of an inbound call, however long the store takes; never rejects. */
  readonly saveInbound: (result: CallResult) => Promise<void>;
  /** Who listens to what is said before the answer; nobody by default. */
  readonly earlyAudio?: (call: LiveCall) => EarlyListener | undefined;
  /** Which models serve, for the record. */
  readonly models: (language: string | undefined) => Readonly<Record<string, string>>;
}

type Identity = Pick<CallResult, 'id' | 'taskId' | 'attemptId' | 'callId' | 'sipCallId' | 'direction' | 'flow' | 'flowVersion' | 'startedAt' | 'trunk' | 'caller'>;

const NOTHING_SAID: Pick<CallResult, 'slots' | 'transcript' | 'turns' | 'recording' | 'media'> = { slots: {}, transcript: [], turns: [], recording: undefined, media: undefined };

export interface AnswerOptions {
  /** Said before the answer. */
  readonly earlyPrompt?: string | undefined;
  /** What the flow begins with: `caller` and `called`, as the trunk's rules write them. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** What the outside brings. */
export interface InboundCalls {
  answer(call: IncomingCall, flowId: string, channel?: TrunkLease, options?: AnswerOptions): Promise<void>;
  /** A call with Replaces: it takes the place of its dialog in the call that has it; 481 if none has. */
  takePlace(call: IncomingCall): Promise<void>;
}

/** Joins SIP leg, media and dialogue; one instance a node. */
export function createCallService(parts: CallServiceParts): CallService & InboundCalls {
  const { clock, random, config, trunks } = parts;
  const speechIn = (language: string | undefined): CallSpeech => (language === undefined ? undefined : parts.speech?.(language)) ?? { ear: parts.ear, mouth: parts.mouth };
  const capacity = new Capacity({ media: parts.media, speech: speechIn, mind: parts.mind, all: () => parts.allSpeech?.() ?? [parts], ...(parts.people === undefined ? {} : { people: parts.people }) });
  const live = new Map<string, LiveCallRecord>();
  const listeners: ((event: CallEvent) => void)[] = [];
  const emit = (event: CallEvent): void => listeners.forEach((listener) => listener(event));

  function begin(call: Omit<LiveCall, 'state' | 'answeredAt' | 'node' | 'transcript'>): LiveCallRecord {
    const record = new LiveCallRecord(call, emit);
    live.set(record.id, record);
    return record;
  }

  /** The call is tried, or comes, by this SIP call: said once, so that logs, traces and a carrier's records can be put side by side. */
  function signalled(record: LiveCallRecord, sipCallId: string, media: MediaSession): void {
    record.leg(sipCallId, media);
    parts.trace?.leg(record.id, sipCallId, media);
    callLog(parts.log, record.view).info({ sipCallId, direction: record.view.direction, trunk: record.view.trunk }, 'call leg');
  }

  /** The result only has a code: what is wrong with us must be found in the log. */
  function unexpected(record: LiveCallRecord, error: unknown): void {
    const coded = asTrunklineError(error);
    if (coded.code === 'TRK_INTERNAL') callLog(parts.log, record.view).error({ err: coded.cause ?? coded }, 'call failed');
  }

  function compose(record: LiveCallRecord, identity: Identity, ending: Omit<CallResult, keyof Identity | 'models' | 'answeredAt' | 'endedAt'>, language?: string): CallResult {
    const { direction, answeredAt } = record.view;
    const endedAt = clock.now();
    return { ...identity, ...ending, ...record.postDial.times, models: parts.models(language), answeredAt, endedAt, ...(direction === 'outbound' ? costOf(endedAt - (answeredAt ?? endedAt)) : {}) };
  }

  /** In the units of spend caps, to a ten-thousandth. */
  function costOf(talkMs: number): Pick<CallResult, 'cost'> {
    const rate = config.rules.cost_per_minute;
    return rate === 0 ? {} : { cost: Math.round((Math.max(0, talkMs) / 60_000) * rate * 10_000) / 10_000 };
  }

  /** For a call that is up: it has its port; what it needs besides is a free ear and mouth. */
  async function otherFlow(id: string): Promise<OtherFlow> {
    const published = await parts.flow(id);
    const { ear, mouth } = speechIn(published.compiled.language);
    for (const [worker, { ready, capacity: places }] of [['ear', ear], ['mouth', mouth]] as const) {
      if (!ready) throw new TrunklineError('TRK_WORKER_LOST', { params: { worker } });
      if (places.used >= places.total) throw new TrunklineError('TRK_WORKER_BUSY', { params: { worker } });
    }
    return { published, ear, mouth };
  }

  function conclude(record: LiveCallRecord, result: CallResult): CallResult {
    live.delete(record.id);
    record.over(result);
    return result;
  }

  async function dial(order: DialOrder): Promise<CallResult> {
    const { task, attempt } = order;
    const record = begin({ id: attempt.callId, direction: 'outbound', taskId: task.id, attemptId: attempt.id, flow: task.flow, startedAt: clock.now() });
    const identity: Identity = { id: newId('res', clock, random), taskId: task.id, attemptId: attempt.id, callId: record.id, direction: 'outbound', flow: task.flow, flowVersion: task.flowVersion, startedAt: record.view.startedAt };
    const route = new TrunkRoute(trunks, config.sip.caller, order.reservation.trunk);
    const onAbort = (): void => record.hangup();
    order.signal.addEventListener('abort', onAbort, { once: true });
    let media: MediaSession | undefined;
    let rang = false;
    let sipCallId: string | undefined;
    let trunk: TrunkSettings | undefined;
    const early = new EarlyMedia(parts.earlyAudio?.(record.view));
    let language: string | undefined;
    let opening: OpeningMouth | undefined;
    try {
      const published = await parts.flow(task.flow, task.flowVersion);
      ({ language } = published.compiled);
      const { ear, mouth } = speechIn(language);
      const prepared = (opening = new OpeningMouth(mouth, callLog(parts.log, record.view)));
      const dialog = await route.place(
        { to: task.to, from: task.from, callId: attempt.sipCallId, reached: () => rang, signal: record.abort.signal },
        (first, by) =>
          followRedirects({ trunks, trunk: by, from: task.from, dialled: task.to }, first, (request) => {
            // A try that failed may have negotiated early media: the next one gets an offer of its own.
            media?.close();
            trunk = by;
            sipCallId = request.callId;
            media = openMedia(parts, trunk, hostOf(request.nextHop ?? request.to));
            record.carriedBy(trunk?.name);
            signalled(record, request.callId, media);
            return placeLeg(parts, { request, media, live: record, early, onRinging: () => {
              rang = true;
              prepared.prepare(published.compiled, task.variables);
            } });
          }),
      );
      early.end(true);
      record.answered(clock.now());
      order.onAnswered();
      if (media === undefined) throw new RangeError('a dialog without media');
      const outcome = await talk({ ...parts, otherFlow, ear, mouth: prepared }, { dialog, media, trunk, published, variables: task.variables, live: record, number: task.to, contactId: task.contactId, ...(order.attemptsLeft === undefined ? {} : { attempts: { made: attempt.number - 1, left: order.attemptsLeft } }) });
      return conclude(record, compose(record, { ...identity, sipCallId, trunk: route.trunk }, { ...outcome, media: withEarly(outcome.media, early), reason: route.explain(outcome.reason), sipStatus: 200 }, language));
    } catch (error) {
      early.end(false);
      media?.close();
      unexpected(record, error);
      const failure = failureOf(error);
      return conclude(record, compose(record, { ...identity, sipCallId, trunk: route.trunk }, { ...NOTHING_SAID, ...failure, media: withEarly(undefined, early), reason: route.explain(failure.reason) }, language));
    } finally {
      const { answeredAt } = record.view;
      route.release(answeredAt === undefined ? 0 : clock.now() - answeredAt);
      void opening?.close();
      order.signal.removeEventListener('abort', onAbort);
      order.reservation.release();
    }
  }

  function reserve(task?: Pick<Task, 'to' | 'from'>, needs?: CallNeeds): Reservation | undefined {
    const reservation = capacity.reserve(needs);
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

  function routeOf({ to, from }: Pick<Task, 'to' | 'from'>): string {
    if (isSipUri(to)) return '';
    try {
      return [...trunks.routes({ to, from })].sort().join(' ');
    } catch {
      // Those that no trunk carries wait for none.
      return '';
    }
  }

  async function answer(call: IncomingCall, flowId: string, channel?: TrunkLease, { earlyPrompt, variables = {} }: AnswerOptions = {}): Promise<void> {
    // A flow that cannot be had is refused below, with its result.
    const language = await parts.flow(flowId).then((flow) => flow.compiled.language, () => undefined);
    const reservation = capacity.reserve({ language });
    if (!reservation) {
      channel?.release();
      // RFC 3261 21.5.4: the caller may try again, here or elsewhere.
      return call.reject(503, { headers: { 'Retry-After': '5' } });
    }
    const record = begin({ id: newId('call', clock, random), direction: 'inbound', taskId: undefined, attemptId: undefined, flow: flowId, startedAt: clock.now() });
    const identity: Identity = { id: newId('res', clock, random), taskId: undefined, attemptId: undefined, callId: record.id, sipCallId: call.callId, direction: 'inbound', ...(variables['caller'] === undefined || variables['caller'] === '' ? {} : { caller: variables['caller'] }), flow: flowId, flowVersion: 0, trunk: channel?.trunk.name, startedAt: record.view.startedAt };
    record.carriedBy(channel?.trunk.name);
    call.onCancel(() => record.hangup());
    let media: MediaSession | undefined;
    let version = 0;
    let result: CallResult;
    try {
      const published = await parts.flow(flowId);
      version = published.version;
      media = openMedia(parts, channel?.trunk, call.source.address);
      signalled(record, call.callId, media);
      const described = earlyPrompt === undefined ? undefined : await sayEarly({ ...parts, ...speechIn(language), log: callLog(parts.log, record.view) }, call, media, { text: earlyPrompt, flow: published.compiled, signal: record.abort.signal });
      const dialog = await pickUp(call, media, described);
      record.answered(clock.now());
      const outcome: TalkOutcome = await talk({ ...parts, otherFlow, ...speechIn(language) }, { dialog, media, trunk: channel?.trunk, published, variables, live: record, number: variables['caller'] });
      result = compose(record, { ...identity, flowVersion: version }, { ...outcome, sipStatus: 200 }, language);
    } catch (error) {
      const coded = asTrunklineError(error);
      unexpected(record, coded);
      const gaveUp = coded.code === 'TRK_SIP_CANCELLED';
      const refusal = sdpRefusal(coded);
      if (!gaveUp) await call.reject(refusal?.status ?? 500, refusal && { headers: { Warning: refusal.warning } }).catch(() => undefined);
      // The caller's answer does not wait for our tidying up.
      media?.close();
      result = compose(record, { ...identity, flowVersion: version }, { ...NOTHING_SAID, ...failureOf(coded), ...(gaveUp ? { endedBy: 'caller' } : {}) }, language);
    } finally {
      channel?.release();
    }
    try {
      // Whoever is told of the result must be able to read it. Until then the call keeps its place: unsaved results cannot pile up.
      await parts.saveInbound(result);
    } finally {
      reservation.release();
      conclude(record, result);
    }
  }

  async function takePlace(call: IncomingCall): Promise<void> {
    const replaced = call.replaces;
    const control = replaced && [...live.values()].find((record) => record.control?.owns(replaced))?.control;
    // RFC 3891 3: a dialog that is ending is none that could be replaced.
    if (!replaced || !control) return call.reject(481);
    try {
      await control.takePlace(replaced, call);
    } catch (error) {
      const coded = asTrunklineError(error);
      if (coded.code === 'TRK_INTERNAL') parts.log.error({ sipCallId: call.callId, err: coded.cause ?? coded }, 'a call could not be taken over');
      // RFC 3261 21.4.27: a transfer of this call is pending.
      await call.reject(coded.code === 'TRK_CONFLICT' ? 491 : coded.status === 488 ? 488 : 500).catch(() => undefined);
    }
  }

  function inTalk(id: string): CallControl | undefined {
    const record = live.get(id);
    if (record && !record.control) throw new TrunklineError('TRK_CONFLICT', { params: { reason: 'Nobody talks in this call yet, or any more.' } });
    return record?.control;
  }

  return {
    reserve,
    serves: (needs) => capacity.serves(needs),
    routeOf,
    dial,
    answer,
    takePlace,
    transfer(id, order) {
      const control = inTalk(id);
      control?.transfer(order);
      return control !== undefined;
    },
    async sendDigits(id, digits) {
      const control = inTalk(id);
      await control?.sendDigits(digits);
      return control !== undefined;
    },
    load: () => capacity.load,
    live: () => [...live.values()].map((record) => record.snapshot),
    get: (id) => live.get(id)?.snapshot,
    hangup(id) {
      const record = live.get(id);
      record?.hangup();
      return record !== undefined;
    },
    onEvent: (listener) => void listeners.push(listener),
  };
}

function withEarly(media: CallResult['media'], early: EarlyMedia): CallResult['media'] {
  return early.ms === undefined ? media : { ...media, earlyAudioMs: early.ms };
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
