import { parseConfig } from '../../src/config/load.js';
import type { Config } from '../../src/config/schema.js';
import type { Clock } from '../../src/kernel/clock.js';
import { newId } from '../../src/kernel/ids.js';
import { silentLogger } from '../../src/kernel/log.js';
import { systemRandom } from '../../src/kernel/random.js';
import { Filler } from '../../src/outbound/campaigns/fill.js';
import { StoredAudiences } from '../../src/outbound/campaigns/stored-audiences.js';
import type { Campaign, CampaignSettings } from '../../src/store/campaigns.js';
import type { NewContact } from '../../src/store/contacts.js';
import type { Attempt, CallResult, NewTask, Store, Task } from '../../src/store/store.js';

const DAY_MS = 86_400_000;
const CALLERS = ['+12125550100', '+12125550101', '+12125550102'] as const;
const SAVED_AT_ONCE = 500;
const SUPPRESSED_AT_ONCE = 5_000;
/** Numbers of others who must not be called, and of the callees one in so many. */
const SUPPRESSED_ELSEWHERE = 100_000;
const SUPPRESSED_OF = 50;
/** One callee in so many has no consent. */
const WITHOUT_CONSENT_OF = 33;
/** Every third number was dialled on an earlier day, and the first thousand of those calls have ended. */
const DIALLED_OF = 3;
const ENDED = 1_000;
const DIALLED_AT_ONCE = 1_000;

const week: CampaignSettings['hours'] = Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, [{ from: '09:00', to: '12:00' }, { from: '12:00', to: '20:00' }]]));
const retry: CampaignSettings['retry'] = { maxAttempts: 3, delays: { busy: [900_000, 3_600_000], no_answer: [10_800_000] }, varyDayPart: true };

/** Nothing of the rules is left out: what is asked costs the same whether or not it refuses. */
export function dispatchConfig(directory: string, url: string | undefined): Config {
  return parseConfig(JSON.stringify({
    data_dir: directory,
    time_zone: 'America/New_York',
    rules: { holidays: ['callee'], countries: ['US', 'CA'], caller_numbers: CALLERS, cost_per_minute: 0.02 },
    ...(url === undefined ? {} : { store: { kind: 'postgres', url } }),
  }));
}

/** Seven digits of one area code hold no million of valid numbers: two codes of New York do. */
function numberOf(index: number): string {
  return `+1${index < 500_000 ? 212 : 646}${2_000_000 + (index % 500_000)}`;
}

function contactOf(index: number, now: number): NewContact {
  const consents = [
    { purpose: 'survey', granted: false, at: now - 90 * DAY_MS, expiresAt: undefined, source: 'import', evidence: undefined },
    { purpose: 'marketing', granted: true, at: now - 30 * DAY_MS, expiresAt: now + 300 * DAY_MS, source: 'form', evidence: `doc-${index}` },
  ];
  return {
    externalId: `customer-${index}`,
    numbers: [{ number: numberOf(index), kind: 'fixed_or_mobile', country: 'US', label: undefined }],
    name: `Customer ${index}`,
    email: undefined,
    language: 'en-US',
    timeZones: ['America/New_York'],
    address: { country: 'US', region: 'NY', city: 'New York' },
    attributes: { segment: index % 5 === 0 ? 'gold' : 'plain', score: index % 1_000 },
    tags: [],
    consents: index % WITHOUT_CONSENT_OF === 0 ? consents.slice(0, 1) : consents,
  };
}

const settingsOf = (audience: string, now: number): CampaignSettings => ({
  name: 'Spring',
  audiences: [audience],
  flow: 'bench',
  flowVersion: 1,
  purpose: 'marketing',
  variables: { name: { attribute: 'name' } },
  categories: [{ name: 'gold', filter: 'segment = "gold"', priority: 80 }],
  startsAt: now - DAY_MS,
  endsAt: now + 30 * DAY_MS,
  timeZone: 'America/New_York',
  hoursIn: 'callee',
  hours: week,
  recurrence: undefined,
  holidays: ['callee', 'US-NJ'],
  priority: 50,
  retry,
  pacing: { mode: 'ai', maxCalls: undefined, callsPerSecond: undefined, weight: 10 },
  callerNumbers: CALLERS,
  ownerTeam: undefined,
  spendCap: 1_000_000_000,
});

/** The calendars that the rules look into. */
export const CALENDARS = ['US', 'US-NY', 'US-NJ'] as const;

/** What an installation has before: people with consents and places, suppressions, and dials of other days. `setClock`: what time it is for the store, relative to now. */
export async function populate(store: Store, people: number, clock: Clock, setClock: (byMs: number) => void): Promise<void> {
  for (let from = 0; from < people; from += SAVED_AT_ONCE) {
    const count = Math.min(SAVED_AT_ONCE, people - from);
    await store.saveContacts(Array.from({ length: count }, (_, more) => contactOf(from + more, clock.now())), 'update');
  }
  // Numbers of New Jersey are nobody's here.
  const refusing = [...Array.from({ length: SUPPRESSED_ELSEWHERE }, (_, index) => `+1201${2_000_000 + index}`), ...Array.from({ length: Math.floor(people / SUPPRESSED_OF) }, (_, index) => numberOf(index * SUPPRESSED_OF + 1))];
  for (let from = 0; from < refusing.length; from += SUPPRESSED_AT_ONCE) {
    await store.addSuppressions(refusing.slice(from, from + SUPPRESSED_AT_ONCE).map((number) => ({ number, contactId: undefined, scope: 'all', source: 'list', reason: undefined, evidence: undefined, expiresAt: undefined })));
  }
  setClock(-3 * DAY_MS);
  await dialEarlier(store, people, clock);
  setClock(0);
}

/** A store that asks no rules: what was allowed then is not the question. */
async function dialEarlier(store: Store, people: number, clock: Clock): Promise<void> {
  const nodeId = newId('node', clock, systemRandom);
  await store.beat(nodeId);
  let ended = 0;
  for (let from = 0; from < people; from += DIALLED_OF * DIALLED_AT_ONCE) {
    const count = Math.min(DIALLED_AT_ONCE, Math.ceil((people - from) / DIALLED_OF));
    const tasks = await store.createTasks(Array.from({ length: count }, (_, more): NewTask => ({ to: numberOf(from + more * DIALLED_OF), from: CALLERS[0], flow: 'bench', flowVersion: 1, priority: 50, variables: {}, notBefore: clock.now(), expiresAt: undefined, metadata: {} })));
    const made = new Map(tasks.tasks.map((task) => [task.id, task]));
    for (const outcome of await store.beginAttempts([...made.keys()], { nodeId, sipCallIdOf: (id) => `${id}@bench` })) {
      const task = made.get(outcome.taskId);
      if (outcome.kind !== 'begun' || task === undefined || ended >= ENDED) continue;
      ended += 1;
      await store.finishAttempt(outcome.attempt.id, resultOf(task, outcome.attempt, clock.now()));
    }
  }
  await store.leave(nodeId);
}

/** Talked for a minute, so that the campaign, if it is of one, has spent something. */
export function resultOf(task: Task, attempt: Attempt, now: number): CallResult {
  return {
    id: `res_${attempt.id}`, taskId: task.id, callId: attempt.callId, sipCallId: attempt.sipCallId, attemptId: attempt.id, direction: 'outbound', flow: task.flow, flowVersion: task.flowVersion,
    disposition: 'answered_human', sipStatus: 200, reason: 'OK', endedBy: 'bot', verdict: { kind: 'end', reason: 'done' }, slots: {}, transcript: [], turns: [], recording: undefined, media: {}, models: {},
    startedAt: attempt.startedAt, answeredAt: now, endedAt: now + 60_000,
  };
}

/** A running campaign for all of them, filled as the server does it, step by step. */
export class DispatchCampaign {
  readonly #campaign: Campaign;
  readonly #filler: Filler;
  #made = 0;

  private constructor(store: Store, campaign: Campaign, clock: Clock) {
    this.#campaign = campaign;
    const flows = { find: () => Promise.resolve({ version: 1, requiredVariables: ['name'] }) };
    this.#filler = new Filler({ store, audiences: new StoredAudiences(store, clock), flows, clock, log: silentLogger, made: (ids) => void (this.#made += ids.length) });
  }

  static async start(store: Store, clock: Clock): Promise<DispatchCampaign> {
    const audience = await store.createAudience({ name: 'All', filter: 'score >= 0' });
    const { id } = await store.createCampaign(settingsOf(audience.id, clock.now()));
    await store.moveCampaign(id, 'start', { flowVersions: { bench: 1 } });
    const campaign = await store.beginRound(id, 1, undefined);
    if (campaign === undefined) throw new Error('the campaign did not begin');
    return new DispatchCampaign(store, campaign, clock);
  }

  get id(): string {
    return this.#campaign.id;
  }

  /** Until there are this many tasks. */
  async fill(tasks: number): Promise<void> {
    while (this.#made < tasks) {
      if ((await this.#filler.step(this.#campaign)) !== 'more' && this.#made < tasks) throw new Error(`the campaign has ${this.#made} of ${tasks} tasks`);
    }
  }
}
