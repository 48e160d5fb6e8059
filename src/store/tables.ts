import type { Generated } from 'kysely';
import type { ContactTables } from './contact-tables.js';
import type { OutboxChannel, OutboxState } from './outbox.js';
import type { RuleTables } from './rule-tables.js';
import type { Disposition, TaskState, Verdict } from './store.js';
import type { CampaignState, SkipReason } from './campaigns.js';
import type { DialRule } from './rules.js';

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
  /** Of the request with an idempotency key that made it. */
  request_id: string | null;
  created_at: number;
  updated_at: number;
  /** Empty: of no campaign. */
  campaign_id: Generated<string>;
  campaign_round: number | null;
  contact_id: string | null;
  category: string | null;
  purpose: string | null;
  /** JSON array. */
  time_zones: string | null;
  /** JSON object. */
  hours: string | null;
  hours_zone: string | null;
  /** JSON object. */
  retry: string | null;
  /** Order of dialling, the lowest first: when it came to the queue, a minute earlier for each point of priority. */
  rank: Generated<number>;
  /** Dials so far. */
  attempts: Generated<number>;
  /** Why it is blocked, and until when; not for ever where that is known. */
  blocked_by: DialRule | null;
  blocked_until: number | null;
  /** Who will dial it by hand, and until when it waits for that. */
  claimed_by: string | null;
  claimed_until: number | null;
  /** Dials that an operator has granted besides those of its policy. */
  granted: Generated<number>;
  /** The keyed hash of whom it calls, which stays when the destination is forgotten. Null: it names nobody any more, or was made before version 20. */
  subject: string | null;
}

export interface CampaignRow {
  seq: Generated<number>;
  id: string;
  state: CampaignState;
  revision: number;
  round: number;
  next_round_at: number | null;
  /** `CampaignSettings` as JSON. */
  settings: string;
  /** JSON object. */
  flow_versions: string;
  started_at: number | null;
  ended_at: number | null;
  created_at: number;
  updated_at: number;
}

export interface CampaignFillRow {
  campaign_id: string;
  round: number;
  audience: number;
  cursor: string | null;
  pass_started_at: number;
  filled_at: number | null;
  worked_ms: Generated<number>;
}

export interface CampaignSkipRow {
  seq: Generated<number>;
  campaign_id: string;
  round: number;
  contact_id: string;
  reason: SkipReason;
  detail: string;
  at: number;
}

export interface TeamRow {
  name: string;
  /** JSON array. */
  people: string;
  created_at: number;
  updated_at: number;
}

export interface AttemptRow {
  id: string;
  task_id: string;
  number: number;
  sip_call_id: string;
  /** Null where version 2 or older wrote it. */
  call_id: string | null;
  node_id: string;
  started_at: number;
  answered_at: number | null;
  ended_at: number | null;
  /** Of its task; empty: none. */
  campaign_id: Generated<string>;
  /** How this dial ended, whatever becomes of the task. */
  disposition: Disposition | null;
  sip_status: number | null;
  reason: string | null;
  /** Of the `CallResult` that ended it, so that the same one again is no second one. */
  result_id: string | null;
  /** 1: the callee answered and heard nothing. */
  abandoned: Generated<number>;
  verdict: Verdict['kind'] | null;
  /** The number that was to be shown; the task's may have changed since. */
  caller: string | null;
}

/** What an attempt came to after which its task was tried again; as in `results` otherwise. */
export interface OutcomeRow {
  seq: Generated<number>;
  id: string;
  task_id: string;
  attempt_id: string;
  call_id: string;
  sip_call_id: string | null;
  ended_at: number;
  recording_gone: number;
  words_gone: number;
  numbers_gone: number;
  body: string;
}

export interface RecordingFolderRow {
  id: string;
  server: string;
  opened_at: number;
}

/** A file that is to be removed. */
export interface RecordingRemovalRow {
  seq: Generated<number>;
  /** Empty: nobody wrote down in which it lies. */
  folder: string;
  name: string;
  /** Of the erasure that wants it. */
  erasure_id: string | null;
  at: number;
}

export interface ResultRow {
  seq: Generated<number>;
  id: string;
  task_id: string | null;
  attempt_id: string | null;
  call_id: string;
  sip_call_id: string | null;
  flow: string;
  disposition: Disposition;
  ended_at: number;
  /** 1 once that part of the body was forgotten. */
  recording_gone: Generated<number>;
  words_gone: Generated<number>;
  numbers_gone: Generated<number>;
  /** The whole `CallResult` as JSON. */
  body: string;
  /** Of its task; empty: none. */
  campaign_id: Generated<string>;
  verdict: Verdict['kind'] | null;
  /** Caller of an inbound call. */
  number: Generated<string | null>;
  /** The keyed hash of that, which stays when the number is forgotten. */
  subject: Generated<string | null>;
}

export interface IdempotencyRow {
  key: string;
  request_hash: string;
  /** That of the tasks that the request made. */
  request_id: string;
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

export interface WebhookRow {
  id: string;
  url: string;
  secret: string;
  previous_secret: string | null;
  previous_until: number | null;
  /** JSON array. */
  events: string;
  /** 0 or 1. */
  full_result: number;
  /** 0 or 1. */
  enabled: number;
  description: string | null;
  created_at: number;
  updated_at: number;
  since_cursor: number;
}

export interface OutboxRow {
  seq: Generated<number>;
  id: string;
  channel: OutboxChannel;
  target: string;
  order_key: string | null;
  dedupe_key: string;
  type: string;
  /** JSON. */
  payload: string;
  state: OutboxState;
  tries: number;
  /** When it is due; of a running entry, when its lease ends. */
  next_at: number;
  /** 1 while an earlier entry of the same target and order key is not over. */
  behind: number | null;
  last_error: string | null;
  created_at: number;
  done_at: number | null;
}

export interface FanOutRow {
  reader: string;
  cursor: number;
}

export interface NodeRow {
  id: string;
  /** Counts up while it lives. */
  beat: number;
  started_at: number;
  ended_at: number | null;
}

export interface Tables extends ContactTables, RuleTables {
  webhooks: WebhookRow;
  outbox: OutboxRow;
  fan_out: FanOutRow;
  campaigns: CampaignRow;
  campaign_fills: CampaignFillRow;
  campaign_skips: CampaignSkipRow;
  teams: TeamRow;
  tasks: TaskRow;
  attempts: AttemptRow;
  results: ResultRow;
  outcomes: OutcomeRow;
  recording_folders: RecordingFolderRow;
  recording_removals: RecordingRemovalRow;
  idempotency: IdempotencyRow;
  events: EventRow;
  flows: FlowRow;
  api_keys: ApiKeyRow;
  trunks: TrunkRow;
  trunk_talk: TrunkTalkRow;
  nodes: NodeRow;
}
