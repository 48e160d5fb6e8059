import { join } from 'node:path';
import type { Test } from 'tap';
import { TrunklineError } from '../../../src/kernel/errors.js';
import { silentLogger } from '../../../src/kernel/log.js';
import { systemRandom } from '../../../src/kernel/random.js';
import { CampaignRunner } from '../../../src/outbound/campaigns/campaign-runner.js';
import { CampaignService } from '../../../src/outbound/campaigns/campaign-service.js';
import type { CampaignAudiences, CampaignRules, CampaignServer } from '../../../src/outbound/campaigns/ports.js';
import { createEventLog } from '../../../src/outbound/event-log.js';
import type { Audience, Contact } from '../../../src/store/contacts.js';
import type { DialJudgement } from '../../../src/store/rules.js';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.js';
import type { CallResult, Store } from '../../../src/store/store.js';
import { callIdOf, resultOf } from '../../contract/store.js';
import { ManualClock } from '../../support/manual-clock.js';
import { contact } from './campaigns.js';

/** Audiences as the test fills them: the member's index is its place. */
export class TestAudiences implements CampaignAudiences {
  readonly lists = new Map<string, { readonly audience: Audience; readonly contacts: Contact[] }>();

  add(id: string, kind: 'live' | 'frozen', count: number): Contact[] {
    const contacts = Array.from({ length: count }, (_, index) => contact({ id: `con_${id}_${index}` }));
    this.lists.set(id, { audience: { id, name: id, filter: '', kind, frozenAt: undefined, createdAt: 0, updatedAt: 0 }, contacts });
    return contacts;
  }

  #list(id: string): { readonly audience: Audience; readonly contacts: Contact[] } {
    const list = this.lists.get(id);
    if (list === undefined) throw new TrunklineError('TRK_NOT_FOUND', { params: { what: 'audience' } });
    return list;
  }

  get = async (id: string): Promise<Audience | undefined> => this.lists.get(id)?.audience;
  count = async (id: string): Promise<number> => this.#list(id).contacts.length;
  sample = async (id: string, _count: number, limit: number): Promise<readonly Contact[]> => this.#list(id).contacts.slice(0, limit);
  compile = async (filter: string) => (one: Contact): boolean => one.tags.includes(filter);

  async members(id: string, cursor: string | undefined, limit: number): Promise<{ contacts: readonly Contact[]; next: string | undefined }> {
    const { contacts } = this.#list(id);
    const start = Number(cursor ?? 0);
    return { contacts: contacts.slice(start, start + limit), next: start + limit < contacts.length ? String(start + limit) : undefined };
  }
}

export interface World {
  readonly clock: ManualClock;
  readonly store: Store;
  readonly audiences: TestAudiences;
  readonly service: CampaignService;
  readonly server: { trunks: boolean; capacity: boolean };
  /** What is said of a number. */
  readonly judgements: Map<string, DialJudgement>;
  readonly holidays: Set<string>;
  /** Another process on the same data takes over. */
  readonly restart: () => Promise<void>;
  /** Types of campaign events so far, with what they say besides the name. */
  readonly events: () => Promise<string[]>;
  /** Dials what is due, up to so many, and ends each call at once. */
  readonly dial: (count: number, changes?: Partial<CallResult>) => Promise<number>;
  /** Lets time go by, with the runner at work. */
  readonly pass: (ms: number) => Promise<void>;
  readonly wake: () => void;
}

/** The real runner and service on a real store; the audiences and the rules are the test's. */
export async function startWorld(t: Test): Promise<World> {
  const clock = new ManualClock();
  const store = openSqliteStore({ path: join(t.testdir(), 'trunkline.db'), clock, random: systemRandom, log: silentLogger });
  await store.migrate();
  await store.putFlow('greeting', 'id: greeting');
  const events = createEventLog(store, silentLogger);
  const audiences = new TestAudiences();
  const health = { trunks: true, capacity: true };
  const server: CampaignServer = { health: async () => health, maxCalls: 4, callsPerSecond: 10, costPerMinute: 0 };
  const judgements = new Map<string, DialJudgement>();
  const holidays = new Set<string>();
  const rules: CampaignRules = {
    everOpen: (_settings, hours) => Object.keys(hours).length > 0,
    holidayProblem: () => undefined,
    prepare: async () => undefined,
    isHoliday: (countries, day) => countries.length > 0 && holidays.has(day),
    judge: async (tasks) => tasks.map(({ task }) => judgements.get(task.to) ?? { allowed: true, because: {} }),
    hoursOf: () => ({ nextOpen: (at) => at, nextClosed: () => undefined }),
  };
  const flows = {
    async find(id: string, version: number | undefined, field: string) {
      const record = await store.getFlow(id, version);
      if (record === undefined) throw new TrunklineError('TRK_FLOW_UNKNOWN', { params: { flow: id }, field });
      return { version: record.version, requiredVariables: (/^needs: (.+)$/m.exec(record.source)?.[1] ?? '').split(', ').filter((name) => name !== '') };
    },
  };
  const runnerOf = (): CampaignRunner => new CampaignRunner({ store, audiences, flows, rules, server, lock: { hold: async () => true }, events, clock, log: silentLogger, wakeDialer: () => undefined });
  let runner = runnerOf();
  const service = new CampaignService({ store, audiences, flows, rules, server, clock, hasTeam: async (name) => (await store.getTeam(name)) !== undefined, changed: () => runner.wake() });
  t.teardown(async () => {
    await runner.stop();
    await store.close();
  });
  runner.start();
  /** The store answers in turns of the event loop that are not known; what is waited for is that nothing is under way. */
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left >= 0; left -= 1_000) {
      await runner.idle();
      await clock.run(Math.min(1_000, Math.max(left, 0)));
      await runner.idle();
      if (left === 0) break;
    }
  };
  return {
    clock, store, audiences, service, server: health, judgements, holidays, pass,
    wake: () => runner.wake(),
    restart: async () => {
      await runner.stop();
      runner = runnerOf();
      runner.start();
    },
    events: async () => (await store.readEvents(0, 10_000)).filter(({ type }) => type.startsWith('campaign.')).map(({ type, data }) => {
      const { reason, round } = data as { reason?: string; round?: number };
      return [type.slice('campaign.'.length), reason ?? round].filter((part) => part !== undefined).join(' ');
    }),
    dial: async (count, changes = {}) => {
      const due = await store.dueTasks(count);
      for (const task of due) {
        const attempt = await store.beginAttempt(task.id, 'node_a', callIdOf);
        if (attempt !== undefined) await store.finishAttempt(attempt.id, resultOf(clock, task, attempt, { endedAt: clock.now(), ...changes }));
      }
      return due.length;
    },
  };
}
