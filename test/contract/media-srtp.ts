import { once } from 'node:events';
import t from 'tap';
import type { Test } from 'tap';
import type { MediaSession, MediaSessionOptions } from '../../src/media/media-session.js';
import { RtpFarEnd, linearToUlaw } from '../media/rtp-far-end.js';
import { SrtpPeer } from '../media/srtp-peer.js';
import { RANGE, fromFirstSound, pcm, quantised, ramp } from './media-support.js';
import type { Call, MakeEngine } from './media-support.js';

const FAR_KEY = Uint8Array.from({ length: 30 }, (_, i) => 200 - i);
const OTHER_KEY = Uint8Array.from({ length: 30 }, (_, i) => 100 + i);
const SUITES = [['AES_CM_128_HMAC_SHA1_80', 10], ['AES_CM_128_HMAC_SHA1_32', 4]] as const;

function inline(key: Uint8Array): string {
  return `inline:${Buffer.from(key).toString('base64')}`;
}

/** The key in our description that belongs to a suite. */
function keyOf(sdp: string, suite: string): Uint8Array {
  const found = new RegExp(`a=crypto:\\d+ ${suite} inline:(\\S{40})\r\n`).exec(sdp);
  if (found === null) throw new Error(`no ${suite} in\n${sdp}`);
  return Buffer.from(found[1]!, 'base64');
}

const loud = (level: number): Uint8Array => new Uint8Array(160).fill(linearToUlaw(level));

/** Encryption of RTP with keys in SDP (RFC 3711, RFC 4568). */
export function srtpContract(name: string, makeEngine: MakeEngine): void {
  async function open(test: Test, options: MediaSessionOptions): Promise<Call> {
    const engine = makeEngine(RANGE);
    const far = await RtpFarEnd.open();
    test.teardown(async () => {
      await engine.close();
      far.close();
    });
    return { engine, far, session: engine.createSession({ codecs: ['PCMU'], ...options }) };
  }

  /** The far end calls us with its key; both then speak SRTP. */
  async function secured(test: Test, options: MediaSessionOptions = {}, suite: (typeof SUITES)[number] = SUITES[0]): Promise<Call> {
    const call = await open(test, { srtp: 'required', ...options });
    const answer = await call.session.acceptOffer(call.far.sdp({ profile: 'SAVP', crypto: `7 ${suite[0]} ${inline(FAR_KEY)}|2^31` }));
    test.match(answer, new RegExp(`m=audio \\d+ RTP/SAVP 0 101\r\n[^]*a=crypto:7 ${suite[0]} inline:`));
    call.far.speaks = new SrtpPeer(FAR_KEY, suite[1]);
    call.far.hears = new SrtpPeer(keyOf(answer, suite[0]), suite[1]);
    return call;
  }

  t.test(`${name}: SRTP`, async (suite) => {
    for (const kind of SUITES) {
      suite.test(`${kind[0]}: speech both ways, as offerer and as answerer`, async (test) => {
        const offerer = await open(test, { srtp: 'required' });
        const offer = await offerer.session.createOffer();
        test.match(offer, /m=audio \d+ RTP\/SAVP 0 101\r\n/);
        const tag = 1 + SUITES.indexOf(kind);
        await offerer.session.acceptAnswer(offerer.far.sdp({ profile: 'SAVP', crypto: `${tag} ${kind[0]} ${inline(FAR_KEY)}` }));
        offerer.far.speaks = new SrtpPeer(FAR_KEY, kind[1]);
        offerer.far.hears = new SrtpPeer(keyOf(offer, kind[0]), kind[1]);
        for (const { session, far } of [offerer, await secured(test, {}, kind)]) await bothWays(test, session, far);
      });
    }

    suite.test('another key is not heard, counted, and does not keep the call alive', async (test) => {
      const { session, far } = await secured(test);
      far.speaks = new SrtpPeer(OTHER_KEY, 10);
      let loudest = 0;
      session.onFrame((samples) => (loudest = Math.max(loudest, ...samples)));
      far.on('rtp', () => far.send(session.localPort, loud(20_000)));
      await far.after(20);
      // Plain RTP is no better.
      far.speaks = undefined;
      await far.after(10);
      const stats = session.stats();
      test.equal(loudest, 0);
      test.equal(stats.packetsReceived, 0);
      test.ok(stats.packetsUnauthenticated >= 25, `${stats.packetsUnauthenticated}`);
      test.equal(stats.packetsRefused, stats.packetsUnauthenticated);
    });

    suite.test('a packet that is sent again is not heard again', async (test) => {
      const { session, far } = await secured(test);
      const recorded: Buffer[] = [];
      const peer = new SrtpPeer(FAR_KEY, 10);
      far.speaks = { protect: (packet: Buffer) => (recorded.push(peer.protect(packet)), recorded.at(-1)!) } as SrtpPeer;
      far.on('rtp', () => {
        if (recorded.length < 20) far.send(session.localPort, loud(5000));
      });
      await far.after(25);
      const before = session.stats();
      for (const packet of recorded) far.sendRaw(session.localPort, packet);
      await far.after(3);
      const after = session.stats();
      test.equal(after.packetsReceived, before.packetsReceived);
      test.equal(after.packetsUnauthenticated - before.packetsUnauthenticated, 20);
    });

    suite.test('with nat only an authentic source is learned', async (test) => {
      const { session, far } = await secured(test, { nat: true });
      const [real, stranger] = await Promise.all([RtpFarEnd.open(), RtpFarEnd.open()]);
      test.teardown(() => [real, stranger].forEach((end) => end.close()));
      for (let i = 0; i < 10; i++) stranger.send(session.localPort, loud(20_000));
      await far.after(3);
      test.equal(stranger.packets.length, 0);
      real.speaks = new SrtpPeer(FAR_KEY, 10);
      real.hears = far.hears;
      for (let i = 0; i < 6; i++) real.send(session.localPort, loud(5000));
      await real.next();
      test.equal(session.stats().packetsUnauthenticated, 10);
    });

    suite.test('a re-INVITE changes the key: the old one is heard until the new one speaks, then never', async (test) => {
      const { session, far } = await secured(test);
      const levels: number[] = [];
      session.onFrame((samples) => levels.push(samples[0]!));
      far.on('rtp', () => far.send(session.localPort, loud(5000)));
      await far.after(10);
      const hears = far.hears!;
      const answer = await session.acceptOffer(far.sdp({ profile: 'SAVP', crypto: `1 AES_CM_128_HMAC_SHA1_80 ${inline(OTHER_KEY)}` }));
      // Our own key stays, and its counters go on.
      test.match(answer, /a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:/);
      await far.after(5);
      test.equal(session.stats().packetsUnauthenticated, 0);
      far.speaks = new SrtpPeer(OTHER_KEY, 10);
      await far.after(10);
      test.equal(session.stats().packetsUnauthenticated, 0);
      test.equal(session.stats().packetsLost, 0);
      test.ok(levels.slice(-15).every((level) => Math.abs(level - 5000) < 150));
      far.speaks = new SrtpPeer(FAR_KEY, 10);
      await far.after(5);
      test.ok(session.stats().packetsUnauthenticated >= 3);
      test.equal(far.hears, hears);
      test.equal(far.unreadable, 0);
    });

    suite.test('SRTCP: reports are sealed both ways, plain ones are refused', async (test) => {
      const { session, far } = await secured(test);
      far.on('rtp', () => far.send(session.localPort, loud(5000)));
      const [report] = (await once(far, 'rtcp')) as [Buffer];
      test.equal(report[1], 200);
      test.equal(report.readUInt32BE(28), far.ssrc);
      const answer = Buffer.alloc(32);
      answer.set([0x81, 201, 0, 7], 0);
      answer.writeUInt32BE(far.ssrc, 4);
      answer.writeUInt32BE(report.readUInt32BE(4), 8);
      answer[12] = 64;
      const sealed = far.speaks;
      far.speaks = undefined;
      far.sendRtcp(session.localPort + 1, answer);
      await far.after(3);
      test.equal(session.stats().remoteLoss, undefined);
      far.speaks = sealed;
      far.sendRtcp(session.localPort + 1, answer);
      await far.after(3);
      test.equal(session.stats().remoteLoss, 0.25);
    });

    suite.test('optional takes what the far end has; required and off refuse with a code', async (test) => {
      const { engine, far, session } = await open(test, { srtp: 'optional' });
      test.match(await session.createOffer(), /RTP\/AVP [^]*a=crypto:1 AES_CM_128_HMAC_SHA1_80/);
      await session.acceptAnswer(far.sdp());
      test.equal(session.encrypted, false);
      await far.next();
      const answerer = engine.createSession({ codecs: ['PCMU'], srtp: 'optional' });
      await answerer.acceptOffer(far.sdp({ crypto: `1 AES_CM_128_HMAC_SHA1_80 ${inline(FAR_KEY)}` }));
      test.equal(answerer.encrypted, true);
      const required = engine.createSession({ codecs: ['PCMU'], srtp: 'required' });
      await test.rejects(required.acceptOffer(far.sdp()), { code: 'TRK_SDP_SRTP_REQUIRED', status: 488 });
      const off = engine.createSession({ codecs: ['PCMU'] });
      await test.rejects(off.acceptOffer(far.sdp({ profile: 'SAVP', crypto: `1 AES_CM_128_HMAC_SHA1_80 ${inline(FAR_KEY)}` })), { code: 'TRK_SDP_NO_AUDIO' });
    });
  });
}

async function bothWays(test: Test, session: MediaSession, far: RtpFarEnd): Promise<void> {
  test.equal(session.encrypted, true);
  const heard: number[] = [];
  session.onFrame((samples) => heard.push(...samples));
  await far.next();
  // The sequence passes 65535, so the roll-over counter counts (RFC 3711 3.3.1).
  far.sequence = 65_530;
  const audio = ramp(2400);
  let at = 0;
  far.on('rtp', () => {
    if (at < audio.length) far.send(session.localPort, Uint8Array.from(audio.subarray(at, at + 160), linearToUlaw));
    at += 160;
  });
  await session.play(pcm(audio)).ended;
  await far.after(6);
  test.same(fromFirstSound(far.heard()).slice(0, 2400), quantised(audio));
  test.same(fromFirstSound(Int16Array.from(heard)).slice(0, 2400), quantised(audio));
  test.equal(far.unreadable, 0);
  const stats = session.stats();
  test.same([stats.packetsRefused, stats.packetsLost], [0, 0]);
}
