/**
 * A second process on one store: claims every due task that it can, then prints the
 * ids that it got as JSON. Arguments: file of the store, node id, and `tell` to print
 * each id as soon as it is claimed.
 */
import { systemClock } from '../../src/kernel/clock.js';
import { silentLogger } from '../../src/kernel/log.js';
import { systemRandom } from '../../src/kernel/random.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';

const [path = '', nodeId = '', tell] = process.argv.slice(2);
const store = openSqliteStore({ path, clock: systemClock, random: systemRandom, log: silentLogger, exclusive: false });
process.stdout.write('ready\n');
await new Promise((resolve) => process.stdin.once('data', resolve));
const claimed: string[] = [];
for (;;) {
  const due = await store.dueTasks(5);
  if (due.length === 0) break;
  for (const task of due) {
    const attempt = await store.beginAttempt(task.id, nodeId, (attemptId) => `${attemptId}@trunkline.invalid`);
    if (attempt === undefined) continue;
    claimed.push(task.id);
    if (tell !== undefined) process.stdout.write(`${task.id}\n`);
  }
}
await store.close();
process.stdout.write(`${JSON.stringify(claimed)}\n`);
process.exit(0);
