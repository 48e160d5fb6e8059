import { TrunklineError } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import type { Attempt, CallResult, Page, ResultQuery, Task } from '../store.js';
import { noteCall } from './contacts.js';
import type { Db } from './db.js';
import type { StoreContext } from './context.js';
import { decodeCursor, pageOf } from './cursors.js';
import { getOutcome, withEarlier } from './outcomes.js';
import { resultOf } from './rows.js';

/** `campaignId`: of its task. TRK_CONFLICT if the task or the attempt already has its result. */
export async function insertResult({ dialect, subjects }: StoreContext, trx: Db, result: CallResult, campaignId = ''): Promise<void> {
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
  await noteCall(trx, result);
}

type Silent = Pick<CallResult, 'endedBy' | 'slots' | 'transcript' | 'turns' | 'recording' | 'media' | 'models' | 'sipStatus'>;

const silent: Silent = { endedBy: 'system', slots: {}, transcript: [], turns: [], recording: undefined, media: undefined, models: {}, sipStatus: undefined };

const undialled = {
  cancelled: 'Cancelled before it was dialled.',
  expired: 'Expired before it was dialled.',
  blocked: 'Not dialled, by a rule.',
} as const;

/** The result of a task that never was dialled; it has no call, so its `callId` is empty. */
export function undialledResult(context: StoreContext, task: Task, why: keyof typeof undialled, reason: string = undialled[why]): CallResult {
  const now = context.clock.now();
  return {
    ...silent,
    id: newId('res', context.clock, context.random),
    taskId: task.id,
    callId: '',
    sipCallId: undefined,
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

export async function getResult(context: StoreContext, id: string): Promise<CallResult | undefined> {
  const row = await context.db
    .selectFrom('results')
    .select('body')
    .where((where) => where.or([where('id', '=', id), where('task_id', '=', id), where('attempt_id', '=', id), ...(id === '' ? [] : [where('call_id', '=', id), where('sip_call_id', '=', id)])]))
    .orderBy('seq', 'desc')
    .executeTakeFirst();
  if (row === undefined) return await getOutcome(context, id);
  return (await withEarlier(context, [resultOf(row)]))[0];
}

export async function listResults(context: StoreContext, query: ResultQuery): Promise<Page<CallResult>> {
  const after = decodeCursor('results', query.cursor);
  let select = context.db.selectFrom('results').select(['seq', 'body']).where('seq', '>', after).orderBy('seq').limit(query.limit + 1);
  if (query.flow !== undefined) select = select.where('flow', '=', query.flow);
  if (query.disposition !== undefined) select = select.where('disposition', '=', query.disposition);
  if (query.campaign !== undefined) select = select.where('campaign_id', '=', query.campaign);
  if (query.verdict !== undefined) select = select.where('verdict', '=', query.verdict);
  const page = pageOf('results', await select.execute(), query.limit, resultOf);
  return { ...page, items: await withEarlier(context, page.items) };
}
