import { join } from 'node:path';
import type { Test } from 'tap';
import { silentLogger } from '../../src/kernel/log.js';
import { systemRandom } from '../../src/kernel/random.js';
import { openPostgresStore } from '../../src/store/postgres/postgres-store.js';
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
  // Thousands of transactions, each flushed to a disk that others use as well.
  t.setTimeout(600_000);
  await t.test('SQLite', (t) => suite(t, sqliteUnderTest));
  await t.test('PostgreSQL', async (t) => suite(t, postgresUnderTest(await startPostgres(t))));
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
