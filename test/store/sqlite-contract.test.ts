import { join } from 'node:path';
import t from 'tap';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import type { Store } from '../../src/store/store.js';
import { exploreStore } from '../contract/store-exploration.js';
import { storeContract } from '../contract/store.js';
import { ManualClock } from '../support/manual-clock.js';
import { sqliteUnderTest } from '../support/stores.js';
import { storeOptions } from './store-options.js';

await storeContract(t, sqliteUnderTest);

t.test('the exploration finds stores that are broken', async (t) => {
  const broken: Record<string, (store: Store) => Partial<Store>> = {
    'claims twice': (store) => ({ beginAttempt: async (...given) => (await store.beginAttempt(...given)) ?? { id: 'att', taskId: given[0], number: 2, callId: 'call_c', sipCallId: 'c', startedAt: 0, nodeId: given[1], endedAt: undefined } }),
    'forgets lost calls': () => ({ recoverAttempts: () => Promise.resolve([]) }),
    'takes second results': (store) => ({ finishAttempt: (...given) => store.finishAttempt(...given).catch(() => undefined) }),
    'shows tasks that are over': (store) => ({ dueTasks: async () => (await store.listTasks({ limit: 1000 })).items }),
    'cancels what is dialled': (store) => ({ cancelTask: async (id) => (await store.cancelTask(id)) || true }),
    'never expires': () => ({ expireTasks: () => Promise.resolve([]) }),
    'loses results': (store) => ({ getResult: async (id) => ((await store.getResult(id))?.disposition === 'cancelled' ? undefined : store.getResult(id)) }),
  };
  for (const [name, breakIt] of Object.entries(broken)) {
    const clock = new ManualClock();
    const store = openSqliteStore(storeOptions(join(t.testdir(), 'trunkline.db'), { clock, exclusive: false }));
    await store.migrate();
    await t.rejects(exploreStore(t, { ...store, ...breakIt(store) }, clock, { numRuns: 150, endOnFailure: true, seed: 1 }), /Property failed/, name);
    await store.close();
  }
});
