import type { DialStore, DuePlace, ScreenOutcome } from '../../store/dialing.js';

/** Tasks asked about in one transaction, some ms of work. */
const SCREENED = 64;

/**
 * Parties of which a rule has refused a task: others beside it may be refused as well, and
 * there may be a million, as when a campaign's hours end. They are asked about many at a
 * time, for which nothing need be free, and one party's after the other's.
 */
export class Refusals {
  readonly #store: Pick<DialStore, 'dueTasksOf' | 'screenTasks'>;
  /** Behind which place each is asked about next. */
  readonly #after = new Map<string, DuePlace>();

  constructor(store: Pick<DialStore, 'dueTasksOf' | 'screenTasks'>) {
    this.#store = store;
  }

  get any(): boolean {
    return this.#after.size > 0;
  }

  /** The task at this place was refused. */
  add(campaignId: string, place: DuePlace): void {
    if (!this.#after.has(campaignId)) this.#after.set(campaignId, place);
  }

  /** One transaction for the party that has waited longest; it goes on with that party later as long as nothing else is found. */
  async screen(): Promise<readonly ScreenOutcome[]> {
    const [first] = this.#after;
    if (first === undefined) return [];
    const [campaignId, after] = first;
    this.#after.delete(campaignId);
    const due = await this.#store.dueTasksOf(campaignId, SCREENED, after);
    const outcomes = await this.#store.screenTasks(due.map(({ id }) => id));
    const last = due.at(-1)?.place;
    const onlyRefused = outcomes.some(({ kind }) => kind === 'blocked') && !outcomes.some(({ kind }) => kind === 'allowed');
    if (last !== undefined && due.length === SCREENED && onlyRefused) this.#after.set(campaignId, last);
    return outcomes;
  }
}
