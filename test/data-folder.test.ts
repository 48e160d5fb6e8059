import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { FlowLibrary } from '../src/call/flow-library.js';
import { loadFlows } from '../src/cli/flow-files.js';
import { parseConfig } from '../src/config/load.js';
import { systemClock } from '../src/kernel/clock.js';
import { silentLogger } from '../src/kernel/log.js';
import { systemRandom } from '../src/kernel/random.js';
import { makeDataFolder } from '../src/data-folder.js';
import { openStore } from '../src/store-wiring.js';

t.test('folders of data are for their owner only', async (t) => {
  const dir = join(t.testdir(), 'data');
  const store = openStore(parseConfig(JSON.stringify({ data_dir: dir })), { clock: systemClock, random: systemRandom, log: silentLogger });
  await store.close();
  makeDataFolder(join(dir, 'recordings'));
  for (const path of [dir, join(dir, 'recordings')]) t.equal(statSync(path).mode & 0o077, 0, path);
  const shared = join(t.testdirName, 'shared');
  mkdirSync(shared, { mode: 0o750 });
  makeDataFolder(shared);
  t.equal(statSync(shared).mode & 0o777, 0o750, 'one that is there is left as it is');
});

t.test('a folder that the configuration names and that cannot be used is named by its key', async (t) => {
  const file = join(t.testdir({ file: '' }), 'file');
  t.throws(() => makeDataFolder(join(file, 'data')), { code: 'TRK_CONFIG_UNREADABLE', field: 'data_dir' });
  await t.rejects(loadFlows({} as FlowLibrary, join(file, 'flows')), { code: 'TRK_CONFIG_UNREADABLE', field: 'flows_dir' });
});
