import type { Campaign } from '../campaigns.js';
import { roundEnd } from '../campaigns.js';
import { stepsOf } from './campaign-steps.js';
import type { StoreContext } from './context.js';
import type { Db } from './db.js';
import { isNotOver } from './task-moves.js';
import { stateOfFound } from './tasks.js';

/**
 * Whatever is open of the campaign's round now expires when the round does, in the
 * transaction that changed the campaign. What an earlier round left on the line keeps its
 * own end: nobody is called for two rounds at once.
 */
export async function moveRoundEnd({ clock }: StoreContext, trx: Db, campaign: Campaign): Promise<void> {
  if (campaign.round === 0) return;
  const changes = { expires_at: roundEnd(campaign) ?? null, updated_at: clock.now() };
  for await (const { after, last } of stepsOf(trx, campaign.id)) {
    await trx
      .updateTable('tasks')
      .set(changes)
      .where('campaign_id', '=', campaign.id)
      .where('campaign_id', '!=', '')
      .where('seq', '>', after)
      .where('seq', '<=', last)
      .where('campaign_round', '=', campaign.round)
      .where(stateOfFound, 'not in', ['done', 'cancelled', 'expired'])
      .where(isNotOver)
      .execute();
  }
}
