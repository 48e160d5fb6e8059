import type { Clock } from '../../kernel/clock.js';
import { numberOf } from '../../kernel/number-of.js';
import { isTimeZone } from '../../kernel/time-zone.js';
import { whereaboutsOf } from '../../store/contacts.js';
import type { Attempt, CallResult, Store, Task } from '../../store/store.js';
import { candidateZones } from '../contacts/zones.js';
import { RetryPolicies } from './policies.js';
import { retryAfter } from './retry.js';

type RetryStore = Pick<Store, 'getCampaign' | 'getContact' | 'listAttempts'>;

/** What follows from an attempt: which policy goes for the task, and when it is dialled again. */
export class RetryDesk {
  readonly #store: RetryStore;
  readonly #clock: Clock;
  readonly #timeZone: string;
  readonly #policies: RetryPolicies;

  /** `timeZone`: of callees of whom none is known. */
  constructor(parts: { readonly store: RetryStore; readonly clock: Clock }, timeZone: string) {
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#timeZone = timeZone;
    this.#policies = new RetryPolicies(parts.store);
  }

  /** Attempts after this one; undefined for a task without a policy, which nobody here calls again. */
  async left(task: Task, attempt: Attempt): Promise<number | undefined> {
    if (task.retry === undefined && task.campaignId === undefined) return undefined;
    return Math.max(0, (await this.#policies.of(task)).maxAttempts - attempt.number);
  }

  /** When the task is dialled again, ms since the epoch; undefined: this result is its one. */
  async at(task: Task, attempt: Attempt, { disposition, verdict }: CallResult): Promise<number | undefined> {
    const policy = await this.#policies.of(task);
    if (policy.maxAttempts <= attempt.number) return undefined;
    // Only the part of the day depends on it: a store that is away costs no more than that.
    const earlier = policy.varyDayPart ? await this.#store.listAttempts(task.id).catch(() => []) : [];
    const attempts = [...earlier.filter(({ id }) => id !== attempt.id), attempt].map(({ startedAt }) => startedAt);
    const timeZone = policy.varyDayPart ? await this.#zoneOf(task) : this.#timeZone;
    const decision = retryAfter({ now: this.#clock.now(), disposition, verdict, policy, made: attempt.number, attempts, expiresAt: task.expiresAt, timeZone });
    return decision.again ? decision.at : undefined;
  }

  /** As the rules find out where the callee is: by number, contact and what is told; the first zone where there are several. */
  async #zoneOf({ to, contactId, campaignId, timeZones = [] }: Task): Promise<string> {
    const contact = contactId === undefined ? undefined : await this.#store.getContact(contactId).catch(() => undefined);
    const told = contact === undefined ? timeZones : campaignId === undefined ? [...timeZones, ...contact.timeZones] : contact.timeZones;
    const zones = candidateZones(numberOf(to), contact === undefined ? undefined : whereaboutsOf(contact), told.filter(isTimeZone));
    return zones[0] ?? this.#timeZone;
  }
}
