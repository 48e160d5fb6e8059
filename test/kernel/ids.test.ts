import t from 'tap';
import { isId, newId } from '../../src/kernel/ids.js';
import { systemRandom } from '../../src/kernel/random.js';
import type { Random } from '../../src/kernel/random.js';
import { ManualClock } from '../support/manual-clock.js';

const fixed = (byte: number): Random => ({ bytes: (length) => new Uint8Array(length).fill(byte) });

t.test('prefix, time and random part, in letters that can be read out', async (t) => {
  t.equal(newId('task', new ManualClock(0), fixed(0)), `task_${'0'.repeat(26)}`);
  t.equal(newId('call', new ManualClock(2 ** 48 - 1), fixed(255)), `call_7ZZZZZZZZZ${'Z'.repeat(16)}`);
});

t.test('later ids sort later, whatever their random part', async (t) => {
  const clock = new ManualClock();
  const first = newId('att', clock, fixed(255));
  clock.advance(1);
  t.ok(first < newId('att', clock, fixed(0)));
});

t.test('no id comes twice', async (t) => {
  const clock = new ManualClock();
  t.equal(new Set(Array.from({ length: 10_000 }, () => newId('evt', clock, systemRandom))).size, 10_000);
});

t.test('isId knows its own prefix and alphabet', async (t) => {
  const id = newId('task', new ManualClock(), systemRandom);
  t.equal(isId('task', id), true);
  for (const wrong of [id.replace('task', 'call'), id.slice(1), `${id}0`, id.toLowerCase(), `task_${'I'.repeat(26)}`, `task_${'0'.repeat(25)}`, '', `${id}\n`]) {
    t.equal(isId('task', wrong), false, JSON.stringify(wrong));
  }
});
