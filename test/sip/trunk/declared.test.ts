import t from 'tap';
import { parseConfig } from '../../../src/config/load.js';
import { passwordVariable } from '../../../src/config/trunk-schema.js';
import { systemRandom } from '../../../src/kernel/random.js';
import { PREMIUM_PREFIXES, isDenied, prefixLength } from '../../../src/sip/trunk/destinations.js';
import { inviteHeaders } from '../../../src/sip/trunk/invite-headers.js';
import { rewriteIn, rewriteOut, sameNumber } from '../../../src/sip/trunk/numbers.js';
import { TokenBucket } from '../../../src/sip/trunk/token-bucket.js';
import { weightedOrder } from '../../../src/sip/trunk/weighted-order.js';
import { ManualClock } from '../../support/manual-clock.js';
import { trunkOf } from './settings.js';

t.test('numbers out: the first rule that holds, then the format', async (t) => {
  const trunk = trunkOf({ rewrite: { out: { called: [{ strip_prefix: '+49', add_prefix: '0' }, { strip_prefix: '+', add_prefix: '00' }], caller: [{ strip_prefix: '+49' }] } } });
  t.equal(rewriteOut(trunk, 'called', '+4930123456'), '030123456');
  t.equal(rewriteOut(trunk, 'called', '+14155550100'), '0014155550100');
  t.equal(rewriteOut(trunk, 'caller', '+4930123456'), '30123456');
  t.equal(rewriteOut(trunk, 'caller', 'trunkline'), 'trunkline', 'text that is no number stays');
  const digits = trunkOf({ rewrite: { out: { format: 'digits' } } });
  t.equal(rewriteOut(digits, 'called', '+14155550100'), '14155550100');
  t.equal(rewriteOut(trunkOf(), 'called', '+14155550100'), '+14155550100');
});

t.test('numbers in', async (t) => {
  const trunk = trunkOf({ rewrite: { in: { called: [{ strip_prefix: '00', add_prefix: '+' }, { strip_prefix: '0', add_prefix: '+49' }], format: 'digits' } } });
  t.equal(rewriteIn(trunk, 'called', '0014155550100'), '+14155550100');
  t.equal(rewriteIn(trunk, 'called', '030123456'), '+4930123456');
  t.equal(rewriteIn(trunk, 'caller', '14155550100'), '+14155550100');
  t.equal(rewriteIn(trunk, 'caller', '100'), '100', 'an extension is no international number');
  t.ok(sameNumber('+123456', '123456'));
  t.notOk(sameNumber('+123456', '+1234567'));
});

t.test('destinations: longest prefix, denied and premium ones', async (t) => {
  t.equal(prefixLength([], '+4930'), 0);
  t.equal(prefixLength(['+49', '+4930', '+1'], '+49301'), 5);
  t.equal(prefixLength(['+1'], '+49301'), -1);
  t.ok(isDenied(trunkOf(), '+19005550100'), 'premium is denied by default');
  t.ok(isDenied(trunkOf({ prefixes: ['+1'] }), '+19005550100'), 'a country does not open its premium numbers');
  t.notOk(isDenied(trunkOf({ prefixes: ['+1', '+1900'] }), '+19005550100'), 'the prefix itself does');
  t.notOk(isDenied(trunkOf({ deny_premium: false }), '+19005550100'));
  t.notOk(isDenied(trunkOf(), '+14155550100'));
  t.ok(isDenied(trunkOf({ deny: ['+53'] }), '+5371234567'));
  t.notOk(isDenied(trunkOf({ deny: ['+53'], prefixes: ['+537'] }), '+5371234567'));
  for (const prefix of PREMIUM_PREFIXES) t.match(prefix, /^\+[1-9]\d{2,}$/, 'no whole country but by three digits');
  for (const mobile of ['+491711234567', '+447911123456', '+33612345678', '+421905123456', '+353851234567', '+390612345678', '+420601123456', '+35315245678']) t.notOk(isDenied(trunkOf(), mobile), mobile);
});

t.test('headers are filled in', async (t) => {
  const trunk = trunkOf({ headers: { 'P-Asserted-Identity': '<sip:{caller}@{host}>', 'X-Account': '{called}/{other}' } });
  t.same(inviteHeaders(trunk, { caller: '+1', called: '+2', host: 'h' }), { 'P-Asserted-Identity': '<sip:+1@h>', 'X-Account': '+2/{other}' });
});

t.test('calls per second', async (t) => {
  const clock = new ManualClock();
  const bucket = new TokenBucket(clock, 2);
  t.same([bucket.take(), bucket.take(), bucket.take()], [true, true, false], 'a second’s worth at once');
  clock.advance(499);
  t.equal(bucket.take(), false);
  clock.advance(1);
  t.equal(bucket.take(), true);
  t.equal(bucket.take(), false);
  clock.advance(60_000);
  t.same([bucket.take(), bucket.take(), bucket.take()], [true, true, false], 'nothing is saved up');
  const slow = new TokenBucket(clock, 0.1);
  t.same([slow.take(), slow.take()], [true, false]);
  clock.advance(10_000);
  t.equal(slow.take(), true);
  const open = new TokenBucket(clock, 0);
  t.ok(Array.from({ length: 1000 }, () => open.take()).every(Boolean));
});

t.test('RFC 2782: priorities in order, weights by share', async (t) => {
  const entries = [{ name: 'backup', priority: 20, weight: 1 }, { name: 'big', priority: 10, weight: 3 }, { name: 'small', priority: 10, weight: 1 }];
  let big = 0;
  for (let index = 0; index < 2000; index++) {
    const names = weightedOrder(entries, systemRandom).map(({ name }) => name);
    t.equal(names[2], 'backup');
    if (names[0] === 'big') big++;
  }
  t.ok(big > 1400 && big < 1600, `${big} of 2000 for three quarters`);
  t.same(weightedOrder([{ priority: 1, weight: 0 }], systemRandom).length, 1);
  t.same(weightedOrder([], systemRandom), []);
});

t.test('the password may come from the environment', async (t) => {
  t.equal(passwordVariable('my-carrier'), 'TRUNKLINE_TRUNK_MY_CARRIER_PASSWORD');
  const config = parseConfig('trunks: [{name: my-carrier, addresses: [{host: h}], username: u}]', { TRUNKLINE_TRUNK_MY_CARRIER_PASSWORD: 'secret' });
  t.equal(config.trunks[0]?.password, 'secret');
});

for (const [what, text, field] of [
  ['a network that is none', '{name: a, addresses: [{host: h}], acl: [1.2.3.4/33]}', 'trunks.0.acl[0]'],
  ['no address', '{name: a, addresses: []}', 'trunks.0.addresses'],
  ['a header that would break the message', '{name: a, addresses: [{host: h}], headers: {X-A: "a\\nb"}}', 'trunks.0.headers.X-A'],
  ['a header that is ours', '{name: a, addresses: [{host: h}], headers: {Via: x}}', 'trunks.0.headers'],
  ['registration without credentials', '{name: a, addresses: [{host: h}], register: {enabled: true}}', 'trunks.0.username'],
  ['an unknown key', '{name: a, addresses: [{host: h, prot: 1}]}', 'trunks.0.addresses.0.prot'],
  ['a host that is two', '{name: a, addresses: [{host: "a b"}]}', 'trunks.0.addresses.0.host'],
] as const) {
  t.test(`refused: ${what}`, async (t) => {
    t.throws(() => parseConfig(`trunks: [${text}]`), { code: 'TRK_CONFIG_INVALID', field });
  });
}

t.test('names are given once', async (t) => {
  t.throws(() => parseConfig('trunks: [{name: a, addresses: [{host: h}]}, {name: a, addresses: [{host: h}]}]'), { code: 'TRK_CONFIG_INVALID', field: 'trunks.1.name' });
  t.throws(() => parseConfig('{sip: {gateway: {address: h}}, trunks: [{name: gateway, addresses: [{host: h}]}]}'), { code: 'TRK_CONFIG_INVALID', field: 'trunks.0.name' });
});
