import { sql } from 'kysely';
import type { Clock } from '../../kernel/clock.js';
import { TrunklineError } from '../../kernel/errors.js';
import type { Db } from './connection.js';
import { migrations as released } from './migrations/index.js';
import type { Migration } from './migrations/index.js';

/**
 * Runs what is missing, each migration with its record in one transaction, so a
 * crash leaves whole steps only.
 *
 * TRK_STORE_VERSION if the file knows a migration that this program does not.
 */
export async function migrate(db: Db, clock: Clock, migrations: readonly Migration[] = released): Promise<{ from: number; to: number }> {
  await sql`create table if not exists schema_migrations (
    version integer primary key, name text not null, applied_at integer not null
  ) strict`.execute(db);
  const from = await currentVersion(db);
  const newest = migrations.at(-1)?.version ?? 0;
  if (from > newest) {
    throw new TrunklineError('TRK_STORE_VERSION', { params: { reason: `it is at version ${from}, this program knows ${newest}` } });
  }
  for (const migration of migrations) {
    await db.transaction().execute(async (trx) => {
      // Read again inside: another process may have run it since.
      if (migration.version <= (await currentVersion(trx))) return;
      for (const statement of migration.sql.split(';')) {
        if (statement.trim() !== '') await sql.raw(statement).execute(trx);
      }
      await sql`insert into schema_migrations (version, name, applied_at)
        values (${migration.version}, ${migration.name}, ${clock.now()})`.execute(trx);
    });
  }
  return { from, to: Math.max(from, newest) };
}

async function currentVersion(db: Db): Promise<number> {
  const { rows } = await sql<{ version: number | null }>`select max(version) as version from schema_migrations`.execute(db);
  return rows[0]?.version ?? 0;
}
