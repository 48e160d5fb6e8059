import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { Test } from 'tap';
import { delay, systemClock } from '../../../src/kernel/clock.js';
import { PhoneProcess } from '../../support/phone-process.js';
import { eventually } from '../../support/eventually.js';
import { ServerProcess } from '../../support/server-process.js';
import type { WireResult } from '../../support/server-process.js';
import { seeded } from '../../support/sip-mutations.js';

/** More than three servers can dial before they are killed, on a machine that is slow to kill them. */
const TASKS = 32;
const MAX_CALLS = 5;
/** Every run of this file kills at the same moments of its seed. */
const SEED = 20261122;
const LIMIT_MS = 60_000;

/** Nothing to listen for: a call lasts as long as its words, about four seconds. */
const FLOW = `
trunkline: 1
id: notice
language: en-US
start: notice
fallback: notice
nodes:
  notice:
    end: end
    reason: told
    say: Good morning. This is a short notice from Harbor Bank. Our branch in the main street is closed on Monday. Goodbye.
`;

/** Some pick up at once, some let it ring: a kill finds calls in each state. */
function scripts(names: readonly string[]): Record<string, object> {
  return Object.fromEntries(names.map((name, index) => [name, { user: name, steps: [], answerAfterMs: [60, 700, 1500][index % 3], hangupAfter: 'never', maxCallMs: 8000 }]));
}

/** Derived from the attempt, so that no attempt can become two calls. */
const sipCallId = (result: WireResult | undefined): string => `${result?.attemptId ?? ''}@trunkline`;

interface World {
  readonly phone: PhoneProcess;
  readonly tasks: readonly { readonly id: string; readonly user: string }[];
  start(): Promise<ServerProcess>;
}

/** A phone, and a server that has its tasks but was not waited for. */
async function world(t: Test, names: readonly string[]): Promise<World & { server: ServerProcess }> {
  const directory = mkdtempSync(join(tmpdir(), 'trunkline-survival-'));
  const running: { stop(): Promise<void> }[] = [];
  t.teardown(async () => {
    for (const one of running.reverse()) await one.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  const phone = await PhoneProcess.start(join(directory, 'phone'), scripts(names));
  running.push(phone);
  const start = async (): Promise<ServerProcess> => {
    const server = await ServerProcess.start({ dialer: { max_calls: MAX_CALLS, calls_per_second: 4, stop_limit_ms: 15_000 } }, { directory, flows: { notice: FLOW } });
    running.push(server);
    return server;
  };
  const server = await start();
  const body = { tasks: names.map((user) => ({ to: phone.uri(user), flow: 'notice' })) };
  const answer = await server.answer('POST', '/v1/tasks', body);
  const ids = (answer.body['items'] as { id: string }[]).map(({ id }) => id);
  return { phone, start, server, tasks: names.map((user, index) => ({ id: ids[index]!, user })) };
}

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `c${String(index).padStart(2, '0')}`);
const invites = (phone: PhoneProcess): number => phone.ledger().filter((line) => line.kind === 'invite').length;

/** Resolves when each task is over. */
function allOver(server: ServerProcess, world: World): Promise<true> {
  return eventually('end of all tasks', LIMIT_MS, async () => {
    const { items } = (await server.answer('GET', '/v1/tasks?limit=1000')).body as { items: { state: string }[] };
    return items.length === world.tasks.length && items.every(({ state }) => state === 'done' || state === 'unknown') ? true : undefined;
  });
}

/** The one check that counts: what the far end saw, and what the results say about it. */
async function settled(t: Test, server: ServerProcess, world: World): Promise<Map<string, string>> {
  const dialled = world.phone.dialled();
  const results = await server.results();
  const dispositions = new Map<string, string>();
  for (const { id, user } of world.tasks) {
    const calls = [...(dialled.get(user) ?? [])];
    const own = results.filter((result) => result.taskId === id);
    dispositions.set(user, own[0]?.disposition ?? 'none');
    if (calls.length > 1) t.fail(`${user} was dialled ${calls.length} times`);
    if (own.length !== 1) t.fail(`${user} has ${own.length} results`);
    // The Call-ID that the far end saw is that of the attempt which the result is of.
    if (calls.length === 1 && sipCallId(own[0]) !== calls[0]) t.fail(`the result of ${user} is of another call`);
    if (calls.length === 0 && own[0]?.disposition !== 'unknown') t.fail(`${user} was never dialled and is ${own[0]?.disposition}`);
  }
  t.equal(results.length, world.tasks.length, 'as many results as tasks');
  return dispositions;
}

t.test('a server that is killed three times dials nobody twice', async (t) => {
  const random = seeded(SEED);
  const all = await world(t, names(TASKS));
  let { server } = all;
  for (let kill = 1; kill <= 3; kill++) {
    // After 2 to 5 calls of this server, and up to 1.5 s later: while it dials, while they ring, while they talk.
    const wanted = invites(all.phone) + 2 + Math.floor(random() * 4);
    await eventually('calls', LIMIT_MS, () => (invites(all.phone) >= wanted ? true : undefined));
    await delay(systemClock, random() * 1500);
    const over = new Set((await server.results()).map((result) => sipCallId(result)));
    await server.kill();
    const lost = all.phone.ledger().filter((line) => line.kind === 'invite' && !over.has(line.call));
    t.ok(lost.length > 0, `kill ${kill}: ${invites(all.phone)} of ${TASKS} dialled, ${lost.length} of them in calls`);
    server = await all.start();
    const results = await server.results();
    for (const line of lost) {
      const disposition = results.find((result) => sipCallId(result) === line.call)?.disposition ?? 'without a result';
      // A call that ended between our look and the kill may have its true result.
      if (disposition !== 'unknown' && disposition !== 'answered_human') t.fail(`a call that was lost is ${disposition}`);
    }
  }
  await allOver(server, all);
  const dispositions = await settled(t, server, all);
  const count = (wanted: string): number => [...dispositions.values()].filter((one) => one === wanted).length;
  t.ok(count('unknown') >= 3, `${count('unknown')} tasks were in a call or about to be, and are unknown`);
  t.ok(count('answered_human') >= 1, `${count('answered_human')} others were called and have an answer`);
  t.equal(count('unknown') + count('answered_human'), TASKS);
});

t.test('a server that is told to stop ends its calls well and leaves the rest to the next one', async (t) => {
  const all = await world(t, names(10));
  await eventually('calls', LIMIT_MS, () => (all.phone.events.filter((event) => event.event === 'established').length >= 3 ? true : undefined));
  const stopped = systemClock.monotonic();
  await all.server.stop(25_000);
  await all.server.child.end(0);
  t.ok(systemClock.monotonic() - stopped < 20_000, 'it waits for its calls and no longer');
  const dialled = invites(all.phone);
  t.ok(dialled < 10, `${dialled} of 10 were dialled when it was told`);
  t.same(all.phone.ledger().filter((line) => line.kind === 'result').map((line) => [line.status, line.by]), Array.from({ length: dialled }, () => [200, 'bot']), 'the far end saw each call end with BYE');
  const server = await all.start();
  t.equal((await server.results()).filter((result) => result.disposition === 'answered_human').length, dialled, 'each with its result, and none unknown');
  await allOver(server, all);
  const dispositions = await settled(t, server, all);
  t.same([...new Set(dispositions.values())], ['answered_human'], 'the rest was dialled after the restart');
});
