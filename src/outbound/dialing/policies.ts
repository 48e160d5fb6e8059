import { strategyOf } from '../../store/campaigns.js';
import type { Campaign, CampaignStore, RetryPolicy } from '../../store/campaigns.js';
import type { Task } from '../../store/store.js';
import { singleCall } from './retry.js';

/** Campaigns remembered for times in which the store is away. */
const KEPT = 200;

/** The retry policy of a task: its own, else that of its category or campaign as it is now, else one call. */
export class RetryPolicies {
  readonly #store: Pick<CampaignStore, 'getCampaign'>;
  readonly #known = new Map<string, Campaign>();

  constructor(store: Pick<CampaignStore, 'getCampaign'>) {
    this.#store = store;
  }

  async of(task: Pick<Task, 'retry' | 'campaignId' | 'category'>): Promise<RetryPolicy> {
    if (task.retry !== undefined) return task.retry;
    if (task.campaignId === undefined) return singleCall;
    const campaign = await this.#campaign(task.campaignId);
    // What was stopped meanwhile calls nobody again.
    return campaign === undefined || campaign.state === 'stopped' ? singleCall : strategyOf(campaign, task.category).retry;
  }

  /** As it was last seen where the store is away. */
  async #campaign(id: string): Promise<Campaign | undefined> {
    try {
      const campaign = await this.#store.getCampaign(id);
      this.#known.delete(id);
      if (campaign !== undefined) this.#known.set(id, campaign);
      const oldest = this.#known.keys().next();
      if (this.#known.size > KEPT && oldest.done !== true) this.#known.delete(oldest.value);
      return campaign;
    } catch {
      return this.#known.get(id);
    }
  }
}
