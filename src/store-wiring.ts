import { join, resolve } from 'node:path';
import type { Config } from './config/schema.js';
import { makeDataFolder } from './data-folder.js';
import type { Clock } from './kernel/clock.js';
import { TrunklineError } from './kernel/errors.js';
import type { Logger } from './kernel/log.js';
import type { Random } from './kernel/random.js';
import { openPostgresStore } from './store/postgres/postgres-store.js';
import { openSqliteStore } from './store/sqlite/sqlite-store.js';
import type { DialRules } from './store/rules.js';
import { openSubjects } from './store/subjects.js';
import type { Store } from './store/store.js';

export interface StoreParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** What may be dialled; programs that do not dial have none. */
  readonly rules?: DialRules;
}

/** The store that the configuration names. `beside`: a server may be running on it. Errors: TRK_CONFLICT, TRK_STORE, TRK_CONFIG_UNREADABLE. */
export function openStore(config: Pick<Config, 'data_dir' | 'store' | 'rules'>, parts: StoreParts, options: { beside?: boolean } = {}): Store {
  const { kind, url, password, pool_size } = config.store;
  const subjects = openSubjects(resolve(config.rules.subject_key_file ?? join(config.data_dir, 'subject.key')), parts.random);
  if (kind === 'sqlite') {
    const dir = resolve(config.data_dir);
    makeDataFolder(dir);
    return openSqliteStore({ ...parts, subjects, path: join(dir, 'trunkline.db'), exclusive: options.beside !== true });
  }
  if (url === undefined) throw new TrunklineError('TRK_CONFIG_INVALID', { params: { reason: 'store.url: store.kind is postgres and no database is named' }, field: 'store.url' });
  return openPostgresStore({ ...parts, subjects, url, poolSize: pool_size, ...(password === undefined ? {} : { password }) });
}
