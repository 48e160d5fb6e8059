import t from 'tap';
import { systemRandom } from '../../../src/kernel/random.js';
import { ChallengeAnswers } from '../../../src/sip/digest/answers.js';

const invite = { method: 'INVITE', uri: 'sip:1@carrier.example', body: 'v=0' };
const challenge = (nonce: string, more = ''): string => `Digest realm="carrier", nonce="${nonce}", algorithm=SHA-256, qop="auth"${more}`;
const given = (): ChallengeAnswers => new ChallengeAnswers({ username: 'u', password: 'p' }, systemRandom);

t.test('a second challenge says that the credentials are wrong', async (t) => {
  const answers = given();
  t.match(answers.judge(401, { 'WWW-Authenticate': challenge('one') }, invite), { kind: 'again', algorithm: 'SHA-256', headers: { Authorization: /nonce="one".*nc=00000001/ } });
  t.same(answers.judge(401, { 'WWW-Authenticate': challenge('two') }, invite), { kind: 'credentials' });
  t.same(answers.challengers, [{ status: 401, realm: 'carrier' }]);
});

t.test('stale is answered with the new nonce, once', async (t) => {
  const answers = given();
  answers.judge(407, { 'Proxy-Authenticate': challenge('one') }, invite);
  t.match(answers.judge(407, { 'Proxy-Authenticate': challenge('two', ', stale=true') }, invite), { kind: 'again', headers: { 'Proxy-Authorization': /nonce="two".*nc=00000001/ } });
  t.same(answers.judge(407, { 'Proxy-Authenticate': challenge('three', ', stale=true') }, invite), { kind: 'credentials' });
});

t.test('a nonce of another realm is no renewal', async (t) => {
  const answers = given();
  answers.judge(401, { 'WWW-Authenticate': challenge('one') }, invite);
  t.same(answers.judge(401, { 'WWW-Authenticate': 'Digest realm="other", nonce="x", stale=true' }, invite), { kind: 'credentials' });
});

t.test('a proxy and then the called end: both see their answer, and the proxy a fresh count', async (t) => {
  const answers = given();
  answers.judge(407, { 'Proxy-Authenticate': challenge('proxy') }, invite);
  const verdict = answers.judge(401, { 'WWW-Authenticate': 'Digest realm="end", nonce="end", qop="auth"' }, invite);
  t.match(verdict, { kind: 'again', algorithm: 'MD5', headers: { 'Proxy-Authorization': /nonce="proxy".*nc=00000002/, Authorization: /nonce="end".*nc=00000001/ } });
});

t.test('without credentials, and what cannot be answered', async (t) => {
  t.same(new ChallengeAnswers(undefined, systemRandom).judge(401, { 'WWW-Authenticate': challenge('one') }, invite), { kind: 'credentials' });
  t.same(given().judge(401, { 'WWW-Authenticate': 'Digest realm="x", nonce="y", algorithm=AKAv1-MD5' }, invite), { kind: 'unsupported', reason: 'the algorithm AKAv1-MD5' });
  t.same(given().judge(401, {}, invite), { kind: 'unsupported', reason: 'a challenge without a header' });
});
