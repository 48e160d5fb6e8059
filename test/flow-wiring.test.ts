import t from 'tap';
import type { PublishedFlow } from '../src/call/flow-library.js';
import { FirstFlows } from '../src/flow-wiring.js';
import { TrunklineError } from '../src/kernel/errors.js';
import { silentLogger } from '../src/kernel/log.js';

const inbound = ['hello', 'gone', 'hello'].map((flow, number) => ({ number: String(number), flow }));

function setUp(): { first: FirstFlows; made: string[] } {
  const made: string[] = [];
  const flows = {
    get: (id: string): Promise<PublishedFlow> => {
      made.push(id);
      return id === 'gone' ? Promise.reject(new TrunklineError('TRK_FLOW_UNKNOWN', { params: { flow: id } })) : Promise.resolve({} as PublishedFlow);
    },
  };
  return { first: new FirstFlows(flows, { inbound }, silentLogger), made };
}

t.test('ready only when the folder is loaded and the flows of inbound numbers are made', async (t) => {
  const { first, made } = setUp();
  let loaded: () => void = () => undefined;
  const making = first.make(() => new Promise((resolve) => (loaded = resolve)));
  t.equal(first.ready, false);
  t.same(made, []);
  loaded();
  await making;
  t.equal(first.ready, true);
  t.same(made, ['hello', 'gone'], 'each once, and one that is not there does not stop the others');
});

t.test('a folder that cannot be loaded is told, and the server is not ready', async (t) => {
  const { first } = setUp();
  await t.rejects(first.make(() => Promise.reject(new TrunklineError('TRK_FLOW_INVALID', { params: { reason: 'x' } }))), { code: 'TRK_FLOW_INVALID' });
  t.equal(first.ready, false);
});
