import type { Selectable } from 'kysely';
import { TrunklineError } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import type { Attempt, CallResult, Page, ResultQuery, Task } from '../store.js';
import type { TaskRow } from '../tables.js';
import { noteCall } from './contacts.js';
import type { Db } from './db.js';
import type { StoreContext } from './context.js';
import { decodeCursor, pageOf } from './cursors.js';
import { getOutcome, withEarlier } from './outcomes.js';
import { resultOf, taskOf } from './rows.js';

/** `campaignId`: of its task. TRK_CONFLICT if the task or the attempt already has its result. */
export async function insertResult(context: StoreContext, trx: Db, result: CallResult, campaignId = ''): Promise<void> {
  await insertRow(context, trx, result, campaignId);
  await noteCall(trx, result);
}

async function insertRow({ dialect, subjects }: StoreContext, trx: Db, result: CallResult, campaignId: string): Promise<void> {
  const caller = result.direction === 'inbound' ? result.caller : undefined;
  try {
    await trx
      .insertInto('results')
      .values({
        id: result.id,
        task_id: result.taskId ?? null,
        attempt_id: result.attemptId ?? null,
        call_id: result.callId,
        sip_call_id: result.sipCallId ?? null,
        flow: result.flow,
        disposition: result.disposition,
        ended_at: Math.trunc(result.endedAt),
        body: JSON.stringify(result),
        campaign_id: campaignId,
        verdict: result.verdict.kind,
        number: caller ?? null,
        subject: caller === undefined ? null : subjects.number(caller),
      })
      .execute();
  } catch (error) {
    if (!dialect.isUniqueViolation(error)) throw error;
    throw new TrunklineError('TRK_CONFLICT', { params: { reason: 'This task already has its result.' }, cause: error });
  }
}

type Silent = Pick<CallResult, 'endedBy' | 'slots' | 'transcript' | 'turns' | 'recording' | 'media' | 'models' | 'sipStatus'>;

const silent: Silent = { endedBy: 'system', slots: {}, transcript: [], turns: [], recording: undefined, media: undefined, models: {}, sipStatus: undefined };

/** Why a task ends between two dials, or before its first one. */
export type Ending = 'cancelled' | 'expired' | 'blocked';

export interface EndingReason {
  /** It never was dialled. */
  readonly undialled: string;
  /** It was, and waited for its next dial. */
  readonly waiting: string;
}

export const cancelled: EndingReason = { undialled: 'Cancelled before it was dialled.', waiting: 'Cancelled while it waited for its next dial.' };

/**
 * Ends a task that is not being called, after its state was moved, and answers its result.
 * One that never was dialled has disposition `cancelled` and no attempt; one that waited for
 * its next dial has those of its last. What that attempt heard stays with its outcome, so
 * nothing is counted twice, and the result has no call of its own: its `callId` is empty.
 */
export async function endUncalled(context: StoreContext, trx: Db, row: Selectable<TaskRow>, why: Ending, reason: EndingReason): Promise<CallResult> {
  const last =
    row.attempts === 0
      ? undefined
      : await trx.selectFrom('attempts').select(['id', 'disposition', 'sip_status']).where('task_id', '=', row.id).orderBy('number', 'desc').limit(1).executeTakeFirst();
  const task = taskOf(row);
  const now = context.clock.now();
  const result: CallResult = {
    ...silent,
    id: newId('res', context.clock, context.random),
    taskId: task.id,
    callId: '',
    sipCallId: undefined,
    attemptId: last?.id,
    direction: 'outbound',
    flow: task.flow,
    flowVersion: task.flowVersion,
    disposition: last?.disposition ?? 'cancelled',
    sipStatus: last?.sip_status ?? undefined,
    reason: last === undefined ? reason.undialled : reason.waiting,
    verdict: { kind: 'end', reason: why },
    startedAt: now,
    answeredAt: undefined,
    endedAt: now,
  };
  await insertRow(context, trx, result, row.campaign_id);
  return result;
}

/** The result of an attempt whose process died: nobody knows what the person heard. */
export function lostResult(context: StoreContext, task: Task, attempt: Attempt, answeredAt: number | undefined): CallResult {
  return {
    ...silent,
    id: newId('res', context.clock, context.random),
    taskId: task.id,
    callId: attempt.callId,
    sipCallId: attempt.sipCallId,
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

/** By its own id or its task's, the result of the task; by an attempt or a call, what was heard in that one. */
export async function getResult(context: StoreContext, id: string): Promise<CallResult | undefined> {
  if (id === '') return undefined;
  const results = context.db.selectFrom('results').select('body').orderBy('seq', 'desc');
  const own = await results.where((where) => where.or([where('id', '=', id), where('task_id', '=', id)])).executeTakeFirst();
  const outcome = own === undefined ? await getOutcome(context, id) : undefined;
  if (outcome !== undefined) return outcome;
  const row = own ?? (await results.where((where) => where.or([where('attempt_id', '=', id), where('call_id', '=', id), where('sip_call_id', '=', id)])).executeTakeFirst());
  return row && (await withEarlier(context, [resultOf(row)]))[0];
}

export async function listResults(context: StoreContext, query: ResultQuery): Promise<Page<CallResult>> {
  const rows = await resultsAfter(context.db, decodeCursor('results', query.cursor), query).execute();
  const page = pageOf('results', rows, query.limit, resultOf);
  return { ...page, items: await withEarlier(context, page.items) };
}

/** One more than was asked for, to tell whether there is more. */
export const resultsAfter = (db: Db, after: number, query: Omit<ResultQuery, 'cursor'>) => {
  let select = db.selectFrom('results').select(['seq', 'body']).where('seq', '>', after).orderBy('seq').limit(query.limit + 1);
  if (query.flow !== undefined) select = select.where('flow', '=', query.flow);
  if (query.disposition !== undefined) select = select.where('disposition', '=', query.disposition);
  // The second condition is that of the partial index, which SQLite does not see in a parameter.
  if (query.campaign !== undefined) select = select.where('campaign_id', '=', query.campaign).where('campaign_id', '!=', '');
  if (query.verdict !== undefined) select = select.where('verdict', '=', query.verdict);
  return select;
};
