import type { Clock } from '../kernel/clock.js';
import { newId } from '../kernel/ids.js';
import type { Random } from '../kernel/random.js';
import type { Attempt, CallResult, Task } from '../store/store.js';

/** The one result of a call of which nothing is known but the code of what broke it. */
export function brokenCallResult({ clock, random }: { clock: Clock; random: Random }, task: Task, attempt: Attempt, code: string): CallResult {
  return {
    id: newId('res', clock, random),
    taskId: task.id,
    callId: attempt.callId,
    sipCallId: attempt.sipCallId,
    attemptId: attempt.id,
    direction: 'outbound',
    flow: task.flow,
    flowVersion: task.flowVersion,
    disposition: 'failed',
    sipStatus: undefined,
    reason: code,
    endedBy: 'system',
    verdict: { kind: 'end', reason: 'failed' },
    slots: {},
    transcript: [],
    turns: [],
    recording: undefined,
    media: undefined,
    models: {},
    startedAt: attempt.startedAt,
    answeredAt: undefined,
    endedAt: clock.now(),
  };
}
