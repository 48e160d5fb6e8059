import type { LiveCall } from '../call/call-service.js';
import type { CallSummary } from '../outbound/event-log.js';
import { summaryOf } from '../outbound/call-summary.js';
import type { AttemptRecord } from '../store/dialing.js';
import type { ApiKeyRecord, CallResult, FlowVersionRecord, Task } from '../store/store.js';

/** Ms since the epoch as RFC 3339 in UTC. */
export function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}

const optionalTime = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : timeOf(ms));

/** Keys whose value is undefined are left out by JSON. */
export function wireTask(task: Task) {
  return {
    id: task.id,
    state: task.state,
    to: task.to,
    from: task.from,
    flow: task.flow,
    flowVersion: task.flowVersion,
    priority: task.priority,
    variables: task.variables,
    metadata: task.metadata,
    campaignId: task.campaignId,
    round: task.campaignRound,
    contactId: task.contactId,
    category: task.category,
    purpose: task.purpose,
    timeZones: task.timeZones.length === 0 ? undefined : task.timeZones,
    hours: task.hours,
    hoursZone: task.hoursZone,
    retry: task.retry,
    attempts: task.attempts,
    blockedBy: task.blockedBy,
    blockedUntil: optionalTime(task.blockedUntil),
    notBefore: timeOf(task.notBefore),
    expiresAt: optionalTime(task.expiresAt),
    createdAt: timeOf(task.createdAt),
    updatedAt: timeOf(task.updatedAt),
  };
}

export function wireAttempt(attempt: AttemptRecord) {
  const { id, taskId, number, callId, sipCallId, startedAt, answeredAt, endedAt, disposition, sipStatus, reason, verdict, abandoned } = attempt;
  return { id, taskId, number, callId, sipCallId, startedAt: timeOf(startedAt), answeredAt: optionalTime(answeredAt), endedAt: optionalTime(endedAt), disposition, sipStatus, reason, verdict, abandoned };
}

export function wireResult(result: CallResult) {
  return { ...wireOutcome(result), earlier: result.earlier?.map(wireOutcome) };
}

function wireOutcome(result: CallResult) {
  return {
    ...result,
    recordedIn: undefined,
    recording: result.recording?.split('/').at(-1),
    startedAt: timeOf(result.startedAt),
    answeredAt: optionalTime(result.answeredAt),
    endedAt: timeOf(result.endedAt),
    retryAt: optionalTime(result.retryAt),
  };
}

export function wireCall(call: LiveCall): CallSummary & Pick<LiveCall, 'sipCallId' | 'pddMs' | 'mos' | 'audio' | 'node' | 'transcript'> {
  return { ...summaryOf(call), sipCallId: call.sipCallId, pddMs: call.pddMs, mos: call.mos, audio: call.audio, node: call.node, transcript: call.transcript };
}

export function wireFlow(record: FlowVersionRecord) {
  return { id: record.id, version: record.version, source: record.source, createdAt: timeOf(record.createdAt) };
}

/** Without the hash: whoever reads it could look for the secret's other uses. */
export function wireApiKey(key: ApiKeyRecord) {
  return { id: key.id, name: key.name, scopes: key.scopes, createdAt: timeOf(key.createdAt), revokedAt: optionalTime(key.revokedAt) };
}
