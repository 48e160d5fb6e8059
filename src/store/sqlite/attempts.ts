import { TrunklineError } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import type { Attempt, CallResult } from '../store.js';
import type { StoreContext } from './context.js';
import { insertResult, lostResult } from './results.js';
import { attemptOf, taskOf } from './rows.js';
import { moveTask } from './task-moves.js';

export async function beginAttempt(
  context: StoreContext,
  taskId: string,
  nodeId: string,
  callIdOf: (attemptId: string) => string,
): Promise<Attempt | undefined> {
  return await context.db.transaction().execute(async (trx) => {
    const now = context.clock.now();
    const task = await trx.selectFrom('tasks').select(['state', 'expires_at']).where('id', '=', taskId).executeTakeFirst();
    // Not an error: someone else was first, or it was cancelled or ran out meanwhile.
    if (task?.state !== 'queued' || (task.expires_at !== null && task.expires_at <= now)) return undefined;
    await moveTask(context, trx, taskId, 'begin');
    const counted = await trx
      .selectFrom('attempts')
      .select((select) => select.fn.countAll<number>().as('count'))
      .where('task_id', '=', taskId)
      .executeTakeFirstOrThrow();
    const id = newId('att', context.clock, context.random);
    const row = { id, task_id: taskId, number: counted.count + 1, call_id: callIdOf(id), node_id: nodeId, started_at: now, answered_at: null, ended_at: null };
    await trx.insertInto('attempts').values(row).execute();
    return attemptOf(row);
  });
}

export async function markInCall(context: StoreContext, attemptId: string): Promise<void> {
  await context.db.transaction().execute(async (trx) => {
    const attempt = await trx
      .updateTable('attempts')
      .set({ answered_at: context.clock.now() })
      .where('id', '=', attemptId)
      .where('ended_at', 'is', null)
      .where('answered_at', 'is', null)
      .returning('task_id')
      .executeTakeFirst();
    if (attempt !== undefined) await moveTask(context, trx, attempt.task_id, 'answered');
  });
}

export async function finishAttempt(context: StoreContext, attemptId: string, result: CallResult): Promise<void> {
  await context.db.transaction().execute(async (trx) => {
    const attempt = await trx.selectFrom('attempts').selectAll().where('id', '=', attemptId).executeTakeFirst();
    if (attempt === undefined) throw new TrunklineError('TRK_NOT_FOUND', { params: { what: 'attempt' } });
    if (result.taskId !== attempt.task_id || result.attemptId !== attemptId) {
      throw new TrunklineError('TRK_CONFLICT', { params: { reason: 'The result belongs to another attempt.' } });
    }
    if (attempt.ended_at !== null) {
      // Saving is tried again when the answer to the first try was lost; the same result is then no conflict.
      const saved = await trx.selectFrom('results').select('id').where('attempt_id', '=', attemptId).executeTakeFirst();
      if (saved?.id === result.id) return;
      throw new TrunklineError('TRK_CONFLICT', { params: { reason: 'This attempt has ended.' } });
    }
    await trx.updateTable('attempts').set({ ended_at: Math.max(Math.trunc(result.endedAt), attempt.started_at) }).where('id', '=', attemptId).execute();
    await insertResult(trx, result);
    await moveTask(context, trx, attempt.task_id, 'finished');
  });
}

export async function saveInboundResult(context: StoreContext, result: CallResult): Promise<void> {
  if (result.taskId !== undefined || result.attemptId !== undefined) {
    throw new TrunklineError('TRK_CONFLICT', { params: { reason: 'An inbound result belongs to no task.' } });
  }
  await insertResult(context.db, result);
}

export async function recoverAttempts(context: StoreContext, nodeId: string): Promise<readonly string[]> {
  return await context.db.transaction().execute(async (trx) => {
    const open = await trx.selectFrom('attempts').selectAll().where('ended_at', 'is', null).where('node_id', '!=', nodeId).execute();
    for (const row of open) {
      await trx.updateTable('attempts').set({ ended_at: context.clock.now() }).where('id', '=', row.id).execute();
      const task = await moveTask(context, trx, row.task_id, 'lost');
      if (task !== undefined) await insertResult(trx, lostResult(context, taskOf(task), attemptOf(row), row.answered_at ?? undefined));
    }
    return open.map((row) => row.task_id);
  });
}
