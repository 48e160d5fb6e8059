import { sql } from 'kysely';
import { recordingOf } from '../recordings.js';
import type { CallResult } from '../store.js';
import { noteCall } from './contacts.js';
import type { StoreContext } from './context.js';
import type { Db } from './db.js';
import { resultOf } from './rows.js';

/** Before the task is tried again: what this attempt came to stays with it. */
export async function keepOutcome(trx: Db, outcome: CallResult & { readonly retryAt: number }): Promise<void> {
  await insertOutcome(trx, outcome);
  await noteCall(trx, outcome);
}

async function insertOutcome(trx: Db, outcome: CallResult): Promise<void> {
  const { id, taskId, attemptId, callId, sipCallId, endedAt, transcript, slots, mood, transfer } = outcome;
  if (taskId === undefined || attemptId === undefined) return;
  const silent = transcript.length === 0 && Object.keys(slots).length === 0 && (mood?.evidence.length ?? 0) === 0;
  await trx
    .insertInto('outcomes')
    .values({
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
    })
    .execute();
}

/** The result of a task that shall be tried again, though it had ended, is from now on what that attempt came to. */
export async function takeBackResult({ clock }: StoreContext, trx: Db, taskId: string): Promise<void> {
  const row = await trx.deleteFrom('results').where('task_id', '=', taskId).returning('body').executeTakeFirst();
  if (row !== undefined) await insertOutcome(trx, { ...resultOf(row), retryAt: clock.now() });
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

/** Results with what the attempts before came to. */
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
