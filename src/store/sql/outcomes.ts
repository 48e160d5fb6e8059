import { sql } from 'kysely';
import type { Insertable } from 'kysely';
import { recordingOf } from '../recordings.js';
import type { CallResult } from '../store.js';
import type { OutcomeRow } from '../tables.js';
import { noteCall } from './contacts.js';
import type { StoreContext } from './context.js';
import type { Db } from './db.js';
import { resultOf } from './rows.js';

/** Before the task is tried again: what this attempt came to stays with it. */
export async function keepOutcome(trx: Db, outcome: CallResult & { readonly retryAt: number }): Promise<void> {
  const row = rowOf(outcome);
  if (row !== undefined) await trx.insertInto('outcomes').values(row).execute();
  await noteCall(trx, outcome);
}

function rowOf(outcome: CallResult): Insertable<OutcomeRow> | undefined {
  const { id, taskId, attemptId, callId, sipCallId, endedAt, transcript, slots, mood, transfer } = outcome;
  if (taskId === undefined || attemptId === undefined) return undefined;
  const silent = transcript.length === 0 && Object.keys(slots).length === 0 && (mood?.evidence.length ?? 0) === 0;
  return {
    id,
    task_id: taskId,
    attempt_id: attemptId,
    call_id: callId,
    sip_call_id: sipCallId ?? null,
    ended_at: Math.trunc(endedAt),
    // Most of these calls were never answered, and have nothing to be forgotten.
    recording_gone: recordingOf(outcome) === undefined ? 1 : 0,
    words_gone: silent ? 1 : 0,
    numbers_gone: transfer === undefined ? 1 : 0,
    body: JSON.stringify(outcome),
  };
}

/** The one outcome of its attempt, in the place of what was kept of it before. */
async function putOutcome(trx: Db, outcome: CallResult): Promise<void> {
  const row = rowOf(outcome);
  if (row !== undefined) await trx.insertInto('outcomes').values(row).onConflict((conflict) => conflict.column('attempt_id').doUpdateSet(row)).execute();
}

async function outcomeOf(trx: Db, attemptId: string): Promise<CallResult | undefined> {
  const row = await trx.selectFrom('outcomes').select('body').where('attempt_id', '=', attemptId).forUpdate().executeTakeFirst();
  return row && resultOf(row);
}

/**
 * The result of a task that shall be tried again, though it had ended, is from now on what
 * that attempt came to. It keeps the id under which it was told, also where the server
 * that made the call has told more of it since (`keepLate`).
 */
export async function takeBackResult({ clock }: StoreContext, trx: Db, taskId: string): Promise<void> {
  const row = await trx.deleteFrom('results').where('task_id', '=', taskId).returning('body').executeTakeFirst();
  if (row === undefined) return;
  const told = resultOf(row);
  const late = told.attemptId === undefined ? undefined : await outcomeOf(trx, told.attemptId);
  await putOutcome(trx, { ...(late ?? told), id: told.id, retryAt: clock.now() });
}

/**
 * What the server that made a call tells of it after the call was given up for lost. The
 * result that was told of the task stays; beside it, or in the place of what was taken
 * back, is from now on what was heard.
 */
export async function keepLate(trx: Db, late: CallResult & { readonly attemptId: string }): Promise<void> {
  const before = await outcomeOf(trx, late.attemptId);
  await putOutcome(trx, before === undefined ? late : { ...late, id: before.id, retryAt: before.retryAt });
}

export async function getOutcome({ db }: StoreContext, id: string): Promise<CallResult | undefined> {
  if (id === '') return undefined;
  const row = await db
    .selectFrom('outcomes')
    .select('body')
    .where((where) => where.or([where('id', '=', id), where('attempt_id', '=', id), where('call_id', '=', id), where('sip_call_id', '=', id)]))
    .executeTakeFirst();
  return row && resultOf(row);
}

/** Of these tasks, in the order in which they were made. */
export async function outcomesOf({ dialect }: Pick<StoreContext, 'dialect'>, db: Db, taskIds: readonly string[]): Promise<readonly CallResult[]> {
  if (taskIds.length === 0) return [];
  return (await db.selectFrom('outcomes').select('body').where(dialect.isIn(sql.ref('task_id'), taskIds)).orderBy('seq').execute()).map(resultOf);
}

/** Results with what is kept of attempts besides them: those before, and what was told late of a lost one. */
export async function withEarlier(context: StoreContext, results: readonly CallResult[]): Promise<readonly CallResult[]> {
  const earlier = new Map<string, CallResult[]>();
  for (const outcome of await outcomesOf(context, context.db, results.flatMap(({ taskId }) => taskId ?? []))) {
    const { taskId = '' } = outcome;
    earlier.set(taskId, [...(earlier.get(taskId) ?? []), outcome]);
  }
  return results.map((result) => {
    const before = earlier.get(result.taskId ?? '');
    return before === undefined ? result : { ...result, earlier: before };
  });
}
