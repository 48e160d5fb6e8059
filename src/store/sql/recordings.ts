import { sql } from 'kysely';
import { recordingOf } from '../recordings.js';
import type { RecordingRemoval, RecordingStore } from '../recordings.js';
import type { CallResult } from '../store.js';
import { INSERT_BATCH, insertMany } from './bulk.js';
import type { StoreContext } from './context.js';
import type { Db } from './db.js';
import { markedCalls, rewriteCalls } from './retention.js';

/** Nobody wrote down the folder: a call of an older version, or one that was lost with its server. */
const ANY_FOLDER = '';
/** Of such a recording no server can say that it is gone; each has had this long to find it, ms: 31 days. */
const ANY_FOLDER_KEPT_MS = 31 * 86_400_000;

export async function openFolders({ db, clock }: StoreContext, folders: readonly string[], server: string): Promise<void> {
  await db
    .insertInto('recording_folders')
    .values(folders.map((id) => ({ id, server, opened_at: clock.now() })))
    .onConflict((conflict) => conflict.column('id').doUpdateSet((eb) => ({ server: eb.ref('excluded.server'), opened_at: eb.ref('excluded.opened_at') })))
    .execute();
}

export async function serverOfFolder({ db }: StoreContext, folder: string): Promise<string | undefined> {
  return (await db.selectFrom('recording_folders').select('server').where('id', '=', folder).executeTakeFirst())?.server;
}

/** In the transaction that makes these calls forget their recordings. How many have one. */
export async function orderRemovals(context: StoreContext, trx: Db, calls: readonly CallResult[], erasureId?: string): Promise<number> {
  const rows = calls.flatMap((call) => {
    const name = recordingOf(call);
    return name === undefined ? [] : [[call.recordedIn ?? ANY_FOLDER, name, erasureId ?? null, context.clock.now()]];
  });
  for (let start = 0; start < rows.length; start += INSERT_BATCH) {
    await insertMany(context, trx, { table: 'recording_removals', columns: ['folder', 'name', 'erasure_id', 'at'], rows: rows.slice(start, start + INSERT_BATCH), onConflict: sql`(folder, name) do nothing` });
  }
  return rows.length;
}

export async function retireRecordings(context: StoreContext, before: number, limit: number): Promise<number> {
  for (;;) {
    const { retired, more } = await context.db.transaction().execute(async (trx) => {
      const { calls, more } = await markedCalls(trx, 'recording_gone', before, limit);
      // Those that never had one need no look any more.
      await rewriteCalls(trx, 'recording_gone', calls, () => ({ recording: undefined, recordedIn: undefined }));
      return { retired: await orderRemovals(context, trx, calls.map(({ saved }) => saved)), more };
    });
    if (retired > 0 || !more) return retired;
  }
}

export async function recordingsToRemove({ db, dialect }: StoreContext, folders: readonly string[], after: number, limit: number): Promise<readonly RecordingRemoval[]> {
  return await db.selectFrom('recording_removals').select(['seq', 'name']).where(dialect.isIn(sql.ref('folder'), [...folders, ANY_FOLDER])).where('seq', '>', after).orderBy('seq').limit(limit).execute();
}

export async function recordingsRemoved({ db, dialect, clock }: StoreContext, folders: readonly string[], done: Parameters<RecordingStore['recordingsRemoved']>[1]): Promise<void> {
  if (done.length === 0) return;
  await db.transaction().execute(async (trx) => {
    const others = await trx.selectFrom('recording_folders').select('id').where((where) => where.not(dialect.isIn(sql.ref('id'), folders))).limit(1).execute();
    const missing = done.filter(({ found }) => !found).map(({ seq }) => seq);
    const found = done.filter((one) => one.found).map(({ seq }) => seq);
    await trx.deleteFrom('recording_removals').where(dialect.isIn(sql.ref('seq'), found)).execute();
    await trx
      .deleteFrom('recording_removals')
      .where(dialect.isIn(sql.ref('seq'), missing))
      // Where there is no other folder, it can lie in none.
      .where((where) => where.or([where('folder', '!=', ANY_FOLDER), ...(others.length === 0 ? [where('folder', '=', ANY_FOLDER)] : [where('at', '<', clock.now() - ANY_FOLDER_KEPT_MS)])]))
      .execute();
  });
}

export async function countRemovals({ db }: StoreContext, of: Parameters<RecordingStore['countRemovals']>[0]): Promise<number> {
  const count = db.selectFrom('recording_removals').select((select) => select.fn.countAll<number>().as('count'));
  return ('before' in of ? await count.where('at', '<', of.before).executeTakeFirstOrThrow() : await count.where('erasure_id', '=', of.erasureId).executeTakeFirstOrThrow()).count;
}
