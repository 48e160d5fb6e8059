import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { TraceRing } from '../../../src/sip/trace/trace-ring.js';
import { ManualClock } from '../../support/manual-clock.js';

// What the ring counts must be what the process really needs.

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heldBytes(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const filler = 'v=0\r\n'.padEnd(600, 'a');

/** Each message is a buffer of its own, as a socket gives it. */
function message(call: number, round: number): Buffer {
  return Buffer.from(`INFO sip:bob@127.0.0.9 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.9:5070;branch=z9hG4bK${round}-${call}\r\nCall-ID: a-call-id-of-usual-length-${call}@trunkline.example\r\nCSeq: ${round} INFO\r\n\r\n${filler}`);
}

t.test('1,000 busy calls, each with more messages than there is room for, take what the limit says', (t) => {
  const maxBytes = 16_000_000;
  const ring = new TraceRing(new ManualClock(), { maxBytes, maxCalls: 2_000, perCall: 200, keepMs: 1e9 });
  const fill = (rounds: number, from: number): void => {
    for (let round = from; round < from + rounds; round++) {
      for (let call = 0; call < 1_000; call++) {
        ring.leg(`call_${call}`, `a-call-id-of-usual-length-${call}@trunkline.example`);
        ring.message(round % 2 === 0 ? 'in' : 'out', message(call, round), { protocol: 'udp', localAddress: '127.0.0.1', localPort: 5060, remoteAddress: '127.0.0.9', remotePort: 5070 });
        ring.note(`call_${call}`, 'dtmf', '100 ms');
      }
    }
  };
  // The code is compiled and its caches are filled before anything is measured.
  fill(1, 0);
  ring.close();
  const before = heldBytes();
  fill(30, 1);
  const held = heldBytes() - before;
  t.ok(ring.bytes <= maxBytes && ring.bytes > maxBytes * 0.8, `${ring.bytes} bytes counted`);
  t.ok(held < maxBytes * 1.4, `${held} bytes held`);
  t.ok(held > ring.bytes * 0.5, 'and not counted for nothing');
  ring.close();
  const left = heldBytes() - before;
  t.ok(left < maxBytes * 0.1, `${left} bytes left`);
  t.end();
});
