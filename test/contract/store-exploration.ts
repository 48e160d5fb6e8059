import type { Test } from 'tap';
import { newId } from '../../src/kernel/ids.js';
import { systemRandom } from '../../src/kernel/random.js';
import type { Attempt, Store, Task, TaskState } from '../../src/store/store.js';
import type { ManualClock } from '../support/manual-clock.js';
import { callIdOf, newTask, resultOf } from './store.js';
import fc from '../support/property.js';

/** What may happen to a store, in any order; `task` picks one of those made so far. */
type Step =
  | { readonly kind: 'create'; readonly delayMs: number; readonly lifeMs: number | undefined }
  | { readonly kind: 'claim' | 'answer' | 'finish' | 'finishAgain' | 'cancel'; readonly task: number }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'due' | 'expire' | 'crash' };

const task = fc.nat(7);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('create'), delayMs: fc.constantFrom(0, 0, 50), lifeMs: fc.constantFrom(undefined, undefined, 100) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('claim', 'answer', 'finish'), task }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('finishAgain', 'cancel'), task }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass'), ms: fc.constantFrom(1, 49, 50, 60) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('due', 'expire', 'crash') }) },
);

/** What the store should know of a task, worked out apart from it. */
interface Expected {
  readonly made: Task;
  state: TaskState;
  attempts: Attempt[];
  results: string[];
}

const FINAL: readonly TaskState[] = ['done', 'cancelled', 'expired', 'unknown'];

class Explorer {
  readonly #store: Store;
  readonly #clock: ManualClock;
  readonly tasks: Expected[] = [];
  #node: string;

  constructor(store: Store, clock: ManualClock) {
    this.#store = store;
    this.#clock = clock;
    this.#node = newId('node', clock, systemRandom);
  }

  async run(step: Step): Promise<void> {
    switch (step.kind) {
      case 'create':
        return await this.#create(step.delayMs, step.lifeMs);
      case 'pass':
        return this.#clock.advance(step.ms);
      case 'due':
        return await this.#due();
      case 'expire':
        return await this.#expire();
      case 'crash':
        return await this.crash();
      default: {
        const chosen = this.tasks[step.task];
        if (chosen !== undefined) await this.#onTask(step.kind, chosen);
      }
    }
  }

  async #create(delayMs: number, lifeMs: number | undefined): Promise<void> {
    const now = this.#clock.now();
    const { tasks } = await this.#store.createTasks([newTask({ notBefore: now + delayMs, expiresAt: lifeMs === undefined ? undefined : now + lifeMs })]);
    for (const made of tasks) this.tasks.push({ made, state: delayMs > 0 ? 'scheduled' : 'queued', attempts: [], results: [] });
  }

  async #onTask(kind: 'claim' | 'answer' | 'finish' | 'finishAgain' | 'cancel', chosen: Expected): Promise<void> {
    const { made } = chosen;
    const attempt = chosen.attempts.at(-1);
    const open = chosen.state === 'dialing' || chosen.state === 'in_call';
    if (kind === 'claim') {
      const claimed = await this.#store.beginAttempt(made.id, this.#node, callIdOf);
      const free = chosen.state === 'queued' && !this.#over(chosen);
      if ((claimed !== undefined) !== free) throw new Error(`a task in ${chosen.state} was ${free ? 'not ' : ''}claimed`);
      if (claimed !== undefined) {
        chosen.attempts.push(claimed);
        chosen.state = 'dialing';
      }
    } else if (kind === 'cancel') {
      const cancelled = await this.#store.cancelTask(made.id);
      const free = chosen.state === 'queued' || chosen.state === 'scheduled';
      if (cancelled !== free) throw new Error(`a task in ${chosen.state} was ${free ? 'not ' : ''}cancelled`);
      if (cancelled) chosen.state = 'cancelled';
    } else if (attempt === undefined) {
      return;
    } else if (kind === 'answer') {
      await this.#store.markInCall(attempt.id);
      if (chosen.state === 'dialing') chosen.state = 'in_call';
    } else {
      // `finishAgain` is the late result of a call that was given up for lost, or a second one.
      if (kind === 'finishAgain' && open) return;
      const result = resultOf(this.#clock, made, attempt);
      const refused = await this.#store.finishAttempt(attempt.id, result).then(() => undefined, (error: unknown) => (error as { code?: string }).code);
      if (refused !== (open ? undefined : 'TRK_CONFLICT')) throw new Error(`finishing a task in ${chosen.state}: ${refused}`);
      if (open) chosen.state = 'done';
    }
  }

  async #due(): Promise<void> {
    const due = (await this.#store.dueTasks(1_000)).map((found) => found.id);
    for (const chosen of this.tasks) {
      if (chosen.state === 'scheduled' && chosen.made.notBefore <= this.#clock.now()) chosen.state = 'queued';
      const wanted = chosen.state === 'queued' && !this.#over(chosen);
      if (due.includes(chosen.made.id) !== wanted) throw new Error(`a task in ${chosen.state} is ${wanted ? 'not ' : ''}due`);
    }
  }

  async #expire(): Promise<void> {
    const expired = await this.#store.expireTasks();
    for (const chosen of this.tasks) {
      const wanted = (chosen.state === 'queued' || chosen.state === 'scheduled') && this.#over(chosen);
      if (expired.includes(chosen.made.id) !== wanted) throw new Error(`a task in ${chosen.state} has ${wanted ? 'not ' : ''}expired`);
      if (wanted) chosen.state = 'expired';
    }
  }

  /** The process dies; the next one settles what it left. */
  async crash(): Promise<void> {
    this.#node = newId('node', this.#clock, systemRandom);
    const lost = await this.#store.recoverAttempts(this.#node);
    for (const chosen of this.tasks) {
      const open = chosen.state === 'dialing' || chosen.state === 'in_call';
      if (lost.includes(chosen.made.id) !== open) throw new Error(`a task in ${chosen.state} was ${open ? 'not ' : ''}recovered`);
      if (open) chosen.state = 'unknown';
    }
  }

  #over(chosen: Expected): boolean {
    return chosen.made.expiresAt !== undefined && chosen.made.expiresAt <= this.#clock.now();
  }

  /** At most one attempt a task, and exactly one result if it has ended. */
  async check(): Promise<void> {
    for (const chosen of this.tasks) {
      const { id } = chosen.made;
      const found = await this.#store.getTask(id);
      if (found?.state !== chosen.state) throw new Error(`${found?.state} should be ${chosen.state}`);
      if (chosen.attempts.length > 1) throw new Error('dialled twice');
      const result = await this.#store.getResult(id);
      if ((result !== undefined) !== FINAL.includes(chosen.state)) throw new Error(`a task in ${chosen.state} has ${result === undefined ? 'no' : 'a'} result`);
      if (result === undefined) continue;
      if (chosen.results.length === 0) chosen.results.push(result.id);
      if (chosen.results[0] !== result.id) throw new Error('the result was changed');
    }
  }
}

/** Random lives of tasks on `store`, checked against a model after each step. */
export async function exploreStore(t: Test, store: Store, clock: ManualClock, settings: { numRuns: number; endOnFailure?: boolean; seed?: number }): Promise<void> {
  const ended = new Set<TaskState>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), async (steps) => {
      const explorer = new Explorer(store, clock);
      for (const one of steps) {
        await explorer.run(one);
        await explorer.check();
      }
      await explorer.crash();
      await explorer.check();
      for (const { state } of explorer.tasks) ended.add(state);
    }),
    settings,
  );
  t.same([...ended].sort(), ['cancelled', 'done', 'expired', 'queued', 'scheduled', 'unknown'], 'the runs went everywhere');
  const all: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.listResults({ limit: 1_000, ...(cursor === undefined ? {} : { cursor }) });
    all.push(...page.items.map((result) => result.taskId ?? ''));
    cursor = page.next;
  } while (cursor !== undefined);
  t.equal(new Set(all).size, all.length, 'no task has two results');
}
