import { once } from 'node:events';
import { join } from 'node:path';
import t from 'tap';
import { linearToUlaw } from '../media/rtp-far-end.js';
import type { RtpFarEnd } from '../media/rtp-far-end.js';
import { fromFirstSound, pcm, quantised, ramp, readStereo } from './media-support.js';
import type { OpenCall } from './media-support.js';

/** Plays `audio` to `port` in packets of `packetMs`, each when ours of the same moment came in. */
function speakInStep(far: RtpFarEnd, port: number, audio: Int16Array, packetMs: number): void {
  const samples = packetMs * 8;
  let due = 0;
  let at = 0;
  far.on('rtp', ({ payload }) => {
    for (due += payload.length; due >= samples && at < audio.length; due -= samples) {
      far.send(port, Uint8Array.from(audio.subarray(at, at + samples), linearToUlaw));
      at += samples;
    }
  });
}

/** Packets of other lengths than 20 ms, and RTCP on the port of RTP. */
export function packetContract(name: string, call: OpenCall): void {
  t.test(`${name}: packets`, async (suite) => {
    for (const packetMs of [10, 20, 30, 40] as const) {
      suite.test(`${packetMs} ms: sent as the far end asks for, heard whole as it sends`, async (test) => {
        const { session, far } = await call(test, {}, { ptimeMs: packetMs }, { ptime: packetMs });
        const audio = ramp(2400);
        const heard: number[] = [];
        session.onFrame((samples) => heard.push(...samples));
        await far.next();
        speakInStep(far, session.localPort, audio, packetMs);
        const clip = session.play(pcm(audio));
        test.same(await clip.ended, { playedMs: 300, flushed: false });
        await far.after(Math.ceil(300 / packetMs));
        test.ok(far.packets.every((packet) => packet.payload.length === packetMs * 8));
        test.ok(far.packets.every((packet, i) => i === 0 || (packet.timestamp - far.packets[i - 1]!.timestamp) >>> 0 === packetMs * 8));
        test.same(fromFirstSound(far.heard()).slice(0, 2400), quantised(audio));
        test.same(fromFirstSound(Int16Array.from(heard)).slice(0, 2400), quantised(audio));
        test.equal(session.stats().packetsLost, 0);
        test.equal(session.stats().packetsLate, 0);
      });
    }

    suite.test('our own side asks for its ptime, whatever the far end takes', async (test) => {
      const { engine, far } = await call(test);
      const session = engine.createSession({ codecs: ['PCMU'], ptimeMs: 40 });
      test.match(await session.createOffer(), /a=ptime:40\r\n/);
      await session.acceptAnswer(far.sdp({ ptime: 30 }));
      const ssrc = far.packets.at(-1)?.ssrc;
      const packet = await far.next((seen) => seen.ssrc !== ssrc && seen.payload.length !== 160);
      test.equal(packet.payload.length, 240);
    });

    suite.test('a recording is whole when packets are not as long as frames', async (test) => {
      const { session, far } = await call(test, {}, {}, { ptime: 30 });
      const path = join(test.testdir(), 'thirty.wav');
      await far.next();
      session.startRecording(path);
      const audio = ramp(2400);
      await session.play(pcm(audio)).ended;
      await far.after(4);
      await session.stopRecording();
      const { right } = readStereo(test, path);
      test.same(fromFirstSound(Int16Array.from(right)).slice(0, 2400), [...audio]);
    });

    suite.test('RTCP on the port of RTP, where both sides said so', async (test) => {
      const { session, far } = await call(test, {}, { rtcpMux: true }, { mux: true });
      far.on('rtp', () => far.send(session.localPort, new Uint8Array(160)));
      const [report] = (await once(far, 'muxed')) as [Buffer];
      test.equal(report[1], 200);
      const answer = Buffer.alloc(32);
      answer.set([0x81, 201, 0, 7], 0);
      answer.writeUInt32BE(far.ssrc, 4);
      answer.writeUInt32BE(report.readUInt32BE(4), 8);
      answer[12] = 128;
      far.sendRaw(session.localPort, answer);
      await far.after(3);
      test.equal(session.stats().remoteLoss, 0.5);
      test.equal(session.stats().packetsRefused, 0);
    });
  });
}
