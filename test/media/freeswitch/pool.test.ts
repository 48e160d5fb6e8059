import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import type { Test } from 'tap';
import { systemClock } from '../../../src/kernel/clock.js';
import type { Clock } from '../../../src/kernel/clock.js';
import { TrunklineError } from '../../../src/kernel/errors.js';
import { silentLogger } from '../../../src/kernel/log.js';
import { systemRandom } from '../../../src/kernel/random.js';
import { FreeswitchEngine } from '../../../src/media/freeswitch/engine.js';
import { FreeswitchPool } from '../../../src/media/freeswitch/pool.js';
import type { FreeswitchServerOptions } from '../../../src/media/freeswitch/options.js';
import type { Carried } from '../../../src/media/freeswitch/server.js';
import { NativeEngine } from '../../../src/media/native/engine.js';
import { HANGS_MS, eventually } from '../../support/eventually.js';
import { ManualClock } from '../../support/manual-clock.js';
import { freeMediaPorts } from '../../support/ports.js';
import { RtpFarEnd } from '../rtp-far-end.js';
import { serverOptions } from './real.js';
import { ScriptedFreeswitch, scriptedOptions } from './scripted.js';

const parts = { clock: systemClock, random: systemRandom, log: silentLogger };

async function start(test: Test, servers: readonly FreeswitchServerOptions[], clock: Clock = systemClock): Promise<FreeswitchPool> {
  const pool = new FreeswitchPool(servers, { ...parts, clock });
  test.teardown(() => pool.close());
  await pool.start();
  return pool;
}

async function scripted(test: Test): Promise<ScriptedFreeswitch> {
  const server = await ScriptedFreeswitch.listen();
  test.teardown(() => server.kill());
  return server;
}

function call(): Carried & { error: Promise<TrunklineError> } {
  let lost!: (error: TrunklineError) => void;
  const error = new Promise<TrunklineError>((resolve) => (lost = resolve));
  return { heard: () => 0, lost, error };
}

t.test('published and broken passwords are refused before anything is sent', (t) => {
  for (const password of ['', ' ', 'ClueCon', 'cluecon', 'JambonzR0ck$']) t.throws(() => new FreeswitchPool([serverOptions('h', 1, password)], parts), { code: 'TRK_MEDIA_FREESWITCH_PASSWORD' }, password);
  t.throws(() => new FreeswitchPool([serverOptions('h', 1, 'a\napi shutdown')], parts), { code: 'TRK_CONFIG_INVALID' });
  t.throws(() => new FreeswitchPool([], parts), { code: 'TRK_CONFIG_INVALID' });
  t.end();
});

t.test('why a server cannot be used is named, within seconds', async (t) => {
  const server = await scripted(t);
  const mute = createServer((socket) => void socket.on('error', () => undefined));
  const other = createServer((socket) => void socket.on('error', () => undefined).end('SSH-2.0-x\r\n'));
  for (const one of [mute, other]) await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
  t.teardown(() => [mute, other].forEach((one) => one.close()));
  const port = (one: typeof mute): number => (one.address() as AddressInfo).port;
  const clock = new ManualClock();
  const pool = new FreeswitchPool([
    serverOptions('127.0.0.1', port(mute), 'secret', { name: 'mute' }),
    serverOptions('127.0.0.1', port(other), 'secret', { name: 'other' }),
    serverOptions('127.0.0.1', 1, 'secret', { name: 'nobody' }),
    { ...scriptedOptions(server), password: 'wrong', name: 'wrong' },
  ], { ...parts, clock });
  t.teardown(() => pool.close());
  const connected = once(mute, 'connection');
  const started = pool.start();
  const named = (): number => pool.status.filter(({ error }) => error !== undefined).length;
  // No time passes: these say themselves what is wrong.
  await eventually('three reasons', 60_000, () => (named() === 3 ? true : undefined));
  await connected;
  await clock.run(0);
  clock.advance(1_999);
  t.equal(named(), 3);
  clock.advance(1);
  await started;
  const errors = Object.fromEntries(pool.status.map(({ name, error }) => [name, error]));
  t.match(errors['mute'], /FreeSWITCH mute cannot be used: it accepts the connection and says nothing\./);
  t.match(errors['other'], /it is no event socket|it closed the connection/);
  t.match(errors['nobody'], /connection refused/);
  t.match(errors['wrong'], /it refuses the password/);
  t.throws(() => pool.take(call()), { code: 'TRK_MEDIA_FREESWITCH_NONE', retryable: true, message: /mute is down/ });
});

t.test('calls go by weight and room; a drained server takes none', async (t) => {
  const [one, two] = [await scripted(t), await scripted(t)];
  const pool = await start(t, [scriptedOptions(one, { name: 'one', weight: 3, maxSessions: 4 }), scriptedOptions(two, { name: 'two', maxSessions: 2 })]);
  t.equal(pool.room, 6);
  const taken = Array.from({ length: 4 }, () => pool.take(call()).name);
  t.same(taken, ['one', 'one', 'one', 'two']);
  t.equal(pool.drain('one'), true);
  t.equal(pool.take(call()).name, 'two');
  t.throws(() => pool.take(call()), { code: 'TRK_MEDIA_FREESWITCH_NONE', message: /one is drained, two is full/ });
  t.equal(pool.drain('three'), false);
});

t.test('a server that ends takes its calls with it within 2 s, and new ones go elsewhere', async (t) => {
  const [one, two] = [await scripted(t), await scripted(t)];
  const clock = new ManualClock();
  const pool = await start(t, [scriptedOptions(one, { name: 'one', weight: 1000 }), scriptedOptions(two, { name: 'two' })], clock);
  const engine = new FreeswitchEngine({ pool, placing: { place: (request) => (request.to.endsWith('5088') ? one.place(request) : two.place(request)) }, native: new NativeEngine({ address: '127.0.0.1', ...(await freeMediaPorts(8)), timeoutMs: 0 }), clock: systemClock, random: systemRandom });
  const far = await RtpFarEnd.open();
  t.teardown(async () => (await engine.close(), far.close()));
  const session = engine.createSession({ codecs: ['PCMU'] });
  await session.acceptOffer(far.sdp());
  t.equal(session.server, 'one');
  let lost: unknown;
  session.onLost((error) => (lost = error));
  await one.kill();
  await eventually('the end of the connection', 60_000, () => (pool.status.some(({ name, error }) => name === 'one' && error !== undefined) ? true : undefined));
  clock.advance(999);
  t.equal(lost, undefined, 'it may live on, and answer again');
  clock.advance(1);
  t.match(lost, { code: 'TRK_MEDIA_FREESWITCH_LOST', retryable: true, message: /FreeSWITCH one was lost/ });
  let late: unknown;
  session.onLost((error) => (late = error));
  t.match(late, { code: 'TRK_MEDIA_FREESWITCH_LOST' }, 'registered late it fires at once');
  await t.rejects(session.acceptOffer(far.sdp()), { code: 'TRK_MEDIA_FREESWITCH_LOST' });
  t.equal(engine.createSession().server, 'two');
});

t.test('a server that hangs loses its calls within 2 s', async (t) => {
  const [hanging, well] = [await scripted(t), await scripted(t)];
  const clock = new ManualClock();
  const pool = await start(t, [scriptedOptions(hanging, { name: 'hanging' }), scriptedOptions(well, { name: 'well', maxSessions: 2 })], clock);
  const lost = new Map<string, unknown>();
  for (let call = 0; call < 2; call++) {
    const taken = pool.take({ heard: () => 0, lost: (error) => lost.set(taken.name, error) });
  }
  t.same(pool.status.map(({ sessions }) => sessions), [1, 1]);
  hanging.silent = true;
  // Both are asked at the same moments; an answer takes real time, for which this clock stands, so it is known by what it says of the clock.
  const answered = (latencyMs: number): Promise<true> => eventually(`an answer after ${latencyMs} ms`, HANGS_MS, () => (pool.status[1]?.latencyMs === latencyMs ? true : undefined), 1);
  clock.advance(600);
  await answered(100);
  clock.advance(700);
  await answered(200);
  clock.advance(399);
  t.equal(clock.monotonic(), 1_699);
  t.same([...lost], [], 'it may be slow');
  clock.advance(1);
  t.same([...lost.keys()], ['hanging'], 'and nobody else is lost');
  t.match(lost.get('hanging'), { code: 'TRK_MEDIA_FREESWITCH_LOST', message: /it said nothing for 1200 ms/ });
  clock.advance(101);
  await answered(1);
  t.match(pool.status, [{ state: 'down', sessions: 0 }, { state: 'up', sessions: 1 }]);
  t.equal(pool.room, 1);
});

t.test('a server that hangs while audio passes keeps its calls', async (t) => {
  const server = await scripted(t);
  const pool = await start(t, [scriptedOptions(server)]);
  let packets = 0;
  let lost: TrunklineError | undefined;
  const taken = pool.take({ heard: () => (packets += 50), lost: (error) => (lost = error) });
  server.silent = true;
  // It is seen to be silent, twice looked at, and the call stays.
  await eventually('looks at it', 60_000, () => (packets >= 200 ? true : undefined));
  t.equal(lost, undefined);
  t.equal(taken.state, 'silent');
  t.equal(pool.room, 0, 'new calls go elsewhere');
});
