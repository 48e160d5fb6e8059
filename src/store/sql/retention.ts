import { sql } from 'kysely';
import type { CallResult } from '../store.js';
import type { StoreContext } from './context.js';
import type { Db } from './db.js';

/** What says on a result that a part of it is gone already, each with a partial index. */
type Mark = 'recording_gone' | 'words_gone' | 'numbers_gone';

async function marked(trx: Db, mark: Mark, before: number, limit: number): Promise<readonly { id: string; body: string }[]> {
  // Written out, not as parameters: SQLite then sees that the partial index fits.
  return await trx.selectFrom('results').select(['id', 'body']).where(sql<boolean>`${sql.ref(mark)} = 0`).where('ended_at', '<', before).orderBy('ended_at').limit(limit).forUpdate().execute();
}

async function rewrite(trx: Db, mark: Mark, rows: readonly { id: string; body: string }[], change: (saved: CallResult) => Partial<Record<keyof CallResult, unknown>>): Promise<void> {
  for (const { id, body } of rows) {
    const saved = JSON.parse(body) as CallResult;
    await trx.updateTable('results').set({ [mark]: 1, body: JSON.stringify({ ...saved, ...change(saved) }) }).where('id', '=', id).execute();
  }
}

export async function oldRecordings({ db }: StoreContext, before: number, limit: number): Promise<readonly { resultId: string; recording: string }[]> {
  for (;;) {
    const rows = await db.transaction().execute(async (trx) => {
      const found = await marked(trx, 'recording_gone', before, limit);
      // Those that never had one need no look any more.
      await rewrite(trx, 'recording_gone', found.filter(({ body }) => recordingOf(body) === undefined), () => ({}));
      return found;
    });
    const recorded = rows.flatMap(({ id, body }) => {
      const recording = recordingOf(body);
      return recording === undefined ? [] : [{ resultId: id, recording }];
    });
    if (recorded.length > 0 || rows.length < limit) return recorded;
  }
}

function recordingOf(body: string): string | undefined {
  return (JSON.parse(body) as CallResult).recording;
}

export async function forgetRecordings({ db, dialect }: StoreContext, resultIds: readonly string[]): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const rows = await trx.selectFrom('results').select(['id', 'body']).where(dialect.isIn(sql.ref('id'), resultIds)).orderBy('id').forUpdate().execute();
    await rewrite(trx, 'recording_gone', rows, () => ({ recording: undefined }));
  });
}

export async function forgetWords({ db }: StoreContext, before: number, limit: number): Promise<number> {
  return await db.transaction().execute(async (trx) => {
    const rows = await marked(trx, 'words_gone', before, limit);
    await rewrite(trx, 'words_gone', rows, ({ mood }) => ({ transcript: [], slots: {}, mood: mood && { ...mood, evidence: [] } }));
    const gone = await trx
      .deleteFrom('events')
      .where('cursor', 'in', (from) => from.selectFrom('events').select('cursor').where('type', '=', 'call.transcript').where('at', '<', before).where('cursor', '<', newestEvent).orderBy('cursor').limit(limit))
      .executeTakeFirst();
    return rows.length + Number(gone.numDeletedRows);
  });
}

export async function forgetNumbers({ db, dialect, clock }: StoreContext, before: number, limit: number): Promise<number> {
  return await db.transaction().execute(async (trx) => {
    const tasks = await trx
      .selectFrom('tasks')
      .select('seq')
      .where(sql<boolean>`(state in ('done', 'cancelled', 'expired', 'unknown') or (state = 'blocked' and blocked_until is null)) and destination <> ''`)
      .where('updated_at', '<', before)
      .orderBy('updated_at')
      .limit(limit)
      .forUpdate()
      .execute();
    await trx.updateTable('tasks').set({ destination: '', variables: '{}', metadata: '{}', updated_at: clock.now() }).where(dialect.isIn(sql.ref('seq'), tasks.map(({ seq }) => seq))).execute();
    const rows = await marked(trx, 'numbers_gone', before, limit);
    await rewrite(trx, 'numbers_gone', rows, ({ transfer }) => ({ caller: undefined, transfer: transfer && { ...transfer, to: '' } }));
    await trx.updateTable('results').set({ number: null }).where(dialect.isIn(sql.ref('id'), rows.map(({ id }) => id))).where('number', 'is not', null).execute();
    const sent = await trx
      .deleteFrom('outbox')
      .where('seq', 'in', (from) => from.selectFrom('outbox').select('seq').where('done_at', '<', before).orderBy('seq').limit(limit))
      .executeTakeFirst();
    return tasks.length + rows.length + Number(sent.numDeletedRows);
  });
}

const newestEvent = sql<number>`(select max(cursor) from events)`;

export async function forgetEvents({ db }: StoreContext, before: number, limit: number): Promise<number> {
  const gone = await db
    .deleteFrom('events')
    .where('cursor', 'in', (from) => from.selectFrom('events').select('cursor').where('at', '<', before).where('cursor', '<', newestEvent).orderBy('cursor').limit(limit))
    .executeTakeFirst();
  return Number(gone.numDeletedRows);
}
