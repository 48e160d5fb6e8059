import { join } from 'node:path';
import type { Test } from 'tap';
import { silentLogger } from '../../src/kernel/log.js';
import { systemRandom } from '../../src/kernel/random.js';
import { openConnection as openPostgresConnection, openPool } from '../../src/store/postgres/connection.js';
import { postgresDialect } from '../../src/store/postgres/dialect.js';
import { openPostgresStore } from '../../src/store/postgres/postgres-store.js';
import type { Db } from '../../src/store/sql/db.js';
import type { Dialect } from '../../src/store/sql/dialect.js';
import { openConnection as openSqliteConnection } from '../../src/store/sqlite/connection.js';
import { sqliteDialect } from '../../src/store/sqlite/dialect.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import type { Store } from '../../src/store/store.js';
import type { StoreUnderTest } from '../contract/store.js';
import { startPostgres } from './postgres-server.js';
import type { PostgresServer } from './postgres-server.js';

/** SQLite on a file of the test's own. */
export const sqliteUnderTest: StoreUnderTest = {
  atOnce: false,
  fresh(t, given) {
    const path = join(t.testdir(), 'trunkline.db');
    return placeOf(t, () => openSqliteStore({ path, random: systemRandom, log: silentLogger, exclusive: false, ...given }));
  },
};

/** PostgreSQL, a database for each place. */
export function postgresUnderTest(server: PostgresServer): StoreUnderTest {
  return {
    atOnce: true,
    async fresh(t, given) {
      const url = await server.database();
      return await placeOf(t, () => openPostgresStore({ url, random: systemRandom, log: silentLogger, ...given }));
    },
  };
}

/** The same suite on both databases, the real ones. */
export async function onEveryStore(t: Test, suite: (t: Test, adapter: StoreUnderTest) => Promise<void>): Promise<void> {
  await t.test('SQLite', (t) => suite(t, sqliteUnderTest));
  await t.test('PostgreSQL', async (t) => suite(t, postgresUnderTest(await startPostgres(t))));
}

/** A database as its own statements see it, and the store on it. */
export interface Place {
  readonly dialect: Dialect;
  /** Empty until somebody migrates. */
  readonly db: Db;
  /** Not migrated; closed at the end. */
  open(given: Parameters<StoreUnderTest['fresh']>[1]): Store;
}

/** For tests of what lies below the store: each gets as many new databases as it asks for. */
export async function onEveryDatabase(t: Test, suite: (t: Test, place: (t: Test) => Promise<Place>) => Promise<void>): Promise<void> {
  const opened = (t: Test, store: Store): Store => (t.teardown(() => store.close()), store);
  const raw = (t: Test, db: Db): Db => (t.teardown(() => db.destroy()), db);
  await t.test('SQLite', (t) =>
    suite(t, (t) => {
      const path = join(t.testdir(), 'trunkline.db');
      return Promise.resolve({ dialect: sqliteDialect, db: raw(t, openSqliteConnection({ path, busyTimeoutMs: 5_000 })), open: (given) => opened(t, openSqliteStore({ path, random: systemRandom, log: silentLogger, exclusive: false, ...given })) });
    }),
  );
  await t.test('PostgreSQL', async (t) => {
    const server = await startPostgres(t);
    await suite(t, async (t) => {
      const url = await server.database();
      const pool = openPool({ url, poolSize: 2, connectTimeoutMs: 5_000, log: silentLogger });
      return { dialect: postgresDialect, db: raw(t, openPostgresConnection(pool)), open: (given) => opened(t, openPostgresStore({ url, random: systemRandom, log: silentLogger, ...given })) };
    });
  });
}

async function placeOf(t: Test, opened: () => Store): ReturnType<StoreUnderTest['fresh']> {
  const open = async (): Promise<Store> => {
    const store = opened();
    t.teardown(() => store.close());
    await store.migrate();
    return store;
  };
  return { store: await open(), again: open };
}
