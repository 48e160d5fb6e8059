import { Type } from '@sinclair/typebox';
import type { TSchema } from '@sinclair/typebox';
import type { EventPayloads, EventType } from '../outbound/event-log.js';
import type { StoredEvent } from '../store/store.js';
import { CallSummary, TranscriptLine, Transfer, Verdict, dispositionNames, oneOf, strict, taskStateNames } from './schemas.js';
import { timeOf } from './wire.js';

const Undialled = strict({ taskId: Type.String(), resultId: Type.String() });
const CallOnly = strict({ call: CallSummary });
const Campaign = { campaignId: Type.String(), name: Type.String() };
const disposition = oneOf(dispositionNames);
const keyId = Type.String({ description: 'The API key; `anonymous` without keys.' });

const Brake = strict({ brake: Type.String({ description: '`reply_slow`, `workers_busy`, `trunk_failures` or `store_slow`.' }), measured: Type.Number(), limit: Type.Number() });
const Abandoned = strict({ campaignId: Type.Optional(Type.String({ description: 'Absent: tasks of no campaign.' })), answered: Type.Integer(), abandoned: Type.Integer() });

/** The catalogue: each type with the schema of its `data`. docs/api.md is tested to list exactly these. */
export const eventSchemas = {
  'task.created': strict({ taskId: Type.String(), flow: Type.String(), flowVersion: Type.Integer(), priority: Type.Integer(), state: oneOf(taskStateNames) }),
  'task.dialing': strict({ taskId: Type.String(), attemptId: Type.String(), number: Type.Integer({ minimum: 1 }) }),
  'task.in_call': strict({ taskId: Type.String(), attemptId: Type.String() }),
  'task.done': strict({ taskId: Type.String(), attemptId: Type.String(), resultId: Type.String(), disposition, verdict: Verdict }),
  'task.cancelled': Undialled,
  'task.expired': Undialled,
  'task.unknown': Undialled,
  'task.retry': strict({ taskId: Type.String(), attemptId: Type.String(), disposition, at: Type.String({ format: 'date-time' }) }),
  'task.blocked': strict({ taskId: Type.String(), rule: Type.String(), until: Type.Optional(Type.String({ format: 'date-time', description: 'When it is asked again; absent: never.' })), resultId: Type.Optional(Type.String({ description: 'Where it is for good.' })) }),
  'task.resolved': strict({ taskId: Type.String(), as: oneOf(['called', 'redial']) }),
  'dialer.braked': Brake,
  'dialer.released': Brake,
  'dialer.stopped': Abandoned,
  'dialer.resumed': Abandoned,
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
  'call.transfer': strict({ call: CallSummary, transfer: Transfer }),
  'call.ended': strict({ call: CallSummary, resultId: Type.String(), disposition, endedBy: oneOf(['caller', 'bot', 'system']), verdict: Verdict }),
  'signalling.up': strict({ server: Type.String({ description: 'host:port of its admin port; `embedded`.' }) }),
  'signalling.down': strict({ server: Type.String(), reason: Type.String({ description: '`lost`, `options`, `drain` or `closed`.' }) }),
  'trunk.up': strict({ trunk: Type.String() }),
  'trunk.down': strict({ trunk: Type.String(), reason: Type.String({ description: 'Status or code.' }) }),
  'sip.banned': strict({ source: Type.String({ description: 'An IPv4 address, or an IPv6 /64.' }), reason: Type.String({ description: '`garbage`, `credentials`, `403` or `404`.' }), times: Type.Integer({ minimum: 1, description: 'Its how manyth ban in a row.' }), until: Type.String({ format: 'date-time' }) }),
  'trace.read': strict({ callId: Type.Optional(Type.String()), keyId, format: Type.String() }),
  'recording.read': strict({ callId: Type.String(), keyId }),
  'person.exported': strict({ contactIds: Type.Array(Type.String(), { description: 'Those that were found; they name nobody once the person is erased.' }), keyId }),
  'person.erased': strict({ erasureId: Type.String() }),
  'import.started': strict({ importId: Type.String(), dryRun: Type.Boolean() }),
  'import.ended': strict({ importId: Type.String(), state: oneOf(['done', 'failed', 'interrupted']), rows: Type.Integer(), created: Type.Integer(), updated: Type.Integer(), kept: Type.Integer(), refused: Type.Integer() }),
  'campaign.created': strict(Campaign),
  'campaign.started': strict({ ...Campaign, round: Type.Integer() }),
  'campaign.round': strict({ ...Campaign, round: Type.Integer() }),
  'campaign.paused': strict(Campaign),
  'campaign.resumed': strict(Campaign),
  'campaign.stopped': strict(Campaign),
  'campaign.stalled': strict({ ...Campaign, due: Type.Integer({ description: 'Tasks that could be dialled; counted up to 1,000.' }) }),
  'campaign.trouble': strict({ ...Campaign, reason: Type.String({ description: '`failure_burst`, `no_trunk`, `no_capacity` or `filling`.' }), detail: Type.Optional(Type.String({ description: 'Code of the error.' })) }),
  'campaign.finished': strict({ ...Campaign, tasks: Type.Integer(), attempts: Type.Integer(), answered: Type.Integer() }),
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
