import t from 'tap';
import { createCallService } from '../../src/call/service.js';
import type { CallEvent } from '../../src/call/call-service.js';
import { parseConfig } from '../../src/config/load.js';
import { configuredTrunks } from '../../src/config/trunks.js';
import type { CompiledFlow, Dialogue, DialogueInput, DialogueOutput } from '../../src/dialogue/dialogue.js';
import { TrunklineError } from '../../src/kernel/errors.js';
import { silentLogger } from '../../src/kernel/log.js';
import { systemRandom } from '../../src/kernel/random.js';
import { TrunkBook } from '../../src/sip/trunk/trunk-book.js';
import type { Attempt, CallResult } from '../../src/store/store.js';
import { FakeMedia } from '../support/fake-media.js';
import { FakeDialog, FakeIncomingCall, FakeSignalling, refused } from '../support/fake-signalling.js';
import { FakeEar, FakeMouth, marked } from '../support/fake-speech.js';
import { ManualClock } from '../support/manual-clock.js';
import { plainTask } from '../support/plain-task.js';

const task = plainTask({ flowVersion: 3 });
const attempt: Attempt = { id: 'att_1', taskId: 'task_1', number: 1, callId: 'call_1', sipCallId: 'att_1@node', startedAt: 0, nodeId: 'node_1', endedAt: undefined };
const ASK: DialogueOutput[] = [
  { type: 'say', node: 'n', bargeIn: true, prompt: { text: 'Hello?', parts: [{ kind: 'fixed', text: 'Hello?' }] } },
  { type: 'listen', node: 'n', kind: 'open', silenceMs: 1_000, bargeIn: true, dtmf: { minDigits: 1, maxDigits: 4 } },
];

/** One call whose dialogue asks for ever, and everything that it was told. */
async function inCall(options: { yaml?: string; to?: string; inbound?: FakeIncomingCall } = {}) {
  const clock = new ManualClock();
  const sessions: FakeMedia[] = [];
  const engine = { createSession: () => sessions[sessions.push(new FakeMedia(clock)) - 1] ?? new FakeMedia(clock), sessions: 0, freePorts: 8, close: () => Promise.resolve() };
  const signalling = new FakeSignalling();
  const far = options.inbound?.dialog ?? new FakeDialog();
  signalling.outcome = () => Promise.resolve(far);
  const config = parseConfig(options.yaml ?? '');
  const dns = { resolveSrv: () => Promise.resolve([]), resolve4: () => Promise.resolve(['192.0.2.1']), resolve6: () => Promise.resolve([]) };
  const trunks = new TrunkBook({ signalling, dns, clock, random: systemRandom, log: silentLogger, caller: 'us', unknownSources: undefined });
  for (const trunk of configuredTrunks(config)) trunks.put(trunk);
  const inputs: DialogueInput[] = [];
  const dialogue = (): Dialogue => ({ variables: {}, slots: {}, node: 'n', lastDecision: undefined, mood: { label: 'neutral', valence: 0, arousal: 0, trend: 0, evidence: [] }, judge: () => undefined, next: (input) => (inputs.push(input), ASK) });
  const flow: CompiledFlow = { id: 'f', language: 'en-US', voice: undefined, requiredVariables: [], fixedTexts: [], modelPrefixes: [], apology: 'Sorry.', start: dialogue };
  const saved: CallResult[] = [];
  const service = createCallService({
    config, trunks, clock, signalling,
    random: systemRandom,
    log: silentLogger,
    media: engine,
    ear: new FakeEar(),
    mouth: new FakeMouth(),
    recordingsDir: '/nowhere',
    isComplete: () => false,
    flow: () => Promise.resolve({ compiled: flow, version: 3, prompts: { get: () => marked(100, 1) } }),
    saveInbound: (result) => Promise.resolve(void saved.push(result)),
    mediaAddress: () => undefined,
    models: () => ({}),
  });
  const events: CallEvent[] = [];
  service.onEvent((event) => events.push(event));
  let result: Promise<CallResult>;
  if (options.inbound) result = service.answer(options.inbound, 'f', trunks.takeInbound('carrier')).then(() => saved[0] as CallResult);
  else {
    const reservation = service.reserve();
    if (!reservation) throw new Error('no capacity');
    result = service.dial({ task: { ...task, ...(options.to === undefined ? {} : { to: options.to }) }, attempt, reservation, signal: new AbortController().signal, onAnswered: () => undefined });
  }
  await clock.run(0);
  const [media] = sessions;
  if (media === undefined) throw new Error('no media');
  // The greeting is over.
  await media.frames(300);
  const id = service.live()[0]?.id ?? '';
  return { clock, media, sessions, signalling, far, service, trunks, inputs, result, events, id, transfers: () => events.flatMap((event) => (event.type === 'call.transfer' ? [event.transfer] : [])) };
}

const notify = (status: string, state = 'active') => [{ Event: 'refer', 'Subscription-State': state, 'Content-Type': 'message/sipfrag' }, `SIP/2.0 ${status}\r\n`] as const;

t.test('blind: REFER, its NOTIFYs, then BYE; told once', async (t) => {
  const call = await inCall();
  t.equal(call.service.transfer(call.id, { to: 'sip:desk@127.0.0.1:5090', mode: 'blind' }), true);
  t.throws(() => call.service.transfer(call.id, { to: 'sip:desk@127.0.0.1:5090', mode: 'blind' }), { code: 'TRK_CONFLICT' });
  t.equal(call.service.transfer('call_none', { to: 'sip:a@b', mode: 'blind' }), false);
  await call.clock.run(0);
  t.match(call.far.sent, [{ method: 'REFER', headers: { 'Refer-To': '<sip:desk@127.0.0.1:5090>' } }]);
  t.match(await call.far.asks('NOTIFY', ...notify('100 Trying')), { status: 200 });
  t.match(await call.far.asks('NOTIFY', ...notify('180 Ringing')), { status: 200 });
  const before = call.inputs.length;
  await call.media.frames(4_000);
  t.equal(call.inputs.length, before, 'the bot waits: silence is no answer now');
  t.match(await call.far.asks('NOTIFY', ...notify('200 OK', 'terminated;reason=noresource')), { status: 200 });
  const { reason, verdict, transfer } = await call.result;
  t.match({ reason, verdict, transfer }, { reason: 'transferred', verdict: { kind: 'handoff', queue: 'transfer' }, transfer: { mode: 'blind', by: 'refer', outcome: 'completed', status: 200 } });
  t.equal(call.far.hangups, 1);
  t.equal(call.transfers().length, 1);
});

t.test('blind that fails: the far end says no, the target says no, nothing is ever said', async (t) => {
  for (const [what, expected] of [['405', { code: 'TRK_TRANSFER_REFUSED', status: 405 }], ['486', { code: 'TRK_SIP_REJECTED', status: 486 }], ['gone', { code: 'TRK_SIP_REJECTED', status: 480 }], ['silence', { code: 'TRK_SIP_TIMEOUT' }]] as const) {
    const call = await inCall();
    if (what === '405') call.far.answers = () => ({ status: 405 });
    call.service.transfer(call.id, { to: 'sip:desk@127.0.0.1', mode: 'blind', ringTimeoutMs: 2_000 });
    await call.clock.run(0);
    if (what === '486') await call.far.asks('NOTIFY', ...notify('486 Busy Here', 'terminated'));
    if (what === 'gone') await call.far.asks('NOTIFY', { Event: 'refer', 'Subscription-State': 'terminated;reason=timeout' });
    await call.clock.run(8_000);
    t.match(call.transfers(), [{ outcome: 'failed', ...expected }], what);
    t.match(call.inputs.at(-1), { type: 'trouble' }, 'the question is put again');
    t.match(await call.far.asks('NOTIFY', ...notify('200 OK')), { status: 481 }, 'nobody waits for it any more');
    call.service.hangup(call.id);
    t.match(await call.result, { reason: 'hangup_requested', transfer: { outcome: 'failed' } });
  }
});

t.test('RFC 4488: who sends no NOTIFY has said all; who hangs up after taking the order has gone there', async (t) => {
  const quiet = await inCall();
  quiet.far.answers = () => ({ status: 202, headers: { 'Refer-Sub': 'false' } });
  quiet.service.transfer(quiet.id, { to: 'sip:desk@127.0.0.1', mode: 'blind' });
  t.match(await quiet.result, { reason: 'transferred', transfer: { status: 202 } });
  const leaves = await inCall();
  leaves.far.answers = () => ({ status: 202 });
  leaves.service.transfer(leaves.id, { to: 'sip:desk@127.0.0.1', mode: 'blind' });
  await leaves.clock.run(0);
  leaves.far.finish({ by: 'remote', reason: 'BYE' });
  t.match(await leaves.result, { reason: 'transferred', endedBy: 'caller', transfer: { outcome: 'completed', status: 202 } });
});

t.test('attended, both know Replaces: hold, consult, REFER with the dialog of the consultation', async (t) => {
  const call = await inCall();
  const target = new FakeDialog();
  target.peer = { ...target.peer, uri: 'sip:target@127.0.0.1:5099' };
  call.signalling.outcome = () => Promise.resolve(target);
  call.service.transfer(call.id, { to: 'sip:desk@127.0.0.1:5090', mode: 'attended' });
  await call.clock.run(0);
  t.same(call.far.sent.map(({ method }) => method), ['INVITE', 'REFER']);
  t.match(call.far.sent[0]?.body, 'sendonly');
  t.equal(call.far.sent[1]?.headers['Refer-To'], '<sip:target@127.0.0.1:5099?Replaces=call-id%3Bto-tag%3Dtheirs%3Bfrom-tag%3Dours>');
  await call.far.asks('NOTIFY', ...notify('200 OK', 'terminated'));
  t.match(await call.result, { reason: 'transferred', transfer: { mode: 'attended', by: 'replaces', outcome: 'completed' } });
  t.same([call.far.hangups, target.hangups], [1, 1]);
  t.ok(call.sessions.every((session) => session.closed), 'no ports are left behind');
});

t.test('attended where one does not know Replaces, or will not be sent: they talk through us, keys too', async (t) => {
  for (const why of ['no replaces', 'refused']) {
    const call = await inCall();
    const target = new FakeDialog();
    if (why === 'no replaces') target.peer = { ...target.peer, supports: () => false };
    else call.far.answers = (method) => ({ status: method === 'REFER' ? 603 : 200 });
    call.signalling.outcome = () => Promise.resolve(target);
    call.service.transfer(call.id, { to: 'sip:desk@127.0.0.1:5090', mode: 'attended' });
    await call.clock.run(0);
    t.same(call.far.sent.map(({ method, body }) => `${method} ${body}`.trim()), ['INVITE v=0 sendonly', ...(why === 'refused' ? ['REFER'] : []), 'INVITE v=0 sendrecv']);
    t.match(call.transfers(), [{ by: 'bridge', outcome: 'completed' }]);
    const [first, second] = call.sessions;
    if (first === undefined || second === undefined) throw new Error('two sessions');
    const played = second.played.length;
    await first.frame(new Int16Array(160).fill(77));
    await first.frame(new Int16Array(160).fill(78));
    const crossed = second.played.slice(played).map((audio) => `${audio.samples.length}:${audio.samples[0]}`);
    t.same(crossed, ['320:0', '160:77', '160:78'], 'a head start, then frame after frame');
    for (let stall = 0; stall < 20; stall += 1) await first.frame();
    t.ok(second.queuedMs <= 140, `what waits is bounded: ${second.queuedMs} ms`);
    const digits: string[] = [];
    second.sendDtmf = (digit: string) => Promise.resolve(void digits.push(digit));
    first.key('7');
    await call.far.asks('INFO', { 'Content-Type': 'application/dtmf' }, '8');
    t.same(digits, ['7', '8']);
    t.equal(call.service.live().length, 1, 'the call lasts as long as they talk');
    target.finish({ by: 'remote', reason: 'BYE' });
    t.match(await call.result, { reason: 'transferred', endedBy: 'bot', transfer: { by: 'bridge' } });
    t.equal(call.far.hangups, 1);
    t.ok(call.sessions.every((session) => session.closed));
  }
});

t.test('attended: the target does not answer, and the caller hangs up meanwhile', async (t) => {
  const call = await inCall();
  call.signalling.outcome = () => Promise.reject(refused(486, 'Busy'));
  call.service.transfer(call.id, { to: 'sip:desk@127.0.0.1:5090', mode: 'attended' });
  await call.clock.run(0);
  t.match(call.transfers(), [{ outcome: 'failed', code: 'TRK_SIP_REJECTED', status: 486 }]);
  t.same(call.far.sent.map(({ body }) => body), ['v=0 sendonly', 'v=0 sendrecv'], 'the caller is taken off hold');
  let aborted = false;
  call.signalling.outcome = (request) => new Promise((_, reject) => request.signal?.addEventListener('abort', () => ((aborted = true), reject(new TrunklineError('TRK_SIP_CANCELLED', { cause: { status: 487, reason: '' } })))));
  call.service.transfer(call.id, { to: 'sip:desk@127.0.0.1:5090', mode: 'attended' });
  await call.clock.run(0);
  call.far.finish({ by: 'remote', reason: 'BYE' });
  t.match(await call.result, { endedBy: 'caller', reason: 'BYE', transfer: { outcome: 'failed' } });
  t.equal(aborted, true, 'the consultation is cancelled');
});

t.test('a number goes by the rules of the trunks, also in Refer-To', async (t) => {
  const yaml = 'trunks: [{name: carrier, addresses: [{host: 192.0.2.7, port: 5060}], domain: carrier.test, deny: ["+4419"], keepalive_s: 0}]';
  const call = await inCall({ yaml, to: '+14155550100' });
  call.far.answers = () => ({ status: 202, headers: { 'Refer-Sub': 'false' } });
  call.service.transfer(call.id, { to: '+4419001234567', mode: 'blind' });
  await call.clock.run(0);
  t.match(call.transfers(), [{ outcome: 'failed', code: 'TRK_TRUNK_DENIED' }]);
  t.same(call.far.sent, []);
  call.service.transfer(call.id, { to: '+4930123456', mode: 'blind' });
  t.match(await call.result, { reason: 'transferred', trunk: 'carrier' });
  t.match(call.far.sent[0]?.headers['Refer-To'], /^<sip:\+4930123456@carrier\.test/);
});

t.test('a far end that refers us: by policy, by what it may name, one at a time', async (t) => {
  const refuses = await inCall();
  t.match(await refuses.far.asks('REFER', { 'Refer-To': '<sip:x@127.0.0.1>' }), { status: 603 }, 'refused by default');
  refuses.service.hangup(refuses.id);
  await refuses.result;
  const call = await inCall({ yaml: 'sip: {refer: accept}' });
  for (const bad of ['', 'nonsense', '<tel:+49>', '<sip:a@b>, <sip:c@d>', '<sip:a@b?Subject=x>', '<sip:a@b?Replaces=x&Y=z>', '<sip:a@b;method=MESSAGE>']) {
    t.match(await call.far.asks('REFER', { 'Refer-To': bad }), { status: 400 }, bad);
  }
  const target = new FakeDialog();
  let answer: (dialog: FakeDialog) => void = () => undefined;
  call.signalling.outcome = (request) => {
    request.onProgress?.({ status: 180, sdp: undefined });
    return new Promise((resolve) => (answer = resolve));
  };
  t.same(await call.far.asks('REFER', { 'Refer-To': '"B" <sip:b@127.0.0.1:5091?Replaces=abc%40x%3Bto-tag%3D1%3Bfrom-tag%3D2>' }), { status: 202 });
  t.match(await call.far.asks('REFER', { 'Refer-To': '<sip:c@127.0.0.1>' }), { status: 491 });
  t.throws(() => call.service.transfer(call.id, { to: 'sip:d@127.0.0.1', mode: 'blind' }), { code: 'TRK_CONFLICT' });
  const meanwhile = new FakeIncomingCall();
  meanwhile.replaces = call.far;
  await call.service.takePlace(meanwhile);
  t.same(meanwhile.rejected, [491]);
  await call.clock.run(0);
  t.match(call.signalling.placed.at(-1), { to: 'sip:b@127.0.0.1:5091', sdp: 'v=0 fresh', headers: { Replaces: 'abc@x;to-tag=1;from-tag=2' } });
  answer(target);
  await call.clock.run(0);
  t.same(call.far.sent.map(({ method, headers, body }) => `${method} ${headers['Event']} ${headers['Subscription-State']?.split(';')[0]} ${body.trim()}`), [
    'NOTIFY refer active SIP/2.0 100 Trying',
    'NOTIFY refer active SIP/2.0 180 Ringing',
    'NOTIFY refer terminated SIP/2.0 200 OK',
  ]);
  call.far.finish({ by: 'remote', reason: 'BYE' });
  await call.clock.run(0);
  t.equal(call.service.live().length, 1, 'the BYE of who referred us ends nothing');
  t.match(call.transfers(), [{ mode: 'attended', by: 'far_end', outcome: 'completed' }]);
  target.finish({ by: 'remote', reason: 'BYE' });
  t.match(await call.result, { endedBy: 'caller', reason: 'BYE', transfer: { by: 'far_end' } }, 'that of the new far end does');
});

t.test('a far end that refers us where nobody answers stays; RFC 4488: without NOTIFY if it wants none', async (t) => {
  const call = await inCall({ yaml: 'sip: {refer: accept}' });
  call.signalling.outcome = () => Promise.reject(refused(404, 'Not Found'));
  t.same(await call.far.asks('REFER', { 'Refer-To': 'sip:x@127.0.0.1' }), { status: 202 });
  await call.clock.run(0);
  t.match(call.far.sent.at(-1), { method: 'NOTIFY', headers: { 'Subscription-State': /^terminated/ }, body: /^SIP\/2\.0 404 / });
  const before = call.far.sent.length;
  t.same(await call.far.asks('REFER', { 'Refer-To': '<sip:x@127.0.0.1>', 'Refer-Sub': 'false' }), { status: 202, headers: { 'Refer-Sub': 'false' } });
  await call.clock.run(0);
  t.equal(call.far.sent.length, before);
  t.match(call.transfers(), [{ outcome: 'failed', status: 404 }, { outcome: 'failed', status: 404 }]);
  call.service.hangup(call.id);
  t.match(await call.result, { reason: 'hangup_requested' });
});

t.test('a far end of a trunk refers us by the rules of the trunks only', async (t) => {
  const yaml = (refer: boolean): string => `trunks: [{name: carrier, addresses: [{host: 192.0.2.7, port: 5060}], deny: ["+4419"], keepalive_s: 0, refer: ${refer}}]`;
  const strict = await inCall({ yaml: yaml(false), inbound: new FakeIncomingCall() });
  t.match(await strict.far.asks('REFER', { 'Refer-To': '<sip:+4930123456@192.0.2.7>' }), { status: 603 });
  const call = await inCall({ yaml: yaml(true), inbound: new FakeIncomingCall() });
  t.match(await call.far.asks('REFER', { 'Refer-To': '<sip:+4419001234567@192.0.2.7>' }), { status: 403 }, 'denied');
  t.match(await call.far.asks('REFER', { 'Refer-To': '<sip:someone@203.0.113.5>' }), { status: 403 }, 'neither a number nor a host of the trunk');
  const target = new FakeDialog();
  call.signalling.outcome = () => Promise.resolve(target);
  t.match(await call.far.asks('REFER', { 'Refer-To': '<sip:+4930123456@203.0.113.5>' }), { status: 202 }, 'a number goes by the trunk, whatever host it names');
  await call.clock.run(0);
  t.match(call.signalling.placed.at(-1)?.to, /\+4930123456@192\.0\.2\.7/);
  t.equal(call.trunks.list()[0]?.channels, 2, 'and takes a channel of it');
  call.service.hangup(call.id);
  await call.result;
  t.equal(call.trunks.list()[0]?.channels, 0);
});

t.test('INVITE with Replaces: the new call takes the place of the old one', async (t) => {
  const call = await inCall();
  const heir = new FakeIncomingCall('v=0 heir');
  heir.replaces = call.far;
  await call.service.takePlace(heir);
  t.equal(heir.answered, true);
  t.equal(call.media.accepted.at(-1), 'v=0 heir', 'the audio goes there');
  t.equal(call.far.hangups, 1, 'RFC 3891 3: the old call is ended');
  t.equal(call.service.live().length, 1);
  const stranger = new FakeIncomingCall();
  stranger.replaces = new FakeDialog();
  await call.service.takePlace(stranger);
  t.same(stranger.rejected, [481], 'a dialog that no call has');
  heir.dialog.finish({ by: 'remote', reason: 'BYE' });
  t.match(await call.result, { endedBy: 'caller', transfer: { by: 'far_end', mode: 'attended' } });
});

t.test('a call that begins on hold: the bot waits with its patience, not with its call', async (t) => {
  const call = await inCall({ inbound: new FakeIncomingCall('v=0 a=sendonly') });
  call.media.timeOut();
  const before = call.inputs.length;
  await call.media.frames(5_000);
  t.equal(call.service.live().length, 1);
  t.equal(call.inputs.length, before, 'nobody was silent: nobody was asked');
  await call.far.offers('v=0 a=sendrecv');
  await call.media.frames(5_000);
  t.match(call.inputs.at(-1), { type: 'silence' });
  call.service.hangup(call.id);
  await call.result;
});
