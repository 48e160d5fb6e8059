import t from 'tap';
import type { Test } from 'tap';
import { levelOfTone } from '../../../src/audio/tone.js';
import { decodeWav } from '../../../src/audio/wav.js';
import { delay, systemClock } from '../../../src/kernel/clock.js';
import { tone } from '../../support/audio-clips.js';
import { Baresip } from '../../support/baresip.js';
import { ServerProcess } from '../../support/server-process.js';
import type { WireResult } from '../../support/server-process.js';

// A calls us, or we call A; A is handed to B. Both are softphones that are none of ours, each
// with a tone of its own: who hears which tone says who talks to whom.

const A_HZ = 480;
const B_HZ = 1_130;
const HEARD_DBFS = -30;
const SILENT_DBFS = -45;
/** Long enough to be sure of a tone. */
const TALK_MS = 2_500;

const flow = `
trunkline: 1
id: desk
language: en-US
start: question
fallback: nobody
variables: { desk: { default: "sip:nobody@127.0.0.1:9" }, wanted: { default: none } }
nodes:
  question: { ask: How may I help you?, kind: text, slot: words, silence_ms: 40000, next: nobody }
  nobody: { end: end, reason: nobody there, say: Goodbye. }
`;
const handing = (id: string, mode: string): string => `
trunkline: 1
id: ${id}
language: en-US
start: desk
variables: { desk: { required: true } }
nodes:
  desk: { transfer: "{desk}", mode: ${mode}, say: One moment., queue: service, reason: wants a person, failed: sorry }
  sorry: { end: end, reason: nobody there, say: Nobody is there. Goodbye. }
`;

const patient = `
trunkline: 1
id: patient
language: en-US
start: question
fallback: nobody
defaults: { silence_ms: 1500 }
nodes:
  question: { ask: Are you there?, kind: text, slot: words, next: nobody }
  nobody: { end: end, reason: heard nobody, say: Goodbye. }
`;

const server = await ServerProcess.start({
  inbound: [{ number: '200', flow: 'patient' }, { number: '*', flow: 'desk' }],
  sip: { address: '127.0.0.1', port: 0, refer: 'accept' },
  media: { address: '127.0.0.1', timeout_ms: 2_000 },
});
t.teardown(() => server.stop());
for (const source of [flow, patient, handing('hand-over', 'attended')]) await server.publish(source);

/** A phone that sends one tone for as long as it lives. */
async function phone(t: Test, hz: number, options: { dial?: string; rings?: boolean } = {}): Promise<Baresip> {
  const one = await Baresip.start({ speech: tone(60_000, hz, -10), ...options });
  t.teardown(() => one.stop());
  return one;
}

/** The loudest half second of a tone in what a phone heard, dBFS. */
function loudest(heard: readonly Int16Array[], hz: number): number {
  let best = -96;
  for (const samples of heard) {
    for (let at = 0; at + 4_000 <= samples.length; at += 2_000) best = Math.max(best, levelOfTone({ sampleRate: 8000, samples: samples.subarray(at, at + 4_000) }, hz));
  }
  return best;
}

/** Our recording: what came, what went. */
async function recordingOf(id: string): Promise<[Int16Array, Int16Array]> {
  const answer = await fetch(`${server.api}/v1/calls/${id}/recording`);
  const { channels } = decodeWav(Buffer.from(await answer.arrayBuffer()));
  return [channels[0] ?? new Int16Array(), channels[1] ?? new Int16Array()];
}

const uriOf = (one: Baresip): string => `sip:someone@127.0.0.1:${one.port}`;

/** A is in a call with the bot; resolves with our id of the call. */
async function inTalk(task: string): Promise<string> {
  const answered = await server.event((event) => event.type === 'call.answered' && event.data.call?.taskId === task, 20_000, 'answer');
  const id = answered.data.call?.id ?? '';
  await server.event((event) => event.type === 'call.transcript' && event.data['callId'] === id, 20_000, 'first words');
  return id;
}

async function transferred(id: string): Promise<Record<string, unknown>> {
  const event = await server.event((one) => one.type === 'call.transfer' && one.data.call?.id === id, 30_000, 'outcome of the transfer');
  return event.data['transfer'] as Record<string, unknown>;
}

t.test('blind: A is referred, calls B itself, and hears B', async (t) => {
  const a = await phone(t, A_HZ);
  const b = await phone(t, B_HZ);
  const task = await server.createTask({ to: uriOf(a), flow: 'desk' });
  const id = await inTalk(task);
  await server.request('POST', `/v1/calls/${id}:transfer`, JSON.stringify({ to: uriOf(b), mode: 'blind' }));
  t.match(await transferred(id), { mode: 'blind', by: 'refer', outcome: 'completed', to: uriOf(b) });
  const result: WireResult = await server.result(task);
  t.match(result, { reason: 'transferred', endedBy: 'bot', disposition: 'answered_human', verdict: { kind: 'handoff', queue: 'transfer' }, transfer: { by: 'refer', outcome: 'completed', status: 200 } });
  await delay(systemClock, TALK_MS);
  const [heardByB, heardByA] = [await b.recordings(), await a.recordings()];
  t.ok(loudest(heardByB, A_HZ) > HEARD_DBFS, `B heard A at ${loudest(heardByB, A_HZ).toFixed(1)} dBFS`);
  t.ok(loudest(heardByA, B_HZ) > HEARD_DBFS, `A heard B at ${loudest(heardByA, B_HZ).toFixed(1)} dBFS`);
});

t.test('attended: we call B first; A and B talk through us until one hangs up', async (t) => {
  const a = await phone(t, A_HZ);
  const b = await phone(t, B_HZ, { rings: true });
  const task = await server.createTask({ to: uriOf(a), flow: 'desk' });
  const id = await inTalk(task);
  await server.request('POST', `/v1/calls/${id}:transfer`, JSON.stringify({ to: uriOf(b), mode: 'attended' }));
  await b.says(/incoming call/i, 10_000);
  const again = await server.answer('POST', `/v1/calls/${id}:transfer`, { to: uriOf(b), mode: 'blind' });
  t.match(again.body, { error: { code: 'TRK_CONFLICT' } }, 'one at a time');
  await b.command('accept');
  t.match(await transferred(id), { mode: 'attended', by: 'bridge', outcome: 'completed' });
  await delay(systemClock, TALK_MS);
  const heardByB = await b.recordings();
  const result = await server.result(task);
  t.match(result, { reason: 'transferred', endedBy: 'bot', transfer: { by: 'bridge', outcome: 'completed' } });
  t.ok(loudest(heardByB, A_HZ) > HEARD_DBFS, `B heard A at ${loudest(heardByB, A_HZ).toFixed(1)} dBFS`);
  t.ok(loudest(heardByB, B_HZ) < SILENT_DBFS, 'and not itself');
  // This phone stops recording at a re-INVITE; what went to it stands in our recording, at the right.
  const toA = (await recordingOf(id))[1].subarray(-8 * 1_500);
  t.ok(loudest([toA], B_HZ) > HEARD_DBFS && loudest([toA], A_HZ) < SILENT_DBFS, `A got B at ${loudest([toA], B_HZ).toFixed(1)} dBFS`);
  const trace = await (await fetch(`${server.api}/v1/calls/${id}/trace?format=text`)).text();
  t.match(trace, /sendonly[^]*recvonly[^]*sendrecv/, 'A was on hold while B rang');
});

t.test('the flow hands over; if nobody is there it goes on', async (t) => {
  const a = await phone(t, A_HZ);
  const b = await phone(t, B_HZ);
  const task = await server.createTask({ to: uriOf(a), flow: 'hand-over', variables: { desk: uriOf(b) } });
  await server.event((event) => event.type === 'call.transfer' && event.data.call?.taskId === task, 40_000, 'transfer');
  await delay(systemClock, TALK_MS);
  await a.stop();
  t.match(await server.result(task), { reason: 'transferred', endedBy: 'caller', verdict: { kind: 'handoff', queue: 'service', reason: 'wants a person' } });
  t.ok(loudest(await b.recordings(), A_HZ) > HEARD_DBFS, 'B heard A');
  const again = await phone(t, A_HZ);
  const gone = await server.createTask({ to: uriOf(again), flow: 'hand-over', variables: { desk: 'sip:nobody@127.0.0.1:9;transport=tcp' } });
  t.match(await server.result(gone), { reason: 'flow_end', verdict: { kind: 'end', reason: 'nobody there' }, transfer: { outcome: 'failed', code: 'TRK_SIP_TRANSPORT' } });
});

t.test('the far end refers us: the same talk goes on with B', async (t) => {
  const b = await phone(t, B_HZ);
  const a = await phone(t, A_HZ, { dial: `sip:100@127.0.0.1:${server.sipPort}` });
  const answered = await server.event((event) => event.type === 'call.answered' && event.data.call?.direction === 'inbound', 20_000, 'call of A');
  const id = answered.data.call?.id ?? '';
  await server.event((event) => event.type === 'call.transcript' && event.data['callId'] === id, 20_000, 'first words');
  // Long enough to be heard.
  await delay(systemClock, TALK_MS);
  await a.command('transfer', uriOf(b));
  t.match(await transferred(id), { mode: 'blind', by: 'far_end', outcome: 'completed', to: uriOf(b) });
  t.equal((await server.liveCalls()).items.some((call) => call.id === id), true, 'the call goes on');
  await delay(systemClock, TALK_MS);
  t.match(await (await fetch(`${server.api}/v1/calls/${id}/trace?format=text`)).text(), /REFER[^]*202 Accepted[^]*NOTIFY[^]*BYE/, 'A hung up when it had heard that it worked');
  await server.request('POST', `/v1/calls/${id}:hangup`, '{}');
  await b.says(/terminated|closed/i, 15_000);
  t.ok((await b.recording()).length > 8 * 2_000, 'B was in the call');
  await server.resultsWhen('desk', 3);
  t.match((await server.results('desk')).find((one) => one.callId === id), { endedBy: 'system', reason: 'hangup_requested', transfer: { by: 'far_end' } });
  const [left] = await recordingOf(id);
  t.ok(loudest([left.subarray(0, left.length / 2)], A_HZ) > HEARD_DBFS, 'the bot heard A first');
  const end = left.subarray(-8 * 1_500);
  t.ok(loudest([end], B_HZ) > HEARD_DBFS && loudest([end], A_HZ) < SILENT_DBFS, 'and B in the end');
});

t.test('a softphone holds and comes back: nobody hangs up, and the patience of the question waits', async (t) => {
  const a = await Baresip.start({ speech: new Int16Array(8 * 60_000), dial: `sip:200@127.0.0.1:${server.sipPort}` });
  t.teardown(() => a.stop());
  const answered = await server.event((event) => event.type === 'call.answered' && (event.data.call as { flow?: string } | undefined)?.flow === 'patient', 20_000, 'call of A');
  const id = answered.data.call?.id ?? '';
  await server.event((event) => event.type === 'call.transcript' && event.data['callId'] === id, 20_000, 'first words');
  await a.command('hold');
  // More than the question's patience and the time-out of the media.
  await delay(systemClock, 4_500);
  t.equal((await server.liveCalls()).items.some((call) => call.id === id), true, 'the call is there');
  await a.command('resume');
  const [result] = await server.resultsWhen('patient', 1);
  t.match(result, { endedBy: 'bot', reason: 'flow_end', verdict: { reason: 'heard nobody' } });
  const asked = (result?.transcript ?? []).map((line) => line.atMs);
  t.ok(asked.length >= 3 && asked.slice(1).every((at) => at > 4_500), `what was said after the first question: ${asked.join(', ')} ms`);
  t.match(await (await fetch(`${server.api}/v1/calls/${id}/trace?format=text`)).text(), /hold: by the far end[^]*hold ended: by the far end/);
});
