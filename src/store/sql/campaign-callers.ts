import { sql } from 'kysely';
import type { Campaign } from '../campaigns.js';
import type { DialRule } from '../rules.js';
import { stepsOf } from './campaign-steps.js';
import type { StoreContext } from './context.js';
import type { Db } from './db.js';
import { isHeld } from './task-moves.js';
import { stateOfFound } from './tasks.js';

/** Refusals that a change of the campaign may mend. */
const MENDABLE: readonly DialRule[] = ['caller_number', 'spend_cap'];
const WAITING = ['scheduled', 'queued', 'blocked', 'retry_wait'] as const;

/**
 * What a change of the campaign means for its tasks: those that were to show a number which
 * is not among its caller numbers any more show one that is, and those that only its settings
 * held back are asked about again now.
 */
export async function mendTasks(context: StoreContext, trx: Db, before: Campaign, campaign: Campaign): Promise<void> {
  const { id, callerNumbers, categories } = campaign;
  const allowed = [...callerNumbers, ...categories.flatMap(({ callerNumber }) => callerNumber ?? [])];
  const others = callerNumbers.length > 0 && (before.callerNumbers.length === 0 || before.callerNumbers.some((number) => !allowed.includes(number)));
  const held = (await trx.selectFrom('tasks').select('seq').where('campaign_id', '=', id).where(isHeld).where('blocked_by', 'in', MENDABLE).limit(1).executeTakeFirst()) !== undefined;
  if (!others && !held) return;
  const now = context.clock.now();
  const choices = callerNumbers.map((number, index) => sql`when ${sql.lit(index)} then ${number}`);
  for await (const { after, last } of stepsOf(trx, id)) {
    const step = trx.updateTable('tasks').where('campaign_id', '=', id).where('campaign_id', '!=', '').where('seq', '>', after).where('seq', '<=', last);
    if (others) {
      await step
        .set({ caller: sql<string>`case seq % ${sql.lit(callerNumbers.length)} ${sql.join(choices, sql` `)} end` })
        .where(stateOfFound, 'in', WAITING)
        .where((where) => where.or([where('caller', 'is', null), where.not(context.dialect.isIn(sql.ref('caller'), allowed))]))
        .execute();
    }
    if (held) await step.set({ blocked_until: now, not_before: now }).where(isHeld).where('blocked_by', 'in', MENDABLE).where('blocked_until', '>', now).execute();
  }
}
