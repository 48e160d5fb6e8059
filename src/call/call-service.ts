import type { TrunkLease } from '../sip/trunk/trunks.js';
import type { Attempt, CallResult, Task, TranscriptLine } from '../store/store.js';

/** PORT: running calls, as the dialer and the API see them. */

/** Everything that one call needs, taken before its INVITE; `release` gives back what was not used. */
export interface Reservation {
  /** A channel of the trunk that can carry the task for which it was made. */
  readonly trunk?: TrunkLease;
  release(): void;
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
  readonly state: CallState;
  readonly startedAt: number;
  readonly answeredAt: number | undefined;
  readonly node: string | undefined;
  readonly transcript: readonly TranscriptLine[];
}

export type CallEvent =
  | { readonly type: 'call.started' | 'call.ringing' | 'call.answered'; readonly call: LiveCall }
  | { readonly type: 'call.transcript'; readonly call: LiveCall; readonly line: TranscriptLine; readonly decision: string | undefined; readonly replyMs: number | undefined }
  | { readonly type: 'call.ended'; readonly call: LiveCall; readonly result: CallResult };

export interface CallService {
  /** Takes a media port, an ear stream, a mouth slot and, for a task to a phone number, a channel of a trunk; undefined if one of them is not free. */
  reserve(task?: Pick<Task, 'to' | 'from'>): Reservation | undefined;
  /**
   * Dials and talks. Never rejects: every way to fail is in the result. `onAnswered` runs
   * when the call is answered. The caller has saved the attempt before and saves the result after.
   */
  dial(order: { task: Task; attempt: Attempt; reservation: Reservation; signal: AbortSignal; onAnswered: () => void }): Promise<CallResult>;
  live(): readonly LiveCall[];
  get(id: string): LiveCall | undefined;
  /** False if there is no such live call. */
  hangup(id: string): boolean;
  onEvent(listener: (event: CallEvent) => void): void;
}
