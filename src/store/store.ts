import type { TrunkSettings } from '../config/trunk-schema.js';

/**
 * PORT: what must outlive the process. SQLite implements it (`sqlite/`);
 * PostgreSQL will. Contract suite: `test/contract/store.ts`.
 *
 * Every method is one transaction: when its promise resolves, it is durable.
 * Errors: TRK_STORE, TRK_STORE_FULL; others are named at the method.
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

export interface NewTask {
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

export interface Task extends NewTask {
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
  /** SIP Call-ID, derived from the id. */
  readonly callId: string;
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

export interface CallResult {
  readonly id: string;
  /** Undefined for an inbound call. */
  readonly taskId: string | undefined;
  readonly callId: string;
  readonly attemptId: string | undefined;
  readonly direction: 'outbound' | 'inbound';
  /** Name of the trunk that carried it, or was the last to be tried; undefined for a call by SIP URI. */
  readonly trunk?: string | undefined;
  readonly flow: string;
  readonly flowVersion: number;
  readonly disposition: Disposition;
  readonly sipStatus: number | undefined;
  readonly reason: string;
  readonly endedBy: 'caller' | 'bot' | 'system';
  readonly verdict: Verdict;
  readonly slots: Readonly<Record<string, string | number | boolean>>;
  readonly transcript: readonly TranscriptLine[];
  readonly turns: readonly TurnTimings[];
  readonly recording: string | undefined;
  readonly media: Readonly<Record<string, number>> | undefined;
  readonly models: Readonly<Record<string, string>>;
  readonly startedAt: number;
  readonly answeredAt: number | undefined;
  readonly endedAt: number;
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

export interface Page<T> {
  readonly items: readonly T[];
  /** Pass back to go on; undefined at the end. */
  readonly next: string | undefined;
}

export interface Store {
  /** Runs missing migrations. TRK_STORE_VERSION if the file is newer than the program. */
  migrate(): Promise<{ from: number; to: number }>;
  close(): Promise<void>;

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
  listTasks(query: { state?: TaskState; cursor?: string; limit: number }): Promise<Page<Task>>;
  /** Due tasks, highest priority first, then oldest, not claimed. */
  dueTasks(limit: number): Promise<readonly Task[]>;
  /** `queued|scheduled` to `cancelled` with its result; false if it is past that. */
  cancelTask(id: string): Promise<boolean>;
  /** Tasks past `expiresAt` that never were dialled become `expired`, each with one result; at most 1,000 a call. Returns their ids. */
  expireTasks(): Promise<readonly string[]>;

  /**
   * The durable intent: task to `dialing` and a new attempt, in one transaction.
   * Undefined if the task is no longer free to be dialled (someone else was first, cancelled).
   */
  beginAttempt(taskId: string, nodeId: string, callIdOf: (attemptId: string) => string): Promise<Attempt | undefined>;
  markInCall(attemptId: string): Promise<void>;
  /**
   * Ends the attempt, saves the one result and moves the task to `done`, in one transaction.
   * A second result for the same task is refused: TRK_CONFLICT. The very same one again (its
   * `id`) is no error, so that a try whose answer was lost can be repeated.
   */
  finishAttempt(attemptId: string, result: CallResult): Promise<void>;
  /** Result of an inbound call. */
  saveInboundResult(result: CallResult): Promise<void>;
  /** After a crash: open attempts of other nodes become `unknown`, each with its result; never dialled again by itself. Returns the task ids. */
  recoverAttempts(nodeId: string): Promise<readonly string[]>;

  /** By its own id, or that of its task, attempt or call. */
  getResult(idOrTaskId: string): Promise<CallResult | undefined>;
  listResults(query: { flow?: string; disposition?: Disposition; cursor?: string; limit: number }): Promise<Page<CallResult>>;

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
