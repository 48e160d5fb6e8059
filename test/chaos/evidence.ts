import Database from 'libsql';
import type { JudgedAttempt, JudgedDelivery, JudgedResult, JudgedTask } from './judge.js';

export interface StoredEvidence {
  readonly tasks: readonly JudgedTask[];
  readonly attempts: readonly JudgedAttempt[];
  readonly results: readonly JudgedResult[];
  readonly deliveries: readonly JudgedDelivery[];
}

const TASKS = 'select id, destination, state from tasks';
const ATTEMPTS = 'select id, task_id, sip_call_id, number from attempts';
const RESULTS = 'select id, task_id, attempt_id, disposition from results where task_id is not null';
const DELIVERIES = "select payload, state, tries from outbox where channel = 'webhook'";

type Row = Readonly<Record<string, string | number | null>>;

/** What the store says, read past the program that wrote it. */
export async function readEvidence(query: (sql: string) => Promise<readonly Row[]>): Promise<StoredEvidence> {
  return {
    tasks: (await query(TASKS)).map((row) => ({ id: String(row['id']), number: String(row['destination']).replace(/\D/g, ''), state: String(row['state']) })),
    attempts: (await query(ATTEMPTS)).map((row) => ({ id: String(row['id']), taskId: String(row['task_id']), sipCallId: String(row['sip_call_id']), number: Number(row['number']) })),
    results: (await query(RESULTS)).map((row) => ({ id: String(row['id']), taskId: String(row['task_id']), attemptId: row['attempt_id'] === null ? undefined : String(row['attempt_id']), disposition: String(row['disposition']) })),
    deliveries: (await query(DELIVERIES)).map((row) => ({ resultId: /"resultId":"(\w+)"/.exec(String(row['payload']))?.[1], state: String(row['state']), tries: Number(row['tries']) })),
  };
}

export async function fromSqlite(path: string): Promise<StoredEvidence> {
  const database = new Database(path, { readonly: true });
  try {
    return await readEvidence(async (sql) => database.prepare(sql).all() as Row[]);
  } finally {
    database.close();
  }
}

/** `query`: runs a statement on the server's database. */
export async function fromPostgres(query: (sql: string) => Promise<{ readonly rows: readonly unknown[] }>): Promise<StoredEvidence> {
  return await readEvidence(async (sql) => (await query(sql)).rows as Row[]);
}
