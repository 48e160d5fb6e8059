import { TrunklineError } from '../../kernel/errors.js';
import { GENESIS, complianceHash } from '../compliance-chain.js';
import type { ChainHead } from '../compliance-chain.js';
import type { ComplianceEntry, ComplianceQuery, NewComplianceEntry } from '../rules.js';
import type { ComplianceRow } from '../rule-tables.js';
import { INSERT_BATCH, insertMany } from './bulk.js';
import type { StoreContext } from './context.js';
import type { Db } from './db.js';

/**
 * What decides on a dial, says that somebody must not be called, or adds to the log
 * goes one after the other over all nodes: so a suppression that was saved counts for
 * the next dial anywhere, two nodes do not both make the last call that a cap allows,
 * and the chain has one end. Dials come in batches, each holding it for some ms.
 */
export function lockRules({ dialect }: Pick<StoreContext, 'dialect'>, trx: Db): Promise<void> {
  return dialect.lock(trx, 'rules');
}

const entryOf = (row: ComplianceRow): ComplianceEntry => ({
  seq: row.seq,
  at: row.at,
  kind: row.kind,
  taskId: row.task_id ?? undefined,
  attemptId: row.attempt_id ?? undefined,
  callId: row.call_id ?? undefined,
  subject: row.subject,
  body: row.body,
  hash: row.hash,
  previous: row.previous,
});

async function headOf(db: Db): Promise<ChainHead> {
  const last = await db.selectFrom('compliance').select(['seq', 'hash']).orderBy('seq', 'desc').limit(1).executeTakeFirst();
  return last ?? { seq: 0, hash: GENESIS };
}

/** Appends in the transaction of what is told; it must hold `lockRules`. */
export async function appendCompliance(context: Pick<StoreContext, 'dialect' | 'clock'>, trx: Db, entries: readonly NewComplianceEntry[]): Promise<void> {
  if (entries.length === 0) return;
  let { seq, hash: previous } = await headOf(trx);
  const at = context.clock.now();
  const rows = entries.map(({ kind, taskId, attemptId, callId, subject, body }) => {
    seq += 1;
    const entry = { seq, at, kind, taskId, attemptId, callId, subject, body: JSON.stringify(body), previous };
    const hash = complianceHash(entry);
    previous = hash;
    return [seq, at, kind, taskId ?? null, attemptId ?? null, callId ?? null, subject, entry.body, hash, entry.previous] as const;
  });
  for (let from = 0; from < rows.length; from += INSERT_BATCH) {
    await insertMany(context, trx, { table: 'compliance', columns: ['seq', 'at', 'kind', 'task_id', 'attempt_id', 'call_id', 'subject', 'body', 'hash', 'previous'], rows: rows.slice(from, from + INSERT_BATCH) });
  }
}

export async function noteCompliance(context: StoreContext, entries: readonly NewComplianceEntry[]): Promise<void> {
  await context.db.transaction().execute(async (trx) => {
    await lockRules(context, trx);
    await appendCompliance(context, trx, entries);
  });
}

export async function readCompliance(context: StoreContext, { after, limit, callId, subject }: ComplianceQuery): Promise<readonly ComplianceEntry[]> {
  let select = context.db.selectFrom('compliance').selectAll().where('seq', '>', after).orderBy('seq').limit(limit);
  if (callId !== undefined) select = select.where('call_id', '=', callId);
  if (subject !== undefined) select = select.where('subject', '=', subject);
  return (await select.execute()).map(entryOf);
}

export function complianceHead(context: StoreContext): Promise<ChainHead> {
  return headOf(context.db);
}

/** The key by which numbers are remembered belongs to the data: with another one nobody would be found again. */
export async function claimSubjectKey(context: StoreContext, fingerprint: string): Promise<void> {
  await context.db.transaction().execute(async (trx) => {
    await lockRules(context, trx);
    const mark = await trx.selectFrom('rule_marks').select('value').where('name', '=', 'subject_key').executeTakeFirst();
    if (mark === undefined) await trx.insertInto('rule_marks').values({ name: 'subject_key', value: fingerprint }).execute();
    else if (mark.value !== fingerprint) throw new TrunklineError('TRK_CONFIG_INVALID', { params: { reason: 'this store was written with another key; bring the file subject.key of the first node here' }, field: 'rules.subject_key_file' });
  });
}
