import t from 'tap';
import { TrunklineError } from '../../src/kernel/errors.js';
import { agreedDirection, answerOffer, createOffer, nextSessionVersion, readAnswer } from '../../src/sdp/offer-answer.js';
import type { LocalAudio } from '../../src/sdp/offer-answer.js';
import { parseSdp } from '../../src/sdp/parse.js';
import type { Direction } from '../../src/sdp/description.js';
import fc from '../support/property.js';

const LOCAL: LocalAudio = { address: '198.51.100.7', port: 20_000, sessionId: '7000000000000000001', sessionVersion: 3, codecs: ['PCMA', 'PCMU'], ptimeMs: 20 };

/** A far end's description from its stream lines. */
function far(...lines: string[]): string {
  return ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', ...lines, ''].join('\r\n');
}

function mediaLines(text: string): string[] {
  return text.split('\r\n').filter((line) => line.startsWith('m='));
}

t.test('the offer, whole', async (t) => {
  t.equal(
    createOffer(LOCAL),
    [
      'v=0',
      'o=- 7000000000000000001 3 IN IP4 198.51.100.7',
      's=-',
      'c=IN IP4 198.51.100.7',
      't=0 0',
      'm=audio 20000 RTP/AVP 8 0 101',
      'a=rtpmap:8 PCMA/8000',
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-15',
      'a=ptime:20',
      'a=sendrecv',
      '',
    ].join('\r\n'),
  );
});

t.test('offer and answer between two of us', async (t) => {
  const bob: LocalAudio = { ...LOCAL, address: '203.0.113.9', port: 30_000, codecs: ['PCMU'] };
  const { answer, remote } = answerOffer(createOffer(LOCAL), bob);
  t.equal(remote.codec, 'PCMU');
  t.equal(remote.address, '198.51.100.7');
  t.equal(remote.rtcpPort, 20_001);
  const back = readAnswer(answer, LOCAL);
  t.match(back, { codec: 'PCMU', payloadType: 0, address: '203.0.113.9', port: 30_000, telephoneEventPayloadType: 101, direction: 'sendrecv', ptimeMs: 20 });
});

t.test('IPv6 both ways', async (t) => {
  const local: LocalAudio = { ...LOCAL, address: '2001:db8::7' };
  t.match(createOffer(local), /o=.* IN IP6 2001:db8::7\r\n[^]*c=IN IP6 2001:db8::7\r\n/);
  t.equal(answerOffer(createOffer(local), LOCAL).remote.address, '2001:db8::7');
});

t.test('the payload numbers of the offer are kept', async (t) => {
  const { answer, remote } = answerOffer(far('m=audio 4000 RTP/AVP 96 100 110 13', 'a=rtpmap:96 PCMA/8000', 'a=rtpmap:100 telephone-event/16000', 'a=rtpmap:110 telephone-event/8000'), LOCAL);
  t.match(remote, { codec: 'PCMA', payloadType: 96, telephoneEventPayloadType: 110, comfortNoisePayloadType: 13 });
  t.same(mediaLines(answer), ['m=audio 20000 RTP/AVP 96 110 13']);
  t.match(answer, /a=rtpmap:96 PCMA\/8000\r\na=rtpmap:110 telephone-event\/8000\r\na=fmtp:110 0-15\r\na=rtpmap:13 CN\/8000/);
});

t.test('static numbers without rtpmap; digits and comfort noise absent', async (t) => {
  const { answer, remote } = answerOffer(far('m=audio 4000 RTP/AVP 18 0'), LOCAL);
  t.match(remote, { codec: 'PCMU', payloadType: 0 });
  t.equal(remote.telephoneEventPayloadType, undefined);
  t.equal(remote.comfortNoisePayloadType, undefined);
  t.same(mediaLines(answer), ['m=audio 20000 RTP/AVP 0']);
});

t.test('RFC 3264 6: streams that we do not take are refused in their place', async (t) => {
  const offer = far(
    'm=video 5000 RTP/AVP 31 34',
    'm=audio 0 RTP/AVP 8',
    'm=audio 5002 RTP/SAVP 8',
    'm=audio 5004 RTP/AVP 9 18',
    'm=audio 5006 RTP/AVP 8',
    'm=audio 5008 RTP/AVP 0',
    'm=application 5010 udp/bfcp *',
  );
  const { answer, remote } = answerOffer(offer, LOCAL);
  t.equal(remote.port, 5006);
  t.same(mediaLines(answer), [
    'm=video 0 RTP/AVP 31 34',
    'm=audio 0 RTP/AVP 8',
    'm=audio 0 RTP/SAVP 8',
    'm=audio 0 RTP/AVP 9 18',
    'm=audio 20000 RTP/AVP 8',
    'm=audio 0 RTP/AVP 0',
    'm=application 0 udp/bfcp *',
  ]);
});

for (const [name, code, lines] of [
  ['no stream at all', 'TRK_SDP_NO_AUDIO', []],
  ['video alone', 'TRK_SDP_NO_AUDIO', ['m=video 5000 RTP/AVP 31']],
  ['a refused stream', 'TRK_SDP_NO_AUDIO', ['m=audio 0 RTP/AVP 8']],
  ['SRTP alone', 'TRK_SDP_NO_AUDIO', ['m=audio 5000 RTP/SAVP 8']],
  ['multicast with a TTL', 'TRK_SDP_NO_AUDIO', ['m=audio 5000 RTP/AVP 8', 'c=IN IP4 224.2.1.1/127']],
  ['multicast without a TTL', 'TRK_SDP_NO_AUDIO', ['m=audio 5000 RTP/AVP 8', 'c=IN IP4 239.1.1.1']],
  ['IPv6 multicast', 'TRK_SDP_NO_AUDIO', ['m=audio 5000 RTP/AVP 8', 'c=IN IP6 ff15::101/3']],
  ['broadcast', 'TRK_SDP_NO_AUDIO', ['m=audio 5000 RTP/AVP 8', 'c=IN IP4 255.255.255.255']],
  ['a host name for an address', 'TRK_SDP_NO_AUDIO', ['m=audio 5000 RTP/AVP 8', 'c=IN IP4 host.example.com']],
  ['an address of the other family', 'TRK_SDP_NO_AUDIO', ['m=audio 5000 RTP/AVP 8', 'c=IN IP4 ::1']],
  ['no port left for RTCP', 'TRK_SDP_NO_AUDIO', ['m=audio 65535 RTP/AVP 8']],
  ['other codecs', 'TRK_SDP_NO_CODEC', ['m=audio 5000 RTP/AVP 9 18 97', 'a=rtpmap:97 opus/48000/2']],
  ['a codec of ours at another rate', 'TRK_SDP_NO_CODEC', ['m=audio 5000 RTP/AVP 97', 'a=rtpmap:97 PCMA/16000']],
  ['digits alone', 'TRK_SDP_NO_CODEC', ['m=audio 5000 RTP/AVP 101', 'a=rtpmap:101 telephone-event/8000']],
] as const) {
  t.test(`refuses: ${name}`, async (t) => {
    t.throws(() => answerOffer(far(...lines), LOCAL), { code });
    t.throws(() => readAnswer(far(...lines), LOCAL), { code });
  });
}

t.test('no c= anywhere is refused, c= of the stream alone will do', async (t) => {
  const bare = (...lines: string[]): string => ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', ...lines, ''].join('\r\n');
  t.throws(() => answerOffer(bare('m=audio 5000 RTP/AVP 8'), LOCAL), { code: 'TRK_SDP_NO_AUDIO' });
  t.equal(answerOffer(bare('m=audio 5000 RTP/AVP 8', 'c=IN IP4 192.0.2.5'), LOCAL).remote.address, '192.0.2.5');
});

t.test('c= of the stream wins over c= of the session', async (t) => {
  t.equal(answerOffer(far('m=audio 5000 RTP/AVP 8', 'c=IN IP4 192.0.2.9'), LOCAL).remote.address, '192.0.2.9');
});

t.test('RFC 3605: the RTCP port, with and without an address', async (t) => {
  t.equal(answerOffer(far('m=audio 5000 RTP/AVP 8', 'a=rtcp:53020'), LOCAL).remote.rtcpPort, 53_020);
  t.equal(answerOffer(far('m=audio 5000 RTP/AVP 8', 'a=rtcp:53020 IN IP4 192.0.2.77'), LOCAL).remote.rtcpPort, 53_020);
  t.equal(answerOffer(far('m=audio 5000 RTP/AVP 8', 'a=rtcp:nonsense'), LOCAL).remote.rtcpPort, 5001);
});

t.test('ptime of the far end is served where it can be', async (t) => {
  const ptime = (...lines: string[]): number => answerOffer(far('m=audio 5000 RTP/AVP 8', ...lines), LOCAL).remote.ptimeMs;
  t.equal(ptime(), 20);
  t.equal(ptime('a=ptime:30'), 30);
  t.equal(ptime('a=ptime:25'), 20);
  t.equal(ptime('a=ptime:200'), 20);
  t.equal(ptime('a=ptime:x'), 20);
  t.equal(ptime('a=ptime:40', 'a=maxptime:25'), 20);
  t.equal(ptime('a=maxptime:10'), 10);
});

t.test('an answer asks for our own ptime', async (t) => {
  t.match(answerOffer(far('m=audio 5000 RTP/AVP 8', 'a=ptime:40'), { ...LOCAL, ptimeMs: 10 }).answer, /a=ptime:10\r\n/);
});

t.test('RFC 3551 4.5.2: G.722 is number 9 and says 8000, with and without its rtpmap', async (t) => {
  const wide: LocalAudio = { ...LOCAL, codecs: ['G722', 'PCMA'] };
  t.match(createOffer(wide), /RTP\/AVP 9 8 101\r\na=rtpmap:9 G722\/8000\r\n/);
  t.match(answerOffer(far('m=audio 5000 RTP/AVP 9 8'), wide).remote, { codec: 'G722', payloadType: 9 });
  t.match(answerOffer(far('m=audio 5000 RTP/AVP 8 9', 'a=rtpmap:9 G722/8000'), wide).remote, { codec: 'PCMA' });
  t.throws(() => answerOffer(far('m=audio 5000 RTP/AVP 97', 'a=rtpmap:97 G722/16000'), wide), { code: 'TRK_SDP_NO_CODEC' });
  t.match(answerOffer(far('m=audio 5000 RTP/AVP 9 8'), LOCAL).remote, { codec: 'PCMA' });
});

t.test('RFC 5761: one port for RTP and RTCP where both sides say so', async (t) => {
  const offer = createOffer({ ...LOCAL, rtcpMux: 'offer' });
  t.match(offer, /a=rtcp-mux\r\n/);
  const { answer, remote } = answerOffer(offer, { ...LOCAL, rtcpMux: 'answer' });
  t.match(remote, { rtcpMux: true, port: 20_000, rtcpPort: 20_000 });
  t.match(answer, /a=rtcp-mux\r\n/);
  t.match(readAnswer(answer, { ...LOCAL, rtcpMux: 'offer' }), { rtcpMux: true, rtcpPort: 20_000 });
  // RFC 5761 5.1.1: without it in the answer, and without it in the offer, the ports stay apart.
  t.match(readAnswer(far('m=audio 5000 RTP/AVP 8'), { ...LOCAL, rtcpMux: 'offer' }), { rtcpMux: false, rtcpPort: 5001 });
  t.match(readAnswer(far('m=audio 5000 RTP/AVP 8', 'a=rtcp-mux'), LOCAL), { rtcpMux: false, rtcpPort: 5001 });
  t.notMatch(createOffer({ ...LOCAL, rtcpMux: 'answer' }), /rtcp-mux/);
  t.notMatch(answerOffer(offer, LOCAL).answer, /rtcp-mux/);
  t.notMatch(answerOffer(far('m=audio 5000 RTP/AVP 8'), { ...LOCAL, rtcpMux: 'answer' }).answer, /rtcp-mux/);
});

t.test('RFC 5761 4: payload numbers that look like RTCP keep the ports apart', async (t) => {
  const { answer, remote } = answerOffer(far('m=audio 5000 RTP/AVP 72', 'a=rtpmap:72 PCMA/8000', 'a=rtcp-mux'), { ...LOCAL, rtcpMux: 'answer' });
  t.match(remote, { rtcpMux: false, rtcpPort: 5001 });
  t.notMatch(answer, /rtcp-mux/);
});

t.test('RFC 3264 6.1: directions', async (t) => {
  const table: readonly (readonly [wanted: Direction, stated: Direction, ours: Direction])[] = [
    ['sendrecv', 'sendrecv', 'sendrecv'], ['sendrecv', 'sendonly', 'recvonly'], ['sendrecv', 'recvonly', 'sendonly'], ['sendrecv', 'inactive', 'inactive'],
    ['sendonly', 'sendrecv', 'sendonly'], ['sendonly', 'sendonly', 'inactive'], ['recvonly', 'recvonly', 'inactive'], ['inactive', 'sendrecv', 'inactive'],
  ];
  for (const [wanted, stated, ours] of table) {
    t.equal(agreedDirection(wanted, stated), ours, `${wanted} meets ${stated}`);
    const { answer } = answerOffer(far('m=audio 5000 RTP/AVP 8', `a=${stated}`), { ...LOCAL, direction: wanted });
    t.match(answer, new RegExp(`a=${ours}\r\n`));
  }
});

t.test('a direction of the session holds for streams without their own', async (t) => {
  const offer = far('m=audio 5000 RTP/AVP 8').replace('t=0 0', 't=0 0\r\na=inactive');
  t.equal(answerOffer(offer, LOCAL).remote.direction, 'inactive');
  t.equal(answerOffer(`${offer}a=sendrecv\r\n`, LOCAL).remote.direction, 'sendrecv');
});

t.test('RFC 3264 8.4: the zero address holds, whatever the direction says', async (t) => {
  const { answer, remote } = answerOffer(far('m=audio 5000 RTP/AVP 8', 'c=IN IP4 0.0.0.0'), LOCAL);
  t.equal(remote.direction, 'recvonly');
  t.match(answer, /a=recvonly\r\n/);
  t.equal(answerOffer(far('m=audio 5000 RTP/AVP 8', 'c=IN IP4 0.0.0.0', 'a=inactive'), LOCAL).remote.direction, 'inactive');
});

t.test('an answer with several codecs: the first of them is sent', async (t) => {
  t.match(readAnswer(far('m=audio 5000 RTP/AVP 0 8 101', 'a=rtpmap:101 telephone-event/8000'), LOCAL), { codec: 'PCMU', payloadType: 0 });
});

t.test('RFC 3264 6.1: an answer that renumbers digits is sent its number, and received by ours', async (t) => {
  const remote = readAnswer(far('m=audio 5000 RTP/AVP 8 96', 'a=rtpmap:96 telephone-event/8000'), LOCAL);
  t.equal(remote.telephoneEventPayloadType, 96);
  t.equal(remote.receiveTelephoneEventPayloadType, 101);
});

t.test('RFC 3264 8: a later offer keeps the places of all streams', async (t) => {
  const { answer } = answerOffer(far('m=video 5000 RTP/AVP 31', 'm=audio 5002 RTP/AVP 8'), LOCAL);
  t.same(mediaLines(createOffer({ ...LOCAL, port: 20_002 }, answer)), ['m=video 0 RTP/AVP 31', 'm=audio 20002 RTP/AVP 8 0 101']);
});

t.test('RFC 3264 8: the version goes up by one when, and only when, something changed', async (t) => {
  const first = createOffer(LOCAL);
  t.equal(nextSessionVersion(first, createOffer({ ...LOCAL, sessionVersion: 99 })), 3);
  t.equal(nextSessionVersion(first, createOffer({ ...LOCAL, direction: 'sendonly' })), 4);
});

// RFC 4317 writes host names in c=; we take numeric addresses only, so the examples stand here with one.
t.test('RFC 4317 2.1: audio is taken, video is refused', async (t) => {
  const offer = far('m=audio 49170 RTP/AVP 0 8 97', 'a=rtpmap:0 PCMU/8000', 'a=rtpmap:8 PCMA/8000', 'a=rtpmap:97 iLBC/8000', 'm=video 51372 RTP/AVP 31 32', 'a=rtpmap:31 H261/90000', 'a=rtpmap:32 MPV/90000');
  const { answer, remote } = answerOffer(offer, { ...LOCAL, port: 49_174 });
  t.match(remote, { codec: 'PCMU', payloadType: 0, port: 49_170 });
  t.same(mediaLines(answer), ['m=audio 49174 RTP/AVP 0', 'm=video 0 RTP/AVP 31 32']);
});

t.test('RFC 4317 2.2: an answer with two codecs and a refused video', async (t) => {
  const answer = far('m=audio 49172 RTP/AVP 0 8', 'a=rtpmap:0 PCMU/8000', 'a=rtpmap:8 PCMA/8000', 'm=video 0 RTP/AVP 31');
  t.match(readAnswer(answer, LOCAL), { codec: 'PCMU', port: 49_172 });
});

t.test('RFC 4317 2.4: of two audio streams the one with a codec of ours is taken', async (t) => {
  const offer = far('m=audio 49170 RTP/AVP 0 97', 'a=rtpmap:0 PCMU/8000', 'a=rtpmap:97 iLBC/8000', 'm=audio 49172 RTP/AVP 98', 'a=rtpmap:98 telephone-event/8000', 'a=sendonly');
  const { answer, remote } = answerOffer(offer, LOCAL);
  t.match(remote, { port: 49_170, codec: 'PCMU', telephoneEventPayloadType: undefined });
  t.same(mediaLines(answer), ['m=audio 20000 RTP/AVP 0', 'm=audio 0 RTP/AVP 98']);
});

t.test('RFC 4317 3.1: hold and unhold', async (t) => {
  t.equal(answerOffer(far('m=audio 49170 RTP/AVP 0', 'a=sendonly'), LOCAL).remote.direction, 'recvonly');
  t.equal(answerOffer(far('m=audio 49170 RTP/AVP 0'), LOCAL).remote.direction, 'sendrecv');
});

t.test('RFC 4317 5.1: an offer without streams has no audio for us', async (t) => {
  t.throws(() => answerOffer(far(), LOCAL), { code: 'TRK_SDP_NO_AUDIO' });
});

t.test('any offer gives a coded error or an answer with as many streams, at most one of them open', async (t) => {
  const line = fc.constantFrom(
    'm=audio 5000 RTP/AVP 0 8 101', 'm=audio 65535 RTP/AVP 8', 'm=audio 0 RTP/AVP 0', 'm=video 6000 RTP/AVP 31', 'm=audio 7000 RTP/AVP 96',
    'a=rtpmap:96 PCMU/8000', 'a=rtpmap:101 telephone-event/8000', 'a=rtpmap:8 G722/8000', 'a=sendonly', 'a=inactive', 'a=ptime:0', 'a=ptime:-5', 'a=maxptime:5',
    'a=rtcp:0', 'a=rtcp:70000', 'c=IN IP4 0.0.0.0', 'c=IN IP4 999.1.1.1', 'c=IN IP6 ::1', 'c=IN IP4 224.1.1.1/1', 'm=audio 5000 TCP/RTP/AVP 0',
  );
  let answered = 0;
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
      const offer = far(...lines);
      try {
        const { answer, remote } = answerOffer(offer, LOCAL);
        answered++;
        const media = parseSdp(answer).media;
        return (
          media.length === parseSdp(offer).media.length &&
          media.filter((stream) => stream.port !== 0).length === 1 &&
          remote.port > 0 && remote.rtcpPort > 0 && remote.rtcpPort < 65_536 && remote.ptimeMs >= 10 && remote.ptimeMs <= 60
        );
      } catch (error) {
        return error instanceof TrunklineError && error.code.startsWith('TRK_SDP_');
      }
    }),
    { numRuns: 2000 },
  );
  t.ok(answered > 100);
});
