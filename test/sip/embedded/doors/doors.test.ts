import { BlockList } from 'node:net';
import t from 'tap';
import { silentLogger } from '../../../../src/kernel/log.js';
import { Doors } from '../../../../src/sip/embedded/doors/doors.js';
import type { Ban, DoorsSettings, KnownSources, LiveTraffic, Standing } from '../../../../src/sip/embedded/doors/doors.js';
import { factsOfDatagram, factsOfMessage, NO_FACTS } from '../../../../src/sip/embedded/doors/message-facts.js';
import type { MessageFacts } from '../../../../src/sip/embedded/doors/message-facts.js';
import { sourceKey } from '../../../../src/sip/embedded/doors/source-key.js';
import { SourceTable } from '../../../../src/sip/embedded/doors/source-table.js';
import { parseMessage } from '../../../../src/sip/embedded/message/parse.js';
import { ManualClock } from '../../../support/manual-clock.js';

const STRANGER = '198.51.100.7';
const REQUEST: MessageFacts = { ...NO_FACTS, callId: 'new' };
const RESPONSE: MessageFacts = { ...NO_FACTS, response: true, callId: 'new', branch: 'b', method: 'OPTIONS' };

function hall(settings: Partial<DoorsSettings> = {}, known: Partial<KnownSources> | undefined = {}) {
  const clock = new ManualClock();
  const told: Ban[] = [];
  const live = { expected: new Set<string>(), callIds: new Set<string>(), peers: new Set<string>() };
  const trunks = { version: 1, policy: 'accept' as const, standing: (address: string): Standing => (address === '192.0.2.1' ? 'trunk' : 'stranger'), ...known };
  const doors = new Doors({
    clock,
    log: silentLogger,
    policy: 'accept',
    settings: { requestsPerSecond: 10, burst: 5, totalPerSecond: 0, banAfter: 3, banMs: 60_000, maxSources: 100, connectionsPerSource: 2, allow: new BlockList(), ...settings },
    onBan: (ban) => told.push(ban),
  });
  const traffic: LiveTraffic = { expects: (branch, method) => live.expected.has(`${branch} ${method}`), inProgress: (callId) => live.callIds.has(callId), peers: () => live.peers };
  doors.watch(traffic);
  doors.know(trunks);
  const judge = (address = STRANGER, facts = REQUEST): string => doors.judge(address, () => facts);
  const many = (count: number, address = STRANGER): number => Array.from({ length: count }, () => judge(address)).filter((verdict) => verdict !== 'drop').length;
  const fail = (times: number, address = STRANGER): void => {
    for (let time = 0; time < times; time += 1) doors.failed(address, 'garbage');
  };
  return { clock, told, live, trunks, doors, judge, many, fail };
}

t.test('a source is an IPv4 address or an IPv6 /64, however it is written', async (t) => {
  t.equal(sourceKey('192.0.2.1'), '192.0.2.1');
  t.equal(sourceKey('2001:db8::1'), '2001:db8:0:0::/64');
  t.equal(sourceKey('2001:DB8:0:0:ffff::'), '2001:db8:0:0::/64');
  t.equal(sourceKey('2001:db8:0:1::1'), '2001:db8:0:1::/64');
  t.equal(sourceKey('::1'), '0:0:0:0::/64');
  t.equal(sourceKey('fe80::1%eth0'), 'fe80:0:0:0::/64');
  t.equal(sourceKey('64:ff9b::192.0.2.1'), '64:ff9b:0:0::/64');
  t.equal(sourceKey('1:2:3:4:5:6:7:8'), '1:2:3:4::/64');
});

t.test('a source gets its burst and then its rate; another has its own', async (t) => {
  const { clock, doors, many } = hall();
  t.equal(many(20), 5);
  t.equal(many(20, '198.51.100.8'), 5);
  clock.advance(300);
  t.equal(many(20), 3);
  t.equal(doors.counters.rate, 15 + 15 + 17);
  const six = hall();
  t.equal(six.many(3, '2001:db8::1') + six.many(20, '2001:db8::2'), 5, 'addresses of one /64 share');
});

t.test('all strangers together have a limit too: a forged flood comes from everywhere', async (t) => {
  const { doors, judge } = hall({ totalPerSecond: 50 });
  const passed = Array.from({ length: 80 }, (_, index) => judge(`203.0.113.${index}`)).filter((verdict) => verdict === 'pass');
  t.equal(passed.length, 50);
  t.equal(doors.counters.total, 30);
  t.equal(judge('192.0.2.1'), 'pass', 'a trunk is not counted among them');
});

t.test('trunks and the networks on the list are neither limited nor banned', async (t) => {
  const allow = new BlockList();
  allow.addSubnet('203.0.113.0', 24, 'ipv4');
  const { doors, many, fail } = hall({ allow });
  for (const address of ['192.0.2.1', '203.0.113.9']) {
    fail(10, address);
    t.equal(many(50, address), 50);
    t.equal(doors.admitsConnection(address, 1_000), true);
  }
  t.same(doors.bans(), []);
});

t.test('a new trunk is known at once, one whose name has a new address within a second', async (t) => {
  const knows = new Set<string>();
  const scene = hall({}, { policy: 'drop', standing: (address: string) => (knows.has(address) ? 'trunk' : 'stranger') });
  t.equal(scene.judge(), 'drop');
  knows.add(STRANGER);
  t.equal(scene.judge(), 'drop', 'remembered');
  scene.clock.advance(1_000);
  t.equal(scene.judge(), 'pass');
  knows.clear();
  scene.trunks.version = 2;
  t.equal(scene.judge(), 'drop');
});

t.test('a trunk whose calls prove a password: let in by every policy, but limited and banned', async (t) => {
  for (const policy of ['accept', 'reject', 'drop'] as const) {
    const { doors, judge, many, fail } = hall({}, { policy, standing: () => 'claimed' });
    t.equal(judge(), 'pass');
    t.equal(many(20), 4);
    t.equal(doors.trusts(STRANGER), false);
    fail(3);
    t.equal(doors.bans().length, 1);
    t.equal(judge(), 'drop');
  }
});

t.test('by policy: accept, 403, or nothing at all', async (t) => {
  t.equal(hall({}, { policy: 'accept' }).judge(), 'pass');
  t.equal(hall({}, { policy: 'reject' }).judge(), 'refuse');
  const silent = hall({}, { policy: 'drop' });
  t.equal(silent.judge(), 'drop');
  t.equal(silent.doors.counters.unknown, 1);
});

t.test('what we wait for passes whoever sends it, by every policy', async (t) => {
  for (const policy of ['accept', 'reject', 'drop'] as const) {
    const { live, judge, doors } = hall({}, { policy });
    t.equal(judge(STRANGER, RESPONSE), 'drop', 'an answer to nothing');
    t.equal(doors.counters.stray, 1);
    live.expected.add('b OPTIONS');
    t.equal(judge(STRANGER, RESPONSE), 'pass', 'the answer to a request of ours');
    live.callIds.add('ours');
    t.equal(judge(STRANGER, { ...REQUEST, callId: 'ours' }), 'pass', 'a request within a call');
    t.equal(judge(STRANGER, { ...RESPONSE, callId: 'ours', branch: 'other' }), 'pass', 'a late 2xx of a call');
  }
});

t.test('failures ban; each ban is twice as long; quiet forgives', async (t) => {
  const { clock, told, doors, judge, fail } = hall();
  fail(2);
  t.equal(judge(), 'pass');
  clock.advance(60_000);
  fail(2);
  t.equal(judge(), 'pass', 'failures of an earlier minute do not count');
  fail(1);
  t.equal(judge(), 'drop');
  t.equal(doors.counters.banned, 1);
  t.match(doors.bans(), [{ source: STRANGER, reason: 'garbage', times: 1, until: clock.now() + 60_000 }]);
  t.same(told, doors.bans());
  fail(100);
  t.equal(doors.bans()[0]?.times, 1, 'what was under way is no further offence');
  clock.advance(60_000);
  t.equal(judge(), 'pass');
  t.same(doors.bans(), []);
  fail(3);
  t.match(doors.bans(), [{ times: 2, until: clock.now() + 120_000 }]);
  clock.advance(120_000);
  t.equal(judge(), 'pass');
  clock.advance(120_000);
  fail(3);
  t.match(doors.bans(), [{ times: 1 }]);
});

t.test('a ban can be lifted, by any address of the source', async (t) => {
  const { doors, judge, fail } = hall();
  fail(3, '2001:db8::1');
  t.equal(judge('2001:db8::2'), 'drop');
  t.equal(doors.lift('192.0.2.77'), false);
  t.equal(doors.lift('2001:db8::ffff'), true);
  t.equal(judge('2001:db8::2'), 'pass');
  fail(3, '2001:db8::1');
  t.equal(doors.bans()[0]?.times, 1, 'and is forgotten');
  t.equal(doors.lift('2001:db8:0:0::/64'), true);
});

t.test('a forged flood from the address of a peer does not cut its call off', async (t) => {
  const { clock, live, doors, judge, fail } = hall({}, { policy: 'reject' });
  live.peers.add(STRANGER);
  live.callIds.add('ours');
  fail(3);
  t.equal(doors.bans().length, 1);
  t.equal(judge(STRANGER, { ...REQUEST, callId: 'ours' }), 'pass');
  t.equal(judge(STRANGER, RESPONSE), 'pass');
  t.equal(judge(STRANGER), 'refuse', 'new requests are those of a stranger');
  live.peers.clear();
  clock.advance(1_000);
  t.equal(judge(STRANGER, { ...REQUEST, callId: 'ours' }), 'drop');
});

t.test('bans are told of, but not a flood of them', async (t) => {
  const { told, doors, fail } = hall({ maxSources: 1_000 });
  for (let index = 0; index < 200; index += 1) fail(3, `203.0.113.${index}`);
  t.equal(doors.counters.bans, 200);
  t.equal(told.length, 3);
});

t.test('before the trunks are known nobody is refused, but silence is kept', async (t) => {
  const make = (policy: 'reject' | 'drop'): string => {
    const { clock } = hall();
    const doors = new Doors({ clock, log: silentLogger, policy, settings: { requestsPerSecond: 0, burst: 1, totalPerSecond: 0, banAfter: 0, banMs: 1_000, maxSources: 16, connectionsPerSource: 1, allow: new BlockList() } });
    return doors.judge(STRANGER, () => REQUEST);
  };
  t.equal(make('reject'), 'pass');
  t.equal(make('drop'), 'drop');
});

t.test('connections: so many from a source, none from a banned one', async (t) => {
  const { doors, fail } = hall();
  t.equal(doors.admitsConnection(STRANGER, 1), true);
  t.equal(doors.admitsConnection(STRANGER, 2), false);
  fail(3);
  t.equal(doors.admitsConnection(STRANGER, 0), false);
  t.equal(doors.counters.connections, 2);
});

t.test('memory is bounded: the source that was quiet for longest is forgotten', async (t) => {
  const clock = new ManualClock();
  const table = new SourceTable({ perSecond: 1, burst: 1, maxSources: 16 }, clock);
  t.equal(table.take('first'), true);
  for (let index = 0; index < 15; index += 1) table.take(`other ${index}`);
  t.equal(table.take('first'), false, 'still remembered, and now the youngest');
  for (let index = 0; index < 15; index += 1) table.take(`yet another ${index}`);
  t.equal(table.take('first'), false);
  for (let index = 0; index < 1_000; index += 1) table.take(`more ${index}`);
  t.equal(table.size, 16);
  t.equal(table.take('first'), true, 'forgotten');
  const { doors, fail } = hall({ maxSources: 20 });
  for (let index = 0; index < 200; index += 1) fail(3, `203.0.113.${index}`);
  t.equal(doors.bans().length, 20);
  t.equal(doors.bans()[0]?.source, '203.0.113.199', 'the newest first');
});

t.test('a datagram is read just far enough', async (t) => {
  const request = 'BYE sip:a@b SIP/2.0\r\nv: SIP/2.0/UDP h;branch=z9hG4bKx\r\nf: <sip:a@b>;tag=1\r\nt: <sip:c@d>;tag=2\r\ni:  abc@h \r\nCSeq: 2 BYE\r\nContent-Length: 0\r\n\r\n';
  t.match(factsOfDatagram(Buffer.from(request)), { response: false, callId: 'abc@h' });
  const response = 'SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h:5060\r\n ;rport=1;Branch = z9hG4bKy;received=1.2.3.4, SIP/2.0/UDP other;branch=z9hG4bKz\r\nCall-ID:abc\r\nCSeq: 2  INVITE\r\nTo: x\r\n\r\nCall-ID: body';
  t.same(factsOfDatagram(Buffer.from(response)), { response: true, callId: 'abc', branch: 'z9hG4bKy', method: 'INVITE' });
  t.same(factsOfDatagram(Buffer.from('\r\nCall-ID: x')).callId, 'x');
  for (const garbage of [Buffer.alloc(0), Buffer.alloc(60_000, '\r\n '), Buffer.from('INVITE'), Buffer.alloc(1_400, 0xff), Buffer.from('x\r\n\r\nCall-ID: in the body')]) t.match(factsOfDatagram(garbage), { response: false, callId: undefined });
  // Both ways of reading say the same.
  const { message } = parseMessage(Buffer.from(request), { stream: false });
  t.equal(factsOfMessage(message).callId, 'abc@h');
});
