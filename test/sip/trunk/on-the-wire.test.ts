import t from 'tap';
import type { Test } from 'tap';
import { parseTrunk } from '../../../src/config/trunks.js';
import { TrunkRoute } from '../../../src/call/trunk-route.js';
import { silentLogger } from '../../../src/kernel/log.js';
import { systemClock } from '../../../src/kernel/clock.js';
import { systemRandom } from '../../../src/kernel/random.js';
import { createDrachtioSignalling } from '../../../src/sip/drachtio/signalling.js';
import { startEmbeddedSipServer } from '../../../src/sip/embedded/server.js';
import { probeTrunk } from '../../../src/sip/trunk/probe.js';
import { TrunkBook } from '../../../src/sip/trunk/trunk-book.js';
import { responseTo, SDP, SipPeer } from '../../contract/sip-peer.js';
import { eventually } from '../../support/eventually.js';
import { ManualClock } from '../../support/manual-clock.js';
import { Carrier } from './carrier.js';

const dns = { resolveSrv: () => Promise.reject(new Error('none')), resolve4: () => Promise.reject(new Error('none')), resolve6: () => Promise.reject(new Error('none')) };

/** A book on real SIP, with time of its own where the test moves it. */
async function setUp(t: Test) {
  const clock = new ManualClock();
  const parts = { clock: systemClock, random: systemRandom, log: silentLogger };
  const secret = 'secret of the test';
  const server = await startEmbeddedSipServer({ ...parts, address: '127.0.0.1', port: 0, adminPort: 0, maxTransactions: 100, secret });
  const signalling = createDrachtioSignalling({ ...parts, host: '127.0.0.1', port: server.adminPort, secret, userAgent: 'trunkline/test' });
  await signalling.start();
  const carrier = await Carrier.start();
  const states: string[] = [];
  let heard: () => void = () => undefined;
  const book = new TrunkBook({ ...parts, clock, signalling, dns, caller: 'trunkline', unknownSources: undefined, onState: (trunk, state, reason) => {
    states.push(`${trunk} ${state}${reason === undefined ? '' : ` ${reason}`}`);
    heard();
  } });
  /** Resolves when that state was told. */
  const told = (state: string): Promise<void> => new Promise((resolve) => {
    heard = () => states.includes(state) && resolve();
    heard();
  });
  t.teardown(async () => {
    await book.stop();
    await signalling.close();
    await server.close();
    await carrier.close();
  });
  const trunk = (changes: object = {}) => parseTrunk({ name: 'carrier', addresses: [{ host: '127.0.0.1', port: carrier.port }], ...changes });
  const probe = (settings = trunk()) => probeTrunk({ signalling, dns, clock: systemClock, random: systemRandom }, settings);
  return { clock, signalling, carrier, book, states, told, trunk, probe };
}

const registering = { username: 'user', password: 'right', register: { enabled: true, expires_s: 300 }, keepalive_s: 0 };

for (const algorithm of ['MD5', 'SHA-256'] as const) {
  t.test(`registers with ${algorithm}, refreshes before the end, keeps the nonce, takes it back`, async (t) => {
    const { book, carrier, told, trunk, clock, states } = await setUp(t);
    carrier.algorithm = algorithm;
    book.put(trunk(registering));
    t.equal(book.take('carrier'), undefined, 'no call before it is registered');
    book.start();
    await told('carrier up');
    const first = carrier.accepted[0];
    t.match(first, { nc: '00000001', expires: '300', contact: /^<sip:user@127\.0\.0\.1:\d+>$/ });
    t.ok(book.take('carrier'));
    clock.advance(299_000);
    t.equal(carrier.accepted.length, 1, 'the answer decides: half of 600 s is not over');
    clock.advance(241_001);
    await settle(() => carrier.accepted.at(-1)?.nc === '00000002');
    const sequences = carrier.peer.received.filter(({ method }) => method === 'REGISTER').map((message) => message.header('CSeq'));
    t.same(sequences, ['1 REGISTER', '2 REGISTER', '3 REGISTER'], 'no second challenge');
    t.equal(new Set(carrier.peer.received.map((message) => message.header('Call-ID'))).size, 1);
    await book.stop();
    t.equal(carrier.accepted.at(-1)?.expires, '0');
    t.same(states, ['carrier up']);
  });
}

t.test('a nonce that ran out is no wrong password; 423 is obeyed', async (t) => {
  const { book, carrier, told, trunk, clock } = await setUp(t);
  carrier.leastS = 1200;
  book.put(trunk(registering));
  book.start();
  await told('carrier up');
  t.equal(carrier.accepted[0]?.expires, '1200');
  carrier.nonce = 'nonce-2';
  clock.advance(540_001);
  await settle(() => carrier.accepted.at(-1)?.nonce === 'nonce-2');
  t.equal(book.list()[0]?.registration.state, 'registered');
});

t.test('wrong credentials: down with their own code, tried again late; silence: another code, tried again soon', async (t) => {
  const { book, carrier, told, trunk, clock } = await setUp(t);
  book.put(trunk({ ...registering, password: 'wrong' }));
  book.start();
  await told('carrier down TRK_TRUNK_CREDENTIALS');
  t.match(book.list()[0], { state: 'down', reason: 'TRK_TRUNK_CREDENTIALS', registration: { state: 'failed', error: 'TRK_TRUNK_CREDENTIALS' } });
  t.equal(book.take('carrier'), undefined);
  const tries = () => carrier.peer.count(({ method }) => method === 'REGISTER');
  const before = tries();
  clock.advance(44_000);
  t.equal(tries(), before);
  carrier.password = 'wrong';
  clock.advance(16_001);
  await told('carrier up');
  t.equal(book.list()[0]?.registration.state, 'registered');
});

t.test('OPTIONS: up, down after two losses, up again', async (t) => {
  const { book, carrier, told, trunk, clock, states } = await setUp(t);
  book.put(trunk({ keepalive_s: 30 }));
  book.start();
  await told('carrier up');
  carrier.optionsStatus = 503;
  clock.advance(33_001);
  await settle(() => book.list()[0]?.targets[0]?.last === '503');
  t.same(states, ['carrier up'], 'one loss is weather');
  clock.advance(1_001);
  await told('carrier down 503');
  t.match(book.list()[0], { state: 'down', targets: [{ target: `127.0.0.1:${carrier.port}`, state: 'down', last: '503' }] });
  t.equal(book.reserve({ to: '+14155550100', from: undefined }), 'busy');
  carrier.optionsStatus = 404;
  states.length = 0;
  clock.advance(33_001);
  await told('carrier up');
  t.pass('any other answer shows life');
});

t.test('a carrier that says nothing is down, too', async (t) => {
  const { book, carrier, told, trunk, clock } = await setUp(t);
  carrier.dead = true;
  book.put(trunk({ keepalive_s: 30 }));
  book.start();
  for (let round = 0; round < 2; round++) {
    await settle(() => carrier.peer.count(({ method }) => method === 'OPTIONS') > round);
    clock.advance(5_001);
    await settle(() => book.list()[0]?.targets[0]?.last === 'TRK_TRUNK_UNREACHABLE');
    clock.advance(1_001);
  }
  await told('carrier down TRK_TRUNK_UNREACHABLE');
  t.pass('down');
});

t.test('a call fails over from a carrier that refuses to one that answers; digest is given to who asks', async (t) => {
  const { book, signalling, trunk } = await setUp(t);
  const [busy, good] = [await SipPeer.udp(), await SipPeer.udp()];
  t.teardown(() => Promise.all([busy.close(), good.close()]));
  good.answerByes();
  book.put(trunk({ username: 'user', password: 'right', keepalive_s: 0, addresses: [{ host: '127.0.0.1', port: busy.port, priority: 0 }, { host: '127.0.0.1', port: good.port, priority: 1 }] }));
  const route = new TrunkRoute(book, 'trunkline', undefined);
  const placing = route.place({ to: '+14155550100', from: '+14155550111', callId: 'att_9@test', reached: () => false, signal: new AbortController().signal }, (request) => signalling.place({ ...request, sdp: SDP }));
  const refusedInvite = await busy.next('INVITE');
  refusedInvite.reply(responseTo(refusedInvite, 503));
  const challenged = await good.next('INVITE');
  challenged.reply(responseTo(challenged, 407, { headers: ['Proxy-Authenticate: Digest realm="carrier", nonce="n", qop="auth"'] }));
  const invite = await good.next((message) => message.method === 'INVITE' && message.header('Proxy-Authorization') !== '');
  invite.reply(responseTo(invite, 200, { headers: [`Contact: ${good.contact}`], body: SDP }));
  const dialog = await placing;
  t.equal(refusedInvite.header('Call-ID'), 'att_9@test');
  t.equal(invite.header('Call-ID'), 'att_9.2@test');
  t.equal(busy.count((message) => message.header('Proxy-Authorization') !== '' || message.header('Authorization') !== ''), 0);
  t.match(route.explain('x'), `before: carrier 127.0.0.1:${busy.port}: 503`);
  await dialog.hangup();
});

t.test('trial of a trunk: right, wrong credentials, no name, nobody there', async (t) => {
  const { carrier, trunk, probe } = await setUp(t);
  const right = await probe(trunk({ username: 'user', password: 'right' }));
  t.match(right, { ok: true, steps: [{ step: 'resolve', ok: true }, { step: 'options', ok: true, answer: '200' }, { step: 'challenge', ok: true, answer: 'digest MD5, realm carrier' }, { step: 'credentials', ok: true, answer: 'right, as user' }, { step: 'register', ok: true, answer: '401, digest MD5, then 200: the credentials are right' }] });
  t.equal(carrier.accepted[0]?.contact, '', 'nothing is registered by a trial');
  const wrong = await probe(trunk({ username: 'user', password: 'wrong' }));
  t.match(wrong, { ok: false, problem: { code: 'TRK_TRUNK_CREDENTIALS' }, steps: [{ ok: true }, { ok: true }, { step: 'challenge', ok: true }, { step: 'credentials', ok: false, code: 'TRK_TRUNK_CREDENTIALS' }] });
  t.equal(wrong.steps.length, 4);
  t.match(await probe(trunk({ addresses: [{ host: 'nowhere.test' }] })), { ok: false, problem: { code: 'TRK_TRUNK_UNRESOLVED' }, steps: [{ step: 'resolve', target: 'nowhere.test', ok: false }] });
  carrier.dead = true;
  t.match(await probe(), { ok: false, problem: { code: 'TRK_TRUNK_UNREACHABLE' }, steps: [{ ok: true }, { step: 'options', ok: false, code: 'TRK_TRUNK_UNREACHABLE' }] });
});

/** Waits for what real sockets bring. */
async function settle(ready: () => boolean): Promise<void> {
  await eventually('what real sockets bring', 10_000, () => (ready() ? true : undefined));
}
