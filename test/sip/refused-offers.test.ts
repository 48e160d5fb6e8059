import t from 'tap';
import { SipPeer } from '../contract/sip-peer.js';
import { ServerProcess } from '../support/server-process.js';
import { requestText } from './embedded/doors/house.js';

const FLOW = 'trunkline: 1\nid: hello\nlanguage: en-US\nstart: hello\nfallback: hello\nnodes:\n  hello: { end: end, reason: told, say: Hello. }\n';
const KEY = Buffer.alloc(30, 7).toString('base64');

let server: ServerProcess;
let peer: SipPeer;

t.before(async () => {
  server = await ServerProcess.start({ media: { srtp: 'required' }, inbound: [{ number: '*', flow: 'hello' }] });
  await server.publish(FLOW);
  peer = await SipPeer.udp();
});
t.teardown(async () => {
  await peer.close();
  await server.stop();
});

const sdp = (...media: string[]): string => ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', ...media, ''].join('\r\n');
const crypto = `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}`;

/** Offers that cannot be served, with what the caller is told (RFC 3261 20.43) and what the result says. */
const OFFERS: readonly (readonly [what: string, offer: string, status: number, warning: RegExp, code: string])[] = [
  ['no codec in common', sdp('m=audio 40000 RTP/SAVP 97', 'a=rtpmap:97 EVS/16000', crypto), 488, /^305 trunkline "Incompatible media format: /, 'TRK_SDP_NO_CODEC'],
  ['no audio', sdp('m=video 40000 RTP/SAVP 97', 'a=rtpmap:97 H264/90000', crypto), 488, /^304 trunkline "Media type not available: /, 'TRK_SDP_NO_AUDIO'],
  ['audio that is switched off', sdp('m=audio 0 RTP/SAVP 0', crypto), 488, /^304 /, 'TRK_SDP_NO_AUDIO'],
  ['plain RTP where SRTP is required', sdp('m=audio 40000 RTP/AVP 0'), 488, /^302 trunkline "Incompatible transport protocol: SRTP is required/, 'TRK_SDP_SRTP_REQUIRED'],
  ['SRTP with a suite that we have not', sdp('m=audio 40000 RTP/SAVP 0', 'a=crypto:1 ARIA_CM inline:AAAA'), 488, /^302 /, 'TRK_SDP_SRTP_REQUIRED'],
  ['audio at an address of the other family', sdp('m=audio 40000 RTP/SAVP 0', crypto).replace('c=IN IP4 127.0.0.1', 'c=IN IP6 2001:db8::7'), 488, /^301 trunkline "Incompatible network address formats: /, 'TRK_SDP_ADDRESS'],
  ['no SDP at all', 'hello', 400, /^399 /, 'TRK_SDP_PARSE'],
];

for (const [what, offer, status, warning, code] of OFFERS) {
  t.test(what, async (t) => {
    const before = (await server.results()).length;
    peer.send(requestText('INVITE', '127.0.0.1', peer.port, { callId: code + what.length, body: offer }), server.sipPort);
    const answer = await peer.next((message) => (message.status ?? 0) >= 200 && message.header('Call-ID') === code + what.length);
    t.equal(answer.status, status);
    t.match(answer.header('Warning'), warning);
    const results = await server.resultsWhen('hello', before + 1);
    t.match(results.find((result) => result.reason === code), { disposition: 'failed', endedBy: 'system', direction: 'inbound' }, code);
  });
}
