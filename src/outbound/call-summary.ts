import type { LiveCall } from '../call/call-service.js';
import type { CallSummary } from './event-log.js';

/** A live call as events and the API tell of it. */
export function summaryOf(call: LiveCall): CallSummary {
  return {
    id: call.id,
    direction: call.direction,
    ...(call.taskId === undefined ? {} : { taskId: call.taskId }),
    ...(call.attemptId === undefined ? {} : { attemptId: call.attemptId }),
    flow: call.flow,
    ...(call.trunk === undefined ? {} : { trunk: call.trunk }),
    state: call.state,
    startedAt: new Date(call.startedAt).toISOString(),
    ...(call.answeredAt === undefined ? {} : { answeredAt: new Date(call.answeredAt).toISOString() }),
  };
}
