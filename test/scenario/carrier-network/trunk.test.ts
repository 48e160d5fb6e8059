import { join } from 'node:path';
import t from 'tap';
import { eventually } from '../../support/eventually.js';
import { PhoneProcess } from '../../support/phone-process.js';
import type { PhoneEvent } from '../../../src/demo/phone/phone-event.js';
import type { ServerEvent, ServerProcess } from '../../support/server-process.js';
import { THEIR_NUMBER, startNetwork } from './network.js';

// A carrier that wants to know who we are, that goes away and comes back, and that
// carries twenty calls at once.

const CALLS = 20;
const RTP_PER_SECOND = 50;
const FLOW = `
trunkline: 1
id: notice
language: en-US
start: notice
fallback: notice
nodes:
  notice:
    end: end
    reason: told
    say: Good morning. This is a short notice from Harbor Bank. Our branch in the main street is closed on Monday. Goodbye.
`;
const listener = { steps: [], hangupAfter: 'never', maxCallMs: 60_000, noiseDbfs: -60 };

/** The next of its kind, not one of the past. */
function next(server: ServerProcess, type: string, limitMs: number): Promise<ServerEvent> {
  const past = new Set(server.events);
  return server.event((event) => event.type === type && !past.has(event), limitMs, type);
}

t.test('a carrier with digest, OPTIONS and twenty calls at once', async (t) => {
  const directory = t.testdir();
  const phone = await PhoneProcess.start(join(directory, 'phone'), { listener });
  t.teardown(() => phone.stop());
  const network = await startNetwork(t, { encrypted: false, password: 'correct horse', calls: CALLS, phone: `sip:127.0.0.1:${phone.port}`, flow: { id: 'notice', text: FLOW } });
  const { server, rtpengine } = network;
  await server.event(({ type }) => type === 'trunk.up', 20_000, 'trunk.up');

  await t.test('we register, and prove ourselves for each call', async (t) => {
    const trunks = (await server.request('GET', '/v1/trunks')) as { items: Record<string, unknown>[] };
    t.match(trunks.items[0], { name: 'carrier', status: { state: 'up', registration: { state: 'registered' } } });
    const result = await server.result(await server.createTask({ to: THEIR_NUMBER, flow: 'notice' }));
    t.match(result, { disposition: 'answered_human', endedBy: 'bot', trunk: 'carrier', sipStatus: 200 });
  });

  await t.test('its end is noticed, and its return', async (t) => {
    const down = next(server, 'trunk.down', 30_000);
    await network.kamailio.stop();
    t.match((await down).data, { trunk: 'carrier' });
    const up = next(server, 'trunk.up', 60_000);
    await network.startKamailio();
    t.match((await up).data, { trunk: 'carrier' });
    const result = await server.result(await server.createTask({ to: THEIR_NUMBER, flow: 'notice' }));
    t.equal(result.disposition, 'answered_human', 'and calls go through again');
  });

  await t.test('twenty calls at once lose nothing', async (t) => {
    // Nobody is called who is in a call.
    const tasks = await Promise.all(Array.from({ length: CALLS }, (_, index) => server.createTask({ to: `+1415555${2700 + index}`, flow: 'notice' })));
    const results = await Promise.all(tasks.map((task) => server.result(task, 90_000)));
    t.same(results.map(({ disposition }) => disposition), tasks.map(() => 'answered_human'));
    const ended = phone.events.filter((event: PhoneEvent) => event.event === 'ended').slice(-CALLS);
    t.equal(ended.reduce((sum, { stats }) => sum + (stats?.packetsLost ?? 1), 0), 0, 'the telephones missed nothing');
    t.equal(results.reduce((sum, { media }) => sum + (media?.['packetsLost'] ?? 1), 0), 0, 'we missed nothing');
    const heard = ended.every(({ stats, durationMs = 0 }) => (stats?.packetsReceived ?? 0) > (durationMs / 1000 - 0.7) * RTP_PER_SECOND);
    t.ok(heard, 'audio was there all the time');
    const together = Math.max(...results.map(({ answeredAt = '' }) => results.filter((other) => (other.answeredAt ?? '') <= answeredAt && other.endedAt > answeredAt).length));
    t.ok(together > CALLS / 2, `${together} of them at the same time`);
    await eventually('an empty rtpengine', 5_000, async () => ((await rtpengine.calls()).length === 0 ? true : undefined));
    t.pass('and the carrier forgot them');
  });
});
