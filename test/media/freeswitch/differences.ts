import { join } from 'node:path';
import type { Test } from 'tap';
import type { MakeEngine, OpenCall } from '../../contract/media-support.js';
import { RANGE, fromFirstSound, pcm, quantised, ramp, readStereo } from '../../contract/media-support.js';
import { RtpFarEnd, linearToUlaw } from '../rtp-far-end.js';

/** What a FreeSWITCH between the far end and the native core makes different, and what holds instead. */
export interface Difference {
  readonly title: string;
  readonly run: (test: Test) => Promise<void>;
}

const loud = (level: number): Uint8Array => new Uint8Array(160).fill(linearToUlaw(level));
const KEY = Buffer.alloc(30, 7).toString('base64');

export function differences(call: OpenCall, makeEngine: MakeEngine, real: boolean): Map<string, Difference> {
  /** Frames come, whatever the far end is told by RTCP: its reports end in FreeSWITCH. */
  const reportsEnd: Difference = {
    title: 'reports of the far end end in FreeSWITCH, and are no error',
    run: async (test) => {
      const { session, far } = await call(test, {}, { rtcpMux: true }, { mux: true });
      const report = Buffer.alloc(32);
      report.set([0x81, 201, 0, 7], 0);
      far.sendRtcp(session.localPort + 1, report);
      far.on('rtp', () => far.send(session.localPort, loud(5000)));
      await far.after(10);
      test.equal(session.stats().remoteLoss, undefined);
    },
  };
  /** SRTP is FreeSWITCH's own affair: ours is that SDP says so, or refuses with a code. */
  const srtpByFreeswitch: Difference = {
    title: 'an offer of ours cannot be encrypted, and says so',
    run: async (test) => {
      const engine = makeEngine(RANGE);
      const far = await RtpFarEnd.open();
      test.teardown(async () => (await engine.close(), far.close()));
      await test.rejects(engine.createSession({ codecs: ['PCMU'], srtp: 'required' }).createOffer(), { code: 'TRK_MEDIA_FREESWITCH_REFUSED' });
      const session = engine.createSession({ codecs: ['PCMU'], srtp: 'required' });
      const offer = far.sdp({ profile: 'SAVP', crypto: `1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}` });
      await test.rejects(engine.createSession({ codecs: ['PCMU'], srtp: 'required' }).acceptOffer(far.sdp()), { code: 'TRK_SDP_SRTP_REQUIRED' });
      if (!real) {
        await test.rejects(session.acceptOffer(offer), { code: 'TRK_MEDIA_FREESWITCH_REFUSED' }, 'the recorded call was a plain one: an answer without a key');
        return;
      }
      test.match(await session.acceptOffer(offer), /RTP\/SAVP 0 101\r\n[^]*a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:/);
      test.equal(session.encrypted, true);
    },
  };
  return new Map<string, Difference>([
    [
      'out: each with marker, its own timestamp, growing duration, end three times; audio rests',
      {
        title: 'FreeSWITCH makes them anew, after the end of each of ours',
        run: async (test) => {
          const { session, far } = await call(test);
          far.on('rtp', () => far.send(session.localPort, loud(0)));
          await far.after(2);
          await session.sendDtmf('7#', { durationMs: 100, gapMs: 60 });
          await far.after(15);
          const events = far.packets.filter((packet) => packet.payloadType === 101);
          const ends = events.filter((packet) => (packet.payload[1]! & 0x80) !== 0).map((packet) => packet.payload[0]);
          test.same(ends, [7, 7, 7, 11, 11, 11]);
          for (const digit of [7, 11]) test.equal(new Set(events.filter((packet) => packet.payload[0] === digit).map((packet) => packet.timestamp)).size, 1);
        },
      },
    ],
    [
      'in: each once, whatever is repeated',
      {
        title: 'each once, one after the other as FreeSWITCH passes them on',
        run: async (test) => {
          const { session, far } = await call(test);
          const digits: string[] = [];
          session.onDtmf(({ digit }) => digits.push(digit));
          far.on('rtp', () => far.send(session.localPort, loud(0)));
          for (const [event, timestamp] of [[1, 8000], [1, 16_000], [10, 24_000]] as const) {
            for (const [duration, end] of [[160, 0], [320, 0], [640, 0x80], [640, 0x80], [640, 0x80]] as const) {
              far.send(session.localPort, Buffer.from([event, end | 10, duration >> 8, duration & 0xff]), { payloadType: 101, timestamp });
            }
            await far.after(15);
          }
          await far.after(15);
          test.same(digits, ['1', '1', '*']);
        },
      },
    ],
    [
      'on hold nothing is sent; after it the timestamp has run on',
      {
        title: 'the same, with the packets before it that proved that audio passes',
        run: async (test) => {
          const { session, far } = await call(test);
          await far.after(3);
          await session.acceptOffer(far.sdp({ direction: 'sendonly' }));
          test.equal(session.onHold, true);
          const before = far.packets.length;
          let frames = 0;
          await new Promise<void>((resolve) => session.onFrame(() => ++frames === 15 && resolve()));
          test.ok(far.packets.length - before <= 2, `${far.packets.length - before} packets on hold`);
          const last = far.packets.at(-1)!;
          await session.acceptOffer(far.sdp());
          test.equal(session.onHold, false);
          const resumed = await far.next();
          test.ok((resumed.timestamp - last.timestamp) >>> 0 >= 12 * 160);
        },
      },
    ],
    [
      'only the negotiated source is heard',
      {
        title: 'FreeSWITCH throws the others away, uncounted',
        run: async (test) => {
          const { session, far } = await call(test);
          const stranger = await RtpFarEnd.open(0x1234);
          test.teardown(() => stranger.close());
          let loudest = 0;
          session.onFrame((samples) => (loudest = Math.max(loudest, ...samples)));
          const speak = (): void => stranger.send(session.localPort, loud(20_000));
          far.on('rtp', speak);
          await far.after(20);
          far.off('rtp', speak);
          test.equal(loudest, 0);
          test.equal(session.stats().packetsReceived, 0);
          test.equal(stranger.packets.length, 0);
        },
      },
    ],
    [
      'with nat the real source is learned, spoken to, and then alone',
      {
        title: 'with nat FreeSWITCH is told to learn the source',
        run: async (test) => {
          const engine = makeEngine(RANGE);
          const [far, other] = await Promise.all([RtpFarEnd.open(), RtpFarEnd.open()]);
          test.teardown(async () => (await engine.close(), far.close(), other.close()));
          const session = engine.createSession({ codecs: ['PCMU'], nat: true });
          await session.createOffer();
          await session.acceptAnswer(far.sdp());
          // It wants more packets of a source that stays than we do.
          const speak = (): void => other.send(session.localPort, loud(5000));
          far.on('rtp', speak);
          await other.next();
          far.off('rtp', speak);
          test.ok(other.packets.length > 0);
        },
      },
    ],
    [
      'loss, doubles and garbage are told apart, and the loss is concealed',
      {
        title: 'loss is concealed or passed over by FreeSWITCH; what it throws away never comes to us',
        run: async (test) => {
          const { session, far } = await call(test);
          far.on('rtp', () => {
            if (far.sequence % 10 === 5) {
              far.sequence++;
              far.timestamp += 160;
              return;
            }
            far.send(session.localPort, loud(8000));
          });
          await far.after(110);
          const { packetsReceived, packetsDuplicate } = session.stats();
          test.ok(packetsReceived >= 80, `${packetsReceived} received`);
          test.equal(packetsDuplicate, 0);
        },
      },
    ],
    ...([10, 20, 30, 40] as const).map((packetMs): [string, Difference] => [
      `${packetMs} ms: sent as the far end asks for, heard whole as it sends`,
      {
        title: 'heard from the second packet on, which FreeSWITCH needs to know the stream',
        run: async (test) => {
          const { session, far } = await call(test, {}, { ptimeMs: packetMs }, { ptime: packetMs });
          let heard = 0;
          session.onFrame((samples) => (heard += samples.filter((sample) => Math.abs(sample - 5000) < 150).length));
          far.on('rtp', () => far.send(session.localPort, new Uint8Array(packetMs * 8).fill(linearToUlaw(5000))));
          const audio = ramp(2400);
          test.same(await session.play(pcm(audio)).ended, { playedMs: 300, flushed: false });
          await far.after(Math.ceil(400 / packetMs));
          test.ok(far.packets.every((packet) => packet.payload.length === packetMs * 8));
          test.same(fromFirstSound(far.heard()).slice(0, 2400), quantised(audio));
          test.ok(heard > 2400, `${heard} samples heard`);
          test.equal(session.stats().packetsLost, 0);
        },
      },
    ]),
    [
      'our own side asks for its ptime, whatever the far end takes',
      {
        title: 'FreeSWITCH keeps to the packet length that a leg began with',
        run: async (test) => {
          const { engine, far } = await call(test);
          const session = engine.createSession({ codecs: ['PCMU'], ptimeMs: 40 });
          test.match(await session.createOffer(), /a=ptime:40\r\n/);
          await session.acceptAnswer(far.sdp({ ptime: 30 }));
          const packet = await far.next((seen) => seen.payload.length === (real ? 320 : 240));
          test.equal(packet.payloadType, 0);
        },
      },
    ],
    [
      'frames of the far end come every tick, 160 samples, silence before its first packet',
      {
        title: 'the same, a little later',
        run: async (test) => {
          const { session, far } = await call(test);
          const frames: { level: number; length: number }[] = [];
          session.onFrame((samples) => frames.push({ level: samples[100]!, length: samples.length }));
          far.on('rtp', () => far.send(session.localPort, loud(5000)));
          await far.after(40);
          test.ok(frames.length >= 30 && frames.every((frame) => frame.length === 160));
          test.equal(frames[0]!.level, 0);
          test.ok(Math.abs(frames.at(-1)!.level - 5000) < 150);
        },
      },
    ],
    [
      'a recording is whole when packets are not as long as frames',
      {
        title: 'whole and in order, but for silence while the legs change their packet length',
        run: async (test) => {
          const { session, far } = await call(test, {}, {}, { ptime: 30 });
          const path = join(test.testdir(), 'thirty.wav');
          await far.next();
          session.startRecording(path);
          const audio = ramp(2400);
          await session.play(pcm(audio)).ended;
          await far.after(4);
          await session.stopRecording();
          const sound = readStereo(test, path).right.filter((sample) => sample !== 0);
          test.same(sound.slice(0, 2400), [...audio]);
        },
      },
    ],
    ['reports of the far end give round trip and loss; ours says what we heard', reportsEnd],
    ['RTCP on the port of RTP, where both sides said so', reportsEnd],
    ...[
      'AES_CM_128_HMAC_SHA1_80: speech both ways, as offerer and as answerer',
      'AES_CM_128_HMAC_SHA1_32: speech both ways, as offerer and as answerer',
      'another key is not heard, counted, and does not keep the call alive',
      'a packet that is sent again is not heard again',
      'with nat only an authentic source is learned',
      'a re-INVITE changes the key: the old one is heard until the new one speaks, then never',
      'SRTCP: reports are sealed both ways, plain ones are refused',
      'optional takes what the far end has; required and off refuse with a code',
    ].map((title): [string, Difference] => [title, srtpByFreeswitch]),
  ]);
}
