import type { Config } from '../config/schema.js';
import { systemClock } from '../kernel/clock.js';
import { silentLogger } from '../kernel/log.js';
import { systemRandom } from '../kernel/random.js';
import type { Store } from '../store/store.js';
import { openStore } from '../store-wiring.js';

/** `beside`: a server may be running on the same store. */
export async function withStore<T>(config: Config, options: { readonly beside: boolean }, work: (store: Store) => Promise<T>): Promise<T> {
  const store = openStore(config, { clock: systemClock, random: systemRandom, log: silentLogger }, options);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
