import t from 'tap';
import { systemClock } from '../../src/kernel/clock.js';
import { RtpFarEnd, linearToUlaw, ulawToLinear } from '../media/rtp-far-end.js';
import { networkContract, recordingContract } from './media-network.js';
import { packetContract } from './media-packets.js';
import { srtpContract } from './media-srtp.js';
import { freeMediaPorts } from '../support/ports.js';
import { RANGE, callOpener, fromFirstSound, pcm, quantised, ramp } from './media-support.js';
import type { MakeEngine, OpenCall } from './media-support.js';

/** Suite that every adapter of the media PORT passes, with a far end that shares no code with it. */
export function mediaContract(name: string, makeEngine: MakeEngine): void {
  const call = callOpener(makeEngine);
  audioContract(name, call);
  digitsContract(name, call);
  negotiationContract(name, makeEngine, call);
  recordingContract(name, call);
  networkContract(name, makeEngine, call);
  packetContract(name, call);
  srtpContract(name, makeEngine);
}

function audioContract(name: string, call: OpenCall): void {
  t.test(`${name}: audio`, async (suite) => {
    suite.test('what is played arrives in order, whole, and exactly as mu-law codes it', async (test) => {
      const { session, far } = await call(test);
      const audio = ramp(1600);
      const clip = session.play(pcm(audio));
      const ended = await clip.ended;
      await far.after(2);
      test.same(ended, { playedMs: 200, flushed: false });
      test.same(fromFirstSound(far.heard()).slice(0, 1600), quantised(audio));
    });

    suite.test('clips chain without a gap wherever they end', async (test) => {
      const { session, far } = await call(test);
      const audio = ramp(1000);
      for (const [from, to] of [[0, 37], [37, 38], [38, 340], [340, 1000]] as const) session.play(pcm(audio.slice(from, to)));
      test.ok(session.queuedMs > 100 && session.queuedMs <= 125);
      await session.play(pcm(new Int16Array(80))).ended;
      await far.after(2);
      test.same(fromFirstSound(far.heard()).slice(0, 1000), quantised(audio));
      test.equal(session.queuedMs, 0);
    });

    suite.test('audio of a voice is brought to 8 kHz at its length and level', async (test) => {
      const { session, far } = await call(test);
      const tone = Int16Array.from({ length: 12_000 }, (_, i) => Math.round(8000 * Math.sin((2 * Math.PI * 440 * i) / 24_000)));
      await session.play(pcm(tone, 24_000)).ended;
      await far.after(2);
      const heard = fromFirstSound(far.heard()).slice(100, 3900);
      const level = Math.sqrt(heard.reduce((sum, sample) => sum + sample * sample, 0) / heard.length);
      test.ok(Math.abs(level - 8000 / Math.SQRT2) < 200, `level ${level}`);
    });

    suite.test('started tells when the first packet left, on the clock of the kernel', async (test) => {
      const { session, far } = await call(test);
      await far.next();
      const before = systemClock.monotonic();
      const clip = session.play(pcm(ramp(800)));
      const at = await clip.started;
      test.ok(at !== undefined && at >= before && at <= systemClock.monotonic());
      await clip.ended;
    });

    suite.test('numbers and timestamps run on through silence, and speech begins with the marker', async (test) => {
      const { session, far } = await call(test);
      await far.after(5);
      session.play(pcm(ramp(480)));
      await far.after(10);
      for (let i = 1; i < far.packets.length; i++) {
        test.equal((far.packets[i]!.sequence - far.packets[i - 1]!.sequence) & 0xffff, 1);
        test.equal((far.packets[i]!.timestamp - far.packets[i - 1]!.timestamp) >>> 0, 160);
      }
      const marked = far.packets.slice(1).filter((packet) => packet.marker);
      test.equal(marked.length, 1);
      test.not(ulawToLinear(marked[0]!.payload[0]!), 0);
    });

    suite.test('flush is silence at the next packet, and settles what waited', async (test) => {
      const { session, far } = await call(test);
      const loud = new Int16Array(16_000).fill(9000);
      const first = session.play(pcm(loud));
      const second = session.play(pcm(loud));
      await first.started;
      await far.after(3);
      session.flush();
      test.equal(session.queuedMs, 0);
      const ended = await first.ended;
      test.ok(ended.flushed && ended.playedMs >= 40 && ended.playedMs < 500, `played ${ended.playedMs}`);
      test.same(await second.ended, { playedMs: 0, flushed: true });
      test.equal(await second.started, undefined);
      await far.after(3);
      // The first packet after the flush may fade out over 5 ms.
      const last = far.packets.slice(-2);
      test.ok(last.every((packet) => packet.payload.every((code) => code === 0xff)));
    });

    suite.test('replace drops what waits and plays at once', async (test) => {
      const { session, far } = await call(test);
      const old = session.play(pcm(new Int16Array(16_000).fill(9000)));
      await old.started;
      const clip = session.play(pcm(new Int16Array(1600).fill(-9000)), { replace: true });
      test.equal((await old.ended).flushed, true);
      test.same(await clip.ended, { playedMs: 200, flushed: false });
      await far.after(1);
      test.ok(far.heard().filter((sample) => sample < -8000).length >= 1500);
    });

    suite.test('120 s is the most that waits; a refused clip changes nothing', async (test) => {
      const { session } = await call(test);
      session.play(pcm(new Int16Array(119 * 8000)));
      const waiting = session.queuedMs;
      test.throws(() => session.play(pcm(new Int16Array(2 * 8000))), { code: 'TRK_MEDIA_PLAYOUT_FULL' });
      test.ok(waiting - session.queuedMs < 1000);
      session.play(pcm(new Int16Array(100 * 8000)), { replace: true });
    });

    suite.test('frames of the far end come every tick, 160 samples, silence before its first packet', async (test) => {
      const { session, far } = await call(test);
      const frames: { level: number; length: number; atMs: number }[] = [];
      session.onFrame((samples, atMs) => frames.push({ level: samples[100]!, length: samples.length, atMs }));
      await far.after(5);
      far.on('rtp', () => far.send(session.localPort, new Uint8Array(160).fill(linearToUlaw(5000))));
      await far.after(20);
      test.ok(frames.length >= 20);
      test.ok(frames.every((frame) => frame.length === 160));
      test.equal(frames[0]!.level, 0);
      test.ok(Math.abs(frames.at(-1)!.level - 5000) < 150);
      test.ok(frames.every((frame, i) => i === 0 || frame.atMs > frames[i - 1]!.atMs));
    });
  });
}

function digitsContract(name: string, call: OpenCall): void {
  t.test(`${name}: digits`, async (suite) => {
    suite.test('out: each with marker, its own timestamp, growing duration, end three times; audio rests', async (test) => {
      const { session, far } = await call(test);
      session.play(pcm(new Int16Array(8000).fill(9000)));
      await far.after(2);
      await session.sendDtmf('7#', { durationMs: 100, gapMs: 60 });
      await far.after(1);
      const events = far.packets.filter((packet) => packet.payloadType === 101);
      test.equal(events.length, 14);
      for (const [digit, packets] of [[7, events.slice(0, 7)], [11, events.slice(7)]] as const) {
        test.same(packets.map((packet) => packet.payload[0]), Array<number>(7).fill(digit));
        test.same(packets.map((packet) => packet.marker), [true, false, false, false, false, false, false]);
        test.same(packets.map((packet) => packet.payload.readUInt16BE(2)), [160, 320, 480, 640, 800, 800, 800]);
        test.same(packets.map((packet) => packet.payload[1]! >> 7), [0, 0, 0, 0, 1, 1, 1]);
        test.equal(new Set(packets.map((packet) => packet.timestamp)).size, 1);
      }
      test.ok(far.packets.every((packet, i) => i === 0 || ((packet.sequence - far.packets[i - 1]!.sequence) & 0xffff) === 1));
    });

    suite.test('in: each once, whatever is repeated', async (test) => {
      const { session, far } = await call(test);
      const digits: { digit: string; durationMs: number }[] = [];
      session.onDtmf(({ digit, durationMs }) => digits.push({ digit, durationMs }));
      for (const [event, timestamp] of [[1, 8000], [1, 16_000], [10, 24_000]] as const) {
        for (const [duration, end] of [[160, 0], [320, 0], [640, 0x80], [640, 0x80], [640, 0x80]] as const) {
          const payload = Buffer.from([event, end | 10, duration >> 8, duration & 0xff]);
          far.send(session.localPort, payload, { payloadType: 101, timestamp });
        }
      }
      await far.after(4);
      test.same(digits, [{ digit: '1', durationMs: 80 }, { digit: '1', durationMs: 80 }, { digit: '*', durationMs: 80 }]);
    });

    suite.test('refused where they make no sense', async (test) => {
      const { session } = await call(test, {}, {}, { events: false });
      await test.rejects(session.sendDtmf('1'), { code: 'TRK_MEDIA_STATE' });
      const other = await call(test, await freeMediaPorts(5));
      await test.rejects(other.session.sendDtmf('1x'), { code: 'TRK_MEDIA_STATE' });
    });
  });
}

function negotiationContract(name: string, makeEngine: MakeEngine, call: OpenCall): void {
  t.test(`${name}: negotiation`, async (suite) => {
    suite.test('their offer is answered with our port and their codec', async (test) => {
      const engine = makeEngine(RANGE);
      const far = await RtpFarEnd.open();
      test.teardown(async () => (await engine.close(), far.close()));
      const session = engine.createSession();
      const answer = await session.acceptOffer(far.sdp({ codec: 'PCMA' }));
      test.match(answer, new RegExp(`m=audio ${session.localPort} RTP/AVP 8`));
      test.equal((await far.next()).payloadType, 8);
      await test.rejects(session.createOffer(), { code: 'TRK_MEDIA_STATE' });
      await test.rejects(session.acceptOffer('nonsense'), { code: 'TRK_SDP_PARSE' });
      await test.rejects(session.acceptAnswer(far.sdp()), { code: 'TRK_MEDIA_STATE' });
    });

    suite.test('on hold nothing is sent; after it the timestamp has run on', async (test) => {
      const { session, far } = await call(test);
      await far.after(3);
      await session.acceptOffer(far.sdp({ direction: 'sendonly' }));
      test.equal(session.onHold, true);
      // Our frames still come: 15 of them without a packet, after one that may be on its way.
      let frames = 0;
      const held = new Promise<void>((resolve) => session.onFrame(() => ++frames === 15 && resolve()));
      await held;
      const before = far.packets.length;
      const last = far.packets.at(-1)!;
      test.ok(before <= 5, `${before} packets`);
      await session.acceptOffer(far.sdp());
      test.equal(session.onHold, false);
      const resumed = await far.next();
      test.ok((resumed.timestamp - last.timestamp) >>> 0 >= 12 * 160);
      test.equal((resumed.sequence - last.sequence) & 0xffff, 1);
    });

    suite.test('an offer in the middle of a call: hold, resume, another far end', async (test) => {
      const engine = makeEngine(RANGE);
      const far = await RtpFarEnd.open();
      const other = await RtpFarEnd.open();
      test.teardown(async () => (await engine.close(), far.close(), other.close()));
      const session = engine.createSession({ codecs: ['PCMA', 'PCMU'] });
      if (session.reoffer === undefined) return;
      await test.rejects(session.reoffer(), { code: 'TRK_MEDIA_STATE' });
      const version = (sdp: string): number => Number(/^o=- \d+ (\d+)/m.exec(sdp)?.[1]);
      const answer = await session.acceptOffer(`${far.sdp({ codec: 'PCMA' })}m=video 5000 RTP/AVP 31\r\n`);
      const hold = await session.reoffer({ direction: 'sendonly' });
      test.ok(version(hold) > version(answer), 'RFC 3264 8: a new version');
      test.match(hold, /a=sendonly\r\n/);
      test.match(hold, /m=video 0 /, 'RFC 3264 8: the refused stream keeps its place');
      await session.acceptAnswer(far.sdp({ direction: 'recvonly' }));
      // Packets of the codec before may be on their way still.
      const before = far.packets.length;
      await far.next((packet) => packet.payloadType === 0);
      const between = far.packets.length - 1 - before;
      test.ok(between <= 3, `who holds may still send, with the codec of the answer; ${between} packets of the other first`);
      const resume = await session.reoffer();
      test.ok(version(resume) > version(hold));
      test.match(resume, /a=sendrecv\r\n/);
      await session.acceptAnswer(far.sdp());
      const fresh = await session.reoffer({ fresh: true });
      test.notMatch(fresh, /m=video/);
      test.match(fresh, new RegExp(`m=audio ${session.localPort} `));
      await session.acceptAnswer(other.sdp());
      test.equal((await other.next()).payloadType, 0, 'the other far end hears us now');
    });

    suite.test('a range of ports gives even ports, then a code, then the freed port', async (test) => {
      const engine = makeEngine({ ...RANGE, ...(await freeMediaPorts(2)) });
      test.teardown(() => engine.close());
      test.equal(engine.freePorts, 2);
      const first = engine.createSession();
      engine.createSession();
      test.equal(first.localPort % 2, 0);
      test.equal(engine.freePorts, 0);
      test.equal(engine.sessions, 2);
      test.throws(() => engine.createSession(), { code: 'TRK_MEDIA_PORTS_EXHAUSTED', retryable: true });
      first.close();
      test.equal(engine.freePorts, 1);
      test.equal(engine.createSession().localPort, first.localPort);
    });

    suite.test('after close everything pending is settled and everything new refused', async (test) => {
      const { engine, session } = await call(test);
      const clip = session.play(pcm(new Int16Array(8000)));
      const digits = session.sendDtmf('123');
      session.close();
      session.close();
      test.equal((await clip.ended).flushed, true);
      await digits;
      test.throws(() => session.play(pcm(new Int16Array(8))), { code: 'TRK_CLOSED' });
      test.equal(session.queuedMs, 0);
      await engine.close();
      test.throws(() => engine.createSession(), { code: 'TRK_CLOSED' });
    });
  });
}
