import { once } from 'node:events';
import { join } from 'node:path';
import t from 'tap';
import { systemClock } from '../../src/kernel/clock.js';
import { RtpFarEnd, linearToUlaw } from '../media/rtp-far-end.js';
import { RANGE, fromFirstSound, pcm, quantised, ramp, readStereo } from './media-support.js';
import type { MakeEngine, OpenCall } from './media-support.js';

/** What ends up on the disk. */
export function recordingContract(name: string, call: OpenCall): void {
  t.test(`${name}: recording`, async (suite) => {
    suite.test('left is the far end, right is us, as long as it ran', async (test) => {
      const { session, far } = await call(test);
      const path = join(test.testdir(), 'call.wav');
      far.on('rtp', () => far.send(session.localPort, new Uint8Array(160).fill(linearToUlaw(5000))));
      await far.after(10);
      session.startRecording(path);
      test.throws(() => session.startRecording(path), { code: 'TRK_MEDIA_STATE' });
      const audio = ramp(1600);
      await session.play(pcm(audio)).ended;
      const { durationMs } = await session.stopRecording();
      const { left, right } = readStereo(test, path);
      test.equal(left.length / 8, durationMs);
      test.ok(durationMs >= 200 && durationMs < 1000);
      test.ok(left.slice(200, 1400).every((sample) => Math.abs(sample - 5000) < 150));
      test.same(fromFirstSound(Int16Array.from(right)).slice(0, 1600), [...audio]);
    });

    suite.test('a place that cannot be written is told at once', async (test) => {
      const { session } = await call(test);
      test.throws(() => session.startRecording('/nowhere/at/all.wav'), { code: 'TRK_MEDIA_RECORDING', message: /ENOENT/ });
      test.throws(() => session.startRecording('/dev/full'), { code: 'TRK_MEDIA_RECORDING', message: /ENOSPC/ });
      await test.rejects(session.stopRecording(), { code: 'TRK_MEDIA_STATE' });
    });

    suite.test('closing the engine completes the file', async (test) => {
      const { engine, session, far } = await call(test);
      const path = join(test.testdir(), 'closed.wav');
      session.startRecording(path);
      await far.after(10);
      await engine.close();
      const { left } = readStereo(test, path);
      test.ok(left.length >= 8 * 160);
      // Its length can still be asked for, once.
      test.same(await session.stopRecording(), { durationMs: left.length / 8 });
      await test.rejects(session.stopRecording(), { code: 'TRK_MEDIA_STATE' });
    });
  });
}

/** Foreign sources, loss, silence, reports, a blocked event loop. */
export function networkContract(name: string, makeEngine: MakeEngine, call: OpenCall): void {
  t.test(`${name}: the network`, async (suite) => {
    suite.test('only the negotiated source is heard', async (test) => {
      const { session, far } = await call(test);
      const stranger = await RtpFarEnd.open(0x1234);
      test.teardown(() => stranger.close());
      let loudest = 0;
      session.onFrame((samples) => (loudest = Math.max(loudest, ...samples)));
      far.on('rtp', () => stranger.send(session.localPort, new Uint8Array(160).fill(linearToUlaw(20_000))));
      await far.after(20);
      test.equal(loudest, 0);
      test.ok(session.stats().packetsRefused >= 15);
      test.equal(session.stats().packetsReceived, 0);
    });

    suite.test('with nat the real source is learned, spoken to, and then alone', async (test) => {
      const engine = makeEngine(RANGE);
      const [far, real, stranger] = await Promise.all([RtpFarEnd.open(), RtpFarEnd.open(), RtpFarEnd.open()]);
      test.teardown(async () => {
        await engine.close();
        for (const end of [far, real, stranger]) end.close();
      });
      const session = engine.createSession({ codecs: ['PCMU'], nat: true });
      await session.createOffer();
      await session.acceptAnswer(far.sdp());
      for (let i = 0; i < 6; i++) real.send(session.localPort, new Uint8Array(160).fill(linearToUlaw(5000)));
      await real.next();
      const frames: number[] = [];
      session.onFrame((samples) => frames.push(samples[0]!));
      real.on('rtp', () => {
        real.send(session.localPort, new Uint8Array(160).fill(linearToUlaw(5000)));
        stranger.send(session.localPort, new Uint8Array(160).fill(linearToUlaw(20_000)));
      });
      await real.after(20);
      test.equal(stranger.packets.length, 0);
      test.ok(frames.every((sample) => sample < 6000));
      test.ok(Math.abs(frames.at(-1)! - 5000) < 150);
    });

    suite.test('loss, doubles and garbage are told apart, and the loss is concealed', async (test) => {
      const { session, far } = await call(test);
      let silent = 0;
      let frames = 0;
      far.on('rtp', () => {
        const payload = Uint8Array.from({ length: 160 }, (_, i) => linearToUlaw(8000 * Math.sin((2 * Math.PI * i) / 80)));
        if (far.sequence % 10 === 5) {
          far.sequence++;
          far.timestamp += 160;
          return;
        }
        if (far.sequence % 20 === 7) far.send(session.localPort, payload, { sequence: far.sequence, timestamp: far.timestamp });
        far.send(session.localPort, payload);
      });
      await far.after(10);
      session.onFrame((samples) => {
        frames++;
        if (samples.every((sample) => Math.abs(sample) < 500)) silent++;
      });
      for (let i = 0; i < 50; i++) far.sendRaw(session.localPort, Buffer.from('garbage that is no RTP'));
      await far.after(100);
      const stats = session.stats();
      test.ok(frames > 80);
      test.equal(silent, 0);
      test.ok(stats.packetsLost >= 8 && stats.packetsLost <= 12, `lost ${stats.packetsLost}`);
      test.ok(stats.packetsDuplicate >= 4 && stats.packetsDuplicate <= 7, `doubles ${stats.packetsDuplicate}`);
      test.equal(stats.packetsRefused, 50);
      test.ok(stats.concealedMs >= 140, `concealed ${stats.concealedMs}`);
      test.ok(stats.mos > 2 && stats.mos < 4, `MOS ${stats.mos}`);
    });

    suite.test('a far end that falls silent is told once', async (test) => {
      const { session, far } = await call(test, { timeoutMs: 300 });
      far.send(session.localPort, new Uint8Array(160));
      const told: number[] = [];
      await new Promise<void>((resolve) => session.onTimeout((ms) => (told.push(ms), resolve())));
      await far.after(10);
      test.equal(told.length, 1);
      test.ok(told[0]! >= 300 && told[0]! < 400, `after ${told[0]} ms`);
    });

    suite.test('reports of the far end give round trip and loss; ours says what we heard', async (test) => {
      const { session, far } = await call(test);
      far.on('rtp', () => far.send(session.localPort, new Uint8Array(160)));
      const [report] = (await once(far, 'rtcp')) as [Buffer];
      test.equal(report[1], 200);
      test.equal(report.readUInt32BE(28), far.ssrc);
      const answer = Buffer.alloc(32);
      answer.set([0x81, 201, 0, 7], 0);
      answer.writeUInt32BE(far.ssrc, 4);
      answer.writeUInt32BE(report.readUInt32BE(4), 8);
      answer[12] = 64;
      answer.writeUInt32BE(((report.readUInt32BE(8) & 0xffff) * 65_536 + (report.readUInt32BE(12) >>> 16)) >>> 0, 24);
      far.sendRtcp(session.localPort + 1, answer);
      await far.after(3);
      const stats = session.stats();
      test.equal(stats.remoteLoss, 0.25);
      test.ok(stats.roundTripMs !== undefined && stats.roundTripMs >= 0 && stats.roundTripMs < 1000, `${stats.roundTripMs} ms`);
    });

    suite.test('queued audio keeps its pace while JavaScript is blocked', async (test) => {
      const { session, far } = await call(test);
      const clip = session.play(pcm(ramp(3200)));
      await clip.started;
      const until = systemClock.monotonic() + 300;
      while (systemClock.monotonic() < until);
      test.same(await clip.ended, { playedMs: 400, flushed: false });
      await far.after(2);
      test.same(fromFirstSound(far.heard()).slice(0, 3200), quantised(ramp(3200)));
    });
  });
}
