import { sql } from 'kysely';
import { ERASED_DESTINATION } from '../contacts.js';
import type { EventType } from '../event-payloads.js';
import type { CallResult } from '../store.js';
import type { StoreContext } from './context.js';
import type { Db } from './db.js';

/** What says on a result, or on what an attempt came to, that a part of it is gone already, each with a partial index. */
type Mark = 'recording_gone' | 'words_gone' | 'numbers_gone';

export interface MarkedCall {
  readonly table: 'results' | 'outcomes';
  readonly id: string;
  readonly saved: CallResult;
}

/** Up to so many of each table, of which `more` says that there may be others. */
export async function markedCalls(trx: Db, mark: Mark, before: number, limit: number): Promise<{ readonly calls: readonly MarkedCall[]; readonly more: boolean }> {
  const calls: MarkedCall[] = [];
  let more = false;
  for (const table of ['results', 'outcomes'] as const) {
    // Written out, not as parameters: SQLite then sees that the partial index fits.
    const rows = await trx.selectFrom(table).select(['id', 'body']).where(sql<boolean>`${sql.ref(mark)} = 0`).where('ended_at', '<', before).orderBy('ended_at').limit(limit).forUpdate().execute();
    calls.push(...rows.map(({ id, body }) => ({ table, id, saved: JSON.parse(body) as CallResult })));
    more ||= rows.length === limit;
  }
  return { calls, more };
}

export async function rewriteCalls(trx: Db, mark: Mark, calls: readonly MarkedCall[], change: (saved: CallResult) => Partial<Record<keyof CallResult, unknown>>): Promise<void> {
  for (const { table, id, saved } of calls) {
    await trx.updateTable(table).set({ [mark]: 1, body: JSON.stringify({ ...saved, ...change(saved) }) }).where('id', '=', id).execute();
  }
}

export async function forgetWords({ db }: StoreContext, before: number, limit: number): Promise<number> {
  return await db.transaction().execute(async (trx) => {
    const { calls } = await markedCalls(trx, 'words_gone', before, limit);
    await rewriteCalls(trx, 'words_gone', calls, ({ mood }) => ({ transcript: [], slots: {}, mood: mood && { ...mood, evidence: [] } }));
    return calls.length + (await forgetEventsOf(trx, 'call.transcript', before, limit));
  });
}

export async function forgetNumbers({ db, dialect, clock }: StoreContext, before: number, limit: number): Promise<number> {
  return await db.transaction().execute(async (trx) => {
    const tasks = await trx
      .selectFrom('tasks')
      .select('seq')
      .where(sql<boolean>`(state in ('done', 'cancelled', 'expired', 'unknown') or (state = 'blocked' and blocked_until is null)) and destination <> ''`)
      .where('updated_at', '<', before)
      // What was erased says so, and names nobody.
      .where('destination', '!=', ERASED_DESTINATION)
      .orderBy('updated_at')
      .limit(limit)
      .forUpdate()
      .execute();
    await trx.updateTable('tasks').set({ destination: '', variables: '{}', metadata: '{}', updated_at: clock.now() }).where(dialect.isIn(sql.ref('seq'), tasks.map(({ seq }) => seq))).execute();
    const { calls } = await markedCalls(trx, 'numbers_gone', before, limit);
    await rewriteCalls(trx, 'numbers_gone', calls, ({ transfer }) => ({ caller: undefined, transfer: transfer && { ...transfer, to: '' } }));
    await trx.updateTable('results').set({ number: null }).where(dialect.isIn(sql.ref('id'), calls.map(({ id }) => id))).where('number', 'is not', null).execute();
    const sent = await trx
      .deleteFrom('outbox')
      .where('seq', 'in', (from) => from.selectFrom('outbox').select('seq').where('done_at', '<', before).orderBy('seq').limit(limit))
      .executeTakeFirst();
    // They say to whom a call was handed over.
    const transfers = await forgetEventsOf(trx, 'call.transfer', before, limit);
    return tasks.length + calls.length + Number(sent.numDeletedRows) + transfers;
  });
}

const newestEvent = sql<number>`(select max(cursor) from events)`;

async function forgetEventsOf(trx: Db, type: EventType, before: number, limit: number): Promise<number> {
  const gone = await trx
    .deleteFrom('events')
    .where('cursor', 'in', (from) => from.selectFrom('events').select('cursor').where('type', '=', type).where('at', '<', before).where('cursor', '<', newestEvent).orderBy('cursor').limit(limit))
    .executeTakeFirst();
  return Number(gone.numDeletedRows);
}

export async function forgetEvents({ db }: StoreContext, before: number, limit: number): Promise<number> {
  const gone = await db
    .deleteFrom('events')
    .where('cursor', 'in', (from) => from.selectFrom('events').select('cursor').where('at', '<', before).where('cursor', '<', newestEvent).orderBy('cursor').limit(limit))
    .executeTakeFirst();
  return Number(gone.numDeletedRows);
}
