import type { Generated } from 'kysely';
import type { Disposition, TaskState } from './store.js';

/** Rows as they lie in the database. Times are ms since the epoch; JSON columns are text. */
export interface TaskRow {
  /** Order of creation, and the place that a cursor points to. */
  seq: Generated<number>;
  id: string;
  destination: string;
  caller: string | null;
  flow: string;
  flow_version: number;
  priority: number;
  /** JSON object. */
  variables: string;
  /** JSON object. */
  metadata: string;
  not_before: number;
  expires_at: number | null;
  state: TaskState;
  created_at: number;
  updated_at: number;
}

export interface AttemptRow {
  id: string;
  task_id: string;
  number: number;
  call_id: string;
  node_id: string;
  started_at: number;
  answered_at: number | null;
  ended_at: number | null;
}

export interface ResultRow {
  seq: Generated<number>;
  id: string;
  task_id: string | null;
  attempt_id: string | null;
  call_id: string;
  flow: string;
  disposition: Disposition;
  ended_at: number;
  /** The whole `CallResult` as JSON. */
  body: string;
}

export interface IdempotencyRow {
  key: string;
  request_hash: string;
  /** The tasks that the request made have contiguous `seq`. */
  first_seq: number;
  last_seq: number;
  created_at: number;
}

export interface EventRow {
  cursor: Generated<number>;
  id: string;
  type: string;
  at: number;
  /** JSON. */
  data: string;
}

export interface FlowRow {
  id: string;
  version: number;
  source: string;
  created_at: number;
}

export interface ApiKeyRow {
  id: string;
  name: string;
  hash: string;
  /** JSON array. */
  scopes: string;
  created_at: number;
  revoked_at: number | null;
}

export interface TrunkRow {
  name: string;
  /** `TrunkSettings` as JSON. */
  settings: string;
  created_at: number;
  updated_at: number;
}

export interface TrunkTalkRow {
  name: string;
  day: string;
  talked_ms: number;
}

export interface Tables {
  tasks: TaskRow;
  attempts: AttemptRow;
  results: ResultRow;
  idempotency: IdempotencyRow;
  events: EventRow;
  flows: FlowRow;
  api_keys: ApiKeyRow;
  trunks: TrunkRow;
  trunk_talk: TrunkTalkRow;
}
