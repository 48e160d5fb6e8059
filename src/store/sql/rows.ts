import type { Selectable } from 'kysely';
import type { ApiKeyRecord, Attempt, CallResult, FlowVersionRecord, StoredEvent, Task } from '../store.js';
import type { ApiKeyRow, AttemptRow, EventRow, FlowRow, ResultRow, TaskRow } from '../tables.js';

/** Rows to what the port speaks of. JSON columns hold only what this program wrote. */
export function taskOf(row: Selectable<TaskRow>): Task {
  return {
    id: row.id,
    to: row.destination,
    from: row.caller ?? undefined,
    flow: row.flow,
    flowVersion: row.flow_version,
    priority: row.priority,
    variables: JSON.parse(row.variables) as Task['variables'],
    metadata: JSON.parse(row.metadata) as Task['metadata'],
    notBefore: row.not_before,
    expiresAt: row.expires_at ?? undefined,
    campaignId: row.campaign_id === '' ? undefined : row.campaign_id,
    campaignRound: row.campaign_round ?? undefined,
    contactId: row.contact_id ?? undefined,
    category: row.category ?? undefined,
    purpose: row.purpose ?? undefined,
    timeZones: row.time_zones === null ? [] : (JSON.parse(row.time_zones) as string[]),
    hours: row.hours === null ? undefined : (JSON.parse(row.hours) as Task['hours']),
    hoursZone: row.hours_zone ?? undefined,
    retry: row.retry === null ? undefined : (JSON.parse(row.retry) as Task['retry']),
    attempts: row.attempts,
    blockedBy: row.blocked_by ?? undefined,
    blockedUntil: row.blocked_until ?? undefined,
    state: row.state,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function attemptOf(row: Selectable<AttemptRow>): Attempt {
  return {
    id: row.id,
    taskId: row.task_id,
    number: row.number,
    callId: row.call_id ?? '',
    sipCallId: row.sip_call_id,
    startedAt: row.started_at,
    nodeId: row.node_id,
    endedAt: row.ended_at ?? undefined,
  };
}

/** JSON leaves out what is undefined; the keys come back so that every result has the same shape. */
export function resultOf(row: Pick<Selectable<ResultRow>, 'body'>): CallResult {
  const saved = JSON.parse(row.body) as CallResult;
  return {
    ...saved,
    taskId: saved.taskId,
    attemptId: saved.attemptId,
    sipCallId: saved.sipCallId,
    sipStatus: saved.sipStatus,
    recording: saved.recording,
    media: saved.media,
    answeredAt: saved.answeredAt,
  };
}

export function eventOf(row: Selectable<EventRow>): StoredEvent {
  return { cursor: row.cursor, id: row.id, type: row.type, at: row.at, data: JSON.parse(row.data) as unknown };
}

export function flowOf(row: Selectable<FlowRow>): FlowVersionRecord {
  return { id: row.id, version: row.version, source: row.source, createdAt: row.created_at };
}

export function apiKeyOf(row: Selectable<ApiKeyRow>): ApiKeyRecord {
  return {
    id: row.id,
    name: row.name,
    hash: row.hash,
    scopes: JSON.parse(row.scopes) as string[],
    createdAt: row.created_at,
    revokedAt: row.revoked_at ?? undefined,
  };
}
