import type { TaskState } from './store.js';

/** What can happen to a task. */
export type TaskEvent =
  /** Its `notBefore`, or the end of its wait for a retry, has come. */
  | 'due'
  /** The durable intent to dial was saved. */
  | 'begin'
  | 'answered'
  /** The attempt ended and the task needs no other one. */
  | 'finished'
  /** The attempt ended and another one is wanted later. */
  | 'retry'
  /** The process that dialled died; what became of the call is not known. */
  | 'lost'
  | 'cancel'
  | 'expire'
  /** The intent to dial is taken back, because nothing was dialled. */
  | 'release'
  /** An operator says that an unknown call took place. */
  | 'called'
  /** An operator says that it shall be dialled again. */
  | 'redial'
  | 'block'
  | 'unblock';

/**
 * The one table of the task machine. `unknown` ends by itself on purpose nowhere: a
 * call whose fate nobody knows may have reached a person, so it is dialled again only
 * if an operator says so.
 */
const taskStates: Readonly<Record<TaskState, Readonly<Partial<Record<TaskEvent, TaskState>>>>> = {
  scheduled: { due: 'queued', cancel: 'cancelled', expire: 'expired', block: 'blocked' },
  queued: { begin: 'dialing', cancel: 'cancelled', expire: 'expired', block: 'blocked' },
  dialing: { answered: 'in_call', finished: 'done', retry: 'retry_wait', lost: 'unknown', release: 'queued' },
  in_call: { finished: 'done', retry: 'retry_wait', lost: 'unknown' },
  retry_wait: { due: 'queued', cancel: 'cancelled', expire: 'expired', block: 'blocked' },
  blocked: { unblock: 'queued', cancel: 'cancelled', expire: 'expired' },
  done: {},
  cancelled: {},
  expired: {},
  unknown: { called: 'done', redial: 'queued' },
};

/** The state after `event`; undefined means that the event changes nothing in this state. */
export function nextTaskState(state: TaskState, event: TaskEvent): TaskState | undefined {
  return taskStates[state][event];
}

/** Every state in which `event` changes something. */
export function statesThatTake(event: TaskEvent): readonly TaskState[] {
  return (Object.keys(taskStates) as TaskState[]).filter((state) => taskStates[state][event] !== undefined);
}
