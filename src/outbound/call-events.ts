import type { CallEvent, CallService } from '../call/call-service.js';
import { summaryOf } from './call-summary.js';
import type { EventLog } from './event-log.js';

/** Writes what calls tell, inbound ones too, into the event log. */
export function recordCallEvents(calls: Pick<CallService, 'onEvent'>, events: EventLog): void {
  calls.onEvent((event) => void record(event, events));
}

function record(event: CallEvent, events: EventLog): Promise<void> {
  const { call } = event;
  switch (event.type) {
    case 'call.transcript':
      return events.append('call.transcript', {
        callId: call.id,
        ...(call.taskId === undefined ? {} : { taskId: call.taskId }),
        line: event.line,
        ...(event.decision === undefined ? {} : { decision: event.decision }),
        ...(event.replyMs === undefined ? {} : { replyMs: event.replyMs }),
      });
    case 'call.transfer':
      return events.append('call.transfer', { call: summaryOf(call), transfer: event.transfer });
    case 'call.ended': {
      const { id, disposition, endedBy, verdict } = event.result;
      return events.append('call.ended', { call: summaryOf(call), resultId: id, disposition, endedBy, verdict });
    }
    default:
      return events.append(event.type, { call: summaryOf(call) });
  }
}
