import t from 'tap';
import { isTimeZone } from '../../src/kernel/time-zone.js';

t.test('names of zones, and what is none', (t) => {
  for (const name of ['UTC', 'Europe/London', 'Asia/Shanghai', 'US/Eastern', 'america/new_york']) t.ok(isTimeZone(name), name);
  // Node 22 takes offsets, so that the first two would pass there.
  for (const name of ['+08:00', '-0530', '', 'Mars/Olympus', 'Europe/London ', 'x'.repeat(1_000)]) t.notOk(isTimeZone(name), name.slice(0, 20));
  t.end();
});
