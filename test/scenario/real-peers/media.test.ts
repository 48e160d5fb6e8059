import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import t from 'tap';
import type { Test } from 'tap';
import { decodeWav } from '../../../src/audio/wav.js';
import type { MediaSession, MediaSessionOptions } from '../../../src/media/media-session.js';
import { NativeEngine } from '../../../src/media/native/engine.js';
import { loudPart, purity, tone } from '../../contract/media-support.js';
import { nextCall } from '../../contract/signalling-scenario.js';
import { Baresip } from '../../support/baresip.js';
import type { BaresipOptions } from '../../support/baresip.js';
import { freeMediaPorts } from '../../support/ports.js';
import { ServerProcess } from '../../support/server-process.js';
import { embeddedEnd } from '../../support/signalling-ends.js';

// Codecs and encryption with a softphone that is none of ours, its libraries too: each
// side plays a tone, and each side's own recording is judged.

/** What we play, and what the phone plays, Hz: above what a telephone carries, and apart. */
const OURS = 5000;
const THEIRS = 5600;
const NARROW = { ours: 1000, theirs: 1600 };
const SPOKEN_MS = 1500;

interface Heard {
  readonly session: MediaSession;
  readonly byUs: number[];
  readonly byPhone: number[];
  readonly recorded: { readonly left: number[]; readonly right: number[]; readonly sampleRate: number };
}

/** One call of the phone to us, or of us to the phone, both playing `tones`. */
async function talk(test: Test, media: MediaSessionOptions, phone: Omit<BaresipOptions, 'speech' | 'dial'>, outbound: boolean, tones = { ours: OURS, theirs: THEIRS }): Promise<Heard> {
  const rate = phone.sampleRate ?? 8000;
  const engine = new NativeEngine({ address: '127.0.0.1', ...(await freeMediaPorts(4)), timeoutMs: 0 });
  const end = await embeddedEnd();
  test.teardown(async () => {
    await end.close();
    await engine.close();
  });
  const speech = new Int16Array([...new Int16Array(rate), ...tone(tones.theirs, SPOKEN_MS, rate).samples, ...new Int16Array(20 * rate)]);
  const session = engine.createSession(media);
  const coming = outbound ? undefined : nextCall(end.signalling);
  const baresip = await Baresip.start({ ...phone, speech, ...(outbound ? {} : { dial: `sip:100@127.0.0.1:${end.sipPort}` }) });
  test.teardown(() => baresip.stop());
  const path = join(test.testdir(), 'call.wav');
  const byUs: number[] = [];
  session.onFrame((samples) => byUs.push(...samples));
  if (coming !== undefined) {
    const call = await coming;
    await call.answer(await session.acceptOffer(call.sdp));
  } else {
    const dialog = await end.signalling.place({ to: `sip:someone@127.0.0.1:${baresip.port}`, from: 'sip:us@127.0.0.1', callId: 'media-test@trunkline', sdp: await session.createOffer(), ringTimeoutMs: 10_000 });
    await session.acceptAnswer(dialog.remoteSdp);
  }
  session.startRecording(path);
  await session.play({ sampleRate: rate, samples: new Int16Array(rate / 2) }).ended;
  await session.play(tone(tones.ours, SPOKEN_MS, rate)).ended;
  // Its whole tone came once as much silence as it begins with has followed.
  await session.play({ sampleRate: rate, samples: new Int16Array(rate * 1.5) }).ended;
  await session.stopRecording();
  const { sampleRate, channels } = decodeWav(readFileSync(path));
  return { session, byUs, byPhone: [...(await baresip.recording())], recorded: { left: [...channels[0]!], right: [...channels[1]!], sampleRate } };
}

function judge(test: Test, { session, byUs, byPhone, recorded }: Heard, rate: 8000 | 16000, tones = { ours: OURS, theirs: THEIRS }): void {
  const clear = (what: string, samples: readonly number[], hz: number): void => {
    const loud = loudPart(samples);
    test.ok(Math.abs(loud.length / (rate / 1000) - SPOKEN_MS) < 60, `${what}: ${loud.length / (rate / 1000)} ms`);
    const part = purity(loud, hz, rate);
    test.ok(part > 0.9, `${what}: ${part} of it is ${hz} Hz`);
  };
  clear('we hear the phone', byUs, tones.theirs);
  clear('the phone hears us', byPhone, tones.ours);
  test.equal(recorded.sampleRate, rate);
  clear('the recording has the phone', recorded.left, tones.theirs);
  clear('the recording has us', recorded.right, tones.ours);
  test.equal(session.sampleRate, rate);
  const { packetsLost, packetsUnauthenticated } = session.stats();
  test.equal(packetsLost, 0);
  // Its first reports go out before its encryption has begun, and are refused; its audio never does.
  test.ok(packetsUnauthenticated <= 2, `${packetsUnauthenticated} not authentic`);
}

for (const outbound of [false, true]) {
  const way = outbound ? 'we call' : 'it calls';
  t.test(`G.722, ${way}`, async (test) => {
    const heard = await talk(test, { codecs: ['G722', 'PCMA'] }, { codecs: 'G722/16000/1', sampleRate: 16_000 }, outbound);
    test.equal(heard.session.codec, 'G722');
    judge(test, heard, 16_000);
  });

  t.test(`Opus, ${way}`, async (test) => {
    const heard = await talk(test, { codecs: ['OPUS', 'PCMA'] }, { codecs: 'opus/48000/2', sampleRate: 16_000 }, outbound);
    test.equal(heard.session.codec, 'OPUS');
    judge(test, heard, 16_000);
  });

  t.test(`SRTP, ${way}`, async (test) => {
    const heard = await talk(test, { codecs: ['PCMA'], srtp: 'required' }, { account: ';mediaenc=srtp-mand' }, outbound, NARROW);
    test.equal(heard.session.encrypted, true);
    judge(test, heard, 8000, NARROW);
  });
}

t.test('Opus under SRTP, offered as optional: the phone insists and gets it', async (test) => {
  const heard = await talk(test, { codecs: ['OPUS'], srtp: 'optional' }, { codecs: 'opus/48000/2', sampleRate: 16_000, account: ';mediaenc=srtp-mand' }, false);
  test.same([heard.session.codec, heard.session.encrypted], ['OPUS', true]);
  judge(test, heard, 16_000);
});

const FLOW = `
trunkline: 1
id: word
language: en-US
start: word
fallback: word
nodes:
  word:
    end: end
    reason: said
    say: This line is encrypted and wide.
`;

t.test('a trunk that requires SRTP and Opus: a plain caller gets 488, the other one is told of in the result', async (test) => {
  // The server's own setting would take plain G.711: the trunk's goes before it.
  const trunk = { name: 'secure', addresses: [{ host: '127.0.0.1', port: 9 }], acl: ['127.0.0.1'], keepalive_s: 0, srtp: 'required', codecs: ['OPUS', 'PCMA'] };
  const server = await ServerProcess.start({ trunks: [trunk], inbound: [{ number: '100', flow: 'word' }], media: { codecs: ['PCMA'] } });
  test.teardown(() => server.stop());
  await server.publish(FLOW);
  const dial = `sip:100@127.0.0.1:${server.sipPort}`;
  const plain = await Baresip.start({ speech: new Int16Array(80_000), dial });
  test.teardown(() => plain.stop());
  await plain.says(/488 Not Acceptable/, 10_000);
  const phone = await Baresip.start({ speech: new Int16Array(160_000), sampleRate: 16_000, codecs: 'opus/48000/2', account: ';mediaenc=srtp-mand', dial });
  test.teardown(() => phone.stop());
  // The refused one has a result too.
  const results = await server.resultsWhen('word', 2, 45_000);
  const answered = results.find(({ answeredAt }) => answeredAt !== undefined);
  test.same(answered?.audio, { codec: 'OPUS', sampleRate: 16_000, encrypted: true });
  test.equal(answered?.trunk, 'secure');
  test.ok((answered?.media?.['packetsSent'] ?? 0) > 50);
});
