import { sql } from 'kysely';
import type { Campaign } from '../campaigns.js';
import type { DialRule } from '../rules.js';
import type { StoreContext } from './context.js';
import type { Db } from './db.js';
import { isHeld } from './task-moves.js';

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
  if (callerNumbers.length > 0 && (before.callerNumbers.length === 0 || before.callerNumbers.some((number) => !allowed.includes(number)))) {
    const choices = callerNumbers.map((number, index) => sql`when ${sql.lit(index)} then ${number}`);
    await trx
      .updateTable('tasks')
      .set({ caller: sql<string>`case seq % ${sql.lit(callerNumbers.length)} ${sql.join(choices, sql` `)} end` })
      .where('campaign_id', '=', id)
      .where('state', 'in', WAITING)
      .where((where) => where.or([where('caller', 'is', null), where.not(context.dialect.isIn(sql.ref('caller'), allowed))]))
      .execute();
  }
  const now = context.clock.now();
  await trx.updateTable('tasks').set({ blocked_until: now, not_before: now }).where('campaign_id', '=', id).where(isHeld).where('blocked_by', 'in', MENDABLE).where('blocked_until', '>', now).execute();
}
