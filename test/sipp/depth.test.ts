import t from 'tap';
import { PeerDialog, SipPeer } from '../contract/sip-peer.js';
import { RtpFarEnd, ulawToLinear } from '../media/rtp-far-end.js';
import { prompt } from '../support/audio-clips.js';
import { ServerProcess } from '../support/server-process.js';
import type { WireResult } from '../support/server-process.js';
import { Sipp } from '../support/sipp.js';
import type { SippOptions } from '../support/sipp.js';
import { shortFlow } from './flows.js';

// What carriers and PBXs do in a call: announcements before the answer, hold, digits by INFO.

const patient = `
trunkline: 1
id: depth-patient
language: en-US
start: question
fallback: nobody
defaults: { silence_ms: 1500 }
nodes:
  question: { ask: Your number?, kind: digits, slot: number, min_digits: 1, max_digits: 5, next: heard }
  heard: { end: end, reason: was heard, say: Thank you. }
  nobody: { end: end, reason: heard nobody, say: Goodbye. }
`;

const server = await ServerProcess.start({
  inbound: [{ number: '200', flow: 'depth-short', early_prompt: 'Welcome to the test line of Harbor Bank. Please hold the line.' }],
  media: { address: '127.0.0.1', timeout_ms: 2_000 },
});
t.teardown(() => server.stop());
await server.publish(shortFlow('depth-short'));
await server.publish(patient);

async function call(flow: string, options: SippOptions): Promise<WireResult> {
  const sipp = await Sipp.start(options);
  try {
    const task = await server.createTask({ to: `sip:callee@127.0.0.1:${sipp.port}`, flow });
    const result = await server.result(task);
    await sipp.done();
    return result;
  } finally {
    await sipp.kill();
  }
}

t.test('early media with 100rel is heard before the 200, which needs no SDP', async (t) => {
  const result = await call('depth-short', { scenario: 'callee-announces-and-answers', speech: prompt('vm-goodbye'), pauseMs: 1_500 });
  t.match(result, { disposition: 'answered_human', sipStatus: 200, endedBy: 'bot' });
  t.ok((result.earlyMediaMs ?? 0) > 1_300, `early media for ${result.earlyMediaMs} ms`);
  t.ok((result.media?.['earlyAudioMs'] ?? 0) > 900, `audio came for ${result.media?.['earlyAudioMs']} ms of it`);
});

t.test('an announcement without an answer: the call is refused, and what was heard is measured', async (t) => {
  const result = await call('depth-short', { scenario: 'callee-announces-and-refuses', speech: prompt('vm-goodbye'), pauseMs: 1_500 });
  t.match(result, { disposition: 'invalid_number', sipStatus: 404, transcript: [] });
  t.ok((result.media?.['earlyAudioMs'] ?? 0) > 900, `audio came for ${result.media?.['earlyAudioMs']} ms`);
  t.match(await server.metrics(), /^trunkline_early_media_ms_count [1-9]/m);
});

t.test('on hold nobody hangs up, loses patience or talks; after it the question goes on', async (t) => {
  // Longer than the patience of the question and than the time-out of the media.
  const result = await call('depth-patient', { scenario: 'callee-holds', echo: true, pauseMs: 4_000 });
  t.match(result, { endedBy: 'bot', verdict: { kind: 'end', reason: 'heard nobody' } });
  const asked = result.transcript.filter((line) => line.speaker === 'bot').map((line) => line.atMs);
  t.ok(asked.length >= 2, 'it was asked again');
  t.ok(asked.slice(1).every((at) => at > 5_500), `nothing began on hold: ${asked.join(', ')} ms`);
});

t.test('digits by INFO answer a question', async (t) => {
  const result = await call('depth-patient', { scenario: 'callee-keys-by-info', echo: true, pauseMs: 700 });
  t.match(result, { slots: { number: '47' }, verdict: { kind: 'end', reason: 'was heard' } });
});

t.test('a caller hears the early prompt before the 200', async (t) => {
  const peer = await SipPeer.udp();
  const ear = await RtpFarEnd.open();
  t.teardown(async () => {
    peer.answerByes();
    await peer.close();
    ear.close();
  });
  const caller = PeerDialog.caller(peer, server.sipPort);
  caller.target = `sip:200@127.0.0.1:${server.sipPort}`;
  caller.send('INVITE', { body: ear.sdp(), headers: ['Supported: 100rel'] });
  const progress = await peer.next(183);
  t.match(progress.header('Require'), /100rel/);
  t.match(progress.body, /m=audio/);
  caller.learn(progress);
  caller.send('PRACK', { headers: [`RAck: ${progress.header('RSeq')} 1 INVITE`] });
  const ok = await peer.next((m) => m.status === 200 && /INVITE/.test(m.header('CSeq')));
  const loud = ear.packets.filter(({ payload }) => [...payload].some((code) => Math.abs(ulawToLinear(code)) > 1_000));
  t.ok(loud.length > 50, `${loud.length} packets of speech before the answer`);
  t.equal(ok.body, progress.body, 'one description (RFC 3262 5)');
  peer.answerByes();
  caller.learn(ok);
  caller.send('ACK', { sequence: 1 });
  const [result] = await server.resultsWhen('depth-short', 3);
  t.ok(result);
});
