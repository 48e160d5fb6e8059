import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'kysely';
import type { StoreContext } from './context.js';

/** Tasks that are given their subject in one transaction. */
const BATCH = 500;

/** Written out as in the partial index. A URI begins with a letter, a number with `+`. */
const isUnnamed = sql<boolean>`subject is null and destination >= 'A' and destination <> 'sip:erased@trunkline.invalid'`;

/**
 * Tasks to SIP URIs from before version 20 are given the subject that later ones are made
 * with: only the program has the key of the hash, so no migration could. The first who asks
 * for a person does it for all; then there are none, which an index tells.
 */
export async function nameTasks({ db, subjects }: StoreContext): Promise<void> {
  for (;;) {
    const named = await db.transaction().execute(async (trx) => {
      const tasks = await trx.selectFrom('tasks').select(['seq', 'destination']).where(isUnnamed).orderBy('seq').limit(BATCH).forUpdate().execute();
      for (const { seq, destination } of tasks) await trx.updateTable('tasks').set({ subject: subjects.number(destination) }).where('seq', '=', seq).execute();
      return tasks.length;
    });
    if (named < BATCH) return;
    await nextTurn();
  }
}
