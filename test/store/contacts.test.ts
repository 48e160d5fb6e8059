import t from 'tap';
import { contactContract } from '../contract/store-contacts.js';
import { filterContract } from '../contract/store-filters.js';
import { peopleContract } from '../contract/store-people.js';
import { startPostgres } from '../support/postgres-server.js';
import { postgresUnderTest, sqliteUnderTest } from '../support/stores.js';

await t.test('on SQLite', async (t) => {
  await contactContract(t, sqliteUnderTest);
  await peopleContract(t, sqliteUnderTest);
  await t.test('filters in memory and in the store', (t) => filterContract(t, sqliteUnderTest, 400));
});
await t.test('on PostgreSQL', async (t) => {
  const adapter = postgresUnderTest(await startPostgres(t));
  await contactContract(t, adapter);
  await peopleContract(t, adapter);
  await t.test('filters in memory and in the store', (t) => filterContract(t, adapter, 200));
});
