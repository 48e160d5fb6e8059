import type { Logger } from '../kernel/log.js';
import type { Disposition, Store, TaskState, TranscriptLine, Verdict } from '../store/store.js';

/** A call as events tell of it. Times are RFC 3339 in UTC, as everywhere on the wire. */
export interface CallSummary {
  readonly id: string;
  readonly direction: 'outbound' | 'inbound';
  readonly taskId?: string | undefined;
  readonly attemptId?: string | undefined;
  readonly flow: string;
  readonly trunk?: string | undefined;
  readonly state: string;
  readonly startedAt: string;
  readonly answeredAt?: string | undefined;
}

/** What each type of event carries. `src/api/events.ts` holds the schema of each. */
export interface EventPayloads {
  'task.created': { readonly taskId: string; readonly flow: string; readonly flowVersion: number; readonly priority: number; readonly state: TaskState };
  'task.dialing': { readonly taskId: string; readonly attemptId: string; readonly number: number };
  'task.in_call': { readonly taskId: string; readonly attemptId: string };
  'task.done': { readonly taskId: string; readonly attemptId: string; readonly resultId: string; readonly disposition: Disposition; readonly verdict: Verdict };
  'task.cancelled': { readonly taskId: string };
  'task.expired': { readonly taskId: string };
  /** The server died during the call; it is not dialled again by itself. */
  'task.unknown': { readonly taskId: string };
  'call.started': { readonly call: CallSummary };
  'call.ringing': { readonly call: CallSummary };
  'call.answered': { readonly call: CallSummary };
  'call.transcript': { readonly callId: string; readonly taskId?: string | undefined; readonly line: TranscriptLine; readonly decision?: string | undefined; readonly replyMs?: number | undefined };
  'call.ended': {
    readonly call: CallSummary;
    readonly resultId: string;
    readonly disposition: Disposition;
    readonly endedBy: 'caller' | 'bot' | 'system';
    readonly verdict: Verdict;
  };
  'trunk.up': { readonly trunk: string };
  /** `reason`: the status or code that says why. */
  'trunk.down': { readonly trunk: string; readonly reason: string };
  'flow.saved': { readonly flow: string; readonly version: number };
}

export type EventType = keyof EventPayloads;

/**
 * PORT: the list of everything that happened, which clients read by cursor.
 *
 * Events are news, results are the truth: an event that cannot be saved is logged
 * and given up, and never holds up a call.
 */
export interface EventLog {
  /** Never rejects; resolves when the event is durable or was given up. */
  append<T extends EventType>(type: T, data: EventPayloads[T]): Promise<void>;
  /** `listener` runs after each append; the answer ends that. It reads the store by its own cursor. */
  subscribe(listener: () => void): () => void;
}

export function createEventLog(store: Pick<Store, 'appendEvent'>, log: Logger): EventLog {
  const listeners = new Set<() => void>();
  return {
    async append(type, data) {
      try {
        await store.appendEvent(type, data);
      } catch (error) {
        log.error({ err: error, type }, 'event could not be saved');
        return;
      }
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
