import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Db } from './db.js';

/** Tasks that are changed before the event loop turns. */
const TASKS_AT_ONCE = 1_000;

/** All tasks of a campaign by their `seq`, some at a time: SQLite works on this thread, and calls go on between the steps. */
export async function* stepsOf(trx: Db, campaignId: string): AsyncGenerator<{ readonly after: number; readonly last: number }> {
  for (let after = 0; ; await nextTurn()) {
    const page = trx.selectFrom('tasks').select('seq').where('campaign_id', '=', campaignId).where('campaign_id', '!=', '').where('seq', '>', after).orderBy('seq');
    const last = (await page.offset(TASKS_AT_ONCE - 1).limit(1).executeTakeFirst())?.seq;
    yield { after, last: last ?? Number.MAX_SAFE_INTEGER };
    if (last === undefined) return;
    after = last;
  }
}
