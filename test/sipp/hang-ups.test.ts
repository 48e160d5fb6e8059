import t from 'tap';
import { joinClips, prompt } from '../support/audio-clips.js';
import { ServerProcess } from '../support/server-process.js';
import type { WireResult } from '../support/server-process.js';
import { Sipp } from '../support/sipp.js';
import type { SippOptions } from '../support/sipp.js';
import { longFarewellFlow, talkFlow } from './flows.js';

// The callee hangs up at each moment of a call. Whatever was decided by then stands,
// and each task has one result that says who ended the call.

const server = await ServerProcess.start();
t.teardown(() => server.stop());
await server.publish(talkFlow('sipp-talk'));
await server.publish(longFarewellFlow('sipp-farewell'));
const speech = joinClips(prompt('auth-thankyou'), prompt('vm-goodbye'), prompt('auth-thankyou'));
const tasks: string[] = [];

async function call(flow: string, options: SippOptions): Promise<WireResult> {
  const sipp = await Sipp.start(options);
  try {
    const task = await server.createTask({ to: `sip:callee@127.0.0.1:${sipp.port}`, flow });
    tasks.push(task);
    const result = await server.result(task);
    await sipp.done();
    return result;
  } finally {
    await sipp.kill();
  }
}

const HUNG_UP = { disposition: 'answered_human', endedBy: 'caller', reason: 'BYE', sipStatus: 200 } as const;
const said = (result: WireResult, speaker: 'bot' | 'caller'): string => result.transcript.filter((line) => line.speaker === speaker).map((line) => line.text).join(' ');

t.test('the callee hangs up', { jobs: 4 }, (t) => {
  t.test('while it rings', async (t) => {
    const result = await call('sipp-talk', { scenario: 'callee-rings-then-refuses' });
    t.match(result, { disposition: 'rejected', sipStatus: 603, endedBy: 'caller', transcript: [], turns: [] });
  });

  t.test('right behind the ACK', async (t) => {
    const result = await call('sipp-talk', { scenario: 'callee-hangs-up', pauseMs: 1 });
    t.match(result, { ...HUNG_UP, verdict: { kind: 'end', reason: 'BYE' } });
  });

  t.test('during the greeting', async (t) => {
    const result = await call('sipp-talk', { scenario: 'callee-hangs-up', pauseMs: 1_000 });
    t.match(result, { ...HUNG_UP, verdict: { kind: 'end', reason: 'BYE' } });
    t.match(said(result, 'bot'), /^Good morning/);
    t.ok(result.recording, 'what there was is recorded');
  });

  t.test('while it talks', async (t) => {
    const result = await call('sipp-talk', { scenario: 'callee-speaks-and-hangs-up', speech, pauseMs: 1_300 });
    t.match(result, HUNG_UP);
    t.ok((result.media?.['packetsReceived'] ?? 0) > 40, `it was talking: ${JSON.stringify(result.media)}`);
  });

  t.test('during the silence after the question', async (t) => {
    const result = await call('sipp-talk', { scenario: 'callee-hangs-up', pauseMs: 5_000 });
    t.match(result, HUNG_UP);
    t.match(said(result, 'bot'), /How are you today\?$/);
  });

  t.test('during the goodbye: what was agreed stands', async (t) => {
    const result = await call('sipp-farewell', { scenario: 'callee-hangs-up', pauseMs: 1_500 });
    t.match(result, { ...HUNG_UP, verdict: { kind: 'follow_up', template: 'contract', reason: 'wants the contract' } });
  });

  t.test('never: it is heard out', async (t) => {
    const result = await call('sipp-talk', { scenario: 'callee-speaks', speech, pauseMs: 4_000 });
    t.match(result, { disposition: 'answered_human', endedBy: 'bot', verdict: { kind: 'follow_up', reason: 'was heard' } });
    t.match(said(result, 'caller'), /thank you/i, 'and understood');
    t.equal(typeof result.slots['words'], 'string');
  });
  t.end();
});

t.test('each task has one result, and nothing is left over', async (t) => {
  const results = [...(await server.results('sipp-talk')), ...(await server.results('sipp-farewell'))];
  t.same(results.map((result) => result.taskId).sort(), [...tasks].sort());
  t.equal((await server.liveCalls()).items.length, 0);
  t.match(await server.request('GET', '/readyz'), { parts: { media: { detail: '100 free port pairs' } } });
});
