import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import t from 'tap';
import { exportLog } from '../../src/cli/compliance.js';
import { createOutput } from '../../src/cli/output.js';
import { parseConfig } from '../../src/config/load.js';
import { silentLogger } from '../../src/kernel/log.js';
import { systemRandom } from '../../src/kernel/random.js';
import { openStore } from '../../src/store-wiring.js';
import { ManualClock } from '../support/manual-clock.js';

/** Takes one piece a turn of the event loop; `most` is what waited for it at once, bytes. */
class SlowReader extends Writable {
  text = '';
  most = 0;

  constructor() {
    super({ highWaterMark: 1_000, decodeStrings: false });
  }

  override _write(chunk: string, _encoding: string, done: () => void): void {
    this.text += chunk;
    this.most = Math.max(this.most, this.writableLength);
    setImmediate(done);
  }

  get lines(): readonly { seq: number; subject: string }[] {
    return this.text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as { seq: number; subject: string });
  }
}

t.test('the log is exported as fast as it is read, and by a number as it may be written', async (t) => {
  const dir = t.testdir();
  const config = join(dir, 'trunkline.yaml');
  writeFileSync(config, `data_dir: ${JSON.stringify(join(dir, 'data'))}\n`);
  const store = openStore(parseConfig(`data_dir: ${JSON.stringify(join(dir, 'data'))}`), { clock: new ManualClock(), random: systemRandom, log: silentLogger });
  await store.migrate();
  const subjects = [store.subjects.number('+493012345678'), store.subjects.number('+14155550100')];
  await store.noteCompliance(Array.from({ length: 2_500 }, (_, index) => ({ kind: 'erased', subject: subjects[index % 2] ?? '', body: {} })));
  await store.close();

  const output = createOutput(true);
  const read = async (options: { number?: string }): Promise<SlowReader> => {
    const to = new SlowReader();
    t.equal(await exportLog(output, { config, ...options }, to), 0);
    to.end();
    await finished(to);
    return to;
  };
  const all = await read({});
  t.same([all.lines.length, all.lines[0]?.seq, all.lines.at(-1)?.seq], [2_500, 1, 2_500]);
  t.ok(all.most < 2_000, `${all.most} bytes waited at once`);
  for (const number of ['+493012345678', '+49 30 1234-5678', 'sip:+493012345678@gw.example']) {
    const some = await read({ number });
    t.same([some.lines.length, some.lines[0]?.subject], [1_250, subjects[0]], number);
  }
  await t.rejects(exportLog(output, { config, number: '030 12345678' }, new SlowReader()), { code: 'TRK_NUMBER_INVALID', field: '--number' }, 'and not nothing, as if there were nothing');
});
