import { TrunklineError } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import type { Attempt, CallResult, Disposition, Page, Task } from '../store.js';
import type { Db } from './connection.js';
import type { StoreContext } from './context.js';
import { decodeCursor, pageOf } from './cursors.js';
import { sqliteCode } from './errors.js';
import { resultOf } from './rows.js';

/** TRK_CONFLICT if the task or the attempt already has its result. */
export async function insertResult(trx: Db, result: CallResult): Promise<void> {
  try {
    await trx
      .insertInto('results')
      .values({
        id: result.id,
        task_id: result.taskId ?? null,
        attempt_id: result.attemptId ?? null,
        call_id: result.callId,
        flow: result.flow,
        disposition: result.disposition,
        ended_at: Math.trunc(result.endedAt),
        body: JSON.stringify(result),
      })
      .execute();
  } catch (error) {
    if (sqliteCode(error) !== 'SQLITE_CONSTRAINT_UNIQUE') throw error;
    throw new TrunklineError('TRK_CONFLICT', { params: { reason: 'This task already has its result.' }, cause: error });
  }
}

type Silent = Pick<CallResult, 'endedBy' | 'slots' | 'transcript' | 'turns' | 'recording' | 'media' | 'models' | 'sipStatus'>;

const silent: Silent = { endedBy: 'system', slots: {}, transcript: [], turns: [], recording: undefined, media: undefined, models: {}, sipStatus: undefined };

/** The result of a task that never was dialled; it has no call, so its `callId` is empty. */
export function undialledResult(context: StoreContext, task: Task, why: 'cancelled' | 'expired'): CallResult {
  const now = context.clock.now();
  const reason = why === 'cancelled' ? 'Cancelled before it was dialled.' : 'Expired before it was dialled.';
  return {
    ...silent,
    id: newId('res', context.clock, context.random),
    taskId: task.id,
    callId: '',
    attemptId: undefined,
    direction: 'outbound',
    flow: task.flow,
    flowVersion: task.flowVersion,
    disposition: 'cancelled',
    reason,
    verdict: { kind: 'end', reason: why },
    startedAt: now,
    answeredAt: undefined,
    endedAt: now,
  };
}

/** The result of an attempt whose process died: nobody knows what the person heard. */
export function lostResult(context: StoreContext, task: Task, attempt: Attempt, answeredAt: number | undefined): CallResult {
  return {
    ...silent,
    id: newId('res', context.clock, context.random),
    taskId: task.id,
    callId: attempt.callId,
    attemptId: attempt.id,
    direction: 'outbound',
    flow: task.flow,
    flowVersion: task.flowVersion,
    disposition: 'unknown',
    reason: 'The server stopped during the call.',
    verdict: { kind: 'end', reason: 'unknown' },
    startedAt: attempt.startedAt,
    answeredAt,
    endedAt: context.clock.now(),
  };
}

export async function getResult(context: StoreContext, id: string): Promise<CallResult | undefined> {
  const row = await context.db
    .selectFrom('results')
    .select('body')
    .where((where) => where.or([where('id', '=', id), where('task_id', '=', id), where('attempt_id', '=', id), ...(id === '' ? [] : [where('call_id', '=', id)])]))
    .orderBy('seq', 'desc')
    .executeTakeFirst();
  return row && resultOf(row);
}

export async function listResults(
  context: StoreContext,
  query: { flow?: string; disposition?: Disposition; cursor?: string; limit: number },
): Promise<Page<CallResult>> {
  const after = decodeCursor('results', query.cursor);
  let select = context.db.selectFrom('results').select(['seq', 'body']).where('seq', '>', after).orderBy('seq').limit(query.limit + 1);
  if (query.flow !== undefined) select = select.where('flow', '=', query.flow);
  if (query.disposition !== undefined) select = select.where('disposition', '=', query.disposition);
  return pageOf('results', await select.execute(), query.limit, resultOf);
}
