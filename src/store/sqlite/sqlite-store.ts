import type { Clock } from '../../kernel/clock.js';
import type { Logger } from '../../kernel/log.js';
import type { Random } from '../../kernel/random.js';
import type { TrunkSettings } from '../../config/trunk-schema.js';
import { TrunklineError } from '../../kernel/errors.js';
import type { ApiKeyRecord, CallResult, Disposition, NewTask, Store, TaskState } from '../store.js';
import * as attempts from './attempts.js';
import { openConnection } from './connection.js';
import type { StoreContext } from './context.js';
import { asStoreError } from './errors.js';
import { EventTable } from './events.js';
import { migrate } from './migrate.js';
import * as records from './records.js';
import * as results from './results.js';
import * as tasks from './tasks.js';
import * as trunks from './trunks.js';
import { takeWriterLock } from './writer-lock.js';
import type { WriterLock } from './writer-lock.js';

export interface SqliteStoreOptions {
  /** Database file, e.g. `<data_dir>/trunkline.db`. */
  path: string;
  clock: Clock;
  random: Random;
  log: Logger;
  /**
   * Be the only server on this file (TRK_CONFLICT if there is one already). Default
   * true; short-lived programs that only add a record say false.
   */
  exclusive?: boolean;
  /** How long a write waits for another process, ms. Default 5000. */
  busyTimeoutMs?: number;
  /** Newest events kept for resuming. Default 100,000. */
  eventsKept?: number;
  /** Hard limit of the file, in pages of 4096 bytes; for tests of a full disk. */
  maxPages?: number;
}

/** Opens the store; `migrate()` must run before anything else. Errors: TRK_CONFLICT, TRK_STORE. */
export function openSqliteStore(options: SqliteStoreOptions): Store {
  let lock: WriterLock | undefined;
  try {
    if (options.exclusive ?? true) lock = takeWriterLock(`${options.path}.lock`);
    const db = openConnection({
      path: options.path,
      busyTimeoutMs: options.busyTimeoutMs ?? 5_000,
      ...(options.maxPages === undefined ? {} : { maxPages: options.maxPages }),
    });
    return new SqliteStore({ db, clock: options.clock, random: options.random, log: options.log }, options.eventsKept ?? 100_000, lock);
  } catch (error) {
    lock?.release();
    throw asStoreError(error);
  }
}

/** Every method: closed is TRK_CLOSED, and whatever the database throws leaves as a coded error. */
class SqliteStore implements Store {
  readonly #context: StoreContext;
  readonly #events: EventTable;
  readonly #lock: WriterLock | undefined;
  #closing: Promise<void> | undefined;

  constructor(context: StoreContext, eventsKept: number, lock: WriterLock | undefined) {
    this.#context = context;
    this.#events = new EventTable(context, eventsKept);
    this.#lock = lock;
  }

  async #run<T>(work: (context: StoreContext) => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw new TrunklineError('TRK_CLOSED', { params: { what: 'The store' } });
    try {
      return await work(this.#context);
    } catch (error) {
      throw asStoreError(error);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#events.settled();
    // Kysely closes its connection only after it was used once; this makes sure that it was.
    await this.#context.db.connection().execute(() => Promise.resolve());
    await this.#context.db.destroy();
    this.#lock?.release();
  }

  migrate = () => this.#run((context) => migrate(context.db, context.clock));

  putFlow = (id: string, source: string) => this.#run((context) => records.putFlow(context, id, source));
  getFlow = (id: string, version?: number) => this.#run((context) => records.getFlow(context, id, version));
  listFlows = () => this.#run((context) => records.listFlows(context));

  createTasks = (created: readonly NewTask[], idempotency?: { key: string; requestHash: string }) =>
    this.#run((context) => tasks.createTasks(context, created, idempotency));
  getTask = (id: string) => this.#run((context) => tasks.getTask(context, id));
  listTasks = (query: { state?: TaskState; cursor?: string; limit: number }) => this.#run((context) => tasks.listTasks(context, query));
  dueTasks = (limit: number) => this.#run((context) => tasks.dueTasks(context, limit));
  cancelTask = (id: string) => this.#run((context) => tasks.cancelTask(context, id));
  expireTasks = () => this.#run((context) => tasks.expireTasks(context));

  beginAttempt = (taskId: string, nodeId: string, callIdOf: (attemptId: string) => string) =>
    this.#run((context) => attempts.beginAttempt(context, taskId, nodeId, callIdOf));
  markInCall = (attemptId: string) => this.#run((context) => attempts.markInCall(context, attemptId));
  finishAttempt = (attemptId: string, result: CallResult) => this.#run((context) => attempts.finishAttempt(context, attemptId, result));
  saveInboundResult = (result: CallResult) => this.#run((context) => attempts.saveInboundResult(context, result));
  recoverAttempts = (nodeId: string) => this.#run((context) => attempts.recoverAttempts(context, nodeId));

  getResult = (idOrTaskId: string) => this.#run((context) => results.getResult(context, idOrTaskId));
  listResults = (query: { flow?: string; disposition?: Disposition; cursor?: string; limit: number }) =>
    this.#run((context) => results.listResults(context, query));

  appendEvent = (type: string, data: unknown) => this.#run(() => this.#events.append(type, data));
  readEvents = (after: number, limit: number) => this.#run(() => this.#events.read(after, limit));
  lastEventCursor = () => this.#run(() => this.#events.lastCursor());

  putApiKey = (key: ApiKeyRecord) => this.#run((context) => records.putApiKey(context, key));
  findApiKey = (hash: string) => this.#run((context) => records.findApiKey(context, hash));
  listApiKeys = () => this.#run((context) => records.listApiKeys(context));
  revokeApiKey = (id: string) => this.#run((context) => records.revokeApiKey(context, id));

  putTrunk = (settings: TrunkSettings) => this.#run((context) => trunks.putTrunk(context, settings));
  getTrunk = (name: string) => this.#run((context) => trunks.getTrunk(context, name));
  listTrunks = () => this.#run((context) => trunks.listTrunks(context));
  deleteTrunk = (name: string) => this.#run((context) => trunks.deleteTrunk(context, name));
  addTrunkTalk = (name: string, day: string, talkedMs: number) => this.#run((context) => trunks.addTrunkTalk(context, name, day, talkedMs));
  trunkTalk = (day: string) => this.#run((context) => trunks.trunkTalk(context, day));
}
