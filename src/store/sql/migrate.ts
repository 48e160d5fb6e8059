import { sql } from 'kysely';
import { TrunklineError } from '../../kernel/errors.js';
import type { StoreContext } from './context.js';
import type { Db } from './db.js';
import { migrations as released } from './migrations/index.js';
import type { Migration } from './migrations/index.js';

type MigrateContext = Pick<StoreContext, 'db' | 'dialect' | 'clock'>;

/**
 * Runs what is missing, each migration with its record in one transaction, so a
 * crash leaves whole steps only.
 *
 * TRK_STORE_VERSION if the database knows a migration that this program does not.
 */
export async function migrate({ db, dialect, clock }: MigrateContext, migrations: readonly Migration[] = released): Promise<{ from: number; to: number }> {
  const { int, text, keyed } = dialect.ddl;
  await db.transaction().execute(async (trx) => {
    await dialect.lock(trx, 'migrate');
    await sql.raw(`create table if not exists schema_migrations (
      version ${int} not null primary key, name ${text} not null, applied_at ${int} not null
    ) ${keyed}`).execute(trx);
  });
  const from = await currentVersion(db);
  const newest = migrations.at(-1)?.version ?? 0;
  if (from > newest) {
    throw new TrunklineError('TRK_STORE_VERSION', { params: { reason: `it is at version ${from}, this program knows ${newest}` } });
  }
  for (const migration of migrations) {
    await db.transaction().execute(async (trx) => {
      await dialect.lock(trx, 'migrate');
      // Read again inside: another process may have run it since.
      if (migration.version <= (await currentVersion(trx))) return;
      for (const statement of migration.sql(dialect.ddl).split(';')) {
        if (statement.trim() !== '') await sql.raw(statement).execute(trx);
      }
      await sql`insert into schema_migrations (version, name, applied_at)
        values (${migration.version}, ${migration.name}, ${clock.now()})`.execute(trx);
    });
  }
  return { from, to: Math.max(from, newest) };
}

/** 0 before the first migration; the table of versions must be there. */
export async function currentVersion(db: Db): Promise<number> {
  const { rows } = await sql<{ version: number | null }>`select max(version) as version from schema_migrations`.execute(db);
  return rows[0]?.version ?? 0;
}
