import type { ContactStore } from './contacts.js';
import type { NodeStore } from './nodes.js';
import type { OutboxStore } from './outbox.js';
import type { StatisticStore } from './statistics.js';
import type { RecordingStore } from './recordings.js';
import type { RetentionStore } from './retention.js';
import type { TrunkSettings } from '../config/trunk-schema.js';
import type { RuleStore } from './rules.js';
import type { CampaignStore, TaskOrigin } from './campaigns.js';
import type { AttemptEnding, DialStore } from './dialing.js';
import type { DialRule } from './rules.js';

/**
 * PORT: what must outlive the process. One code for SQLite and
 * PostgreSQL implements it (`sql/`, which `sqlite/` and `postgres/` open). Contract suite: `test/contract/store.ts`.
 *
 * Every method is one transaction: when its promise resolves, it is durable.
 * Errors: TRK_STORE, TRK_STORE_AWAY, TRK_STORE_FULL; others are named at the method.
 * Times are ms since the epoch.
 */
export type TaskState = 'scheduled' | 'queued' | 'dialing' | 'in_call' | 'retry_wait' | 'done' | 'blocked' | 'cancelled' | 'expired' | 'unknown';

export type Disposition =
  | 'answered_human' | 'answered_machine' | 'answered_screening' | 'busy' | 'no_answer' | 'rejected'
  | 'invalid_number' | 'unreachable' | 'congestion' | 'failed' | 'cancelled' | 'unknown';

export type Verdict =
  | { readonly kind: 'continue' }
  | { readonly kind: 'end'; readonly reason: string }
  | { readonly kind: 'redial_at'; readonly at: string; readonly reason: string }
  | { readonly kind: 'follow_up'; readonly channel: string; readonly template: string; readonly reason: string }
  | { readonly kind: 'handoff'; readonly queue: string; readonly reason: string };

export interface NewTask extends Partial<TaskOrigin> {
  /** E.164 number or SIP URI, already validated. */
  readonly to: string;
  readonly from: string | undefined;
  readonly flow: string;
  readonly flowVersion: number;
  /** Higher first; 0 to 100. */
  readonly priority: number;
  readonly variables: Readonly<Record<string, string | number | boolean>>;
  /** Not before, ms. */
  readonly notBefore: number;
  /** Not after, ms; undefined is no end. */
  readonly expiresAt: number | undefined;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface Task extends Omit<NewTask, keyof TaskOrigin>, TaskOrigin {
  /** Dials so far. */
  readonly attempts: number;
  /** Why it is blocked, and until when; undefined: not to be freed by itself. */
  readonly blockedBy: DialRule | undefined;
  readonly blockedUntil: number | undefined;
  readonly id: string;
  readonly state: TaskState;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** One dial of one task. Durable before its INVITE leaves. */
export interface Attempt {
  readonly id: string;
  readonly taskId: string;
  readonly number: number;
  /** Of the call that it makes, `call_...`; empty if an older version began it. */
  readonly callId: string;
  /** Call-ID on the wire, derived from the id. */
  readonly sipCallId: string;
  readonly startedAt: number;
  /** The process that dialled; another one means that it died. */
  readonly nodeId: string;
  readonly endedAt: number | undefined;
}

export interface TranscriptLine {
  readonly speaker: 'caller' | 'bot';
  readonly text: string;
  /** Ms since the call was answered. */
  readonly atMs: number;
}

/** Timings of one turn, ms since the call was answered; undefined where the step did not happen. */
export interface TurnTimings {
  readonly turn: number;
  readonly node: string;
  readonly lastSpeechMs: number | undefined;
  readonly pauseSeenMs: number | undefined;
  readonly finalTextMs: number | undefined;
  readonly decisionMs: number | undefined;
  readonly audioHandedMs: number | undefined;
  readonly firstPacketMs: number | undefined;
}

/** One transfer of a call, by us or by the far end. */
export interface TransferRecord {
  /** `attended`: somebody was on the line before the far end was joined to them. */
  readonly mode: 'blind' | 'attended';
  /** How it was done: the far end called there itself (`refer`, `replaces`), both talked through us (`bridge`), or the far end sent us on (`far_end`); undefined if it was not done. */
  readonly by?: 'refer' | 'replaces' | 'bridge' | 'far_end' | undefined;
  /** Number or URI that it went to. */
  readonly to: string;
  readonly outcome: 'completed' | 'failed';
  /** Last SIP status of the target, as far as we know. */
  readonly status?: number | undefined;
  /** Code of the error if it failed. */
  readonly code?: string | undefined;
  /** From the order to the outcome, ms. */
  readonly ms: number;
}

/** How the audio of a call was carried, as last agreed on. */
export interface CallAudio {
  readonly codec: string;
  /** Hz of what was heard and recorded. */
  readonly sampleRate: number;
  /** SRTP in both directions. */
  readonly encrypted: boolean;
}

export interface CallResult {
  readonly id: string;
  /** Undefined for an inbound call. */
  readonly taskId: string | undefined;
  /** `call_...`; empty if the task ended before it was dialled or while it waited for its next dial, or if an older version lost the call in a crash. */
  readonly callId: string;
  /** Call-ID of the last INVITE; undefined if none was sent or came. */
  readonly sipCallId?: string | undefined;
  readonly attemptId: string | undefined;
  readonly direction: 'outbound' | 'inbound';
  /** Inbound: who called, E.164 or SIP URI; undefined if that was not shown, or was forgotten. */
  readonly caller?: string | undefined;
  /** Name of the trunk that carried it, or was the last to be tried; undefined for a call by SIP URI. */
  readonly trunk?: string | undefined;
  readonly flow: string;
  readonly flowVersion: number;
  /** The flow in which the call ended, if that is another one. */
  readonly switchedTo?: { readonly flow: string; readonly flowVersion: number } | undefined;
  readonly disposition: Disposition;
  readonly sipStatus: number | undefined;
  readonly reason: string;
  readonly endedBy: 'caller' | 'bot' | 'system';
  readonly verdict: Verdict;
  readonly slots: Readonly<Record<string, string | number | boolean>>;
  readonly transcript: readonly TranscriptLine[];
  readonly turns: readonly TurnTimings[];
  readonly recording: string | undefined;
  /** The folder that the recording lies in, as servers may have one each; undefined if an older version made it. */
  readonly recordedIn?: string | undefined;
  readonly media: Readonly<Record<string, number>> | undefined;
  /** Undefined if no audio was agreed on. */
  readonly audio?: CallAudio | undefined;
  /** Outbound: from the last INVITE to its first 18x or 200, ms; undefined if neither came. */
  readonly pddMs?: number | undefined;
  /** Outbound: how long there was early media, ms; undefined if there was none. */
  readonly earlyMediaMs?: number | undefined;
  /** How the caller felt at the end, and what that rests on; undefined if nothing was said. */
  readonly mood?: { readonly label: string; readonly valence: number; readonly trend: number; readonly evidence: readonly string[] } | undefined;
  /** Outbound: of the talk, in the units of spend caps; undefined where `rules.cost_per_minute` is not set. */
  readonly cost?: number | undefined;
  /** From the answer until the flow's disclosure had been spoken to its end, ms; undefined if it was not. */
  readonly disclosedMs?: number | undefined;
  /** The same of how not to be called again. */
  readonly optOutOfferedMs?: number | undefined;
  /** The transfer of this call, the last if there were several. */
  readonly transfer?: TransferRecord | undefined;
  readonly models: Readonly<Record<string, string>>;
  readonly startedAt: number;
  readonly answeredAt: number | undefined;
  readonly endedAt: number;
  /** The task was dialled again, at the earliest then: this is what one attempt came to, and not the result of the task. */
  readonly retryAt?: number | undefined;
  /** What the attempts before came to, the first one first, and what was told late of one that was lost; undefined if there was none of it. */
  readonly earlier?: readonly CallResult[] | undefined;
}

export interface StoredEvent {
  readonly cursor: number;
  readonly id: string;
  readonly type: string;
  readonly at: number;
  readonly data: unknown;
}

export interface ApiKeyRecord {
  readonly id: string;
  readonly name: string;
  /** sha256 of the secret, hex. */
  readonly hash: string;
  readonly scopes: readonly string[];
  readonly createdAt: number;
  readonly revokedAt: number | undefined;
}

export interface FlowVersionRecord {
  readonly id: string;
  readonly version: number;
  /** YAML as given. */
  readonly source: string;
  readonly createdAt: number;
}

/** A trunk that was made over the API; those of the configuration file are not here. */
export interface TrunkRecord {
  /** With its password: the file of the store is for its owner only. */
  readonly settings: TrunkSettings;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface BackupSummary {
  /** Version of its tables. */
  readonly schema: number;
  readonly tables: number;
  readonly rows: number;
}

/** What a page of results is asked by. */
export interface ResultQuery {
  readonly flow?: string;
  readonly disposition?: Disposition;
  readonly campaign?: string;
  readonly verdict?: Verdict['kind'];
  readonly cursor?: string;
  readonly limit: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Pass back to go on; undefined at the end. */
  readonly next: string | undefined;
}

export interface Store extends CampaignStore, ContactStore, DialStore, NodeStore, OutboxStore, RecordingStore, RetentionStore, RuleStore, StatisticStore {
  /** Runs missing migrations. TRK_STORE_VERSION if the file is newer than the program. */
  migrate(): Promise<{ from: number; to: number }>;
  close(): Promise<void>;

  /** Everything as it is at one moment, as lines that `restore` reads on either database; while a server works on it. */
  backup(write: (lines: string) => Promise<void>): Promise<BackupSummary>;
  /**
   * Into a store that holds nothing (TRK_CONFLICT), all or nothing; no `migrate()` before. Errors: TRK_BACKUP_INVALID,
   * TRK_STORE_VERSION.
   */
  restore(lines: AsyncIterable<string>): Promise<BackupSummary>;

  /** Saves a new version unless the source equals the newest one. */
  putFlow(id: string, source: string): Promise<FlowVersionRecord>;
  getFlow(id: string, version?: number): Promise<FlowVersionRecord | undefined>;
  listFlows(): Promise<readonly FlowVersionRecord[]>;

  /**
   * Creates tasks, or returns those that the same `idempotencyKey` made before.
   * TRK_IDEMPOTENCY_MISMATCH if the key was used with another `requestHash`. No tasks at all
   * only looks the key up. Keys are remembered for 7 days.
   */
  createTasks(tasks: readonly NewTask[], idempotency?: { key: string; requestHash: string }): Promise<{ tasks: readonly Task[]; replayed: boolean }>;
  getTask(id: string): Promise<Task | undefined>;
  listTasks(query: { state?: TaskState; campaignId?: string; cursor?: string; limit: number }): Promise<Page<Task>>;
  /**
   * Due tasks, not claimed, in the order of their rank: when they came to the queue, a minute earlier for each
   * point of priority, so that none waits for ever. None of a campaign that does not run.
   */
  dueTasks(limit: number): Promise<readonly Task[]>;
  /** `queued|scheduled` to `cancelled` with its result; false if it is past that. */
  cancelTask(id: string): Promise<boolean>;
  /** Tasks past `expiresAt` that never were dialled become `expired`, each with one result; at most 1,000 a call. Returns their ids. */
  expireTasks(): Promise<readonly string[]>;

  /**
   * The durable intent: task to `dialing` and a new attempt, in one transaction.
   * Undefined if the task is no longer free to be dialled (someone else was first, cancelled).
   */
  beginAttempt(taskId: string, nodeId: string, sipCallIdOf: (attemptId: string) => string): Promise<Attempt | undefined>;
  markInCall(attemptId: string): Promise<void>;
  /**
   * Ends the attempt, saves the one result and moves the task to `done`, in one transaction. With `retryAt` the task
   * waits for its next dial instead, and the result is kept as what this attempt came to (`earlier` of the later one).
   * A second result for the same task is refused: TRK_CONFLICT. The very same one again (its
   * `id`) is no error, so that a try whose answer was lost can be repeated. Of an attempt that `recoverAttempts` gave up,
   * the first result that comes is refused too, but what was said in it counts, and it is kept beside the one that was told.
   */
  finishAttempt(attemptId: string, result: CallResult, ending?: AttemptEnding): Promise<void>;
  /** Result of an inbound call. */
  saveInboundResult(result: CallResult): Promise<void>;
  /**
   * Open attempts of nodes that are dead become `unknown`, each with its result; never dialled again by itself. At most
   * 1,000 a call; returns the task ids. Called every few seconds, as it also watches the beats of the other nodes.
   */
  recoverAttempts(nodeId: string): Promise<readonly string[]>;

  /** By its own id, or that of its task, attempt or call, or the SIP Call-ID. By an attempt after which the task was tried again or ended, or its call, what that came to. */
  getResult(idOrTaskId: string): Promise<CallResult | undefined>;
  listResults(query: ResultQuery): Promise<Page<CallResult>>;
  /** Those of these ids that there are, in no order; at most 1,000. */
  getTasks(ids: readonly string[]): Promise<readonly Task[]>;

  appendEvent(type: string, data: unknown): Promise<StoredEvent>;
  /** Events after `cursor`, oldest first. TRK_CURSOR_INVALID if they were already dropped. */
  readEvents(after: number, limit: number): Promise<readonly StoredEvent[]>;
  lastEventCursor(): Promise<number>;

  putApiKey(key: ApiKeyRecord): Promise<void>;
  findApiKey(hash: string): Promise<ApiKeyRecord | undefined>;
  listApiKeys(): Promise<readonly ApiKeyRecord[]>;
  revokeApiKey(id: string): Promise<boolean>;

  /** Saves the trunk under its name, new or in the place of the old one. */
  putTrunk(settings: TrunkSettings): Promise<TrunkRecord>;
  getTrunk(name: string): Promise<TrunkRecord | undefined>;
  /** By name. */
  listTrunks(): Promise<readonly TrunkRecord[]>;
  /** False if there is none. */
  deleteTrunk(name: string): Promise<boolean>;
  /** Adds to the talk of a trunk on a day (`2026-01-31`). Days more than a week older are forgotten. */
  addTrunkTalk(name: string, day: string, talkedMs: number): Promise<void>;
  /** Talk of that day in ms, by name of the trunk. */
  trunkTalk(day: string): Promise<ReadonlyMap<string, number>>;
}
