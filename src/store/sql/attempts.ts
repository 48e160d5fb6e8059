import type { Selectable } from 'kysely';
import { TrunklineError } from '../../kernel/errors.js';
import { ERASED_DESTINATION } from '../contacts.js';
import type { AttemptEnding } from '../dialing.js';
import type { NewEvent } from '../event-payloads.js';
import type { CallResult } from '../store.js';
import type { AttemptRow } from '../tables.js';
import type { StoreContext } from './context.js';
import type { Db } from './db.js';
import { lockRules } from './compliance.js';
import { recordDialEnd } from './dial-facts.js';
import { waitForRetry } from './dialing.js';
import { tell } from './events.js';
import type { NodeWatch } from './nodes.js';
import { keepLate, keepOutcome } from './outcomes.js';
import { orderRemovals } from './recordings.js';
import { insertResult, lostResult } from './results.js';
import { attemptOf, taskOf } from './rows.js';
import { moveTask } from './task-moves.js';

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

export async function finishAttempt(context: StoreContext, attemptId: string, result: CallResult, { retryAt, abandoned = false }: AttemptEnding = {}): Promise<void> {
  const tooLate = await context.db.transaction().execute(async (trx): Promise<boolean> => {
    const attempt = await trx.selectFrom('attempts').selectAll().where('id', '=', attemptId).forUpdate().executeTakeFirst();
    if (attempt === undefined) throw new TrunklineError('TRK_NOT_FOUND', { params: { what: 'attempt' } });
    if (result.taskId !== attempt.task_id || result.attemptId !== attemptId) {
      throw new TrunklineError('TRK_CONFLICT', { params: { reason: 'The result belongs to another attempt.' } });
    }
    if (attempt.ended_at !== null) {
      // Saving is tried again when the answer to the first try was lost; the same result is then no conflict.
      if (attempt.result_id === result.id) return false;
      const saved = await trx.selectFrom('results').select('id').where('attempt_id', '=', attemptId).executeTakeFirst();
      if (saved?.id === result.id) return false;
      if (wasGivenUp(attempt)) await finishLate(context, trx, attempt, result, abandoned);
      return true;
    }
    await endAttempt(trx, attempt, result, abandoned);
    await recordDialEnd(context, trx, attempt, result, abandoned);
    const { task_id: taskId } = attempt;
    const { id: resultId, disposition, verdict } = result;
    if (retryAt !== undefined) {
      await keepOutcome(trx, { ...result, retryAt: Math.trunc(retryAt) });
      await waitForRetry(context, trx, taskId, retryAt);
      await tell(context, trx, { type: 'task.retry', data: { taskId, attemptId, disposition, at: new Date(retryAt).toISOString() } });
      return false;
    }
    await insertResult(context, trx, result, attempt.campaign_id);
    await moveTask(context, trx, taskId, 'finished');
    await tell(context, trx, { type: 'task.done', data: { taskId, attemptId, resultId, disposition, verdict } });
    return false;
  });
  // Only now, so that what was kept of it is committed.
  if (tooLate) throw new TrunklineError('TRK_CONFLICT', { params: { reason: 'This attempt has ended.' } });
}

async function endAttempt(trx: Db, attempt: Selectable<AttemptRow>, result: CallResult, abandoned: boolean): Promise<void> {
  // The news of the answer may not have been saved.
  const answered = result.answeredAt === undefined ? null : Math.trunc(result.answeredAt);
  await trx
    .updateTable('attempts')
    .set({
      ended_at: Math.max(Math.trunc(result.endedAt), attempt.started_at), disposition: result.disposition, sip_status: result.sipStatus ?? null,
      reason: result.reason, verdict: result.verdict.kind, result_id: result.id, abandoned: abandoned ? 1 : 0, answered_at: attempt.answered_at ?? answered,
    })
    .where('id', '=', attempt.id)
    .execute();
}

/** By `recoverAttempts`, and its server has told nothing of it since. */
const wasGivenUp = ({ disposition, result_id }: Selectable<AttemptRow>): boolean => disposition === 'unknown' && result_id === null;

/**
 * A server that was cut off tells of a call whose task is `unknown` since, or was dialled
 * again. Nothing changes for the task, but whoever said in that call not to be called any
 * more is not, and what was heard is kept, once.
 */
async function finishLate(context: StoreContext, trx: Db, attempt: Selectable<AttemptRow>, result: CallResult, abandoned: boolean): Promise<void> {
  // Named locks before rows; then kept from an erasure, and from an operator who has it dialled again.
  await lockRules(context, trx);
  const task = await trx.selectFrom('tasks').select('destination').where('id', '=', attempt.task_id).forUpdate().executeTakeFirstOrThrow();
  await endAttempt(trx, attempt, result, abandoned);
  await recordDialEnd(context, trx, attempt, result, abandoned);
  if (task.destination === ERASED_DESTINATION) await orderRemovals(context, trx, [result]);
  else await keepLate(trx, { ...result, attemptId: attempt.id });
}

export async function saveInboundResult(context: StoreContext, result: CallResult): Promise<void> {
  if (result.taskId !== undefined || result.attemptId !== undefined) {
    throw new TrunklineError('TRK_CONFLICT', { params: { reason: 'An inbound result belongs to no task.' } });
  }
  await context.db.transaction().execute(async (trx) => {
    await context.dialect.lock(trx, `result:${result.id}`);
    // As with an attempt: the same result again only means that the answer to the first try was lost.
    const saved = await trx.selectFrom('results').select(['attempt_id', 'call_id']).where('id', '=', result.id).executeTakeFirst();
    if (saved === undefined) return await insertResult(context, trx, result);
    if (saved.attempt_id !== null || saved.call_id !== result.callId) throw new TrunklineError('TRK_CONFLICT', { params: { reason: 'This result is of another call.' } });
  });
}

/** Attempts settled by one transaction; the next call takes the next ones. */
const RECOVER_BATCH = 1_000;

export async function recoverAttempts(context: StoreContext, nodeId: string, watch: NodeWatch): Promise<readonly string[]> {
  return await context.db.transaction().execute(async (trx) => {
    await context.dialect.lock(trx, 'nodes');
    await watch.endDead(context, trx, nodeId);
    const open = await trx
      .selectFrom('attempts')
      .selectAll()
      .where('ended_at', 'is', null)
      .where('node_id', '!=', nodeId)
      .where((where) => where.not(where.exists(where.selectFrom('nodes').select('id').whereRef('nodes.id', '=', 'attempts.node_id').where('nodes.ended_at', 'is', null))))
      .orderBy('started_at')
      .limit(RECOVER_BATCH)
      .forUpdate()
      .execute();
    const lost: { taskId: string; resultId: string }[] = [];
    for (const row of open) {
      await trx.updateTable('attempts').set({ ended_at: context.clock.now(), disposition: 'unknown', verdict: 'end' }).where('id', '=', row.id).execute();
      const task = await moveTask(context, trx, row.task_id, 'lost');
      if (task === undefined) continue;
      const result = lostResult(context, taskOf(task), attemptOf(row), row.answered_at ?? undefined);
      await insertResult(context, trx, result, row.campaign_id);
      lost.push({ taskId: row.task_id, resultId: result.id });
    }
    await tell(context, trx, ...lost.map((data): NewEvent => ({ type: 'task.unknown', data })));
    return open.map((row) => row.task_id);
  });
}
