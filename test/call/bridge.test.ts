import t from 'tap';
import type { Test } from 'tap';
import { Bridge } from '../../src/call/bridge.js';
import { systemClock } from '../../src/kernel/clock.js';
import { NativeEngine } from '../../src/media/native/engine.js';
import type { MediaSession } from '../../src/media/media-session.js';
import { freeMediaPorts } from '../support/ports.js';
import { linearToUlaw, RtpFarEnd, ulawToLinear } from '../media/rtp-far-end.js';

// Two telephones, real RTP, the real engine: what one says the other hears, whole and soon.

const FRAMES = 100;

async function pair(t: Test): Promise<{ left: MediaSession; right: MediaSession; one: RtpFarEnd; two: RtpFarEnd }> {
  const engine = new NativeEngine({ address: '127.0.0.1', ...(await freeMediaPorts(8)), timeoutMs: 10_000 });
  const [one, two] = [await RtpFarEnd.open(0x11), await RtpFarEnd.open(0x22)];
  t.teardown(async () => {
    await engine.close();
    one.close();
    two.close();
  });
  const [left, right] = [engine.createSession({ codecs: ['PCMU'] }), engine.createSession({ codecs: ['PCMU'] })];
  await left.acceptOffer(one.sdp());
  await right.acceptOffer(two.sdp());
  await Promise.all([one.next(), two.next()]);
  return { left, right, one, two };
}

/** mu-law code of frame `index` of the speech: the loud half of the positive ones, which come out of decoder and encoder as they went in. */
const codeOf = (index: number): number => 0x80 + (index % 48);

t.test('each frame crosses once, in order', async (t) => {
  const { left, right, one, two } = await pair(t);
  const bridge = new Bridge(left, right);
  let sent = 0;
  let firstSentMs = 0;
  // In step with what comes to it, as a telephone's clock is.
  one.on('rtp', () => {
    if (sent >= FRAMES) return;
    if (sent === 0) firstSentMs = systemClock.monotonic();
    one.send(left.localPort, new Uint8Array(160).fill(codeOf(sent)));
    sent += 1;
  });
  const heard: number[] = [];
  let firstHeardMs = 0;
  while (heard.length < FRAMES - 3) {
    const packet = await two.next();
    const code = packet.payload[80] ?? 0xff;
    if (code < 0x80 || code >= 0x80 + 48) continue;
    if (heard.length === 0) firstHeardMs = systemClock.monotonic();
    heard.push(code - 0x80);
  }
  const steps = heard.slice(1).map((value, index) => (value - (heard[index] ?? 0) + 48) % 48);
  const whole = steps.filter((step) => step === 1).length;
  // A busy machine may cost a frame or two.
  t.ok(whole >= steps.length - 4, `${whole} of ${steps.length} frames in order`);
  const delayMs = firstHeardMs - firstSentMs;
  t.ok(delayMs < 250, `through the bridge in ${Math.round(delayMs)} ms`);
  t.comment(`delay ${Math.round(delayMs)} ms`);
  bridge.close();
  await two.after(10);
  const before = two.packets.length;
  await two.after(10);
  t.ok(two.packets.slice(before).every(({ payload }) => payload.every((code) => Math.abs(ulawToLinear(code)) < 100)), 'closed, nothing crosses any more');
});

t.test('both ways at once', async (t) => {
  const { left, right, one, two } = await pair(t);
  new Bridge(left, right);
  one.on('rtp', () => one.send(left.localPort, new Uint8Array(160).fill(linearToUlaw(4_000))));
  two.on('rtp', () => two.send(right.localPort, new Uint8Array(160).fill(linearToUlaw(-8_000))));
  const at = async (end: RtpFarEnd, value: number): Promise<void> => void (await end.next(({ payload }) => Math.abs(ulawToLinear(payload[80] ?? 0xff) - value) < 300));
  await Promise.all([at(one, -8_000), at(two, 4_000)]);
  t.pass('each heard the other');
});
