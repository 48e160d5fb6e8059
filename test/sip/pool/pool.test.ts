import t from 'tap';
import { systemClock } from '../../../src/kernel/clock.js';
import { silentLogger } from '../../../src/kernel/log.js';
import { systemRandom, type Random } from '../../../src/kernel/random.js';
import type { DrachtioDialog } from '../../../src/sip/drachtio/dialog.js';
import { createDrachtioSignalling } from '../../../src/sip/drachtio/signalling.js';
import { startEmbeddedSipServer, type EmbeddedSipServer } from '../../../src/sip/embedded/server.js';
import { SignallingPool, type PooledSignalling, type PoolMember } from '../../../src/sip/pool/pool.js';
import type { IncomingCall, Signalling, SignallingState } from '../../../src/sip/signalling.js';
import { PeerDialog, responseTo, SDP, SipPeer, token } from '../../contract/sip-peer.js';
import { signallingContract } from '../../contract/signalling.js';
import { ANSWER } from '../../contract/signalling-scenario.js';
import { cuttableLine, type CuttableLine } from '../../support/cuttable-line.js';
import { ManualClock } from '../../support/manual-clock.js';

const secret = 'a secret of the test';

interface Stage {
  readonly pool: SignallingPool;
  readonly servers: readonly EmbeddedSipServer[];
  readonly lines: readonly CuttableLine[];
  readonly told: string[];
  close(): Promise<void>;
}

async function stage(weights: readonly number[], random: Random = systemRandom): Promise<Stage> {
  const servers = await Promise.all(weights.map(() => startEmbeddedSipServer({ address: '127.0.0.1', port: 0, maxTransactions: 1000, clock: systemClock, random: systemRandom, log: silentLogger, secret })));
  const lines = await Promise.all(servers.map(({ adminPort }) => cuttableLine(adminPort)));
  const family = new Set<DrachtioDialog>();
  const told: string[] = [];
  const members = lines.map(({ port }, index) => ({
    name: `server-${index}`,
    weight: weights[index] ?? 1,
    drain: false,
    signalling: createDrachtioSignalling({ host: '127.0.0.1', port, secret, clock: systemClock, log: silentLogger, userAgent: 'trunkline/test', family }),
  }));
  const pool = new SignallingPool(members, { clock: systemClock, random, log: silentLogger, onServer: (name, up) => told.push(`${name} ${up ? 'up' : 'down'}`) });
  await pool.start();
  await Promise.all(members.map(({ signalling }) => reached(signalling, 'connected')));
  return {
    pool,
    servers,
    lines,
    told,
    close: async () => {
      await pool.close();
      await Promise.all(lines.map((line) => line.close()));
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

function reached(signalling: Pick<Signalling, 'state' | 'onState'>, wanted: SignallingState): Promise<void> {
  if (signalling.state === wanted) return Promise.resolve();
  return new Promise((resolve) => signalling.onState((state) => state === wanted && resolve()));
}

signallingContract('a pool of two servers', async () => {
  const { pool, servers, close } = await stage([1, 0]);
  return { signalling: pool, sipPort: servers[0]?.listeners[0]?.port ?? 0, close };
});

t.test('losing one server keeps its calls, new ones go to the other', async (t) => {
  const s = await stage([1, 1]);
  const peer = await SipPeer.udp();
  t.teardown(async () => {
    peer.answerByes();
    await s.close();
    await peer.close();
  });
  const place = async (): Promise<{ via: number; ended: () => boolean }> => {
    const placing = s.pool.place({ to: peer.uri, from: '1', sdp: SDP, callId: `${token()}@test` });
    const invite = await peer.next('INVITE');
    invite.reply(responseTo(invite, 200, { headers: [`Contact: ${peer.contact}`], body: ANSWER }));
    const dialog = await placing;
    const port = Number(/:(\d+)/.exec(invite.header('Via'))?.[1]);
    return { via: s.servers.findIndex((server) => server.listeners[0]?.port === port), ended: () => dialog.ended };
  };
  const calls: Array<Awaited<ReturnType<typeof place>>> = [];
  // By chance both get some within a few.
  while (new Set(calls.map(({ via }) => via)).size < 2) calls.push(await place());
  t.same(s.pool.servers.map(({ calls: number }) => number), [0, 1].map((via) => calls.filter((call) => call.via === via).length));
  const [first] = s.lines;
  if (!first) throw new Error('no line');
  const down = new Promise<void>((resolve) => s.pool.onState(() => resolve()));
  first.open = false;
  first.cut();
  while (s.pool.servers[0]?.state !== 'lost') await new Promise((resolve) => setImmediate(resolve));
  t.same(s.told, ['server-0 up', 'server-1 up', 'server-0 down'].sort((a, b) => s.told.indexOf(a) - s.told.indexOf(b)));
  t.equal(s.pool.state, 'connected');
  for (let i = 0; i < 6; i += 1) t.equal((await place()).via, 1);
  t.same(calls.map(({ ended }) => ended()), calls.map(() => false));
  // All lost is lost, and new calls are refused before anything is sent.
  s.lines[1]?.cut();
  const line = s.lines[1];
  if (line) line.open = false;
  await down;
  t.equal(s.pool.state, 'lost');
  await t.rejects(s.pool.place({ to: peer.uri, from: '1', sdp: SDP, callId: 'x@test' }), { code: 'TRK_SIP_NOT_CONNECTED', cause: { status: 503 } });
});

t.test('calls come in by any server; a draining one refuses them and places none', async (t) => {
  const s = await stage([1, 1]);
  const peer = await SipPeer.udp();
  t.teardown(async () => {
    await s.close();
    await peer.close();
  });
  const calls: IncomingCall[] = [];
  s.pool.onInvite((call) => {
    calls.push(call);
    void call.reject(486);
  });
  for (const { listeners } of s.servers) {
    PeerDialog.caller(peer, listeners[0]?.port ?? 0).send('INVITE', { body: SDP });
    await peer.next(486);
  }
  t.equal(calls.length, 2);
  t.equal(s.pool.setDrain('server-1', true), true);
  t.equal(s.pool.setDrain('nobody', true), false);
  PeerDialog.caller(peer, s.servers[1]?.listeners[0]?.port ?? 0).send('INVITE', { body: SDP });
  t.equal((await peer.next(503)).header('Retry-After'), '30');
  t.match(s.pool.servers, [{ healthy: true }, { healthy: false, drain: true }]);
  s.pool.setDrain('server-0', true);
  await t.rejects(s.pool.request('OPTIONS', peer.uri), { code: 'TRK_SIP_NOT_CONNECTED' });
});

/** A server whose answers the test decides. */
class Scripted implements PooledSignalling {
  state: SignallingState = 'connecting';
  calls = 0;
  pingMs: number | undefined;
  answersOptions = true;
  readonly asked: string[] = [];
  readonly placed: string[] = [];
  private readonly listeners: Array<(state: SignallingState) => void> = [];

  constructor(readonly addresses: readonly string[]) {}

  set(state: SignallingState): void {
    this.state = state;
    for (const listener of this.listeners) listener(state);
  }
  onState(listener: (state: SignallingState) => void): void {
    this.listeners.push(listener);
  }
  start(): Promise<void> {
    this.set('connected');
    return Promise.resolve();
  }
  place(request: { callId: string }): Promise<never> {
    this.placed.push(request.callId);
    return Promise.reject(new Error('enough'));
  }
  onInvite(): void {
    return;
  }
  onRequest(): void {
    return;
  }
  alive: (uri: string) => boolean = () => true;
  request(method: string, uri: string): Promise<{ status: number; headers: Record<string, string>; body: string }> {
    this.asked.push(`${method} ${uri}`);
    return this.alive(uri) ? Promise.resolve({ status: 200, headers: {}, body: '' }) : Promise.reject(new Error('silence'));
  }
  close(): Promise<void> {
    this.set('closed');
    return Promise.resolve();
  }
}

/** Bytes that count up, so that shares come out exact over a round of 256. */
function countingRandom(): Random {
  let next = 0;
  return { bytes: (length) => Uint8Array.from({ length }, (_, index) => (index === 0 ? (next = (next + 1) % 256) : 0)) };
}

const request = (callId: string): Parameters<Signalling['place']>[0] => ({ to: 'sip:a@127.0.0.1', from: '1', sdp: SDP, callId });

async function scripted(weights: readonly number[]): Promise<{ pool: SignallingPool; servers: Scripted[]; clock: ManualClock; told: string[] }> {
  const servers = weights.map((_, index) => new Scripted([`tcp/127.0.0.1:${5070 + index}`, `udp/127.0.0.1:${5070 + index}`]));
  const members: PoolMember[] = servers.map((signalling, index) => ({ name: `s${index}`, signalling, weight: weights[index] ?? 0, drain: false }));
  const clock = new ManualClock();
  const told: string[] = [];
  const pool = new SignallingPool(members, { clock, random: countingRandom(), log: silentLogger, onServer: (name, up, reason) => told.push(`${name} ${up ? 'up' : 'down'} ${reason}`) });
  await pool.start();
  return { pool, servers, clock, told };
}

t.test('new calls are spread by weight over those that are healthy', async (t) => {
  const { pool, servers } = await scripted([3, 1, 0]);
  for (let i = 0; i < 256; i += 1) await pool.place(request(String(i))).catch(() => undefined);
  t.same(servers.map(({ placed }) => placed.length), [192, 64, 0]);
  servers[0]?.set('lost');
  servers[1]?.set('lost');
  await t.rejects(pool.place(request('last')), /enough/, 'weight 0 is for need');
  t.same(servers[2]?.placed, ['last']);
  t.equal(servers.flatMap(({ placed }) => placed).length, 257, 'no call is tried twice');
});

t.test('registrations of one Call-ID stay with one server as long as it lives', async (t) => {
  const { pool, servers } = await scripted([1, 1, 1]);
  const register = async (): Promise<number> => {
    const before = servers.map(({ asked }) => asked.length);
    await pool.request('REGISTER', 'sip:carrier.example', { headers: { 'Call-ID': 'binding' } });
    return servers.findIndex(({ asked }, index) => asked.length > (before[index] ?? 0));
  };
  const home = await register();
  t.same([await register(), await register()], [home, home]);
  servers[home]?.set('lost');
  const other = await register();
  t.not(other, home);
  servers[home]?.set('connected');
  t.equal(await register(), home);
});

t.test('a server that no longer answers OPTIONS of the others gets no new calls', async (t) => {
  const { pool, servers, clock, told } = await scripted([1, 1]);
  const [first, second] = servers;
  if (!first || !second) throw new Error('no servers');
  const round = async (): Promise<void> => {
    clock.advance(11_000);
    await new Promise((resolve) => setImmediate(resolve));
  };
  first.alive = () => false;
  for (let i = 0; i < 3; i += 1) await round();
  t.match(pool.servers, [{ healthy: true }, { healthy: true }], 'what never answered may be out of reach');
  first.alive = () => true;
  await round();
  t.ok(first.asked.includes('OPTIONS sip:127.0.0.1:5071'));
  first.alive = () => false;
  await round();
  t.match(pool.servers, [{ healthy: true }, { healthy: true }], 'one loss is weather');
  await round();
  t.match(pool.servers, [{ healthy: true }, { healthy: false, state: 'connected' }]);
  t.equal(told.at(-1), 's1 down options');
  for (let i = 0; i < 8; i += 1) await pool.place(request(String(i))).catch(() => undefined);
  t.equal(second.placed.length, 0);
  first.alive = () => true;
  await round();
  t.equal(told.at(-1), 's1 up options');
});
