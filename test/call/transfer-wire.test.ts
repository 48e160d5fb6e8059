import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { levelOfTone, tone } from '../../src/audio/tone.js';
import { decodeWav } from '../../src/audio/wav.js';
import { createCallService } from '../../src/call/service.js';
import type { CallEvent } from '../../src/call/call-service.js';
import { parseConfig } from '../../src/config/load.js';
import type { CompiledFlow, Dialogue } from '../../src/dialogue/dialogue.js';
import { delay, systemClock } from '../../src/kernel/clock.js';
import { silentLogger } from '../../src/kernel/log.js';
import { systemRandom } from '../../src/kernel/random.js';
import { NativeEngine } from '../../src/media/native/engine.js';
import { createDrachtioSignalling } from '../../src/sip/drachtio/signalling.js';
import { startEmbeddedSipServer } from '../../src/sip/embedded/server.js';
import { TrunkBook } from '../../src/sip/trunk/trunk-book.js';
import type { CallResult } from '../../src/store/store.js';
import { FakeEar, FakeMouth } from '../support/fake-speech.js';
import { plainTask } from '../support/plain-task.js';
import { freeMediaPorts } from '../support/ports.js';

// Three nodes on the wire, with real SIP and real RTP; only words are played. The first calls
// the second and hands it over to the third: both know Replaces, so nothing stays behind.

const directory = mkdtempSync(join(tmpdir(), 'trunkline-transfer-'));
const engine = new NativeEngine({ address: '127.0.0.1', ...(await freeMediaPorts(50)), timeoutMs: 10_000 });
const closers: (() => Promise<void>)[] = [];
t.teardown(async () => {
  for (const close of closers) await close();
  await engine.close();
  rmSync(directory, { recursive: true, force: true });
});

/** A node that says one tone for a long time and takes calls. */
async function node(hz: number) {
  const secret = 'a secret of the test';
  const server = await startEmbeddedSipServer({ address: '127.0.0.1', port: 0, maxTransactions: 1000, clock: systemClock, random: systemRandom, log: silentLogger, secret });
  const signalling = createDrachtioSignalling({ host: '127.0.0.1', port: server.adminPort, secret, clock: systemClock, log: silentLogger, userAgent: 'trunkline/test' });
  await signalling.start();
  closers.push(async () => {
    await signalling.close();
    await server.close();
  });
  const config = parseConfig('sip: {refer: accept}');
  const dns = { resolveSrv: () => Promise.resolve([]), resolve4: () => Promise.resolve([]), resolve6: () => Promise.resolve([]) };
  const trunks = new TrunkBook({ signalling, dns, clock: systemClock, random: systemRandom, log: silentLogger, caller: 'us', unknownSources: undefined });
  const dialogue = (): Dialogue => ({
    variables: {},
    slots: {},
    node: 'n',
    lastDecision: undefined, mood: { label: 'neutral', valence: 0, arousal: 0, trend: 0, evidence: [] }, judge: () => undefined,
    next: () => [
      { type: 'say', node: 'n', bargeIn: false, prompt: { text: 'Tone.', parts: [{ kind: 'fixed', text: 'Tone.' }] } },
      { type: 'listen', node: 'n', kind: 'open', silenceMs: 60_000, bargeIn: false, dtmf: undefined },
    ],
  });
  const flow: CompiledFlow = { id: 'f', language: 'en-US', voice: undefined, requiredVariables: [], fixedTexts: [], modelPrefixes: [], apology: 'Sorry.', start: dialogue };
  const saved: CallResult[] = [];
  const service = createCallService({
    config, trunks, signalling,
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
    media: engine,
    ear: new FakeEar(),
    mouth: new FakeMouth(),
    recordingsDir: directory,
    recordingFolder: '00000000000000aa',
    isComplete: () => false,
    flow: () => Promise.resolve({ compiled: flow, version: 1, prompts: { get: () => tone([hz], 30_000, 8000) } }),
    saveInbound: (result) => Promise.resolve(void saved.push(result)),
    mediaAddress: () => undefined,
    models: () => ({}),
  });
  signalling.onInvite((call) => void (call.replaces === undefined ? service.answer(call, 'f') : service.takePlace(call)));
  const seen: CallEvent[] = [];
  service.onEvent((one) => seen.push(one));
  /** The first of its type, also if it was before. */
  const event = <T extends CallEvent['type']>(type: T): Promise<CallEvent & { type: T }> =>
    new Promise((resolve) => {
      const before = seen.find((one) => one.type === type);
      if (before) resolve(before as CallEvent & { type: T });
      service.onEvent((one) => one.type === type && resolve(one as CallEvent & { type: T }));
    });
  return { service, saved, event, uri: `sip:node@127.0.0.1:${server.listeners[0]?.port}` };
}

const task = plainTask({ to: '' });

t.test('attended with Replaces: the two are joined and hear each other without us', async (t) => {
  const [bot, a, b] = [await node(300), await node(480), await node(1_130)];
  const reservation = bot.service.reserve();
  if (!reservation) throw new Error('no capacity');
  const [answeredByA, answeredByB, handedOver] = [a.event('call.answered'), b.event('call.answered'), bot.event('call.transfer')];
  const result = bot.service.dial({ task: { ...task, to: a.uri }, attempt: { id: 'att_1', taskId: 'task_1', number: 1, callId: 'call_1', sipCallId: 'att_1@node', startedAt: 0, nodeId: 'node_1', endedAt: undefined }, reservation, signal: new AbortController().signal, onAnswered: () => undefined });
  const { call } = await answeredByA;
  await bot.event('call.transcript');
  t.equal(bot.service.transfer('call_1', { to: b.uri, mode: 'attended' }), true);
  const other = (await answeredByB).call;
  t.match((await handedOver).transfer, { by: 'replaces', outcome: 'completed', status: 200 });
  t.match(await result, { reason: 'transferred', endedBy: 'bot', transfer: { mode: 'attended', by: 'replaces' } });
  t.equal(bot.service.live().length, 0);
  await delay(systemClock, 1_500);
  t.same([a.service.live().length, b.service.live().length], [1, 1], 'both are in their first call still');
  b.service.hangup(other.id);
  await Promise.all([a.event('call.ended'), b.event('call.ended')]);
  t.match(a.saved, [{ endedBy: 'caller', recording: /\.wav$/, recordedIn: '00000000000000aa', transfer: { by: 'far_end', mode: 'attended', outcome: 'completed' } }], 'A was referred');
  t.match(b.saved, [{ reason: 'hangup_requested', transfer: { by: 'far_end', mode: 'attended', outcome: 'completed' } }], 'B was taken over');
  for (const [id, hz] of [[call.id, 1_130], [other.id, 480]] as const) {
    const [heard = new Int16Array()] = decodeWav(readFileSync(join(directory, `${id}.wav`))).channels;
    const end = { sampleRate: 8000 as const, samples: heard.subarray(-8_000, -1_600) };
    t.ok(levelOfTone(end, hz) > -30 && levelOfTone(end, 300) < -45, `in the end it hears ${hz} Hz at ${levelOfTone(end, hz).toFixed(1)} dBFS, and the bot at ${levelOfTone(end, 300).toFixed(1)}`);
  }
  t.equal(engine.sessions, 0, 'all ports are free again');
});
