import { readFileSync } from 'node:fs';
import t from 'tap';
import { liveTable } from '../../src/cli/trunk-table.js';
import type { LiveTrunk } from '../../src/cli/trunk-table.js';

const trunk = (name: string, status: Partial<LiveTrunk['status']>, limit = 0): LiveTrunk => ({ name, max_channels: limit, status: { state: 'up', channels: 0, lastHour: { attempts: 0, answered: 0 }, registration: { state: 'off' }, ...status } });

t.test('the table is as the docs show it', (t) => {
  const text = liveTable([trunk('carrier', { channels: 1, lastHour: { attempts: 4, answered: 2, asr: 0.5, ner: 1, acdMs: 41_260, pddMs: 1_234 } }, 30)]);
  t.ok(readFileSync('docs/observing.md', 'utf8').includes(`\n${text}\n`), text);
  t.end();
});

t.test('what is down says why, and what was not counted is no number', (t) => {
  const text = liveTable([trunk('a', { state: 'down', reason: 'TRK_TRUNK_CREDENTIALS', registration: { state: 'failed', error: 'TRK_TRUNK_CREDENTIALS' } })]);
  t.match(text.split('\n')[2], /^a +down \(TRK_TRUNK_CREDENTIALS\) +failed \(TRK_TRUNK_CREDENTIALS\) +0 +0 +- +- +- +-$/);
  t.end();
});
