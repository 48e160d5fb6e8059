import type { Config } from '../config/schema.js';
import type { TrunkSettings } from '../config/trunk-schema.js';
import type { Dialogue } from '../dialogue/dialogue.js';
import type { Clock } from '../kernel/clock.js';
import { delay, within } from '../kernel/clock.js';
import { TrunklineError, asTrunklineError } from '../kernel/errors.js';
import type { Logger } from '../kernel/log.js';
import type { MediaSession } from '../media/media-session.js';
import type { Dialog } from '../sip/signalling.js';
import type { Ear } from '../speech/ear.js';
import type { Mind } from '../speech/mind.js';
import type { Mouth } from '../speech/mouth.js';
import type { TurnHooks } from '../speech/turn/turn-taker.js';
import type { CallResult } from '../store/store.js';
import { startRecording } from './call-recording.js';
import { callLog } from './call-log.js';
import type { CallSight } from './call-trace.js';
import { Conversation } from './conversation.js';
import { FarEnd } from './far-end.js';
import type { PublishedFlow } from './flow-library.js';
import { audioOf } from './live-call.js';
import type { LiveCallRecord } from './live-call.js';
import type { Lookups } from './lookups.js';
import type { CallOptOut, OptedOut } from './opt-out.js';
import { TransferDesk } from './transfer-desk.js';
import type { TransferParts } from './transfer.js';

export interface TalkParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly ear: Ear;
  readonly mouth: Mouth;
  readonly recordingsDir: string;
  readonly sealRecording?: ((name: string) => Promise<void>) | undefined;
  /** By what id other servers know `recordingsDir`. */
  readonly recordingFolder?: string | undefined;
  /** The words already are a whole answer: the short end-of-turn delay is enough. */
  readonly isComplete: NonNullable<TurnHooks['isComplete']>;
  /** Systems that flows may ask. */
  readonly lookups?: Lookups | undefined;
  /** Undefined: no language model serves. */
  readonly mind?: Mind | undefined;
  /** Undefined: nothing is traced. */
  readonly trace?: CallSight | undefined;
  /** Another flow, its newest version, with workers of its language. TRK_FLOW_UNKNOWN, TRK_WORKER_BUSY, TRK_WORKER_LOST. */
  readonly otherFlow?: ((flow: string) => Promise<OtherFlow>) | undefined;
  /** Keeps a no that was said or keyed, for every dial from now on. Never rejects. */
  readonly optedOut?: ((said: CallOptOut) => Promise<void>) | undefined;
}

/** The part of a result that a conversation makes. */
export type TalkOutcome = Pick<CallResult, 'disposition' | 'reason' | 'endedBy' | 'verdict' | 'slots' | 'transcript' | 'turns' | 'recording' | 'recordedIn' | 'media' | 'audio' | 'transfer' | 'mood' | 'disclosedMs' | 'optOutOfferedMs' | 'switchedTo'>;

type Talked = Pick<TalkOutcome, 'verdict' | 'slots' | 'transcript' | 'turns' | 'mood' | 'disclosedMs' | 'optOutOfferedMs' | 'switchedTo'>;

/** A caller waits no longer for another flow, ms: one that is not made ready yet goes on being made, for the next call. */
const SWITCH_MS = 4_000;
/** A call that goes from flow to flow for ever helps nobody. */
const MOST_FLOWS = 4;
/** How long a call that is over waits for the answer to its BYE, ms. */
const BYE_WAIT_MS = 2_000;
/** How long the end of a call waits until a no in it is saved; it is tried on after that, ms. */
const OPT_OUT_WAIT_MS = 2_000;

type Stop = { readonly by: CallResult['endedBy']; readonly reason: string };

export interface AnsweredCall {
  readonly dialog: Dialog;
  readonly media: MediaSession;
  readonly trunk: TrunkSettings | undefined;
  readonly published: PublishedFlow;
  readonly variables: Readonly<Record<string, string | number | boolean>>;
  readonly live: LiveCallRecord;
  /** Who the far end is, if that is known: E.164 or SIP URI. */
  readonly number?: string | undefined;
  readonly contactId?: string | undefined;
  /** Of its task, besides this one. */
  readonly attempts?: { readonly made: number; readonly left: number };
}

/** An answered call from its first to its last packet: conversation, transfers, recording, time limits, hang-up. Never rejects. */
export async function talk(parts: TalkParts & TransferParts, call: AnsweredCall): Promise<TalkOutcome> {
  const { clock, config } = parts;
  const { media, live, trunk } = call;
  const log = callLog(parts.log, live.view);
  const stop = new AbortController();
  let stopped: Stop | undefined;
  const end = (by: Stop['by'], reason: string): void => {
    stopped ??= { by, reason };
    stop.abort(new Error(reason));
  };
  let conversation: Conversation | undefined;
  const far: FarEnd = new FarEnd({ clock, log, timeoutMs: config.media.timeout_ms, dtmf: trunk?.dtmf ?? 'rfc4733' }, call.dialog, media, {
    ended: (ended) => end(ended.by === 'remote' ? 'caller' : 'system', ended.reason),
    silent: () => end('system', 'media_timeout'),
    held: (onHold) => conversation?.hold(onHold),
    digit: (digit) => (desk.bridge ? desk.bridge.press(digit) : conversation?.press(digit)),
    refer: (request) => desk.onRefer(request),
  });
  const desk = new TransferDesk({ ...parts, log, onLeg: (sipCallId) => parts.trace?.sip(live.id, sipCallId) }, { far, trunk, signal: stop.signal }, {
    pause: () => conversation?.pause(),
    resume: () => conversation?.resume({ ask: true }),
    done: (record) => live.transferred(record),
    over: () => conversation?.finish(),
  });
  media.onLost((lost) => end('system', lost.code));
  const limit = clock.after(config.call.max_duration_ms, () => end('system', 'max_duration'), { keepAlive: false });
  if (live.abort.signal.aborted) end('system', 'hangup_requested');
  live.abort.signal.addEventListener('abort', () => end('system', 'hangup_requested'), { once: true });
  live.control = {
    transfer: (order) => desk.start(order),
    sendDigits: (digits) => far.sendDigits(digits),
    owns: (dialog) => desk.owner(dialog) !== undefined,
    takePlace: (dialog, incoming) => {
      parts.trace?.sip(live.id, incoming.callId);
      return desk.takePlace(desk.owner(dialog) ?? far, incoming);
    },
  };
  const recording = startRecording(parts, media, live.id, log);
  let optOut: Promise<void> | undefined;
  const onOptOut = (said: OptedOut): void => {
    const { id: callId, taskId, attemptId } = live.view;
    if (call.number !== undefined) optOut = parts.optedOut?.({ ...said, callId, taskId, attemptId, contactId: call.contactId, number: call.number });
  };
  let outcome: Talked;
  try {
    outcome = await converse({ ...parts, log }, call, desk, { signal: stop.signal, by: () => stopped?.by, end, begun: (begun) => (conversation = begun).hold(far.onHold), onOptOut });
  } catch (error) {
    const coded = asTrunklineError(error);
    log.error({ code: coded.code, field: coded.field }, 'conversation failed');
    end('system', coded.code);
    outcome = { verdict: { kind: 'end', reason: coded.code }, slots: {}, transcript: [], turns: [] };
  }
  // Whoever said no must not be dialled by another task while this call is still up.
  if (optOut !== undefined) await within(clock, optOut, OPT_OUT_WAIT_MS);
  live.control = undefined;
  limit.cancel();
  far.close();
  // A far end that is gone never answers the BYE; the result does not wait for its 32 s.
  await within(clock, far.dialog.hangup(), BYE_WAIT_MS);
  const file = await recording?.();
  const audio = audioOf(media);
  // The figures of a closed session are its last.
  media.close();
  const last = stopped ?? { by: 'bot', reason: 'flow_end' };
  return { ...outcome, disposition: 'answered_human', reason: handedOver(desk) ? 'transferred' : last.reason, endedBy: last.by, recording: file, ...(file === undefined ? {} : { recordedIn: parts.recordingFolder }), media: numbers(media.stats()), audio, transfer: desk.record };
}

/** The caller now has somebody else to talk to. */
function handedOver(desk: TransferDesk): boolean {
  return desk.record?.outcome === 'completed' && desk.record.by !== 'far_end';
}

/** What hears, speaks and knows what to say, in one language. */
export interface OtherFlow {
  readonly published: PublishedFlow;
  readonly ear: Ear;
  readonly mouth: Mouth;
}

/** The conversations of a call, mostly one, and the transfer that may follow from it. TRK_FLOW_VARIABLE. */
async function converse(
  parts: TalkParts,
  call: AnsweredCall,
  desk: TransferDesk,
  on: { signal: AbortSignal; by: () => Stop['by'] | undefined; end: (by: Stop['by'], reason: string) => void; begun: (conversation: Conversation) => void; onOptOut: (said: OptedOut) => void },
): Promise<Talked> {
  const { config, clock } = parts;
  const answeredMs = clock.monotonic();
  const context = call.attempts === undefined ? {} : { attempts: call.attempts };
  let why = 'flow_end';
  on.signal.addEventListener('abort', () => (why = (on.signal.reason as Error).message), { once: true });
  if (on.signal.aborted) why = (on.signal.reason as Error).message;
  const talked: Conversation[] = [];
  let current: OtherFlow & { dialogue: Dialogue } = { published: call.published, ear: parts.ear, mouth: parts.mouth, dialogue: call.published.compiled.start(call.variables, context) };
  let slots: CallResult['slots'] = {};
  for (;;) {
    const { published, ear, mouth, dialogue } = current;
    let next: typeof current | undefined;
    const conversation = new Conversation({
      ...parts,
      ear,
      mouth,
      flow: published.compiled,
      prompts: published.prompts,
      dialogue,
      media: call.media,
      turn: config.turn,
      recoverMs: config.call.recover_ms,
      answeredMs,
      onLine: (line, decision, replyMs) => call.live.line(line, dialogue.node, decision, replyMs),
      transfer: (order) => desk.transfer(order),
      switchFlow: async (flow) => (talked.length < MOST_FLOWS ? (next = await openFlow(parts, flow, dialogue, context)) !== undefined : false),
      onOptOut: on.onOptOut,
    });
    on.begun(conversation);
    talked.push(conversation);
    const ended = await conversation.run(on.signal);
    slots = { ...slots, ...dialogue.slots };
    if (next !== undefined && ended.error === undefined && !on.signal.aborted) {
      current = next;
      continue;
    }
    if (ended.error) on.end('system', ended.error.code);
    // Somebody may be on the line with the caller, through us.
    await desk.settled();
    const handed = handedOver(desk);
    on.end('bot', handed ? 'transferred' : 'flow_end');
    const byDefault: TalkOutcome['verdict'] = handed ? { kind: 'handoff', queue: 'transfer', reason: 'transferred' } : { kind: 'end', reason: why };
    // A flow with rules judges a call that it did not end, too.
    const judged = handed || ended.verdict !== undefined ? undefined : dialogue.judge(on.by() === 'caller' ? 'caller_hung_up' : why.toLowerCase());
    const first = (of: (one: Conversation) => number | undefined): number | undefined => talked.map(of).find((ms) => ms !== undefined);
    return {
      verdict: ended.verdict ?? judged ?? byDefault,
      // The judgement may have set some.
      slots: { ...slots, ...dialogue.slots },
      transcript: talked.flatMap(({ log }) => log.transcript),
      turns: talked.flatMap(({ log }) => log.turns),
      mood: moodOf(dialogue),
      disclosedMs: first((one) => one.toldMs('disclosure')),
      optOutOfferedMs: first((one) => one.toldMs('opt_out')),
      ...(talked.length > 1 ? { switchedTo: { flow: published.compiled.id, flowVersion: published.version } } : {}),
    };
  }
}

/** The other flow, begun with what is known; undefined if it cannot be. */
async function openFlow(parts: TalkParts, flow: string, from: Dialogue, context: Parameters<PublishedFlow['compiled']['start']>[1]): Promise<(OtherFlow & { dialogue: Dialogue }) | undefined> {
  try {
    const other = parts.otherFlow === undefined ? undefined : await soon(parts.clock, parts.otherFlow(flow));
    return other && { ...other, dialogue: other.published.compiled.start(from.variables, context) };
  } catch (error) {
    const { code, field } = asTrunklineError(error);
    parts.log.warn({ code, field, flow }, 'the call cannot go on in another flow');
    return undefined;
  }
}

/** TRK_FLOW_LATE if it takes longer than a caller waits. */
async function soon<T>(clock: Clock, promise: Promise<T>): Promise<T> {
  const stop = new AbortController();
  // Nobody waits for it any more when it fails later.
  promise.catch(() => undefined);
  const late = delay(clock, SWITCH_MS, stop.signal).then(() => Promise.reject(new TrunklineError('TRK_FLOW_LATE', { params: { ms: SWITCH_MS } })));
  try {
    return await Promise.race([promise, late]);
  } finally {
    late.catch(() => undefined);
    stop.abort(new Error('over'));
  }
}

function moodOf({ mood }: Dialogue): TalkOutcome['mood'] {
  return { label: mood.label, valence: mood.valence, trend: mood.trend, evidence: mood.evidence };
}

function numbers(statistics: object): Record<string, number> {
  const entries: [string, number][] = [];
  for (const [key, value] of Object.entries(statistics) as [string, unknown][]) if (typeof value === 'number') entries.push([key, value]);
  return Object.fromEntries(entries);
}
