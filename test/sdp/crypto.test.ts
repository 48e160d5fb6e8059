import t from 'tap';
import { answerOffer, createOffer, readAnswer } from '../../src/sdp/offer-answer.js';
import type { LocalAudio } from '../../src/sdp/offer-answer.js';
import { SRTP_SUITES, parseCrypto } from '../../src/sdp/crypto.js';

const KEYS = SRTP_SUITES.map((suite, index) => ({ suite, key: new Uint8Array(30).fill(index + 1) }));
const PLAIN: LocalAudio = { address: '198.51.100.7', port: 20_000, sessionId: '7', sessionVersion: 1, codecs: ['PCMA'], ptimeMs: 20 };
const OPTIONAL: LocalAudio = { ...PLAIN, srtp: { required: false, keys: KEYS } };
const REQUIRED: LocalAudio = { ...PLAIN, srtp: { required: true, keys: KEYS } };
/** RFC 4568 6.1 prints this key. */
const KEY = 'd0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj';

function far(...lines: string[]): string {
  return ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', ...lines, ''].join('\r\n');
}

t.test('RFC 4568 9.1: lines that are understood', async (test) => {
  const parsed = parseCrypto(`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}|2^20`);
  test.match(parsed, { tag: 1, suite: 'AES_CM_128_HMAC_SHA1_80' });
  test.equal(Buffer.from(parsed!.key).toString('base64'), KEY);
  for (const line of [`99 aes_cm_128_hmac_sha1_32 inline:${KEY}`, `2 AES_CM_128_HMAC_SHA1_32  inline:${KEY}|1048576 WSH=128`, `2 AES_CM_128_HMAC_SHA1_32 inline:${KEY} -X=1`]) {
    test.ok(parseCrypto(line), line);
  }
});

t.test('RFC 4568: lines that are passed over', async (test) => {
  for (const line of [
    '', '1', '1 AES_CM_128_HMAC_SHA1_80', `x AES_CM_128_HMAC_SHA1_80 inline:${KEY}`,
    `1 F8_128_HMAC_SHA1_80 inline:${KEY}`, `1 AES_CM_128_HMAC_SHA1_80 uri:${KEY}`,
    // Too short, too long, not base64.
    `1 AES_CM_128_HMAC_SHA1_80 inline:${KEY.slice(4)}`, `1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}AAAA`, `1 AES_CM_128_HMAC_SHA1_80 inline:${KEY.replace('d', '*')}`,
    // Master key identifier; two keys.
    `1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}|2^20|1:4`, `1 AES_CM_128_HMAC_SHA1_80 inline:${KEY};inline:${KEY}`,
    // RFC 4568 6.3: parameters that change the packets.
    `1 AES_CM_128_HMAC_SHA1_80 inline:${KEY} UNENCRYPTED_SRTP`, `1 AES_CM_128_HMAC_SHA1_80 inline:${KEY} UNAUTHENTICATED_SRTP`, `1 AES_CM_128_HMAC_SHA1_80 inline:${KEY} KDR=1`,
  ]) {
    test.equal(parseCrypto(line), undefined, line);
  }
});

t.test('the offer: SAVP where encryption is required, an extra of AVP where it is not, nothing where it is off', async (test) => {
  const lines = [`a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${'AQEB'.repeat(10)}`, `a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:${'AgIC'.repeat(10)}`];
  test.match(createOffer(REQUIRED), new RegExp(`m=audio 20000 RTP/SAVP 8 101\r\n[^]*${lines.join('\r\n')}\r\n`));
  test.match(createOffer(OPTIONAL), new RegExp(`m=audio 20000 RTP/AVP 8 101\r\n[^]*${lines.join('\r\n')}\r\n`));
  test.notMatch(createOffer(PLAIN), /crypto/);
});

t.test('the answer repeats number and suite of the first line that we know, with our key', async (test) => {
  const offer = far('m=audio 5000 RTP/SAVP 8', `a=crypto:4 F8_128_HMAC_SHA1_80 inline:${KEY}`, `a=crypto:5 AES_CM_128_HMAC_SHA1_32 inline:${KEY}`, `a=crypto:6 AES_CM_128_HMAC_SHA1_80 inline:${KEY}`);
  for (const local of [OPTIONAL, REQUIRED]) {
    const { answer, remote } = answerOffer(offer, local);
    test.match(remote.srtp, { tag: 5, suite: 'AES_CM_128_HMAC_SHA1_32' });
    test.same(remote.srtp?.localKey, KEYS[1]!.key);
    test.equal(Buffer.from(remote.srtp!.remoteKey).toString('base64'), KEY);
    test.same(answer.match(/a=crypto:.*/g), [`a=crypto:5 AES_CM_128_HMAC_SHA1_32 inline:${'AgIC'.repeat(10)}`]);
    test.match(answer, /m=audio 20000 RTP\/SAVP 8\r\n/);
  }
});

t.test('of a plain and an encrypted stream the encrypted one is taken', async (test) => {
  const offer = far('m=audio 5000 RTP/AVP 8', 'm=audio 5002 RTP/SAVP 8', `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}`);
  const { answer, remote } = answerOffer(offer, OPTIONAL);
  test.match(remote, { port: 5002, srtp: { tag: 1 } });
  test.match(answer, /m=audio 0 RTP\/AVP 8\r\nm=audio 20000 RTP\/SAVP 8\r\n/);
  test.match(answerOffer(offer, PLAIN).remote, { port: 5000, srtp: undefined });
});

t.test('an answer must repeat a line of ours', async (test) => {
  const answer = (crypto: string): string => far('m=audio 5000 RTP/SAVP 8', `a=crypto:${crypto} inline:${KEY}`);
  test.match(readAnswer(answer('2 AES_CM_128_HMAC_SHA1_32'), REQUIRED).srtp, { tag: 2, suite: 'AES_CM_128_HMAC_SHA1_32' });
  for (const wrong of ['2 AES_CM_128_HMAC_SHA1_80', '3 AES_CM_128_HMAC_SHA1_80', '0 AES_CM_128_HMAC_SHA1_80']) {
    test.throws(() => readAnswer(answer(wrong), REQUIRED), { code: 'TRK_SDP_SRTP_REQUIRED' }, wrong);
  }
});

t.test('what cannot be encrypted', async (test) => {
  const plain = far('m=audio 5000 RTP/AVP 8');
  const keyless = far('m=audio 5000 RTP/SAVP 8');
  const dtls = far('m=audio 5000 UDP/TLS/RTP/SAVPF 8', 'a=fingerprint:sha-256 00');
  for (const read of [answerOffer, readAnswer]) {
    test.throws(() => read(plain, REQUIRED), { code: 'TRK_SDP_SRTP_REQUIRED', status: 488 });
    test.throws(() => read(keyless, REQUIRED), { code: 'TRK_SDP_SRTP_REQUIRED' });
    test.throws(() => read(keyless, OPTIONAL), { code: 'TRK_SDP_NO_AUDIO' });
    test.throws(() => read(dtls, REQUIRED), { code: 'TRK_SDP_NO_AUDIO' });
    test.throws(() => read(far('m=video 5000 RTP/SAVP 31'), REQUIRED), { code: 'TRK_SDP_NO_AUDIO' });
  }
  test.equal(answerOffer(plain, OPTIONAL).remote.srtp, undefined);
  test.notMatch(answerOffer(plain, OPTIONAL).answer, /crypto/);
});
