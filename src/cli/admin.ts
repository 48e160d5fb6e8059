import { createApiKey, isScope, scopes as knownScopes } from '../api/keys.js';
import { loadConfig } from '../config/load.js';
import { systemClock } from '../kernel/clock.js';
import { TrunklineError } from '../kernel/errors.js';
import { systemRandom } from '../kernel/random.js';
import { configFrom } from './arguments.js';
import { EXIT } from './output.js';
import type { Output } from './output.js';
import { withStore } from './with-store.js';

export function configCheck(output: Output, file: string | undefined): Promise<number> {
  const config = file === undefined ? configFrom(undefined) : loadConfig(file, process.env);
  output.out(output.json ? JSON.stringify({ ok: true }) : `The configuration is valid. SIP port ${config.sip.port}, API ${config.api.address}:${config.api.port}, data in ${config.data_dir}.`);
  return Promise.resolve(EXIT.ok);
}

export async function migrate(output: Output, options: { config?: string }): Promise<number> {
  const { from, to } = await withStore(configFrom(options.config), { beside: false }, (store) => store.migrate());
  output.out(output.json ? JSON.stringify({ from, to }) : from === to ? `The store is at version ${to}.` : `The store went from version ${from} to ${to}.`);
  return EXIT.ok;
}

/** The secret is printed once and only its hash is kept. */
export async function createKey(output: Output, name: string, options: { scope: string[]; config?: string }): Promise<number> {
  const scopes = options.scope.map((scope) => {
    if (isScope(scope)) return scope;
    throw new TrunklineError('TRK_USAGE', { params: { reason: `Unknown scope ${scope}; known are ${knownScopes.join(', ')}.` }, field: 'scope' });
  });
  const { record, secret } = await withStore(configFrom(options.config), { beside: true }, async (store) => {
    await store.migrate();
    return createApiKey({ store, clock: systemClock, random: systemRandom }, { name, scopes });
  });
  output.note('This key is shown once:');
  output.out(output.json ? JSON.stringify({ id: record.id, secret, scopes }) : secret);
  return EXIT.ok;
}
