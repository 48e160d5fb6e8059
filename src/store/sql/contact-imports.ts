import type { Selectable } from 'kysely';
import { newId } from '../../kernel/ids.js';
import type { ImportRow } from '../contact-tables.js';
import type { ContactImport, ImportCounts, ImportRefusal, ImportState } from '../contacts.js';
import type { Page } from '../store.js';
import { INSERT_BATCH, insertMany } from './bulk.js';
import type { StoreContext } from './context.js';
import { decodeCursor, pageOf } from './cursors.js';

const LIST = 'imports';
const REFUSALS = 'refusals';

function importOf(row: Selectable<ImportRow>): ContactImport {
  const { id, state, settings, bytes, created, updated, kept, refused } = row;
  return {
    id, state, settings, bytes, created, updated, kept, refused,
    rows: row.row_count,
    found: row.found ?? undefined,
    error: row.error ?? undefined,
    reason: row.reason ?? undefined,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export async function createImport({ db, clock, random }: StoreContext, settings: string): Promise<ContactImport> {
  const now = clock.now();
  const row = {
    id: newId('imp', clock, random), state: 'waiting' as const, settings, found: null, error: null, reason: null, node_id: null,
    bytes: 0, row_count: 0, created: 0, updated: 0, kept: 0, refused: 0, created_at: now, updated_at: now,
  };
  return importOf(await db.insertInto('contact_imports').values(row).returningAll().executeTakeFirstOrThrow());
}

export async function getImport({ db }: StoreContext, id: string): Promise<ContactImport | undefined> {
  const row = await db.selectFrom('contact_imports').selectAll().where('id', '=', id).executeTakeFirst();
  return row && importOf(row);
}

export async function listImports({ db }: StoreContext, query: { readonly cursor?: string; readonly limit: number }): Promise<Page<ContactImport>> {
  const rows = await db.selectFrom('contact_imports').selectAll().where('seq', '>', decodeCursor(LIST, query.cursor)).orderBy('seq').limit(query.limit + 1).execute();
  return pageOf(LIST, rows, query.limit, importOf);
}

export async function beginImport({ db, clock }: StoreContext, id: string, nodeId: string): Promise<boolean> {
  const changed = await db.updateTable('contact_imports').set({ state: 'running', node_id: nodeId, updated_at: clock.now() }).where('id', '=', id).where('state', '=', 'waiting').executeTakeFirst();
  return changed.numUpdatedRows > 0n;
}

export async function saveImportProgress(context: StoreContext, id: string, counts: ImportCounts, refusals: readonly ImportRefusal[], found?: string): Promise<void> {
  const { rows, bytes, created, updated, kept, refused } = counts;
  await context.db.transaction().execute(async (trx) => {
    for (let at = 0; at < refusals.length; at += INSERT_BATCH) {
      await insertMany(context, trx, {
        table: 'contact_import_refusals',
        columns: ['import_id', 'line', 'column_name', 'code', 'reason'],
        rows: refusals.slice(at, at + INSERT_BATCH).map(({ row, column, code, reason }) => [id, row, column ?? null, code, reason]),
      });
    }
    await trx
      .updateTable('contact_imports')
      .set({ bytes, row_count: rows, created, updated, kept, refused, updated_at: context.clock.now(), ...(found === undefined ? {} : { found }) })
      .where('id', '=', id)
      .execute();
  });
}

export async function endImport({ db, clock }: StoreContext, id: string, end: { readonly state: ImportState; readonly error?: string; readonly reason?: string }): Promise<void> {
  await db.updateTable('contact_imports').set({ state: end.state, error: end.error ?? null, reason: end.reason ?? null, updated_at: clock.now() }).where('id', '=', id).where('state', '=', 'running').execute();
}

export async function interruptImports({ db, clock }: StoreContext, before: number): Promise<number> {
  const changed = await db.updateTable('contact_imports').set({ state: 'interrupted', updated_at: clock.now() }).where('state', '=', 'running').where('updated_at', '<', before).executeTakeFirst();
  return Number(changed.numUpdatedRows);
}

export async function listRefusals({ db }: StoreContext, id: string, query: { readonly cursor?: string; readonly limit: number }): Promise<Page<ImportRefusal>> {
  const rows = await db
    .selectFrom('contact_import_refusals')
    .selectAll()
    .where('import_id', '=', id)
    .where('seq', '>', decodeCursor(REFUSALS, query.cursor))
    .orderBy('seq')
    .limit(query.limit + 1)
    .execute();
  return pageOf(REFUSALS, rows, query.limit, ({ line, column_name, code, reason }) => ({ row: line, column: column_name ?? undefined, code, reason }));
}
