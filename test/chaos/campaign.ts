import type { Poster } from './poster.js';
import { BUDGET, CAMPAIGN_HOURS, PURPOSE } from './people.js';
import type { Person } from './people.js';
import { FLOW } from './servers.js';
import type { ChaosServer } from './servers.js';

const DAY_MS = 86_400_000;
const PAGE = 1_000;
/** Soon enough that a task has all of its dials in this run. */
const DELAYS_MS = { busy: [1_500, 3_000], no_answer: [2_000], failed: [2_000] };
const CALLS_AT_ONCE = 40;

const retry = (maxAttempts: number): object => ({ maxAttempts, delays: DELAYS_MS, varyDayPart: false });
const week = Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, [CAMPAIGN_HOURS]]));

interface Progress {
  readonly state: string;
  readonly endedAt?: string;
  readonly progress: { readonly tasks: Readonly<Record<string, number>>; readonly skipped: number };
}

/** A campaign with a live audience: it is filled, dials and dials again while servers die, and people join it and leave it meanwhile. */
export class ChaosCampaign {
  readonly #id: string;
  readonly #poster: Poster;
  readonly #now: () => number;
  readonly #people: readonly Person[];
  /** So many of them are saved. */
  #joined: number;
  /** Of those who want no calls after all, how many have said so. */
  #left = 0;

  private constructor(parts: { id: string; poster: Poster; now: () => number; people: readonly Person[]; joined: number }) {
    this.#id = parts.id;
    this.#poster = parts.poster;
    this.#now = parts.now;
    this.#people = parts.people;
    this.#joined = parts.joined;
  }

  /** Imports the first half of the people, and starts it for them. `now`: the servers' clock. */
  static async start(server: ChaosServer, people: readonly Person[], callsPerSecond: number, poster: Poster, now: () => number, signal: AbortSignal): Promise<ChaosCampaign> {
    const first = people.slice(0, Math.ceil(people.length / 2));
    for (const { number, suppressed } of people) if (suppressed === 'before') await poster.suppress(number, signal);
    const lines = first.map((person) => `${JSON.stringify(person.contact(now()))}\n`).join('');
    const { created } = (await server.request('POST', '/v1/contacts:import?format=ndjson', lines, 'application/x-ndjson')) as { created: number };
    if (created !== first.length) throw new Error(`${created} of ${first.length} contacts were imported`);
    const make = async (path: string, body: object): Promise<string> => ((await server.request('POST', path, JSON.stringify(body))) as { id: string }).id;
    const audience = await make('/v1/audiences', { name: 'All with patience', filter: 'patience = "short" or patience = "long"' });
    const id = await make('/v1/campaigns', {
      name: 'Chaos',
      audiences: [audience],
      flow: FLOW,
      purpose: PURPOSE,
      endsAt: new Date(now() + 3 * DAY_MS).toISOString(),
      timeZone: 'America/New_York',
      hoursIn: 'callee',
      hours: week,
      holidays: [],
      retry: retry(BUDGET.long),
      categories: [{ name: 'short', filter: 'patience = "short"', retry: retry(BUDGET.short) }],
      pacing: { mode: 'ai', maxCalls: CALLS_AT_ONCE, callsPerSecond },
    });
    await server.request('POST', `/v1/campaigns/${id}:start`, '{}');
    return new ChaosCampaign({ id, poster, now, people, joined: first.length });
  }

  /** The next people are saved, and some who are there already say that they want no calls. */
  async join(count: number, signal: AbortSignal): Promise<void> {
    const joining = this.#people.slice(this.#joined, this.#joined + count);
    this.#joined += joining.length;
    for (let at = 0; at < joining.length; at += PAGE) {
      const contacts = joining.slice(at, at + PAGE).map((person) => person.contact(this.#now()));
      await this.#poster.send('/v1/contacts', JSON.stringify({ contacts }), {}, signal);
    }
    const leaving = this.#people.slice(0, this.#joined).filter(({ suppressed }) => suppressed === 'meanwhile');
    const share = Math.ceil((leaving.length - this.#left) / 2);
    for (const { number } of leaving.slice(this.#left, this.#left + share)) await this.#poster.suppress(number, signal);
    this.#left += share;
  }

  /** Everybody has a task. */
  async isFilled(server: ChaosServer): Promise<boolean> {
    const { progress } = await this.#look(server);
    return Object.values(progress.tasks).reduce((sum, count) => sum + count, progress.skipped) >= this.#people.length;
  }

  /** Ends what rules keep back until another day; true when all of it is over. To be asked until then. */
  async stop(server: ChaosServer): Promise<boolean> {
    const { state, endedAt } = await this.#look(server);
    if (state === 'running') await server.request('POST', `/v1/campaigns/${this.#id}:stop`, '{}');
    return endedAt !== undefined;
  }

  async #look(server: ChaosServer): Promise<Progress> {
    return (await server.request('GET', `/v1/campaigns/${this.#id}`)) as Progress;
  }
}
