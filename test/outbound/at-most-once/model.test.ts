import t from 'tap';
import type { RetryPolicy } from '../../../src/store/campaigns.js';
import type { CallResult } from '../../../src/store/store.js';
import { World, faults } from './world.js';
import type { Fault } from './world.js';
import fc from '../../support/property.js';

/**
 * At most once, as a model: the real dialer on the real store, with processes that die
 * at any of their steps and answers that get lost, first at every single step of one
 * life of two tasks, then at random ones of random lives with two processes at a time.
 */

const twice: RetryPolicy = { maxAttempts: 2, delays: { busy: [1_000], no_answer: [5_000] }, varyDayPart: false };

/** Two tasks: one is called once, the other is busy first. Answers how many store calls the process made. */
async function life(world: World, fault: { at: number; kind: Fault } | undefined): Promise<number> {
  const process = await world.start(0);
  if (fault !== undefined) process.arm(fault.at, fault.kind);
  await world.create(undefined);
  await world.create(twice);
  const step = async (ms: number): Promise<void> => {
    await world.clock.run(ms);
    // Whoever looks after servers starts one that died.
    if (world.process(0)?.dead === true) await world.start(0);
    await world.check();
  };
  await step(100);
  for (const call of process.calls.dialled.slice(0, 2)) call.answer();
  await step(100);
  world.end(0, { disposition: 'answered_human' });
  world.end(0, { disposition: 'busy' });
  await step(700);
  await step(1_500);
  world.end(0, { disposition: 'answered_human' });
  await step(500);
  const { storeCalls } = process;
  await world.drain();
  return storeCalls;
}

t.test('every fault at every step', async (t) => {
  const world = new World();
  t.teardown(() => world.close());
  await world.open();
  const steps = await life(world, undefined);
  t.ok(steps >= 12, `${steps} steps at which it can die`);
  let lives = 0;
  for (let at = 0; at < steps; at += 1) {
    for (const kind of faults) {
      await life(world, { at, kind }).catch((error: unknown) => t.fail(`${kind} at step ${at}: ${String(error)}`));
      lives += 1;
    }
  }
  t.equal(lives, steps * faults.length);
});

type Step =
  | { readonly kind: 'create'; readonly retry: RetryPolicy | undefined }
  | { readonly kind: 'run'; readonly ms: number }
  | { readonly kind: 'end'; readonly place: number; readonly how: Partial<CallResult> }
  | { readonly kind: 'start' | 'kill'; readonly place: number }
  | { readonly kind: 'fault'; readonly place: number; readonly more: number; readonly fault: Fault }
  | { readonly kind: 'cancel'; readonly task: number }
  | { readonly kind: 'resolve'; readonly task: number; readonly as: 'called' | 'redial' };

const place = fc.integer({ min: 0, max: 1 });
const task = fc.nat({ max: 7 });
const how = fc.constantFrom<Partial<CallResult>>(
  { disposition: 'answered_human' }, { disposition: 'busy', answeredAt: undefined }, { disposition: 'no_answer', answeredAt: undefined },
  { disposition: 'answered_human', verdict: { kind: 'redial_at', at: '2026-01-01T00:10:00Z', reason: 'later' } },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('create' as const), retry: fc.constantFrom(undefined, twice) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('run' as const), ms: fc.constantFrom(0, 1, 600, 1_100, 6_000) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('end' as const), place, how }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('start' as const, 'kill' as const), place }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('fault' as const), place, more: fc.nat({ max: 4 }), fault: fc.constantFrom(...faults) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), task }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('resolve' as const), task, as: fc.constantFrom('called' as const, 'redial' as const) }) },
);

async function take(world: World, one: Step): Promise<void> {
  switch (one.kind) {
    case 'create':
      return void (await world.create(one.retry));
    case 'run':
      return await world.clock.run(one.ms);
    case 'end':
      return world.end(one.place, one.how);
    case 'start':
      return void (await world.start(one.place));
    case 'kill':
      return void world.process(one.place)?.die();
    case 'fault':
      return world.process(one.place)?.arm(one.more, one.fault);
    case 'cancel': {
      const id = world.taskIds[one.task];
      return void (id === undefined || (await world.store.cancelTask(id)));
    }
    case 'resolve': {
      const id = world.taskIds[one.task];
      return id === undefined ? undefined : await world.resolve(id, one.as);
    }
  }
}

t.test('random lives, two processes at a time', async (t) => {
  const world = new World();
  t.teardown(() => world.close());
  await world.open();
  let invites = 0;
  let unknown = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 50, size: 'max' }), async (steps) => {
      await world.start(0);
      await world.start(1);
      for (const one of steps) {
        await take(world, one);
        await world.clock.run(0);
        await world.check();
      }
      invites += world.ledger.length;
      for (const id of world.taskIds) if ((await world.store.getTask(id))?.state === 'unknown') unknown += 1;
      await world.drain();
    }),
    { numRuns: 60, endOnFailure: true },
  );
  t.ok(invites > 60, `${invites} INVITEs`);
  t.ok(unknown > 5, `${unknown} tasks were unknown`);
});
