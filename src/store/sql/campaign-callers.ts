import { sql } from 'kysely';
import { callerFor, strategyOf } from '../campaigns.js';
import type { Campaign } from '../campaigns.js';
import type { DialRule } from '../rules.js';
import { stepsOf } from './campaign-steps.js';
import type { StoreContext } from './context.js';
import type { Db } from './db.js';
import { isHeld, isNotOver } from './task-moves.js';
import { stateOfFound } from './tasks.js';

/** Refusals that a change of the campaign may mend. */
const MENDABLE: readonly DialRule[] = ['caller_number', 'spend_cap'];

/**
 * What a change of the campaign means for its tasks: those that were to show a number which
 * is not among its caller numbers any more show one that is, and those that only its settings
 * held back are asked about again now.
 */
export async function mendTasks(context: StoreContext, trx: Db, before: Campaign, campaign: Campaign): Promise<void> {
  const { id, callerNumbers } = campaign;
  const others = callerNumbers.length > 0 && (before.callerNumbers.length === 0 || before.callerNumbers.some((number) => !callerNumbers.includes(number)));
  const held = (await trx.selectFrom('tasks').select('seq').where('campaign_id', '=', id).where(isHeld).where('blocked_by', 'in', MENDABLE).limit(1).executeTakeFirst()) !== undefined;
  if (!others && !held) return;
  const now = context.clock.now();
  for await (const { after, last } of stepsOf(trx, id)) {
    if (others) await mendCallers(context, trx, campaign, after, last);
    if (held) {
      await trx
        .updateTable('tasks')
        .set({ blocked_until: now, not_before: now })
        .where('campaign_id', '=', id)
        .where('campaign_id', '!=', '')
        .where('seq', '>', after)
        .where('seq', '<=', last)
        .where(isHeld)
        .where('blocked_by', 'in', MENDABLE)
        .where('blocked_until', '>', now)
        .execute();
    }
  }
}

/**
 * Whoever has a number that is gone gets the one that a new task of theirs would show. Also
 * who is on the line, or was lost there: the call goes on as it is, and a next dial shows it.
 */
async function mendCallers({ dialect }: StoreContext, trx: Db, campaign: Campaign, after: number, last: number): Promise<void> {
  const tasks = await trx
    .selectFrom('tasks')
    .select(['seq', 'id', 'contact_id', 'category', 'caller'])
    .where('campaign_id', '=', campaign.id)
    .where('campaign_id', '!=', '')
    .where('seq', '>', after)
    .where('seq', '<=', last)
    .where(stateOfFound, 'not in', ['done', 'cancelled', 'expired'])
    .where(isNotOver)
    .orderBy('seq')
    .forUpdate()
    .execute();
  const changed = new Map<string, number[]>();
  for (const { seq, id, contact_id, category, caller } of tasks) {
    const strategy = strategyOf(campaign, category ?? undefined);
    if (caller !== null && strategy.callerNumbers.includes(caller)) continue;
    const next = callerFor(strategy, contact_id ?? id);
    if (next === undefined) continue;
    const seqs = changed.get(next);
    if (seqs === undefined) changed.set(next, [seq]);
    else seqs.push(seq);
  }
  for (const [caller, seqs] of changed) await trx.updateTable('tasks').set({ caller }).where(dialect.isIn(sql.ref('seq'), seqs)).execute();
}
