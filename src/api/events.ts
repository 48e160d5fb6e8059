import { Type } from '@sinclair/typebox';
import type { TSchema } from '@sinclair/typebox';
import type { EventPayloads, EventType } from '../outbound/event-log.js';
import type { StoredEvent } from '../store/store.js';
import { CallSummary, TranscriptLine, Verdict, dispositionNames, oneOf, strict, taskStateNames } from './schemas.js';
import { timeOf } from './wire.js';

const TaskOnly = strict({ taskId: Type.String() });
const CallOnly = strict({ call: CallSummary });
const disposition = oneOf(dispositionNames);

/** The catalogue: each type with the schema of its `data`. docs/api.md is tested to list exactly these. */
export const eventSchemas = {
  'task.created': strict({ taskId: Type.String(), flow: Type.String(), flowVersion: Type.Integer(), priority: Type.Integer(), state: oneOf(taskStateNames) }),
  'task.dialing': strict({ taskId: Type.String(), attemptId: Type.String(), number: Type.Integer({ minimum: 1 }) }),
  'task.in_call': strict({ taskId: Type.String(), attemptId: Type.String() }),
  'task.done': strict({ taskId: Type.String(), attemptId: Type.String(), resultId: Type.String(), disposition, verdict: Verdict }),
  'task.cancelled': TaskOnly,
  'task.expired': TaskOnly,
  'task.unknown': TaskOnly,
  'call.started': CallOnly,
  'call.ringing': CallOnly,
  'call.answered': CallOnly,
  'call.transcript': strict({
    callId: Type.String(),
    taskId: Type.Optional(Type.String()),
    line: TranscriptLine,
    decision: Type.Optional(Type.String({ description: 'What the words were taken for.' })),
    replyMs: Type.Optional(Type.Number({ description: 'From the last word to the first reply packet, ms.' })),
  }),
  'call.ended': strict({ call: CallSummary, resultId: Type.String(), disposition, endedBy: oneOf(['caller', 'bot', 'system']), verdict: Verdict }),
  'trunk.up': strict({ trunk: Type.String() }),
  'trunk.down': strict({ trunk: Type.String(), reason: Type.String({ description: 'Status or code.' }) }),
  'flow.saved': strict({ flow: Type.String(), version: Type.Integer() }),
  // A type without its schema, or a schema that is not of its type, does not compile.
} as const satisfies { readonly [T in EventType]: TSchema & { readonly static: EventPayloads[T] } };

/** An event as a client gets it. */
export const EventMessage = strict({
  cursor: Type.Integer({ description: 'Go on after it with `?cursor=`.' }),
  id: Type.String(),
  type: oneOf(Object.keys(eventSchemas)),
  at: Type.String({ format: 'date-time' }),
  data: Type.Union(Object.values(eventSchemas)),
});

export function wireEvent(event: StoredEvent) {
  return { cursor: event.cursor, id: event.id, type: event.type, at: timeOf(event.at), data: event.data };
}
