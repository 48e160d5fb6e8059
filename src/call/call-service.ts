import type { TrunkLease } from '../sip/trunk/trunks.js';
import type { Attempt, CallAudio, CallResult, Task, TransferRecord, TranscriptLine } from '../store/store.js';

export type { CallOptOut } from './opt-out.js';

/** PORT: running calls, as the dialer and the API see them. */

/** Everything that one call needs, taken before its INVITE; `release` gives back what was not used. */
export interface Reservation {
  /** A channel of the trunk that can carry the task for which it was made. */
  readonly trunk?: TrunkLease;
  release(): void;
}

/** What a call needs by its flow, besides a port. */
export interface CallNeeds {
  /** BCP 47; undefined is the server's own. */
  readonly language?: string | undefined;
  /** Queues of persons to whom the flow may transfer the call. */
  readonly people?: readonly string[] | undefined;
}

/** How many calls at once each part of the server could serve; undefined: it does not limit. */
export interface ServiceLimits {
  readonly media: number;
  readonly ears: number;
  readonly mouths: number;
  readonly minds: number | undefined;
}

export interface ServiceLoad {
  readonly limits: ServiceLimits;
  /** Places of the busiest kind of worker that calls wait for, in use now: 0 to 100. */
  readonly busyPercent: number;
}

export type CallState = 'dialing' | 'ringing' | 'in_call' | 'ending' | 'ended';

export interface LiveCall {
  readonly id: string;
  readonly direction: 'outbound' | 'inbound';
  readonly taskId: string | undefined;
  readonly attemptId: string | undefined;
  readonly flow: string;
  /** The trunk that carries it, once that is known. */
  readonly trunk?: string | undefined;
  /** Call-ID of the present INVITE. */
  readonly sipCallId?: string | undefined;
  /** From the INVITE to the first 18x or 200, ms. */
  readonly pddMs?: number | undefined;
  /** E-model of the audio so far, 1 to 4.5; undefined before the answer. */
  readonly mos?: number | undefined;
  /** Undefined before audio was agreed on. */
  readonly audio?: CallAudio | undefined;
  readonly state: CallState;
  readonly startedAt: number;
  readonly answeredAt: number | undefined;
  readonly node: string | undefined;
  readonly transcript: readonly TranscriptLine[];
}

/** Whom a call is handed to. */
export interface TransferOrder {
  /** E.164 number or SIP URI. */
  readonly to: string;
  /**
   * `blind`: the far end is asked to call there (REFER), and the call is over for us when it has.
   * `attended`: we call there first; the far end takes that call over if both can do it (REFER with Replaces), else both talk through us.
   */
  readonly mode: 'blind' | 'attended';
  /** Caller number that the target sees in an attended transfer. */
  readonly from?: string | undefined;
  /** How long the target may ring, ms; default `sip.ring_timeout_ms`. */
  readonly ringTimeoutMs?: number | undefined;
}

export type CallEvent =
  | { readonly type: 'call.started' | 'call.ringing' | 'call.answered'; readonly call: LiveCall }
  | { readonly type: 'call.transcript'; readonly call: LiveCall; readonly line: TranscriptLine; readonly decision: string | undefined; readonly replyMs: number | undefined }
  /** A transfer was made, or not; the call goes on if not. */
  | { readonly type: 'call.transfer'; readonly call: LiveCall; readonly transfer: TransferRecord }
  | { readonly type: 'call.ended'; readonly call: LiveCall; readonly result: CallResult };

export interface DialOrder {
  readonly task: Task;
  readonly attempt: Attempt;
  /** After this attempt; undefined for a task without a policy of its own, whose verdict is for somebody else to follow. */
  readonly attemptsLeft?: number | undefined;
  readonly reservation: Reservation;
  readonly signal: AbortSignal;
  readonly onAnswered: () => void;
}

export interface CallService {
  /**
   * Takes a media port, an ear stream and a mouth slot of the flow's language, a share of the language model, a person
   * of each queue that has a number of them, and, for a task to a phone number, a channel of a trunk; undefined if one
   * of them is not free.
   */
  reserve(task?: Pick<Task, 'to' | 'from'>, needs?: CallNeeds): Reservation | undefined;
  /** All of that but the channel is free: a reservation that failed waits for a trunk, and one for another trunk may not. */
  serves(needs: CallNeeds): boolean;
  /** The same for tasks that the same trunks carry: where one of them waits for a channel, so do the others. */
  routeOf(task: Pick<Task, 'to' | 'from'>): string;
  /**
   * Dials and talks. Never rejects: every way to fail is in the result. `onAnswered` runs
   * when the call is answered. The caller has saved the attempt before and saves the result after.
   */
  dial(order: DialOrder): Promise<CallResult>;
  /** What could be served now, and how busy that is. */
  load(): ServiceLoad;
  live(): readonly LiveCall[];
  get(id: string): LiveCall | undefined;
  /** False if there is no such live call. */
  hangup(id: string): boolean;
  /**
   * Hands the call to somebody else; the bot is silent meanwhile and goes on if it fails. The outcome is a
   * `call.transfer` event and part of the result. False if there is no such live call.
   * TRK_CONFLICT (nobody is talking yet, or a transfer is on its way), TRK_NUMBER_INVALID.
   */
  transfer(id: string, order: TransferOrder): boolean;
  /** Sends keys to the far end, as its trunk wants them. False if there is no such live call. TRK_CONFLICT, TRK_INVALID_REQUEST, TRK_MEDIA_STATE, TRK_SIP_REJECTED, TRK_SIP_TIMEOUT, TRK_SIP_DIALOG_GONE. */
  sendDigits(id: string, digits: string): Promise<boolean>;
  onEvent(listener: (event: CallEvent) => void): void;
}
