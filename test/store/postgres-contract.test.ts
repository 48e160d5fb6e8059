import t from 'tap';
import { storeContract } from '../contract/store.js';
import { startPostgres } from '../support/postgres-server.js';
import { postgresUnderTest } from '../support/stores.js';

// Thousands of transactions, each flushed to a disk that others use as well.
t.setTimeout(600_000);

await storeContract(t, postgresUnderTest(await startPostgres(t)));
