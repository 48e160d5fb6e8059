import t from 'tap';
import type { Mood } from '../../src/dialogue/mood/mood.js';
import { createCallService } from '../../src/call/service.js';
import { parseConfig } from '../../src/config/load.js';
import { configuredTrunks } from '../../src/config/trunks.js';
import type { CompiledFlow, Dialogue } from '../../src/dialogue/dialogue.js';
import { TrunklineError } from '../../src/kernel/errors.js';
import { silentLogger } from '../../src/kernel/log.js';
import { systemRandom } from '../../src/kernel/random.js';
import type { MediaEngine } from '../../src/media/media-session.js';
import { TrunkBook } from '../../src/sip/trunk/trunk-book.js';
import type { Attempt, CallResult, Task } from '../../src/store/store.js';
import { FakeMedia } from '../support/fake-media.js';
import { FakeDialog, FakeIncomingCall, FakeSignalling, refused } from '../support/fake-signalling.js';
import { FakeEar, FakeMouth, marked } from '../support/fake-speech.js';
import { ManualClock } from '../support/manual-clock.js';
import { plainTask } from '../support/plain-task.js';

const task = plainTask({ flowVersion: 3 });
const attempt: Attempt = { id: 'att_1', taskId: 'task_1', number: 1, callId: 'call_1', sipCallId: 'att_1@node', startedAt: 0, nodeId: 'node_1', endedAt: undefined };

const CALM: Mood = { label: 'neutral', valence: 0, arousal: 0, trend: 0, evidence: [] };

/** Says one sentence and ends. */
const oneSentence = (): Dialogue => ({
  variables: {},
  slots: { seen: true },
  node: 'n',
  lastDecision: undefined,
  mood: CALM,
  judge: () => undefined,
  next: () => [
    { type: 'say', node: 'n', bargeIn: false, prompt: { text: 'Hello.', parts: [{ kind: 'fixed', text: 'Hello.' }] } },
    { type: 'end', node: 'n', verdict: { kind: 'end', reason: 'told' } },
  ],
});
const flow: CompiledFlow = { id: 'f', language: 'en-US', voice: undefined, requiredVariables: [], fixedTexts: [], modelPrefixes: [], apology: 'Sorry.', start: oneSentence };

function setUp(yaml = '', saveInbound?: (result: CallResult) => Promise<void>) {
  const clock = new ManualClock();
  const media = new FakeMedia(clock);
  const engine = { createSession: () => media, sessions: 0, freePorts: 8, close: () => Promise.resolve() } satisfies MediaEngine;
  const signalling = new FakeSignalling();
  const ear = new FakeEar();
  const saved: CallResult[] = [];
  const config = parseConfig(yaml);
  const dns = { resolveSrv: () => Promise.resolve([]), resolve4: () => Promise.resolve(['192.0.2.1']), resolve6: () => Promise.resolve([]) };
  const trunks = new TrunkBook({ signalling, dns, clock, random: systemRandom, log: silentLogger, caller: config.sip.caller, unknownSources: undefined });
  for (const trunk of configuredTrunks(config)) trunks.put(trunk);
  const service = createCallService({
    config,
    trunks,
    clock,
    random: systemRandom,
    log: silentLogger,
    signalling,
    media: engine,
    ear,
    mouth: new FakeMouth(),
    recordingsDir: '/nowhere',
    isComplete: () => false,
    flow: (id) => (id === 'f' ? Promise.resolve({ compiled: flow, version: 3, prompts: { get: () => marked(100, 1) } }) : Promise.reject(new TrunklineError('TRK_FLOW_UNKNOWN', { params: { flow: id } }))),
    saveInbound: saveInbound ?? ((result) => Promise.resolve(void saved.push(result))),
    mediaAddress: () => undefined,
    models: () => ({ ear: 'test' }),
  });
  const dial = (over: Partial<Task> = {}, signal = new AbortController().signal): { result: Promise<CallResult>; answered: () => number } => {
    let answered = 0;
    const reservation = service.reserve();
    if (!reservation) throw new Error('no capacity');
    return { result: service.dial({ task: { ...task, ...over }, attempt, reservation, signal, onAnswered: () => (answered += 1) }), answered: () => answered };
  };
  return { clock, media, signalling, ear, saved, service, dial };
}

t.test('a call that runs its flow to the end', async (t) => {
  const { media, signalling, service, dial } = setUp();
  const { result, answered } = dial();
  await media.frames(400);
  const { disposition, verdict, slots, endedBy, recording, models, attemptId, callId, sipCallId } = await result;
  t.same({ disposition, verdict, slots, endedBy, models, attemptId }, { disposition: 'answered_human', verdict: { kind: 'end', reason: 'told' }, slots: { seen: true }, endedBy: 'bot', models: { ear: 'test' }, attemptId: 'att_1' });
  t.equal(recording?.endsWith('.wav'), true);
  t.equal(answered(), 1);
  t.equal(signalling.placed[0]?.callId, 'att_1@node', 'the Call-ID is that of the attempt');
  t.same({ callId, sipCallId }, { callId: 'call_1', sipCallId: 'att_1@node' }, 'our own id and that on the wire');
  t.ok(media.closed, 'ports are free again');
  t.same(service.live(), []);
});

for (const [status, disposition] of [[486, 'busy'], [603, 'rejected'], [404, 'invalid_number'], [480, 'no_answer'], [408, 'no_answer'], [487, 'cancelled'], [503, 'congestion'], [555, 'congestion'], [499, 'failed']] as const) {
  t.test(`SIP ${status} is recorded as ${disposition}`, async (t) => {
    const { media, signalling, dial } = setUp();
    signalling.outcome = () => Promise.reject(refused(status, 'Some Reason'));
    const result = await dial().result;
    t.equal(result.disposition, disposition);
    t.equal(result.sipStatus, status);
    t.equal(result.reason, 'Some Reason');
    t.ok(media.closed);
  });
}

t.test('the far end hangs up in the middle of a sentence', async (t) => {
  const { media, signalling, dial } = setUp();
  const dialog = new FakeDialog();
  signalling.outcome = () => Promise.resolve(dialog);
  const { result } = dial();
  await media.frames(40);
  dialog.finish({ by: 'remote', reason: 'BYE' });
  const { endedBy, disposition, verdict } = await result;
  t.same({ endedBy, disposition, verdict }, { endedBy: 'caller', disposition: 'answered_human', verdict: { kind: 'end', reason: 'told' } }, 'it was the goodbye: the verdict stands');
});

t.test('no RTP: the call is ended and says so', async (t) => {
  const { media, signalling, dial } = setUp();
  const dialog = new FakeDialog();
  signalling.outcome = () => Promise.resolve(dialog);
  const { result } = dial();
  await media.frames(40);
  media.timeOut();
  t.equal((await result).reason, 'media_timeout');
  t.equal(dialog.hangups, 1);
});

t.test('media that are lost end the call with their code', async (t) => {
  const { media, signalling, dial } = setUp();
  const dialog = new FakeDialog();
  signalling.outcome = () => Promise.resolve(dialog);
  const { result } = dial();
  await media.frames(40);
  media.lose(new TrunklineError('TRK_MEDIA_FREESWITCH_LOST', { params: { server: 'fs1', reason: 'gone' } }));
  t.match(await result, { reason: 'TRK_MEDIA_FREESWITCH_LOST', endedBy: 'system', disposition: 'answered_human' });
  t.equal(dialog.hangups, 1);
});

t.test('a phone number goes to the gateway with its credentials; without a gateway it is refused before the INVITE', async (t) => {
  const withGateway = setUp('sip: {gateway: {address: "carrier.test:5070", username: u, password: p}}');
  const running = withGateway.dial({ to: '+14155550100' });
  await withGateway.media.frames(400);
  await running.result;
  t.match(withGateway.signalling.placed[0], { to: 'sip:+14155550100@carrier.test:5070', auth: { username: 'u', password: 'p' } });
  const without = setUp();
  const result = await without.dial({ to: '+14155550100' }).result;
  t.equal(result.reason, 'TRK_SIP_NO_ROUTE');
  t.equal(result.sipCallId, undefined, 'no INVITE, no Call-ID');
  t.same(without.signalling.placed, []);
});

t.test('capacity: no more reservations than ear streams, and each call gives its own back', async (t) => {
  const { media, service, dial, ear } = setUp();
  const held = [service.reserve(), service.reserve(), service.reserve()];
  const running = dial();
  t.equal(service.reserve(), undefined, 'four streams, four calls');
  await media.frames(400);
  await running.result;
  const again = service.reserve();
  t.ok(again);
  again?.release();
  again?.release();
  t.equal(held.length + 1, 4);
  t.ok(service.reserve(), 'giving back twice counts once');
  t.equal(service.reserve(), undefined);
  ear.ready = false;
  held[0]?.release();
  t.equal(service.reserve(), undefined, 'nothing is reserved while the ear is down');
});

t.test('inbound: answered, talked to, saved, and told only then', async (t) => {
  const { media, service, saved } = setUp();
  let savedWhenTold = -1;
  service.onEvent((event) => {
    if (event.type === 'call.ended') savedWhenTold = saved.length;
  });
  const call = new FakeIncomingCall();
  const done = service.answer(call, 'f');
  await media.frames(400);
  await done;
  t.ok(call.answered);
  t.match(saved[0], { direction: 'inbound', disposition: 'answered_human', flowVersion: 3 });
  t.equal(savedWhenTold, 1);
});

t.test('inbound: a call whose result is not safe yet keeps its place and is not told of', async (t) => {
  let kept: () => void = () => undefined;
  const { media, service, saved } = setUp('', (result) => {
    saved.push(result);
    return new Promise((resolve) => (kept = resolve));
  });
  const ended: string[] = [];
  service.onEvent((event) => void (event.type === 'call.ended' && ended.push(event.result.id)));
  const call = new FakeIncomingCall();
  const done = service.answer(call, 'f');
  await media.frames(400);
  t.match(saved, [{ callId: service.live()[0]?.id, sipCallId: call.callId }]);
  t.same(ended, []);
  t.ok(media.closed, 'though its ports are free');
  const held = [1, 2, 3].map(() => service.reserve());
  t.equal(service.reserve(), undefined, 'the fourth place is its own');
  kept();
  await done;
  t.same(ended, [saved[0]?.id]);
  t.same(service.live(), []);
  t.ok(service.reserve());
  t.equal(held.length, 3);
});

t.test('inbound: no capacity is 503 and no result; an unknown flow is 500 and a result', async (t) => {
  const { service, saved } = setUp();
  const held = [1, 2, 3, 4].map(() => service.reserve());
  const busy = new FakeIncomingCall();
  await service.answer(busy, 'f');
  t.same(busy.rejected, [503]);
  t.same(saved, []);
  held.forEach((one) => one?.release());
  const lost = new FakeIncomingCall();
  await service.answer(lost, 'nobody');
  t.same(lost.rejected, [500]);
  t.equal(saved[0]?.reason, 'TRK_FLOW_UNKNOWN');
});

t.test('hang-up by the operator ends the call', async (t) => {
  const { media, service, dial } = setUp();
  const { result } = dial();
  await media.frames(40);
  const id = service.live()[0]?.id ?? '';
  t.ok(service.hangup(id));
  t.match(await result, { reason: 'hangup_requested', endedBy: 'system' });
  t.notOk(service.hangup(id), 'it is gone');
});
