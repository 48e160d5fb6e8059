import t from 'tap';
import { redactSip } from '../../../src/sip/trace/redact.js';

t.test('digest proofs, tokens and media keys are taken out, the rest stays', async (t) => {
  const message = [
    'INVITE sip:bob@carrier.example SIP/2.0',
    'Call-ID: a@x',
    'Authorization: Digest username="alice", realm="r, \\"x\\"", nonce="n1", uri="sip:bob@carrier.example", response="0123abc", cnonce="ccc", nc=00000001, qop=auth',
    'proxy-authorization : Digest username="alice",',
    ' response = "deadbeef",',
    '\tnonce="n2"',
    'Authorization: Bearer eyJhbGciOi.secret',
    'Authorization: Basic dXNlcjpzZWNyZXQ=',
    'Content-Type: application/sdp',
    '',
    'v=0',
    'k=clear:secretkey',
    'm=audio 20000 RTP/SAVP 8',
    'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4 FEC_ORDER=FEC_SRTP',
    'a=key-mgmt:mikey AQAFgM0XflABAAAAAAAAAAAAAAsAyO',
    '',
  ].join('\r\n');
  const clean = redactSip(message);
  for (const secret of ['0123abc', 'ccc"', 'deadbeef', 'eyJhbGciOi', 'dXNlcjpzZWNyZXQ', 'secretkey', 'WVNfX19z', 'AQAFgM0X']) t.notOk(clean.includes(secret), secret);
  for (const kept of ['username="alice"', 'nonce="n1"', 'nonce="n2"', 'nc=00000001', 'Authorization: Bearer xxx', 'Authorization: Basic xxx', 'inline:xxxxxxxxxx', 'xxx|2^20|1:4 FEC_ORDER', 'm=audio 20000 RTP/SAVP 8']) t.ok(clean.includes(kept), kept);
  t.same(clean.split('\r\n').map((line) => line.length), message.split('\r\n').map((line) => line.length), 'every line is as long as it was');
});

t.test('a proof without quotes, with an unfinished quote, or of an unknown scheme goes too', async (t) => {
  t.notMatch(redactSip('INVITE sip:x SIP/2.0\r\nAuthorization: Digest response=abcdef0,nonce=1\r\n\r\n'), /abcdef0/);
  t.notMatch(redactSip('INVITE sip:x SIP/2.0\r\nAuthorization: Digest nonce="1", response="abcdef0\r\n\r\n'), /abcdef0/);
  t.notMatch(redactSip('INVITE sip:x SIP/2.0\r\nAuthorization: NTLM gssapi-data="abcdef0"\r\n\r\n'), /abcdef0/);
  t.notMatch(redactSip('INVITE sip:x SIP/2.0\r\nAuthorization: opaque-token-abcdef0\r\n\r\n'), /abcdef0/);
});

t.test('keys that were pressed are no reading matter', async (t) => {
  const info = (type: string, body: string): string => `INFO sip:x SIP/2.0\r\nCSeq: 5 INFO\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  t.equal(redactSip(info('application/dtmf-relay', 'Signal=5\r\nDuration=160\r\n')), info('application/dtmf-relay', 'Signal=x\r\nDuration=160\r\n'));
  t.equal(redactSip(info('Application/DTMF; x=1', '7\r\n')), info('Application/DTMF; x=1', 'x\r\n'));
  t.equal(redactSip(info('application/kpml-response+xml', '<kpml-response code="200" digits="1234#"/>')), info('application/kpml-response+xml', '<kpml-response code="200" digits="xxxxx"/>'));
  t.equal(redactSip(info('application/x', 'Signal=5 dtmf')), info('application/x', 'Signal=5 dtmf'));
});

t.test('a message without secrets is the same', async (t) => {
  const message = 'SIP/2.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm="r", nonce="n", algorithm=MD5\r\n\r\n';
  t.equal(redactSip(message), message);
});
