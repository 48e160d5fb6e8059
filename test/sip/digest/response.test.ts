import { createHash } from 'node:crypto';
import t from 'tap';
import { systemRandom } from '../../../src/kernel/random.js';
import { parseChallenge, unreadableReason } from '../../../src/sip/digest/challenge.js';
import { authorize, digestResponse } from '../../../src/sip/digest/response.js';

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

t.test('what cannot be answered is not read, and said', async (t) => {
  for (const [header, reason] of [
    ['', 'a challenge without a header'],
    ['Basic realm="x"', 'the scheme Basic'],
    ['Digest realm="x"', 'a challenge without realm or nonce'],
    ['Digest nonce="x"', 'a challenge without realm or nonce'],
    ['Digest realm="x", nonce="y", algorithm=AKAv1-MD5', 'the algorithm AKAv1-MD5'],
    ['Digest realm="x", nonce="y", qop="token"', 'qop token'],
    [`Digest realm="x", nonce="${'y'.repeat(9_000)}"`, 'the scheme Digest'],
  ] as const) {
    t.equal(parseChallenge(header), undefined, header.slice(0, 60));
    t.equal(unreadableReason(header), reason);
  }
});

// RFC 7616 3.9.1, 3.9.2: its own figures.
t.test('RFC 7616 3.9.1: the examples of MD5 and SHA-256', async (t) => {
  const input = {
    realm: 'http-auth@example.org',
    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    qop: 'auth',
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
    count: '00000001',
    method: 'GET',
    uri: '/dir/index.html',
    username: 'Mufasa',
    password: 'Circle of Life',
    body: '',
  } as const;
  t.equal(digestResponse({ ...input, algorithm: 'MD5' }), '8ca523f5e9506fed4657c9700eebdbec');
  t.equal(digestResponse({ ...input, algorithm: 'SHA-256' }), '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1');
});

t.test('auth-int covers the body and is taken only where nothing else is offered', async (t) => {
  const challenge = parseChallenge('Digest realm="r", nonce="n", algorithm=SHA-256, qop="auth-int"');
  if (challenge === undefined) throw new Error('not read');
  t.equal(challenge.qop, 'auth-int');
  const header = authorize(challenge, { ...credentials, body: 'v=0' }, systemRandom);
  const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
  t.equal(field(header, 'response'), sha(`${sha('bob:r:zanzibar')}:n:00000001:${field(header, 'cnonce')}:auth-int:${sha(`REGISTER:sip:example.com:${sha('v=0')}`)}`));
});
