import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import { newId } from '../../kernel/ids.js';
import { numberOf } from '../../kernel/number-of.js';
import type { NewSuppression, OptOut, Suppression, SuppressionQuery } from '../rules.js';
import type { SuppressionRow } from '../rule-tables.js';
import type { Page } from '../store.js';
import { INSERT_BATCH, insertMany } from './bulk.js';
import { appendCompliance, lockRules } from './compliance.js';
import type { StoreContext } from './context.js';
import { decodeCursor, pageOf } from './cursors.js';
import type { Db } from './db.js';

export const suppressionOf = (row: Selectable<SuppressionRow>): Suppression => ({
  id: row.id,
  number: row.number ?? undefined,
  contactId: row.contact_id ?? undefined,
  scope: row.scope,
  source: row.source,
  reason: row.reason ?? undefined,
  evidence: row.evidence ?? undefined,
  expiresAt: row.expires_at ?? undefined,
  createdAt: row.created_at,
});

/** `subject`: of a number that is forgotten, and only its keyed hash is known. */
type Wish = NewSuppression & { readonly subject?: string };

const subjectOf = ({ subjects }: StoreContext, { number, contactId, subject }: Wish): string => subject ?? (number === undefined ? subjects.contact(contactId ?? '') : subjects.number(number));

const COLUMNS = ['id', 'subject', 'number', 'contact_id', 'scope', 'source', 'reason', 'evidence', 'expires_at', 'created_at'] as const;

/** Said again, it lasts as long as the longer of both; a no is never made shorter by another one. */
const LONGER = sql`(subject, scope) do update set expires_at = case
  when suppressions.expires_at is null or excluded.expires_at is null then null
  when excluded.expires_at > suppressions.expires_at then excluded.expires_at
  else suppressions.expires_at end,
  number = coalesce(excluded.number, suppressions.number)`;

/** The transaction must hold `lockRules`. */
export async function putSuppressions(context: StoreContext, trx: Db, wanted: readonly Wish[]): Promise<readonly Suppression[]> {
  const { clock, random } = context;
  const now = clock.now();
  // PostgreSQL changes a row once in a statement: of two that are the same the longer one goes.
  const distinct = new Map<string, { readonly subject: string; readonly wish: Wish }>();
  for (const wish of wanted) {
    const subject = subjectOf(context, wish);
    const key = `${subject} ${wish.scope}`;
    const other = distinct.get(key)?.wish;
    if (other === undefined || (other.expiresAt ?? Infinity) < (wish.expiresAt ?? Infinity)) distinct.set(key, { subject, wish });
  }
  // A URI that names a number stands as the number: whoever erases the person looks for that.
  const numberIn = ({ number }: NewSuppression): string | null => (number === undefined ? null : (numberOf(number) ?? number));
  const rows = [...distinct.values()].map(({ subject, wish }) => [newId('sup', clock, random), subject, numberIn(wish), wish.contactId ?? null, wish.scope, wish.source, wish.reason ?? null, wish.evidence ?? null, wish.expiresAt ?? null, now] as const);
  const saved: Suppression[] = [];
  for (let from = 0; from < rows.length; from += INSERT_BATCH) {
    const back = await insertMany(context, trx, { table: 'suppressions', columns: COLUMNS, rows: rows.slice(from, from + INSERT_BATCH), onConflict: LONGER, returning: [...COLUMNS, 'seq'] });
    saved.push(...back.map(suppressionOf));
  }
  return saved;
}

export function addSuppressions(context: StoreContext, wanted: readonly NewSuppression[]): Promise<readonly Suppression[]> {
  return context.db.transaction().execute(async (trx) => {
    await lockRules(context, trx);
    return await putSuppressions(context, trx, wanted);
  });
}

/** Said or keyed in a call: number and person are suppressed, and the log says so, at once or not at all. */
export function optOut(context: StoreContext, wish: OptOut): Promise<void> {
  return context.db.transaction().execute(async (trx) => {
    await lockRules(context, trx);
    await saveOptOut(context, trx, { ...wish, subject: context.subjects.number(wish.number) });
  });
}

/** `subject` is the number's, which may be forgotten. The transaction must hold `lockRules`. */
export async function saveOptOut(context: StoreContext, trx: Db, { number, subject, contactId, reason, scope, source, callId, taskId, attemptId }: Omit<OptOut, 'number'> & { readonly number: string | undefined; readonly subject: string }): Promise<void> {
  const common = { scope, source, reason, evidence: callId, expiresAt: undefined };
  const wanted: Wish[] = [{ ...common, number, subject, contactId: undefined }];
  if (contactId !== undefined) wanted.push({ ...common, number: undefined, contactId });
  await putSuppressions(context, trx, wanted);
  await appendCompliance(context, trx, [{ kind: 'opted_out', taskId, attemptId, callId, subject, body: { scope, source, reason } }]);
}

export async function listSuppressions(context: StoreContext, query: SuppressionQuery): Promise<Page<Suppression>> {
  let select = context.db.selectFrom('suppressions').selectAll().where('seq', '>', decodeCursor('suppressions', query.cursor)).orderBy('seq').limit(query.limit + 1);
  // By its hash, so that one whose number was erased is found, too.
  if (query.number !== undefined) select = select.where('subject', 'in', context.subjects.readings(query.number));
  if (query.contactId !== undefined) select = select.where('subject', '=', context.subjects.contact(query.contactId));
  if (query.scope !== undefined) select = select.where('scope', '=', query.scope);
  return pageOf('suppressions', await select.execute(), query.limit, suppressionOf);
}

export async function getSuppression(context: StoreContext, id: string): Promise<Suppression | undefined> {
  const row = await context.db.selectFrom('suppressions').selectAll().where('id', '=', id).executeTakeFirst();
  return row && suppressionOf(row);
}

export function deleteSuppression(context: StoreContext, id: string): Promise<boolean> {
  return context.db.transaction().execute(async (trx) => {
    await lockRules(context, trx);
    const gone = await trx.deleteFrom('suppressions').where('id', '=', id).returning(['subject', 'scope', 'source']).executeTakeFirst();
    if (gone === undefined) return false;
    await appendCompliance(context, trx, [{ kind: 'unsuppressed', subject: gone.subject, body: { scope: gone.scope, source: gone.source } }]);
    return true;
  });
}

/** For the erasure of a person: numbers go, their hashes stay, so that who said no stays uncalled. */
export async function forgetSuppressedNumbers(trx: Db, numbers: readonly string[]): Promise<void> {
  for (const number of numbers) await trx.updateTable('suppressions').set({ number: null }).where('number', '=', number).execute();
}
