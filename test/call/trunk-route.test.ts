import t from 'tap';
import { parseTrunk } from '../../src/config/trunks.js';
import { TrunkRoute } from '../../src/call/trunk-route.js';
import type { RoutedRequest } from '../../src/call/trunk-route.js';
import { TrunklineError } from '../../src/kernel/errors.js';
import { silentLogger } from '../../src/kernel/log.js';
import { systemRandom } from '../../src/kernel/random.js';
import { TrunkBook } from '../../src/sip/trunk/trunk-book.js';
import type { TrunkBookParts } from '../../src/sip/trunk/trunk-book.js';
import { refused } from '../support/fake-signalling.js';
import { ManualClock } from '../support/manual-clock.js';

/** A book whose OPTIONS and REGISTER are answered by `answer`. */
function setUp(trunks: readonly object[], over: Partial<TrunkBookParts> = {}) {
  const clock = new ManualClock();
  const talked: [string, string, number][] = [];
  const book = new TrunkBook({
    signalling: { request: () => Promise.resolve({ status: 200, headers: {}, body: '' }) },
    dns: { resolveSrv: () => Promise.reject(new Error('none')), resolve4: () => Promise.reject(new Error('none')), resolve6: () => Promise.resolve([]) },
    clock,
    random: systemRandom,
    log: silentLogger,
    caller: 'trunkline',
    unknownSources: undefined,
    onTalked: (...talk) => void talked.push(talk),
    ...over,
  });
  for (const trunk of trunks) book.put(parseTrunk({ addresses: [{ host: '192.0.2.1' }], ...trunk }));
  const sent: RoutedRequest[] = [];
  const place = (to: string, answers: readonly (TrunklineError | 'ok')[], options: { from?: string; rang?: boolean; route?: TrunkRoute } = {}) => {
    const route = options.route ?? new TrunkRoute(book, 'trunkline', undefined);
    let next = 0;
    const result = route.place({ to, from: options.from, callId: 'att_1@host', reached: () => options.rang ?? false, signal: new AbortController().signal }, (request) => {
      sent.push(request);
      const answer = answers[next++] ?? 'ok';
      return answer === 'ok' ? Promise.resolve('dialog') : Promise.reject(answer);
    });
    return { route, result };
  };
  return { clock, book, sent, place, talked };
}

const transport = new TrunklineError('TRK_SIP_TRANSPORT', { params: { reason: 'x' }, cause: { status: 503, reason: 'no route' } });
const two = [{ name: 'first', addresses: [{ host: '192.0.2.1' }] }, { name: 'second', priority: 1, addresses: [{ host: '192.0.2.2', port: 5070, transport: 'tcp' }] }];

for (const [what, failure] of [['503', refused(503, 'Busy')], ['500', refused(500, 'Broken')], ['408', refused(408, '')], ['a transport error', transport]] as const) {
  t.test(`${what} goes to the next trunk, with a Call-ID of the same attempt`, async (t) => {
    const { sent, place, book } = setUp(two);
    const { result, route } = place('+14155550100', [failure, 'ok']);
    t.equal(await result, 'dialog');
    t.same(sent.map(({ to, callId, nextHop }) => [to, callId, nextHop]), [
      ['sip:+14155550100@192.0.2.1', 'att_1@host', 'sip:192.0.2.1:5060'],
      ['sip:+14155550100@192.0.2.2:5070;transport=tcp', 'att_1.2@host', 'sip:192.0.2.2:5070;transport=tcp'],
    ]);
    t.equal(route.trunk, 'second');
    t.match(route.explain('flow_end'), /^flow_end \(before: first 192\.0\.2\.1:5060: \d{3}/);
    t.same(book.list().map(({ channels }) => channels), [0, 1], 'only the trunk that carries it is held');
    route.release(90_000);
    t.same(book.list().map(({ channels, talkedMsToday }) => [channels, talkedMsToday]), [[0, 0], [0, 90_000]]);
  });
}

for (const status of [486, 603, 404, 403, 407, 480, 302]) {
  t.test(`${status} is an answer: never re-routed`, async (t) => {
    const { sent, place } = setUp(two);
    const { result, route } = place('+14155550100', [refused(status, 'No'), 'ok']);
    await t.rejects(result, { cause: { status } });
    t.equal(sent.length, 1);
    t.equal(route.explain('No'), 'No');
  });
}

t.test('a phone that rang is not rung again; a call that was given up is not placed again', async (t) => {
  const { sent, place } = setUp(two);
  await t.rejects(place('+14155550100', [refused(503, 'x'), 'ok'], { rang: true }).result, { code: 'TRK_SIP_REJECTED' });
  await t.rejects(place('+14155550100', [new TrunklineError('TRK_SIP_TIMEOUT', { cause: { status: 487, reason: 'no answer in time' } }), 'ok']).result, { code: 'TRK_SIP_TIMEOUT' });
  await t.rejects(place('+14155550100', [new TrunklineError('TRK_SIP_NOT_CONNECTED', { cause: { status: 503, reason: '' } }), 'ok']).result, { code: 'TRK_SIP_NOT_CONNECTED' });
  t.equal(sent.length, 3);
});

t.test('every place of a trunk is tried, then the next trunk; the last failure is the result', async (t) => {
  const { sent, place } = setUp([{ name: 'first', addresses: [{ host: '192.0.2.1', priority: 1 }, { host: '192.0.2.9', priority: 0 }] }, { name: 'second', priority: 1 }]);
  const { result, route } = place('+14155550100', [refused(503, 'A'), transport, refused(502, 'C')]);
  await t.rejects(result, { code: 'TRK_SIP_REJECTED', cause: { status: 502 } });
  t.same(sent.map(({ callId }) => callId), ['att_1@host', 'att_1.2@host', 'att_1.3@host']);
  t.equal(route.explain('C'), 'C (before: first 192.0.2.9:5060: 503 A; first 192.0.2.1:5060: 503 no route)');
  const many = setUp([{ name: 'many', addresses: Array.from({ length: 10 }, (_, index) => ({ host: `192.0.2.${index + 1}` })) }]);
  await t.rejects(many.place('+14155550100', Array.from({ length: 10 }, () => transport)).result, { code: 'TRK_SIP_TRANSPORT' });
  t.equal(many.sent.length, 6, 'not for ever');
});

t.test('a place that failed stands back for a while', async (t) => {
  const { sent, place, clock } = setUp([{ name: 'one', addresses: [{ host: '192.0.2.1', priority: 0 }, { host: '192.0.2.2', priority: 1 }] }]);
  await place('+14155550100', [transport]).result;
  await place('+14155550100', []).result;
  clock.advance(30_000);
  await place('+14155550100', []).result;
  t.same(sent.map(({ nextHop }) => nextHop), ['sip:192.0.2.1:5060', 'sip:192.0.2.2:5060', 'sip:192.0.2.2:5060', 'sip:192.0.2.1:5060']);
});

t.test('the longest prefix first, then priority; numbers and headers as declared', async (t) => {
  const { book, place, sent } = setUp([
    { name: 'world' },
    { name: 'berlin', prefixes: ['+4930'], domain: 'carrier.test', username: 'u', password: 'p', caller_numbers: ['+4930111'], rewrite: { out: { called: [{ strip_prefix: '+49', add_prefix: '0' }], format: 'digits' } }, headers: { 'P-Asserted-Identity': '<sip:{caller}@{host}>' } },
    { name: 'germany', prefixes: ['+49', '+43'], priority: 5 },
    { name: 'off', enabled: false },
  ]);
  t.same(book.routes({ to: '+4930123456', from: undefined }), ['berlin', 'germany', 'world']);
  t.same(book.routes({ to: '+33123456789', from: undefined }), ['world']);
  await place('+4930123456', []).result;
  t.match(sent[0], { to: 'sip:030123456@carrier.test', from: 'sip:4930111@carrier.test', nextHop: 'sip:192.0.2.1:5060', headers: { 'P-Asserted-Identity': '<sip:4930111@carrier.test>' }, auth: { username: 'u', password: 'p' } });
});

t.test('refused before any INVITE', async (t) => {
  const none = setUp([{ name: 'germany', prefixes: ['+49'] }]);
  await t.rejects(none.place('+14155550100', []).result, { code: 'TRK_SIP_NO_ROUTE' });
  const { place, sent, book } = setUp([{ name: 'one', caller_numbers: ['+4930111'], max_channels: 1 }]);
  await t.rejects(place('+19005550100', []).result, { code: 'TRK_TRUNK_DENIED', message: /denied prefixes/ });
  await t.rejects(place('+14155550100', [], { from: '+4930112' }).result, { code: 'TRK_TRUNK_DENIED', message: /caller number/ });
  t.equal(book.reserve({ to: '+19005550100', from: undefined }), undefined, 'a dial will say why');
  const { route, result } = place('+14155550100', [], { from: '4930111' });
  await result;
  await t.rejects(place('+14155550100', []).result, { code: 'TRK_TRUNK_BUSY', retryable: true });
  t.equal(book.reserve({ to: '+14155550100', from: undefined }), 'busy');
  route.release(0);
  route.release(0);
  const held = book.reserve({ to: '+14155550100', from: undefined });
  if (held === 'busy' || held === undefined) throw new Error('no channel');
  await place('+14155550100', [], { route: new TrunkRoute(book, 'trunkline', held) }).result;
  t.equal(book.list()[0]?.channels, 1, 'the channel that was reserved is the one that is used');
  t.equal(sent.length, 2);
});

t.test('a name without an address is one more reason to go elsewhere', async (t) => {
  const { place } = setUp([{ name: 'lost', addresses: [{ host: 'nowhere.test' }] }, { name: 'second', priority: 1 }]);
  const { result, route } = place('+14155550100', []);
  t.equal(await result, 'dialog');
  t.match(route.explain('x'), 'before: lost: TRK_TRUNK_UNRESOLVED');
  const alone = setUp([{ name: 'lost', addresses: [{ host: 'nowhere.test' }] }]);
  await t.rejects(alone.place('+14155550100', []).result, { code: 'TRK_TRUNK_UNRESOLVED' });
});

t.test('minutes of the day, and a new day', async (t) => {
  const { place, book, clock, talked } = setUp([{ name: 'one', minutes_per_day: 2 }]);
  book.remember('2026-01-01', new Map([['one', 60_000]]));
  book.remember('2025-12-31', new Map([['one', 3_600_000]]));
  const { route, result } = place('+14155550100', []);
  await result;
  route.release(60_000);
  t.same(talked, [['one', '2026-01-01', 60_000]]);
  await t.rejects(place('+14155550100', []).result, { code: 'TRK_TRUNK_DENIED', message: /minutes/ });
  clock.advance(24 * 3_600_000);
  t.equal(await place('+14155550100', []).result, 'dialog');
});

t.test('where calls may come from', async (t) => {
  const source = (address: string) => ({ source: { address, port: 5060, protocol: 'udp' as const } });
  const open = setUp([{ name: 'plain' }]).book;
  t.match(open.admit(source('192.0.2.1')), { kind: 'known', trunk: { name: 'plain' } }, 'its own place');
  t.same(open.admit(source('203.0.113.1')), { kind: 'unknown' });
  const listed = setUp([{ name: 'listed', acl: ['198.51.100.0/24', '2001:db8::/32'] }]).book;
  t.match(listed.admit(source('198.51.100.77')), { kind: 'known', trunk: { name: 'listed' } });
  t.match(listed.admit(source('::ffff:198.51.100.77')), { kind: 'known' });
  t.match(listed.admit(source('2001:db8::5')), { kind: 'known' });
  t.same(listed.admit(source('192.0.2.1')), { kind: 'refused' }, 'a list is the whole truth');
  t.same(listed.admit(source('203.0.113.1')), { kind: 'refused' });
  t.same(setUp([], { unknownSources: 'reject' }).book.admit(source('203.0.113.1')), { kind: 'refused' });
  t.same(setUp([{ name: 'listed', acl: ['198.51.100.0/24'] }], { unknownSources: 'accept' }).book.admit(source('203.0.113.1')), { kind: 'unknown' });
});

t.test('a trunk that is replaced keeps counting the calls that run on it', async (t) => {
  const { book } = setUp([{ name: 'one', max_channels: 2 }]);
  const lease = book.take('one');
  book.put(parseTrunk({ name: 'one', addresses: [{ host: '192.0.2.5' }], max_channels: 1 }));
  t.equal(book.take('one'), undefined);
  lease?.release();
  t.ok(book.takeInbound('one'));
  t.equal(book.takeInbound('one'), undefined);
  book.remove('one');
  t.same(book.list(), []);
});
