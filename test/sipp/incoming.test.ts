import t from 'tap';
import { joinClips, prompt, silence } from '../support/audio-clips.js';
import { ServerProcess } from '../support/server-process.js';
import type { WireResult } from '../support/server-process.js';
import { Sipp } from '../support/sipp.js';
import type { SippOptions } from '../support/sipp.js';
import { shortFlow, talkFlow } from './flows.js';

// Calls that sipp places to the server. Each case has a number and so a flow of its
// own, because inbound results are found by flow.

const RACES = 8;
const TALK = ['speaks', 'hangs-up', 'hangs-up-at-once'];
const NUMBERS = ['listens', 'late-ack', 'missed-200', 'doubled', 'no-ack', 'diverted', 'cancels', ...TALK];
const server = await ServerProcess.start({ inbound: NUMBERS.map((number) => ({ number, flow: `in-${number}` })) });
t.teardown(() => server.stop());
for (const number of NUMBERS) await server.publish((TALK.includes(number) ? talkFlow : shortFlow)(`in-${number}`));

async function dial(number: string, options: Omit<SippOptions, 'target'>): Promise<void> {
  const sipp = await Sipp.start({ ...options, target: { port: server.sipPort, user: number } });
  try {
    await sipp.done();
  } finally {
    await sipp.kill();
  }
}

/** One call to a number, and the one result that it must leave. */
async function call(number: string, options: Omit<SippOptions, 'target'>): Promise<WireResult | undefined> {
  await dial(number, options);
  const results = await server.resultsWhen(`in-${number}`, 1);
  return results.length === 1 ? results[0] : undefined;
}

const HEARD_OUT = { direction: 'inbound', disposition: 'answered_human', endedBy: 'bot', reason: 'flow_end', verdict: { kind: 'end', reason: 'said all' } } as const;

t.test('calls from sipp', { jobs: 4 }, (t) => {
  t.test('an ACK that never comes: the call is taken down', async (t) => {
    t.match(await call('no-ack', { scenario: 'caller-never-acknowledges', countRepeats: true, limitMs: 50_000 }), { disposition: 'failed', endedBy: 'system', transcript: [] });
  });
  t.test('a caller who listens', async (t) => {
    const result = await call('listens', { scenario: 'caller-listens', echo: true });
    t.match(result, HEARD_OUT);
    t.ok((result?.media?.['packetsReceived'] ?? 0) > 30, 'audio went and came back');
  });
  t.test('a caller who speaks is understood', async (t) => {
    const speech = joinClips(prompt('auth-thankyou'), silence(3_000));
    const result = await call('speaks', { scenario: 'caller-speaks', speech, pauseMs: 4_500 });
    t.match(result, { endedBy: 'bot', verdict: { kind: 'follow_up', reason: 'was heard' } });
    t.match(String(result?.slots['words']), /thank you/i);
  });
  t.test('a late ACK', async (t) => t.match(await call('late-ack', { scenario: 'caller-acknowledges-late', pauseMs: 1_800 }), HEARD_OUT));
  t.test('lost 200s are repeated', async (t) => t.match(await call('missed-200', { scenario: 'caller-misses-200', countRepeats: true }), HEARD_OUT));
  t.test('a doubled INVITE is one call', async (t) => t.match(await call('doubled', { scenario: 'caller-doubles-invite', sendsInARow: true }), HEARD_OUT));
  t.test('the Request-URI decides, not To', async (t) => t.match(await call('diverted', { scenario: 'caller-was-diverted' }), HEARD_OUT));
  t.test('a number that nobody has is 404', () => dial('nobody', { scenario: 'caller-is-refused' }));
  t.test('the caller hangs up during the greeting', async (t) => {
    t.match(await call('hangs-up', { scenario: 'caller-hangs-up', pauseMs: 900 }), { disposition: 'answered_human', endedBy: 'caller', reason: 'BYE' });
  });
  t.test('the caller hangs up right behind the ACK', async (t) => {
    t.match(await call('hangs-up-at-once', { scenario: 'caller-hangs-up', pauseMs: 1 }), { disposition: 'answered_human', endedBy: 'caller', reason: 'BYE' });
  });
  t.test('CANCEL races the 200: one result a call, whoever wins', async (t) => {
    for (let race = 0; race < RACES / 2; race += 1) {
      await Promise.all([dial('cancels', { scenario: 'caller-cancels-at-once', sendsInARow: true }), dial('cancels', { scenario: 'caller-cancels', sendsInARow: true })]);
    }
    const results = await server.resultsWhen('in-cancels', RACES);
    t.equal(results.length, RACES);
    for (const result of results) {
      t.equal(result.endedBy, 'caller');
      if (result.disposition === 'cancelled') t.same(result.transcript, []);
      else t.equal(result.disposition, 'answered_human');
    }
  });
  t.end();
});

t.test('each call has one result, and nothing is left over', async (t) => {
  const counts = await Promise.all(NUMBERS.map(async (number) => [number, (await server.results(`in-${number}`)).length] as const));
  t.same(Object.fromEntries(counts), Object.fromEntries(NUMBERS.map((number) => [number, number === 'cancels' ? RACES : 1])));
  t.equal((await server.liveCalls()).items.length, 0);
  t.match(await server.request('GET', '/readyz'), { parts: { media: { detail: '100 free port pairs' } } });
});
