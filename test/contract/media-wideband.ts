import { join } from 'node:path';
import t from 'tap';
import type { MediaSession } from '../../src/media/media-session.js';
import type { RtpFarEnd } from '../media/rtp-far-end.js';
import { loudPart, purity, readStereo, tone } from './media-support.js';
import type { OpenCall } from './media-support.js';

/** What the far end sends comes from us: byte for byte, after `late` packets, with its own numbers. */
function loop(far: RtpFarEnd, session: MediaSession, codec: 'G722' | 'OPUS', lose: (index: number) => boolean = () => false): void {
  let index = 0;
  far.on('rtp', ({ payload, payloadType, timestamp }) => {
    if (payloadType === 101) return;
    if (lose(index++)) far.sequence++;
    else far.send(session.localPort, payload, codec === 'OPUS' ? { payloadType, timestamp } : { payloadType });
  });
}

function listen(session: MediaSession): { heard: number[]; rates: Set<number>; lengths: Set<number> } {
  const found = { heard: [] as number[], rates: new Set<number>(), lengths: new Set<number>() };
  session.onFrame((samples, _atMs, sampleRate) => {
    found.heard.push(...samples);
    found.rates.add(sampleRate);
    found.lengths.add(samples.length);
  });
  return found;
}

/** Calls whose codec carries more than the telephone's band. */
export function widebandContract(name: string, call: OpenCall): void {
  t.test(`${name}: wideband`, async (suite) => {
    suite.test('G.722: on the wire as RFC 3551 has it, and a tone of 5 kHz comes through', async (test) => {
      const { engine, session, far } = await call(test, {}, { codecs: ['G722', 'PCMU'] }, { codec: 'G722' });
      test.match(await engine.createSession({ codecs: ['G722', 'PCMU'] }).createOffer(), /RTP\/AVP 9 0 101\r\na=rtpmap:9 G722\/8000\r\n/);
      test.equal(session.codec, 'G722');
      test.equal(session.sampleRate, 16_000);
      const { heard, rates, lengths } = listen(session);
      loop(far, session, 'G722');
      await far.next();
      test.same(await session.play(tone(5000, 500, 24000)).ended, { playedMs: 500, flushed: false });
      await far.after(10);
      test.ok(far.packets.every((packet) => packet.payloadType === 9 && packet.payload.length === 160));
      test.ok(far.packets.every((packet, i) => i === 0 || (packet.timestamp - far.packets[i - 1]!.timestamp) >>> 0 === 160));
      test.same([[...rates], [...lengths]], [[16_000], [320]]);
      const clear = purity(loudPart(heard), 5000, 16_000);
      test.ok(clear > 0.95, `purity ${clear}`);
      test.equal(session.stats().packetsRefused, 0);
    });

    suite.test('Opus: named and counted as RFC 7587 has it, and a tone of 5 kHz comes through', async (test) => {
      const { engine, session, far } = await call(test, {}, { codecs: ['OPUS', 'PCMA'] }, { codec: 'OPUS', eventClock: 48000 });
      const offer = await engine.createSession({ codecs: ['OPUS', 'PCMA'] }).createOffer();
      test.match(offer, /RTP\/AVP 103 8 101 102\r\na=rtpmap:103 opus\/48000\/2\r\na=fmtp:103 [^\r]*maxplaybackrate=16000[^\r]*useinbandfec=1/);
      test.match(offer, /a=rtpmap:101 telephone-event\/8000\r\n[^]*a=rtpmap:102 telephone-event\/48000\r\n/);
      test.equal(session.codec, 'OPUS');
      const { heard, rates } = listen(session);
      // RFC 3264 6.1: what answers our offer has the number that we gave it there.
      far.on('rtp', ({ payload, timestamp }) => far.send(session.localPort, payload, { payloadType: 103, timestamp }));
      await far.next();
      test.same(await session.play(tone(5000, 500, 16000)).ended, { playedMs: 500, flushed: false });
      await far.after(10);
      test.ok(far.packets.every((packet) => packet.payloadType === 96));
      test.ok(far.packets.every((packet, i) => i === 0 || (packet.timestamp - far.packets[i - 1]!.timestamp) >>> 0 === 960));
      test.same([...rates], [16_000]);
      const clear = purity(loudPart(heard), 5000, 16_000);
      test.ok(clear > 0.9, `purity ${clear}`);
      test.equal(session.stats().packetsRefused, 0);
    });

    for (const ptime of [10, 30, 40, 50, 60]) {
      suite.test(`Opus: packets of ${ptime} ms, both ways`, async (test) => {
        const { session, far } = await call(test, {}, { codecs: ['OPUS'] }, { codec: 'OPUS', ptime });
        const { heard } = listen(session);
        loop(far, session, 'OPUS');
        await far.next();
        await session.play(tone(700, 600, 16000)).ended;
        await far.after(Math.ceil(200 / ptime));
        test.ok(far.packets.every((packet, i) => i === 0 || (packet.timestamp - far.packets[i - 1]!.timestamp) >>> 0 === 48 * ptime));
        const clear = purity(loudPart(heard), 700, 16_000);
        test.ok(clear > 0.9, `purity ${clear}`);
        test.same([session.stats().packetsRefused, session.stats().packetsLost], [0, 0]);
      });
    }

    suite.test('Opus: what is lost is taken from the next packet, where the far end wants that', async (test) => {
      const { session, far } = await call(test, {}, { codecs: ['OPUS'] }, { codec: 'OPUS', fmtp: 'useinbandfec=1;maxaveragebitrate=32000' });
      const { heard } = listen(session);
      loop(far, session, 'OPUS', (index) => index > 10 && index % 10 === 0);
      await far.next();
      await session.play(tone(400, 1600, 16000)).ended;
      await far.after(15);
      const stats = session.stats();
      test.ok(stats.packetsLost >= 6, `${stats.packetsLost} lost`);
      const clear = purity(loudPart(heard), 400, 16_000);
      test.ok(clear > 0.9, `purity ${clear}`);
    });

    for (const eventClock of [8000, 48000] as const) {
      suite.test(`digits beside Opus, events at ${eventClock} Hz`, async (test) => {
        const { session, far } = await call(test, {}, { codecs: ['OPUS'] }, { codec: 'OPUS', eventClock });
        const digits: string[] = [];
        session.onDtmf(({ digit, durationMs }) => digits.push(`${digit} ${durationMs}`));
        await far.next();
        await session.sendDtmf('5', { durationMs: 100, gapMs: 20 });
        const events = far.packets.filter((packet) => packet.payloadType === 101);
        test.equal(events.at(-1)?.payload.readUInt16BE(2), eventClock / 10);
        test.equal(new Set(events.map((packet) => packet.timestamp)).size, 1);
        const units = eventClock / 1000;
        const incoming = eventClock === 48000 ? 102 : 101;
        const event = Buffer.from([7, 0x8a, (160 * units) >> 8, (160 * units) & 0xff]);
        far.send(session.localPort, event, { payloadType: eventClock === 8000 ? 101 : incoming, timestamp: 5 });
        await far.after(3);
        test.same(digits, ['7 160']);
      });
    }

    suite.test('a re-INVITE to another codec changes the rate of frames; what waits to be played is not lost', async (test) => {
      const { session, far } = await call(test, {}, { codecs: ['PCMU', 'G722'] });
      const rates: number[] = [];
      session.onFrame((_samples, _atMs, sampleRate) => rates.push(sampleRate));
      await far.next();
      const clip = session.play(tone(600, 800, 8000));
      await far.after(10);
      await session.acceptOffer(far.sdp({ codec: 'G722' }));
      test.equal(session.sampleRate, 16_000);
      test.ok(Math.abs(session.queuedMs - 600) <= 80, `${session.queuedMs} ms queued`);
      await far.next(({ payloadType }) => payloadType === 9);
      const { heard } = listen(session);
      loop(far, session, 'G722');
      test.same(await clip.ended, { playedMs: 800, flushed: false });
      await far.after(8);
      test.same([...new Set(rates)], [8000, 16_000]);
      const clear = purity(loudPart(heard), 600, 16_000);
      test.ok(clear > 0.95, `purity ${clear}`);
    });

    suite.test('a wideband call is recorded as such, also where it goes on narrowband', async (test) => {
      const { session, far } = await call(test, {}, { codecs: ['G722', 'PCMU'] }, { codec: 'G722' });
      const path = join(test.testdir(), 'wide.wav');
      await far.next();
      session.startRecording(path);
      await session.play(tone(5000, 300, 16000)).ended;
      await session.acceptOffer(far.sdp({ codec: 'PCMU' }));
      await session.play(tone(900, 300, 8000)).ended;
      await far.after(3);
      const { durationMs } = await session.stopRecording();
      const { right } = readStereo(test, path, 16_000);
      test.equal(right.length, durationMs * 16);
      const loud = loudPart(right);
      test.ok(purity(loud.slice(0, 4800), 5000, 16_000) > 0.99);
      test.ok(purity(loud.slice(-4800), 900, 16_000) > 0.99);
    });

    suite.test('G.711 in a call that agreed on G.722 is heard at the call\'s rate', async (test) => {
      const { session, far } = await call(test, {}, { codecs: ['G722', 'PCMU'] }, { codec: 'G722' });
      const { heard, rates } = listen(session);
      // The far end's own silence is 500 Hz: mu-law of a square wave.
      far.on('rtp', () => far.send(session.localPort, Uint8Array.from({ length: 160 }, (_, i) => (i % 16 < 8 ? 0x90 : 0x10)), { payloadType: 0 }));
      await far.after(15);
      test.same([...rates], [16_000]);
      const clear = purity(loudPart(heard), 500, 16_000);
      test.ok(clear > 0.7, `purity ${clear}`);
    });
  });
}
