import t from 'tap';
import { systemRandom } from '../../../src/kernel/random.js';
import { parseChallenge } from '../../../src/sip/digest/challenge.js';
import { DigestGuard, type Admission, type GuardSettings } from '../../../src/sip/digest/guard.js';
import { authorize } from '../../../src/sip/digest/response.js';
import { ManualClock } from '../../support/manual-clock.js';

const settings: GuardSettings = { name: 'pbx', username: 'carrier', password: 'a long password', realm: 'trunkline', algorithms: ['SHA-256', 'MD5'] };
const uri = 'sip:+4930123@192.0.2.1';
const request = (authorization?: string, source = '192.0.2.9', to = uri): Parameters<DigestGuard['admit']>[1] => ({ method: 'INVITE', uri: to, source, headers: authorization === undefined ? {} : { Authorization: authorization } });

function challengesOf(admission: Admission): readonly string[] {
  if (admission.admitted) throw new Error('was admitted');
  const { 'WWW-Authenticate': values } = admission.headers;
  return Array.isArray(values) ? (values as string[]) : [];
}

/** The answer to the `index`th challenge. */
function answer(admission: Admission, options: { index?: number; count?: number; password?: string; username?: string; signed?: string; method?: string } = {}): string {
  const challenge = parseChallenge(challengesOf(admission)[options.index ?? 0] ?? '');
  if (challenge === undefined) throw new Error('not read');
  const { password = settings.password, username = settings.username, signed = uri, method = 'INVITE', count = 1 } = options;
  return authorize(challenge, { method, uri: signed, username, password, count }, systemRandom);
}

t.test('one challenge for each algorithm, in their order, and either answer opens', async (t) => {
  const guard = new DigestGuard({ clock: new ManualClock(), random: systemRandom });
  const first = guard.admit(settings, request());
  t.match(first, { admitted: false, reason: 'none', status: 401 });
  const challenges = challengesOf(first);
  t.same(challenges.map((one) => /algorithm=([A-Z0-9-]+)/.exec(one)?.[1]), ['SHA-256', 'MD5']);
  for (const one of challenges) t.match(one, /^Digest realm="trunkline", nonce="[^"]+", opaque="[0-9a-f]{16}", algorithm=[A-Z0-9-]+, qop="auth"$/);
  t.same(guard.admit(settings, request(answer(first))), { admitted: true });
  t.same(guard.admit(settings, request(answer(guard.admit(settings, request()), { index: 1 }))), { admitted: true });
});

t.test('what is wrong gets another challenge, and is not called stale', async (t) => {
  const guard = new DigestGuard({ clock: new ManualClock(), random: systemRandom });
  const first = guard.admit(settings, request());
  const md5Only = { ...settings, algorithms: ['SHA-256'] as const };
  for (const [what, given, asked] of [
    ['another password', answer(first, { password: 'another password' }), settings],
    ['another user', answer(first, { username: 'other' }), settings],
    ['another method', answer(first, { method: 'REGISTER' }), settings],
    ['another number', answer(first, { signed: 'sip:+4990055@192.0.2.1' }), settings],
    ['no SIP URI', answer(first, { signed: '/index.html' }), settings],
    ['a weaker hash than asked for', answer(first, { index: 1 }), md5Only],
    ['another opaque', answer(first).replace(/opaque="\w+"/, 'opaque="0"'), settings],
    ['no count', answer(first).replace(/, nc=\w+/, ''), settings],
    ['count zero', answer(first).replace(/nc=\w+/, 'nc=00000000'), settings],
    ['no qop', answer(first).replace(/, qop=auth/, ''), settings],
    ['a cut response', answer(first).replace(/response="../, 'response="'), settings],
  ] as const) {
    const refused = guard.admit(asked, request(given));
    t.match(refused, { admitted: false, reason: 'wrong' }, what);
    for (const one of challengesOf(refused)) t.notMatch(one, /stale/, what);
  }
  t.match(guard.admit(settings, request(answer(first).replace('trunkline', 'elsewhere'))), { reason: 'none' }, 'another realm is nothing to us');
  t.match(guard.admit(settings, request('Digest')), { reason: 'none' });
  t.match(guard.admit(settings, request(`Digest ${'x'.repeat(9_000)}`)), { reason: 'none' });
  // The address alone, as sipp signs it.
  t.same(guard.admit(settings, request(answer(first, { signed: 'sip:192.0.2.1:5060' }))), { admitted: true });
});

t.test('a nonce is for one source, for one trunk, and for a time', async (t) => {
  const clock = new ManualClock();
  const guard = new DigestGuard({ clock, random: systemRandom });
  const first = guard.admit(settings, request());
  const elsewhere = guard.admit(settings, request(answer(first), '192.0.2.10'));
  t.match(elsewhere, { admitted: false, reason: 'stale' });
  t.ok(challengesOf(elsewhere).every((one) => one.endsWith('stale=true')), 'the password was right');
  t.match(guard.admit({ ...settings, name: 'other' }, request(answer(first))), { admitted: false });
  clock.advance(300_000);
  t.same(guard.admit(settings, request(answer(first))), { admitted: true }, 'to the last moment');
  clock.advance(1);
  const late = guard.admit(settings, request(answer(first, { count: 2 })));
  t.match(late, { admitted: false, reason: 'stale' });
  t.same(guard.admit(settings, request(answer(late))), { admitted: true }, 'the new one opens');
  const other = new DigestGuard({ clock, random: systemRandom });
  t.match(other.admit(settings, request(answer(late, { count: 2 }))), { admitted: false }, 'another process has another key');
});

t.test('no count opens twice, and they may come in another order', async (t) => {
  const guard = new DigestGuard({ clock: new ManualClock(), random: systemRandom });
  const first = guard.admit(settings, request());
  const once = answer(first);
  t.same(guard.admit(settings, request(once)), { admitted: true });
  t.match(guard.admit(settings, request(once)), { admitted: false, reason: 'stale' });
  for (const [count, opens] of [[3, true], [2, true], [2, false], [3, false], [100, true], [37, true], [36, false], [99, true], [99, false], [0xffffffff, true], [101, false]] as const) {
    t.equal(guard.admit(settings, request(answer(first, { count }))).admitted, opens, `nc ${count}`);
  }
});

t.test('the memory of used nonces is bounded: what it forgets is stale, not open', async (t) => {
  const clock = new ManualClock();
  const guard = new DigestGuard({ clock, random: systemRandom }, { maxUsed: 3 });
  const used: string[] = [];
  for (let i = 0; i < 5; i += 1) {
    clock.advance(10);
    const one = answer(guard.admit(settings, request()));
    used.push(one);
    t.same(guard.admit(settings, request(one)), { admitted: true });
  }
  for (const one of used) t.match(guard.admit(settings, request(one)), { admitted: false, reason: 'stale' });
});
