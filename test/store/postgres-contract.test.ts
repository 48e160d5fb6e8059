import t from 'tap';
import { storeContract } from '../contract/store.js';
import { startPostgres } from '../support/postgres-server.js';
import { postgresUnderTest } from '../support/stores.js';

await storeContract(t, postgresUnderTest(await startPostgres(t)));
