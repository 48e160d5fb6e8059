import { createHash } from 'node:crypto';
import t from 'tap';
import { systemRandom } from '../../../src/kernel/random.js';
import { authorize, parseChallenge } from '../../../src/sip/trunk/digest.js';

const credentials = { method: 'REGISTER', uri: 'sip:example.com', username: 'bob', password: 'zanzibar', count: 1 };
const field = (header: string, name: string): string | undefined => new RegExp(`(?:^|[ ,])${name}="?([^",]+)"?`).exec(header)?.[1];

for (const [algorithm, hash] of [['MD5', 'md5'], ['SHA-256', 'sha256']] as const) {
  t.test(`${algorithm}, with qop (RFC 7616 3.4.1)`, async (t) => {
    const challenge = parseChallenge(`Digest realm="biloxi.com", nonce="dcd98b", opaque="5ccc", algorithm=${algorithm}, qop="auth-int,auth"`);
    if (challenge === undefined) throw new Error('not read');
    const header = authorize(challenge, credentials, systemRandom);
    const digest = (text: string): string => createHash(hash).update(text).digest('hex');
    const expected = digest(`${digest('bob:biloxi.com:zanzibar')}:dcd98b:00000001:${field(header, 'cnonce')}:auth:${digest('REGISTER:sip:example.com')}`);
    t.equal(field(header, 'response'), expected);
    t.same(['username', 'realm', 'nonce', 'opaque', 'qop', 'nc', 'algorithm'].map((name) => field(header, name)), ['bob', 'biloxi.com', 'dcd98b', '5ccc', 'auth', '00000001', algorithm]);
  });
}

t.test('RFC 2069: no qop, no cnonce', async (t) => {
  const challenge = parseChallenge('DIGEST realm=x,nonce=y');
  if (challenge === undefined) throw new Error('not read');
  const header = authorize(challenge, credentials, systemRandom);
  t.notMatch(header, /cnonce|qop|nc=/);
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
  t.equal(field(header, 'response'), md5(`${md5('bob:x:zanzibar')}:y:${md5('REGISTER:sip:example.com')}`));
});

t.test('RFC 8760 2.3: the strongest of several, whatever their order', async (t) => {
  const md5 = 'Digest realm="a, b", nonce="1", algorithm=MD5, qop="auth"';
  const sha = 'Digest realm="a, b", nonce="2", algorithm=SHA-256, qop="auth", stale=TRUE';
  for (const header of [`${md5}, ${sha}`, `${sha}, ${md5}`, `Basic realm="z", ${sha}`]) t.match(parseChallenge(header), { algorithm: 'SHA-256', nonce: '2', realm: 'a, b', stale: true }, header);
});

t.test('what cannot be answered is not read', async (t) => {
  for (const header of ['', 'Basic realm="x"', 'Digest realm="x"', 'Digest nonce="x"', 'Digest realm="x", nonce="y", algorithm=SHA-512-256', 'Digest realm="x", nonce="y", qop="auth-int"']) t.equal(parseChallenge(header), undefined, header);
});
