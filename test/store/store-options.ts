import { silentLogger } from '../../src/kernel/log.js';
import { systemRandom } from '../../src/kernel/random.js';
import type { SqliteStoreOptions } from '../../src/store/sqlite/sqlite-store.js';
import { ManualClock } from '../support/manual-clock.js';

export const storeOptions = (path: string, changes: Partial<SqliteStoreOptions> = {}): SqliteStoreOptions => ({
  path,
  clock: new ManualClock(),
  random: systemRandom,
  log: silentLogger,
  ...changes,
});
