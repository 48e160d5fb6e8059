import { randomFillSync } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { Test } from 'tap';
import { delay, systemClock } from '../../../src/kernel/clock.js';
import type { CallResult } from '../../../src/store/store.js';
import { PhoneProcess } from '../../support/phone-process.js';
import { eventually } from '../../support/eventually.js';
import { freeMediaRange } from '../../support/ports.js';
import { ServerProcess } from '../../support/server-process.js';

const LIMIT_MS = 30_000;
const MEDIA_TIMEOUT_MS = 1500;
/** Two pairs: a third call must wait. */
const RTP_PORTS = await freeMediaRange(2);
const GARBAGE = 1000;

const FLOW = `
trunkline: 1
id: notice
language: en-US
start: notice
fallback: notice
variables:
  who: { required: true }
nodes:
  notice:
    end: end
    reason: told
    say: Good morning. This is a short notice from Harbor Bank. Our branch is closed on Monday.
`;

/** What a callee may do to a call, by the user part that is dialled; with the ending that belongs to it. */
const CALLEES: Readonly<Record<string, { script: object; ends: Partial<CallResult> }>> = {
  listens: { script: { hangupAfter: 'never' }, ends: { disposition: 'answered_human', endedBy: 'bot', reason: 'flow_end', verdict: { kind: 'end', reason: 'told' } } },
  'at-once': { script: { hangupAfter: 0 }, ends: { disposition: 'answered_human', endedBy: 'caller' } },
  'in-the-greeting': { script: { hangupAfter: 300 }, ends: { disposition: 'answered_human', endedBy: 'caller' } },
  'in-the-middle': { script: { hangupAfter: 2000 }, ends: { disposition: 'answered_human', endedBy: 'caller' } },
  busy: { script: { reject: 486 }, ends: { disposition: 'busy', sipStatus: 486 } },
  declines: { script: { reject: 603 }, ends: { disposition: 'rejected', sipStatus: 603 } },
  'has-moved': { script: { reject: 301 }, ends: { disposition: 'failed', sipStatus: 301 } },
  unknown: { script: { reject: 404 }, ends: { disposition: 'invalid_number', sipStatus: 404 } },
  'lets-it-ring': { script: { answerAfterMs: 60_000 }, ends: { disposition: 'no_answer' } },
};

let server: ServerProcess;
let phone: PhoneProcess;

t.before(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'trunkline-bad-input-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const scripts = Object.entries(CALLEES).map(([user, { script }]) => [user, { user, steps: [], answerAfterMs: 50, maxCallMs: 20_000, ...script }]);
  phone = await PhoneProcess.start(join(directory, 'phone'), Object.fromEntries(scripts) as Record<string, object>);
  t.teardown(() => phone.stop());
  server = await ServerProcess.start(
    {
      sip: { ring_timeout_ms: 2000 },
      media: { timeout_ms: MEDIA_TIMEOUT_MS, ...RTP_PORTS },
      dialer: { max_calls: 10 },
    },
    { directory, flows: { notice: FLOW } },
  );
  t.teardown(() => server.stop());
});

const task = (user: string): Promise<string> => server.createTask({ to: phone.uri(user), flow: 'notice', variables: { who: user } });
const invites = (): number => phone.ledger().filter((line) => line.kind === 'invite').length;

async function exactlyOneResult(t: Test, taskId: string, ends: Partial<CallResult>): Promise<void> {
  t.match(await server.result(taskId, LIMIT_MS), ends);
  t.equal((await server.results()).filter((result) => result.taskId === taskId).length, 1, 'exactly one result');
}

t.test('bodies that cannot be dialled are refused with their field, and nothing is kept', async (t) => {
  const right = { to: phone.uri('listens'), flow: 'notice', variables: { who: 'x' } };
  const before = invites();
  for (const [body, status, code, field] of [
    [{ ...right, to: '12345' }, 422, 'TRK_NUMBER_INVALID', 'to'],
    [{ ...right, to: 'sip:someone@' }, 422, 'TRK_NUMBER_INVALID', 'to'],
    [{ ...right, to: 'sip:a@127.0.0.1?Subject=x' }, 422, 'TRK_NUMBER_INVALID', 'to'],
    [{ ...right, to: 'sip:a\r\nb@127.0.0.1' }, 422, 'TRK_NUMBER_INVALID', 'to'],
    [{ ...right, flow: 'nothing-of-the-kind' }, 404, 'TRK_FLOW_UNKNOWN', 'flow'],
    [{ ...right, flowVersion: 99 }, 404, 'TRK_FLOW_UNKNOWN', 'flow'],
    [{ ...right, variables: {} }, 422, 'TRK_FLOW_VARIABLE', 'variables.who'],
    [{ ...right, priority: 101 }, 400, 'TRK_INVALID_REQUEST', 'priority'],
    [{ ...right, prio: 1 }, 400, 'TRK_INVALID_REQUEST', 'prio'],
    [{ tasks: [right, { ...right, to: '+1' }] }, 422, 'TRK_NUMBER_INVALID', 'tasks[1].to'],
  ] as const) {
    const answer = await server.answer('POST', '/v1/tasks', body);
    t.equal(answer.status, status);
    t.match(answer.body['error'], { code, field });
  }
  t.same((await server.answer('GET', '/v1/tasks')).body['items'], [], 'no task, not even the right one of a batch');
  t.equal(invites(), before, 'and no call');
});

t.test('a bad flow is refused with node, line and reason', async (t) => {
  const response = await fetch(`${server.api}/v1/flows`, { method: 'POST', headers: { 'content-type': 'application/yaml' }, body: FLOW.replace('reason: told', 'raeson: told') });
  t.equal(response.status, 422);
  const { error } = (await response.json()) as { error: { code: string; field: string; message: string } };
  t.equal(error.code, 'TRK_FLOW_INVALID');
  t.match(error.field, /^nodes\.notice/);
  t.match(error.message, /line \d+/);
});

t.test('the same Idempotency-Key is one task, whatever is asked', async (t) => {
  const body = { to: phone.uri('busy'), flow: 'notice', variables: { who: 'x' } };
  const headers = { 'idempotency-key': 'only-once' };
  const answers = await Promise.all([server.answer('POST', '/v1/tasks', body, headers), server.answer('POST', '/v1/tasks', body, headers), server.answer('POST', '/v1/tasks', body, headers)]);
  t.same(answers.map(({ status }) => status), [201, 201, 201]);
  const ids = new Set(answers.map((answer) => answer.body['id']));
  t.equal(ids.size, 1, 'at the same time');
  const id = String([...ids][0]);
  await server.result(id, LIMIT_MS);
  const later = await server.answer('POST', '/v1/tasks', body, headers);
  t.equal(later.body['id'], id, 'and after it is done');
  t.equal(later.headers.get('idempotency-replayed'), 'true');
  const other = await server.answer('POST', '/v1/tasks', { ...body, priority: 1 }, headers);
  t.equal(other.status, 422);
  t.match(other.body['error'], { code: 'TRK_IDEMPOTENCY_MISMATCH' });
  t.equal(phone.dialled().get('busy')?.size, 1, 'the far end was called once');
});

for (const [user, { ends }] of Object.entries(CALLEES)) {
  t.test(`callee: ${user}`, async (t) => {
    await exactlyOneResult(t, await task(user), ends);
  });
}

t.test('nobody there', async (t) => {
  // The discard port: nothing listens there, and the machine says so.
  await exactlyOneResult(t, await server.createTask({ to: 'sip:nobody@127.0.0.1:9', flow: 'notice', variables: { who: 'x' } }), { disposition: /unreachable|no_answer|failed/ as never, endedBy: 'system' });
});

t.test('a phone number without a gateway', async (t) => {
  await exactlyOneResult(t, await server.createTask({ to: '+14155550100', flow: 'notice', variables: { who: 'x' } }), { disposition: 'failed', reason: 'TRK_SIP_NO_ROUTE' });
});

t.test('a callee that sends no RTP any more', async (t) => {
  const established = phone.events.filter((event) => event.event === 'established').length;
  const id = await task('listens');
  await eventually('answer', LIMIT_MS, () => (phone.events.filter((event) => event.event === 'established').length > established ? true : undefined));
  // A stopped process answers nothing and sends nothing, as a phone that has lost its network.
  process.kill(phone.child.pid, 'SIGSTOP');
  const from = systemClock.monotonic();
  try {
    t.match(await server.result(id, LIMIT_MS), { disposition: 'answered_human', endedBy: 'system', reason: 'media_timeout' });
    const ms = systemClock.monotonic() - from;
    t.ok(ms >= MEDIA_TIMEOUT_MS - 100, `not before its time (${Math.round(ms)} ms)`);
    t.ok(ms < MEDIA_TIMEOUT_MS + 5000, 'and without waiting long for somebody who is gone');
  } finally {
    process.kill(phone.child.pid, 'SIGCONT');
  }
});

t.test('more calls than RTP ports: what has no port is not dialled, and is done later', async (t) => {
  const before = invites();
  const ids = await Promise.all([1, 2, 3, 4].map(() => task('listens')));
  await eventually('two calls', LIMIT_MS, () => (invites() === before + 2 ? true : undefined));
  // Many rounds of the dialler later, in the middle of the calls.
  await delay(systemClock, 1000);
  t.equal(invites(), before + 2, 'the far end saw two INVITEs');
  const states = await Promise.all(ids.map((id) => server.taskState(id)));
  t.equal(states.filter((state) => state === 'queued').length, 2, 'two wait');
  for (const id of ids) await exactlyOneResult(t, id, { disposition: 'answered_human', reason: 'flow_end' });
  t.equal(invites(), before + 4, 'each was dialled once');
  const metrics = await (await fetch(`${server.api}/metrics`)).text();
  t.match(metrics, /trunkline_dialer_no_capacity_total [1-9]/, 'and the wait is counted');
});

t.test(`${GARBAGE} garbage datagrams on the SIP port and on the RTP ports of a call`, async (t) => {
  const { sip } = server.child.lines.find((line) => 'sip' in line) as { sip: string[] };
  const sipPort = Number(/^udp.*:(\d+)$/.exec(sip.find((address) => address.startsWith('udp')) ?? '')?.[1]);
  const before = invites();
  const id = await task('listens');
  await eventually('call', LIMIT_MS, () => (invites() > before ? true : undefined));
  const socket = createSocket('udp4');
  const datagram = Buffer.alloc(400);
  for (let index = 0; index < GARBAGE; index++) {
    randomFillSync(datagram);
    const port = [sipPort, RTP_PORTS.port_min, RTP_PORTS.port_min + 1, RTP_PORTS.port_min + 2, RTP_PORTS.port_max][index % 5]!;
    // Some look like RTP (RFC 3550 5.1: version 2), some like the start of SIP.
    if (index % 3 === 0) datagram[0] = 0x80;
    if (index % 7 === 0) datagram.write('INVITE sip:');
    await new Promise<void>((resolve, reject) => socket.send(datagram.subarray(0, 1 + (index % 400)), port, '127.0.0.1', (error) => (error ? reject(error) : resolve())));
  }
  socket.close();
  await exactlyOneResult(t, id, { disposition: 'answered_human', reason: 'flow_end' });
  t.equal((await server.answer('GET', '/readyz')).status, 200, 'ready as before');
});
