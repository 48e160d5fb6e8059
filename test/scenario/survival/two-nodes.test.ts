import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { shortFlow } from '../../sipp/flows.js';
import { eventually } from '../../support/eventually.js';
import { PhoneNetwork } from '../../support/phone-network.js';
import { startPostgres } from '../../support/postgres-server.js';
import { ServerProcess } from '../../support/server-process.js';

// Two servers on one PostgreSQL, and one of them dies in the middle of its calls: the telephone network's ledger is the judge.

const FLOW = 'two-nodes';
const TASKS = 60;
const START_MS = 120_000;
/** A node is dead after 20 s of silence; then the other one settles what it left. */
const SETTLE_MS = 90_000;

t.test('any node takes any task; one that dies loses its calls and nothing else', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'trunkline-two-nodes-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const url = await (await startPostgres(t)).database();
  const network = await PhoneNetwork.start();
  t.teardown(() => network.stop());
  const settings = {
    store: { kind: 'postgres', url },
    sip: { gateway: { address: `127.0.0.1:${network.port}` }, ring_timeout_ms: 8_000 },
    dialer: { max_calls: 4, calls_per_second: 4 },
    rules: { subject_key_file: join(directory, 'subject.key') },
  };
  const start = (name: string): Promise<ServerProcess> => ServerProcess.start(settings, { directory: join(directory, name), flows: { [FLOW]: shortFlow(FLOW) } }, { limitMs: START_MS });
  const a = await start('a');
  t.teardown(() => (a.alive ? a.kill() : undefined));
  const b = await start('b');
  t.teardown(() => b.stop());

  // Most answer and wait for our words: there are calls to die in.
  const numbers = Array.from({ length: TASKS }, (_, index) => `+1212${200_000 + index}${index % 3 === 0 ? 0 : 7}`);
  const posted = (await a.request('POST', '/v1/tasks', JSON.stringify({ tasks: numbers.map((to) => ({ to, flow: FLOW })) }))) as { items: { id: string }[] };
  const ids = posted.items.map(({ id }) => id);
  await eventually('both nodes in calls', START_MS, async () => {
    const [ofA, ofB] = [await a.liveCalls(), await b.liveCalls()];
    return ofA.items.length > 0 && ofB.items.length > 0 && network.ledger.length > TASKS / 4 ? true : undefined;
  });
  await a.kill();
  const dialledThen = network.ledger.length;

  const states = await eventually('the end of all tasks', SETTLE_MS + (TASKS / 4) * 2_000, async () => {
    const all = await Promise.all(ids.map((id) => b.taskState(id)));
    return all.every((state) => state === 'done' || state === 'unknown') ? all : undefined;
  });
  const unknown = states.filter((state) => state === 'unknown').length;
  t.ok(unknown >= 1 && unknown <= 4, `${unknown} calls of the dead node are unknown, and stay so`);
  const { ledger } = network;
  t.ok(ledger.length > dialledThen, 'the other one went on');
  const results = await b.results(FLOW);
  // The intent to dial is kept before the INVITE leaves: a node that dies between the two leaves a task
  // unknown whose number was never called, and nobody may call it now.
  const dialled = new Set(ledger.map(({ callId }) => callId));
  const undialled = ids.map((id, index) => {
    const attempt = results.find(({ taskId }) => taskId === id)?.attemptId ?? '';
    return states[index] === 'unknown' && !dialled.has(`${attempt}@trunkline`) ? numbers[index] : undefined;
  });
  t.same(ledger.map(({ number }) => number).sort(), numbers.filter((number) => !undialled.includes(number)).map((number) => number.slice(1)).sort(), 'each number was called exactly once, but for those that are unknown and were never called');
  t.same(results.map(({ taskId }) => taskId).sort(), [...ids].sort(), 'each task has exactly one result');
  const events = b.events.filter(({ type }) => type === 'task.done' || type === 'task.unknown');
  t.equal(new Set(events.map(({ data }) => data.taskId)).size, TASKS, 'and the living node tells of all of them, those of the other one too');
});
