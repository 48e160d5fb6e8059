import type { Logger } from '../kernel/log.js';
import type { LiveCall } from './call-service.js';

/**
 * The log of one call: every line carries `callId`, and `taskId` where there is one. A SIP
 * Call-ID stands under `sipCallId`: it names a call, not a person, so it is not under `pii`.
 */
export function callLog(log: Logger, call: Pick<LiveCall, 'id' | 'taskId'>): Logger {
  return log.child({ callId: call.id, ...(call.taskId === undefined ? {} : { taskId: call.taskId }) });
}
