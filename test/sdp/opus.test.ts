import t from 'tap';
import { answerOffer, createOffer, readAnswer } from '../../src/sdp/offer-answer.js';
import type { LocalAudio } from '../../src/sdp/offer-answer.js';

const local: LocalAudio = { address: '192.0.2.1', port: 20_000, codecs: ['OPUS', 'G722', 'PCMA'], ptimeMs: 20, sessionId: 1, sessionVersion: 1 };

function description(formats: string, ...attributes: string[]): string {
  return ['v=0', 'o=- 1 1 IN IP4 192.0.2.9', 's=-', 'c=IN IP4 192.0.2.9', 't=0 0', `m=audio 30000 RTP/AVP ${formats}`, ...attributes.map((line) => `a=${line}`), ''].join('\r\n');
}

t.test('RFC 7587 7: offered with 48000 and two channels, its own number, and events of both clocks', async (t) => {
  const offer = createOffer(local);
  t.match(offer, /m=audio 20000 RTP\/AVP 103 9 8 101 102\r\n/);
  t.match(offer, /a=rtpmap:103 opus\/48000\/2\r\na=fmtp:103 [^\r]*stereo=0[^\r]*useinbandfec=1/);
  t.match(offer, /a=rtpmap:101 telephone-event\/8000\r\na=fmtp:101 0-15\r\na=rtpmap:102 telephone-event\/48000\r\na=fmtp:102 0-15\r\n/);
  t.notMatch(createOffer({ ...local, codecs: ['OPUS'] }), /telephone-event\/8000/);
});

t.test('an offer with numbers of its own is answered with them', async (t) => {
  const { answer, remote } = answerOffer(description('109 8 100 126', 'rtpmap:109 OPUS/48000/2', 'fmtp:109 maxplaybackrate=24000; UseInbandFec=1;maxaveragebitrate=16000;cbr=1', 'rtpmap:100 telephone-event/8000', 'rtpmap:126 telephone-event/48000'), local);
  t.match(remote, { codec: 'OPUS', payloadType: 109, receivePayloadType: 109, telephoneEventPayloadType: 126, telephoneEventClockRate: 48000 });
  t.same(remote.opus, { maxAverageBitrate: 16_000, maxPlaybackRate: 24_000, useInbandFec: true, constantBitrate: true });
  t.match(answer, /m=audio 20000 RTP\/AVP 109 126\r\na=rtpmap:109 opus\/48000\/2\r\na=fmtp:109 /);
});

t.test('RFC 3264 6.1: an answer that renumbers is sent by its numbers and heard by ours', async (t) => {
  const remote = readAnswer(description('96 97', 'rtpmap:96 opus/48000/2', 'rtpmap:97 telephone-event/48000'), local);
  t.match(remote, { codec: 'OPUS', payloadType: 96, receivePayloadType: 103, telephoneEventPayloadType: 97, receiveTelephoneEventPayloadType: 102 });
});

t.test('a far end with events of 8000 only keeps them, whatever the codec; G.722 never takes those of 48000 before them', async (t) => {
  const opus = answerOffer(description('109 101', 'rtpmap:109 opus/48000/2', 'rtpmap:101 telephone-event/8000'), local).remote;
  t.match(opus, { codec: 'OPUS', telephoneEventPayloadType: 101, telephoneEventClockRate: 8000 });
  const g722 = answerOffer(description('9 100 101', 'rtpmap:100 telephone-event/48000', 'rtpmap:101 telephone-event/8000'), local).remote;
  t.match(g722, { codec: 'G722', telephoneEventPayloadType: 101, telephoneEventClockRate: 8000 });
});

t.test('what is no Opus, or says nonsense about it, does no harm', async (t) => {
  t.throws(() => answerOffer(description('109', 'rtpmap:109 opus/48000'), local), { code: 'TRK_SDP_NO_CODEC' });
  const { remote } = answerOffer(description('109', 'rtpmap:109 opus/48000/2', 'fmtp:109 maxaveragebitrate=99999999;maxplaybackrate=-1;useinbandfec=yes;;=;x', 'fmtp:8 useinbandfec=1'), local);
  t.same(remote.opus, { maxAverageBitrate: undefined, maxPlaybackRate: 48_000, useInbandFec: false, constantBitrate: false });
});
