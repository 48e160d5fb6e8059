import t from 'tap';
import { systemClock } from '../../../src/kernel/clock.js';
import { systemRandom } from '../../../src/kernel/random.js';
import { FreeswitchEngine } from '../../../src/media/freeswitch/engine.js';
import { NativeEngine } from '../../../src/media/native/engine.js';
import { mediaContract } from '../../contract/media.js';
import { callOpener } from '../../contract/media-support.js';
import type { MakeEngine } from '../../contract/media-support.js';
import { differences } from './differences.js';
import { openReal, realServer } from './real.js';
import { openScripted } from './scripted.js';

const named = realServer();
const server = named === undefined ? await openScripted() : await openReal(named);
t.teardown(() => server.close());
const makeEngine: MakeEngine = (options) => new FreeswitchEngine({ pool: server.pool, placing: server.placing, native: new NativeEngine(options), clock: systemClock, random: systemRandom });

/** What holds instead of a scenario of the suite runs in its place; no scenario is passed over. */
const instead = differences(callOpener(makeEngine), makeEngine, server.real);
const used = new Set<string>();
type Body = (test: typeof t) => Promise<unknown>;
const section = t.test.bind(t) as unknown as (title: string, body: Body) => Promise<unknown>;
(t as { test: unknown }).test = (title: string, body: Body) =>
  section(title, (suite) => {
    const scenario = suite.test.bind(suite) as unknown as (title: string, body: Body) => Promise<unknown>;
    (suite as { test: unknown }).test = (name: string, run: Body) => {
      const other = instead.get(name);
      if (other === undefined) return scenario(name, run);
      used.add(name);
      return scenario(`${name}; here: ${other.title}`, other.run);
    };
    return body(suite);
  });

mediaContract(server.real ? 'FreeSWITCH' : 'FreeSWITCH as recorded', makeEngine);

void section('each difference stands for a scenario that is there', async (test) => {
  test.same([...instead.keys()].filter((name) => !used.has(name)), []);
});
