import t from 'tap';
import { freeMediaRange, startOnFreePorts } from './ports.js';

t.test('whoever finds a port taken is started again, and nobody else', async (t) => {
  for (const said of ['bind: Address already in use', 'port 5 is in use by another process', 'Unable to bind main socket']) {
    let starts = 0;
    t.equal(await startOnFreePorts(() => (++starts < 3 ? Promise.reject(new Error(said)) : Promise.resolve('up'))), 'up', said);
    t.equal(starts, 3);
  }
  let starts = 0;
  await t.rejects(startOnFreePorts(() => Promise.reject(new Error(`no license ${(starts += 1)}`))), /no license 1/);
  starts = 0;
  await t.rejects(startOnFreePorts(() => Promise.reject(new Error(`address already in use ${(starts += 1)}`))), /in use 5/);
});

t.test('who needs each port of a range is apart from those who take a wide one', async (t) => {
  const [each, wide] = [await freeMediaRange(40, true), await freeMediaRange(40)];
  t.ok(each.port_min >= 28_000 && each.port_max < 32_000, `${each.port_min} to ${each.port_max}`);
  t.ok(wide.port_max < 24_000, `${wide.port_min} to ${wide.port_max}`);
  t.equal(each.port_max - each.port_min, 79);
});
