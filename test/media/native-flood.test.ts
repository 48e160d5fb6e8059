import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import t from 'tap';
import { NativeEngine } from '../../src/media/native/engine.js';
import { callOpener } from '../contract/media-support.js';

const open = callOpener((options) => new NativeEngine(options));
/** 20,000 a second. */
const STRANGERS_PER_TICK = 400;
const TICKS = 100;

t.test('a call under a flood from a wrong source keeps its pace and hears every packet', async (test) => {
  const { session, far } = await open(test);
  const stranger = createSocket('udp4');
  stranger.bind(0, '127.0.0.1');
  await once(stranger, 'listening');
  test.teardown(() => stranger.close());
  const garbage = Buffer.alloc(172, 0x80);
  await far.next();
  const first = far.packets.length;
  let good = 0;
  let bad = 0;
  far.on('rtp', () => {
    if (good === TICKS) return;
    far.send(session.localPort, new Uint8Array(160).fill(good));
    good++;
    for (let i = 0; i < STRANGERS_PER_TICK; i++) {
      stranger.send(garbage, session.localPort, '127.0.0.1');
      bad++;
    }
  });
  await far.after(TICKS + 5);
  const { packetsReceived, packetsLost, packetsLate } = session.stats();
  test.same({ packetsReceived, packetsLost, packetsLate }, { packetsReceived: TICKS, packetsLost: 0, packetsLate: 0 });
  // One packet a tick, none left out: numbers and timestamps go on without a gap.
  const paced = far.packets.slice(first);
  test.ok(paced.every((packet, i) => i === 0 || (packet.timestamp - paced[i - 1]!.timestamp) >>> 0 === 160));
  session.close();
  const { packetsRefused } = session.stats();
  test.ok(packetsRefused > bad * 0.9 && packetsRefused <= bad, `${packetsRefused} of ${bad} strangers are counted, also those that the kernel dropped`);
});
