import { asTrunklineError } from '../../kernel/errors.js';
import type { Clock } from '../../kernel/clock.js';
import type { Logger } from '../../kernel/log.js';
import { roundEnd } from '../../store/campaigns.js';
import type { Campaign, CampaignFill, CampaignStore } from '../../store/campaigns.js';
import type { NewTask } from '../../store/store.js';
import { planFill, taskFor } from './audience-tasks.js';
import type { FillPlan } from './audience-tasks.js';
import type { CampaignAudiences, CampaignFlows } from './ports.js';

/** Contacts of one step, which is one transaction. */
const STEP = 500;
/** New members of live audiences are looked for this often at most, ms, and so that looking takes a twentieth of the time: of that in which it works, whatever a pause took besides. */
const LOOK_EVERY_MS = 60_000;
const LOOK_SHARE = 20;

export interface FillParts {
  readonly store: Pick<CampaignStore, 'getFill' | 'saveFillStep'>;
  readonly audiences: Pick<CampaignAudiences, 'get' | 'members' | 'compile'>;
  readonly flows: CampaignFlows;
  readonly clock: Clock;
  readonly log: Logger;
  /** Tasks were made. */
  made(ids: readonly string[]): void;
}

/** `done`: everybody has been seen, for now; `more`: go on at once; `lost`: it is not ours to fill any more. */
export type FillOutcome = 'done' | 'more' | 'lost';

/**
 * Turns the audiences of the campaign's round into tasks, a step at a time. A step is
 * saved whole with the place it has come to, so a crash repeats nothing and leaves nothing
 * out; who has a task of the round already gets no other one.
 */
export class Filler {
  readonly #parts: FillParts;
  #plan: FillPlan | undefined;
  #planFor = '';
  /** How long saving the last step of a campaign took, ms: counted with its next one. */
  readonly #saving = new Map<string, number>();

  constructor(parts: FillParts) {
    this.#parts = parts;
  }

  async step(campaign: Campaign): Promise<FillOutcome> {
    const { store, clock } = this.#parts;
    const began = clock.monotonic();
    let fill = await store.getFill(campaign.id, campaign.round);
    if (fill === undefined) return 'lost';
    if (fill.audience >= campaign.audiences.length) {
      if (!(await this.#looksAgain(campaign, fill))) return 'done';
      const again: CampaignFill = { ...fill, audience: 0, cursor: undefined, passStartedAt: clock.now(), workedMs: 0 };
      if ((await store.saveFillStep({ before: fill, after: again, revision: campaign.revision, tasks: [], skipped: [] })) === undefined) return 'lost';
      fill = again;
    }
    return await this.#read(campaign, fill, began);
  }

  async #read(campaign: Campaign, fill: CampaignFill, began: number): Promise<FillOutcome> {
    const { store, clock } = this.#parts;
    const plan = await this.#planOf(campaign);
    const page = await this.#members(campaign, fill);
    const tasks: NewTask[] = [];
    const skipped = [];
    for (const contact of page.contacts) {
      const made = taskFor(plan, contact);
      if ('task' in made) tasks.push(made.task);
      else skipped.push(made.skipped);
    }
    const audience = page.next === undefined ? fill.audience + 1 : fill.audience;
    const over = audience >= campaign.audiences.length;
    const read = clock.monotonic();
    const workedMs = fill.workedMs + Math.round(read - began + (this.#saving.get(campaign.id) ?? 0));
    const after: CampaignFill = { ...fill, audience, cursor: page.next, filledAt: over ? clock.now() : fill.filledAt, workedMs };
    const ids = await store.saveFillStep({ before: fill, after, revision: campaign.revision, tasks, skipped });
    if (over || ids === undefined) this.#saving.delete(campaign.id);
    else this.#saving.set(campaign.id, clock.monotonic() - read);
    if (ids === undefined) return 'lost';
    if (ids.length > 0) this.#parts.made(ids);
    return over ? 'done' : 'more';
  }

  /** An audience that is gone has nobody in it. */
  async #members(campaign: Campaign, fill: CampaignFill) {
    const id = campaign.audiences[fill.audience] ?? '';
    try {
      return await this.#parts.audiences.members(id, fill.cursor, STEP);
    } catch (error) {
      if (asTrunklineError(error).code !== 'TRK_NOT_FOUND') throw error;
      this.#parts.log.warn({ code: 'TRK_NOT_FOUND', campaignId: campaign.id, audienceId: id }, 'an audience of a campaign is gone');
      return { contacts: [], next: undefined };
    }
  }

  async #looksAgain(campaign: Campaign, fill: CampaignFill): Promise<boolean> {
    const now = this.#parts.clock.now();
    const { filledAt = now, workedMs } = fill;
    if (now - filledAt < Math.max(LOOK_EVERY_MS, LOOK_SHARE * workedMs)) return false;
    return await isLive(campaign, this.#parts.audiences);
  }

  async #planOf(campaign: Campaign): Promise<FillPlan> {
    const key = `${campaign.id}/${campaign.round}/${campaign.revision}`;
    if (this.#plan === undefined || this.#planFor !== key) {
      const { audiences, flows, clock } = this.#parts;
      this.#plan = await planFill(
        campaign,
        { compile: (filter) => audiences.compile(filter, 'categories'), requiredOf: async (flow, version) => (await flows.find(flow, version, 'flow')).requiredVariables },
        { notBefore: Math.max(campaign.startsAt ?? 0, clock.now()), expiresAt: roundEnd(campaign) },
      );
      this.#planFor = key;
    }
    return this.#plan;
  }
}

/** Whether somebody may join the audience while the campaign runs. */
export async function isLive(campaign: Campaign, audiences: Pick<CampaignAudiences, 'get'>): Promise<boolean> {
  for (const id of campaign.audiences) if ((await audiences.get(id))?.kind === 'live') return true;
  return false;
}
