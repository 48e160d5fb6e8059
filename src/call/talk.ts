import { join } from 'node:path';
import type { Config } from '../config/schema.js';
import type { Clock } from '../kernel/clock.js';
import { delay } from '../kernel/clock.js';
import { TrunklineError, asTrunklineError } from '../kernel/errors.js';
import type { Logger } from '../kernel/log.js';
import type { MediaSession } from '../media/media-session.js';
import type { Dialog } from '../sip/signalling.js';
import type { Ear } from '../speech/ear.js';
import type { Mouth } from '../speech/mouth.js';
import type { TurnHooks } from '../speech/turn/turn-taker.js';
import type { CallResult } from '../store/store.js';
import { Conversation } from './conversation.js';
import type { PublishedFlow } from './flow-library.js';
import type { LiveCallRecord } from './live-call.js';

export interface TalkParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly ear: Ear;
  readonly mouth: Mouth;
  readonly recordingsDir: string;
  /** The words already are a whole answer: the short end-of-turn delay is enough. */
  readonly isComplete: NonNullable<TurnHooks['isComplete']>;
}

/** The part of a result that a conversation makes. */
export type TalkOutcome = Pick<CallResult, 'disposition' | 'reason' | 'endedBy' | 'verdict' | 'slots' | 'transcript' | 'turns' | 'recording' | 'media'>;

/** How long a call that is over waits for the answer to its BYE, ms. */
const BYE_WAIT_MS = 2_000;

type Stop = { readonly by: CallResult['endedBy']; readonly reason: string };

/** An answered call from its first to its last packet: conversation, recording, time limits, hang-up. Never rejects. */
export async function talk(parts: TalkParts, call: { dialog: Dialog; media: MediaSession; published: PublishedFlow; variables: Readonly<Record<string, string | number | boolean>>; live: LiveCallRecord }): Promise<TalkOutcome> {
  const { clock, config } = parts;
  const { dialog, media, live } = call;
  const { compiled: flow, prompts } = call.published;
  const log = parts.log.child({ callId: live.id });
  const stop = new AbortController();
  let stopped: Stop | undefined;
  const end = (by: Stop['by'], reason: string): void => {
    stopped ??= { by, reason };
    stop.abort(new Error(reason));
  };

  // A function, because the checker cannot see that a listener sets it.
  const reason = (): string => stopped?.reason ?? 'flow_end';

  dialog.onEnd((ended) => end(ended.by === 'remote' ? 'caller' : 'system', ended.reason));
  dialog.onModify((sdp) => media.acceptOffer(sdp));
  dialog.onRequest((request) => onDialogRequest(request.method, request.contentType));
  media.onTimeout(() => end('system', 'media_timeout'));
  const limit = clock.after(config.call.max_duration_ms, () => end('system', 'max_duration'), { keepAlive: false });
  if (live.abort.signal.aborted) end('system', 'hangup_requested');
  live.abort.signal.addEventListener('abort', () => end('system', 'hangup_requested'), { once: true });

  const recording = startRecording(parts, media, live.id, log);
  let outcome: Pick<TalkOutcome, 'verdict' | 'slots' | 'transcript' | 'turns'>;
  try {
    const dialogue = flow.start(call.variables);
    const conversation = new Conversation({
      ...parts,
      flow,
      prompts,
      dialogue,
      media,
      log,
      turn: config.turn,
      recoverMs: config.call.recover_ms,
      answeredMs: clock.monotonic(),
      onLine: (line, decision, replyMs) => live.line(line, dialogue.node, decision, replyMs),
    });
    const ended = await conversation.run(stop.signal);
    if (ended.error) end('system', ended.error.code);
    else end('bot', 'flow_end');
    outcome = {
      verdict: ended.verdict ?? { kind: 'end', reason: reason() },
      slots: dialogue.slots,
      transcript: conversation.log.transcript,
      turns: conversation.log.turns,
    };
  } catch (error) {
    const coded = asTrunklineError(error);
    log.error({ code: coded.code, field: coded.field }, 'conversation failed');
    end('system', coded.code);
    outcome = { verdict: { kind: 'end', reason: coded.code }, slots: {}, transcript: [], turns: [] };
  }
  const last = stopped ?? { by: 'bot', reason: 'flow_end' };
  limit.cancel();
  // A far end that is gone never answers the BYE; the result does not wait for its 32 s.
  await within(clock, dialog.hangup(), BYE_WAIT_MS);
  const statistics = media.stats();
  const file = await recording?.();
  media.close();
  return {
    ...outcome,
    disposition: 'answered_human',
    reason: last.reason,
    endedBy: last.by,
    recording: file,
    media: numbers(statistics),
  };
}

/** Resolves with `promise`, or after `ms`, whichever is first. */
async function within(clock: Clock, promise: Promise<void>, ms: number): Promise<void> {
  const stop = new AbortController();
  await Promise.race([promise, delay(clock, ms, stop.signal).catch(() => undefined)]);
  stop.abort(new Error('over'));
}

/** INFO carries DTMF and flow control of the media plane; what we do not serve is refused by name. */
function onDialogRequest(method: string, _contentType: string | undefined): { status: number } {
  if (method === 'INFO' || method === 'OPTIONS') return { status: 200 };
  // RFC 3261 8.2.1: a method that is recognised but not allowed here.
  return { status: method === 'REFER' ? 603 : 405 };
}

/** Undefined if calls are not recorded; else a function that closes the file and says where it is. */
function startRecording(parts: TalkParts, media: MediaSession, callId: string, log: Logger): (() => Promise<string | undefined>) | undefined {
  if (!parts.config.media.record) return undefined;
  const name = `${callId}.wav`;
  const failed = (error: unknown): void => {
    const coded = error instanceof TrunklineError ? error : new TrunklineError('TRK_MEDIA_RECORDING', { params: { reason: 'write failed' }, cause: error });
    log.error({ code: coded.code }, 'recording failed; the call goes on');
  };
  try {
    media.startRecording(join(parts.recordingsDir, name));
  } catch (error) {
    failed(error);
    return undefined;
  }
  media.onRecordingError(failed);
  return async () => {
    try {
      await media.stopRecording();
      return name;
    } catch (error) {
      failed(error);
      return undefined;
    }
  };
}

function numbers(statistics: object): Record<string, number> {
  const entries: [string, number][] = [];
  for (const [key, value] of Object.entries(statistics) as [string, unknown][]) if (typeof value === 'number') entries.push([key, value]);
  return Object.fromEntries(entries);
}
