import { createApiKey, isScope, scopes as knownScopes } from '../api/keys.js';
import { loadConfig } from '../config/load.js';
import { systemClock } from '../kernel/clock.js';
import { TrunklineError } from '../kernel/errors.js';
import { silentLogger } from '../kernel/log.js';
import { systemRandom } from '../kernel/random.js';
import type { Store } from '../store/store.js';
import { openStore } from '../store-wiring.js';
import { configFrom } from './arguments.js';
import { EXIT } from './output.js';
import type { Output } from './output.js';

export function configCheck(output: Output, file: string | undefined): Promise<number> {
  const config = file === undefined ? configFrom(undefined) : loadConfig(file, process.env);
  output.out(output.json ? JSON.stringify({ ok: true }) : `The configuration is valid. SIP port ${config.sip.port}, API ${config.api.address}:${config.api.port}, data in ${config.data_dir}.`);
  return Promise.resolve(EXIT.ok);
}

export async function migrate(output: Output, options: { config?: string }): Promise<number> {
  const { from, to } = await withStore(options.config, (store) => store.migrate());
  output.out(output.json ? JSON.stringify({ from, to }) : from === to ? `The store is at version ${to}.` : `The store went from version ${from} to ${to}.`);
  return EXIT.ok;
}

/** The secret is printed once and only its hash is kept. */
export async function createKey(output: Output, name: string, options: { scope: string[]; config?: string }): Promise<number> {
  const scopes = options.scope.map((scope) => {
    if (isScope(scope)) return scope;
    throw new TrunklineError('TRK_USAGE', { params: { reason: `Unknown scope ${scope}; known are ${knownScopes.join(', ')}.` }, field: 'scope' });
  });
  const { record, secret } = await withStore(options.config, async (store) => {
    await store.migrate();
    return createApiKey({ store, clock: systemClock, random: systemRandom }, { name, scopes });
  }, true);
  output.note('This key is shown once:');
  output.out(output.json ? JSON.stringify({ id: record.id, secret, scopes }) : secret);
  return EXIT.ok;
}

/** `beside`: a server may be running on the same store. */
async function withStore<T>(configPath: string | undefined, work: (store: Store) => Promise<T>, beside = false): Promise<T> {
  const config = configFrom(configPath);
  const store = openStore(config, { clock: systemClock, random: systemRandom, log: silentLogger }, { beside });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
