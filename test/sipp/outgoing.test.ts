import t from 'tap';
import { ServerProcess } from '../support/server-process.js';
import type { WireResult } from '../support/server-process.js';
import { Sipp } from '../support/sipp.js';
import type { SippOptions } from '../support/sipp.js';
import { shortFlow } from './flows.js';

// Calls that the server places, to a telephone network played by sipp. One server for
// all; the calls run beside each other, as on a busy node.

const FLOW = 'sipp-outgoing';
const server = await ServerProcess.start({
  sip: { address: '127.0.0.1', port: 0, ring_timeout_ms: 4_000 },
  media: { address: '127.0.0.1', timeout_ms: 6_000 },
});
t.teardown(() => server.stop());
await server.publish(shortFlow(FLOW));

let placed = 0;

/** Places one call to a sipp of its own; both ends must agree that it went as planned. */
async function call(options: SippOptions): Promise<WireResult> {
  const sipp = await Sipp.start(options);
  try {
    placed += 1;
    const task = await server.createTask({ to: `sip:callee@127.0.0.1:${sipp.port}`, flow: FLOW });
    const result = await server.result(task);
    await sipp.done();
    return result;
  } finally {
    await sipp.kill();
  }
}

interface Expected {
  readonly disposition: WireResult['disposition'];
  readonly sipStatus: number | undefined;
  readonly endedBy: WireResult['endedBy'];
}

const ANSWERED: Expected = { disposition: 'answered_human', sipStatus: 200, endedBy: 'bot' };
const cases: [string, SippOptions, Expected][] = [
  ['an answered call with audio both ways', { scenario: 'callee-answers', echo: true }, ANSWERED],
  ['486 is busy', { scenario: 'callee-refuses-486' }, { disposition: 'busy', sipStatus: 486, endedBy: 'caller' }],
  ['480 is no answer', { scenario: 'callee-refuses-480' }, { disposition: 'no_answer', sipStatus: 480, endedBy: 'caller' }],
  ['404 is an invalid number', { scenario: 'callee-refuses-404' }, { disposition: 'invalid_number', sipStatus: 404, endedBy: 'caller' }],
  ['603 is a rejection', { scenario: 'callee-refuses-603' }, { disposition: 'rejected', sipStatus: 603, endedBy: 'caller' }],
  ['503 is congestion', { scenario: 'callee-refuses-503' }, { disposition: 'congestion', sipStatus: 503, endedBy: 'caller' }],
  ['180, then 603', { scenario: 'callee-rings-then-refuses' }, { disposition: 'rejected', sipStatus: 603, endedBy: 'caller' }],
  ['nobody picks up: CANCEL', { scenario: 'callee-rings-on' }, { disposition: 'no_answer', sipStatus: 487, endedBy: 'system' }],
  ['the 200 crosses the CANCEL: BYE', { scenario: 'callee-200-crosses-cancel' }, { disposition: 'no_answer', sipStatus: 487, endedBy: 'system' }],
  ['a doubled 200 makes one call', { scenario: 'callee-repeats-200', sendsInARow: true, countRepeats: true, echo: true }, ANSWERED],
  ['a lost ACK is sent again', { scenario: 'callee-loses-ack', countRepeats: true, echo: true }, ANSWERED],
  ['lost INVITEs are sent again', { scenario: 'callee-misses-invites', countRepeats: true, echo: true }, ANSWERED],
  ['the callee goes away without a word', { scenario: 'callee-goes-away' }, { disposition: 'answered_human', sipStatus: 200, endedBy: 'bot' }],
];

t.test('calls to sipp', { jobs: 5 }, (t) => {
  for (const [name, options, expected] of cases) {
    t.test(name, async (t) => {
      const result = await call(options);
      t.match(result, { ...expected, direction: 'outbound' });
      if (options.echo) {
        t.ok((result.media?.['packetsSent'] ?? 0) > 40, 'a second of speech was sent');
        t.ok((result.media?.['packetsReceived'] ?? 0) > 30, 'and came back');
        t.match(result.transcript, [{ speaker: 'bot', text: 'Hello and goodbye.' }]);
      }
    });
  }
  t.test('302 is followed, but never back to the same place', async (t) => {
    const elsewhere = await Sipp.start({ scenario: 'callee-answers', echo: true });
    t.teardown(() => elsewhere.kill());
    t.match(await call({ scenario: 'callee-redirects', keys: { elsewhere: elsewhere.port } }), { ...ANSWERED, direction: 'outbound' });
    await elsewhere.done();
  });
  t.end();
});

t.test('each task has one result, and nothing is left over', async (t) => {
  const results = await server.results(FLOW);
  t.equal(results.length, placed);
  t.equal(new Set(results.map((result) => result.taskId)).size, placed);
  t.equal((await server.liveCalls()).items.length, 0);
  t.match(await server.metrics(), /^trunkline_calls_live 0$/m);
  t.match(await server.request('GET', '/readyz'), { parts: { media: { detail: '100 free port pairs' } } });
});
