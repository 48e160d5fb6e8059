import { EventEmitter } from 'node:events';
import t from 'tap';
import { tapFrame, tapFrames } from '../../../src/sip/trace/drachtio-frames.js';
import type { SipTap, TapPath } from '../../../src/sip/trace/trace.js';

function recorder(): { tap: SipTap; seen: (readonly ['in' | 'out', string, TapPath])[] } {
  const seen: (readonly ['in' | 'out', string, TapPath])[] = [];
  return { tap: { message: (direction, raw, path) => void seen.push([direction, raw.toString(), path]) }, seen };
}

t.test('what the network sent, with both ends', async (t) => {
  const { tap, seen } = recorder();
  tapFrame(tap, '7c21|sip|network|840|udp|192.0.2.9|5060|17:44:42.000001|9b30||192.0.2.1|5070|\r\nINVITE sip:x SIP/2.0\r\nCall-ID: a\r\n\r\n');
  tapFrame(tap, '7c22|sip|network|410|tcp|192.0.2.9|5060|17:44:44.500000|9b31|a84b@192.0.2.9;from-tag=77f|\r\nACK sip:x SIP/2.0\r\n\r\n');
  t.same(seen, [
    ['in', 'INVITE sip:x SIP/2.0\r\nCall-ID: a\r\n\r\n', { protocol: 'udp', localAddress: '192.0.2.1', localPort: 5070, remoteAddress: '192.0.2.9', remotePort: 5060 }],
    ['in', 'ACK sip:x SIP/2.0\r\n\r\n', { protocol: 'tcp', localAddress: '', localPort: 0, remoteAddress: '192.0.2.9', remotePort: 5060 }],
  ]);
});

t.test('copies of what was sent: requests by their way, responses to the peer', async (t) => {
  const { tap, seen } = recorder();
  tapFrame(tap, '7c1e|response|41aa|OK|application|612|udp|192.0.2.1|5060|17:44:42.000001|9b2f|Msg sent:|\r\nINVITE sip:bob@198.51.100.7:5080 SIP/2.0\r\n\r\n');
  tapFrame(tap, '7c1e|response|41aa|OK|application|612|tls|192.0.2.1|5061|17:44:42.000001|9b2f|Msg sent:|\r\nBYE sip:bob@[2001:db8::9] SIP/2.0\r\nRoute: <sip:proxy.example;lr>\r\n\r\n');
  tapFrame(tap, '7c1f|response|41ab|OK|application|455|udp|192.0.2.9|5062|17:44:43.120000|9b30|a;from-tag=77f||Msg sent:|\r\nSIP/2.0 200 OK\r\n\r\n');
  tapFrame(tap, '7c30|sip|application|455|udp|192.0.2.1|5060|17:44:43.120000|unsolicited|a;from-tag=77f|\r\nBYE sip:[2001:db8::9]:5090 SIP/2.0\r\n\r\n');
  t.same(seen.map(([direction, , path]) => [direction, path.localAddress, path.remoteAddress, path.remotePort]), [
    ['out', '192.0.2.1', '198.51.100.7', 5080],
    ['out', '192.0.2.1', 'proxy.example', 5061],
    ['out', '', '192.0.2.9', 5062],
    ['out', '192.0.2.1', '2001:db8::9', 5090],
  ]);
});

t.test('other frames are passed over', async (t) => {
  const { tap, seen } = recorder();
  for (const frame of ['a|response|b|NOK|unable to find dialog', 'a|response|b|OK|pong', 'a|response|b|OK|5060|v1\r\n', '', 'a|cdr:start|network|17:00\r\nINVITE sip:x SIP/2.0\r\n\r\n']) tapFrame(tap, frame);
  t.same(seen, []);
});

t.test('frames come from the connection of drachtio-srf', async (t) => {
  const { tap, seen } = recorder();
  const wp = new EventEmitter();
  tapFrames({ wp }, tap);
  wp.emit('msg', {}, '1|sip|network|1|udp|192.0.2.9|5060|t|x|\r\nSIP/2.0 180 Ringing\r\n\r\n');
  t.equal(seen.length, 1);
});
