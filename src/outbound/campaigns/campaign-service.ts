import type { Clock } from '../../kernel/clock.js';
import { TrunklineError } from '../../kernel/errors.js';
import type { Campaign, CampaignCounts, CampaignSettings, CampaignStore } from '../../store/campaigns.js';
import { checkChange } from './change-running.js';
import { checkSettings } from './check-settings.js';
import type { SettingsDesk } from './check-settings.js';
import type { CampaignAudiences, CampaignFlows, CampaignRules, CampaignServer } from './ports.js';
import { expectedFinish, previewCampaign } from './preview.js';
import type { Preview } from './preview.js';
import { calendarsOf, roundAfterChange } from './recurrence.js';

export interface ServiceParts {
  readonly store: CampaignStore;
  readonly audiences: CampaignAudiences;
  readonly flows: CampaignFlows;
  readonly rules: CampaignRules;
  readonly server: CampaignServer;
  readonly clock: Clock;
  hasTeam(name: string): Promise<boolean>;
  /** Something changed: look at the campaigns now. */
  readonly changed: () => void;
}

/** How a campaign is doing. */
export interface Progress extends CampaignCounts {
  readonly filling: boolean;
  readonly expectedFinish: number | undefined;
}

/** What people do to campaigns. Errors with `field` where something of theirs is wrong. */
export class CampaignService {
  readonly #parts: ServiceParts;

  constructor(parts: ServiceParts) {
    this.#parts = parts;
  }

  async create(settings: CampaignSettings): Promise<Campaign> {
    await checkSettings(settings, this.#desk(settings));
    return await this.#parts.store.createCampaign(settings);
  }

  /** TRK_NOT_FOUND. */
  async get(id: string): Promise<Campaign> {
    const campaign = await this.#parts.store.getCampaign(id);
    if (campaign === undefined) throw new TrunklineError('TRK_NOT_FOUND', { params: { what: 'campaign' } });
    return campaign;
  }

  /**
   * Without `revision`, that of the moment: whoever changes at the same time is not undone, one of the two is refused.
   * Another end or recurrence holds for the round that is under way, too.
   */
  async update(id: string, settings: CampaignSettings, revision: number | undefined): Promise<Campaign> {
    const before = await this.get(id);
    checkChange(before, settings);
    await checkSettings(settings, this.#desk(settings, before));
    const { store, rules, clock } = this.#parts;
    if (before.round > 0) await rules.prepare(calendarsOf(settings));
    const now = clock.now();
    const campaign = await store.updateCampaign(id, revision ?? before.revision, settings, (seen) => roundAfterChange(seen, settings, now, (countries, day) => rules.isHoliday(countries, day)));
    this.#parts.changed();
    return campaign;
  }

  /** Pins the versions of its flows. It begins at `startsAt`. */
  async start(id: string, revision: number | undefined): Promise<Campaign> {
    const before = await this.get(id);
    // Much can have happened since it was made.
    const flowVersions = before.state === 'draft' ? await checkSettings(before, this.#desk(before)) : {};
    const campaign = await this.#parts.store.moveCampaign(id, 'start', { revision, flowVersions });
    this.#parts.changed();
    return campaign;
  }

  /** No task of it is dialled from the next claim on; calls that run go on. */
  async pause(id: string, revision: number | undefined): Promise<Campaign> {
    return await this.#move(id, 'pause', revision);
  }

  async resume(id: string, revision: number | undefined): Promise<Campaign> {
    return await this.#move(id, 'resume', revision);
  }

  /** As `pause`, and for good: what was not dialled is cancelled. */
  async stop(id: string, revision: number | undefined): Promise<Campaign> {
    return await this.#move(id, 'stop', revision);
  }

  async #move(id: string, event: 'pause' | 'resume' | 'stop', revision: number | undefined): Promise<Campaign> {
    const { store, changed } = this.#parts;
    const campaign = await store.moveCampaign(id, event, { revision });
    changed();
    return campaign;
  }

  /** Nothing is saved; the settings need not be those of a campaign that is. */
  async preview(campaign: Campaign): Promise<Preview> {
    const counts = campaign.round === 0 ? undefined : await this.#parts.store.campaignCounts(campaign.id);
    return await previewCampaign(campaign, counts, { ...this.#parts, now: this.#parts.clock.now() });
  }

  async progress(campaign: Campaign): Promise<Progress> {
    const { store, clock } = this.#parts;
    const counts = await store.campaignCounts(campaign.id);
    const fill = campaign.round === 0 ? undefined : await store.getFill(campaign.id, campaign.round);
    const open = (['scheduled', 'queued', 'retry_wait', 'blocked'] as const).reduce((sum, state) => sum + (counts.tasks[state] ?? 0), -counts.refused);
    const known = campaign.state === 'running' && fill?.filledAt !== undefined && campaign.nextRoundAt === undefined;
    const at = known ? expectedFinish(campaign, counts, { tasks: open, from: clock.now() }, this.#parts).at : undefined;
    return { ...counts, filling: campaign.state === 'running' && fill !== undefined && fill.filledAt === undefined, expectedFinish: at };
  }

  /** A campaign that runs already may have begun in what is now the past. */
  #desk(settings: CampaignSettings, running?: Campaign): SettingsDesk {
    const { audiences, flows, rules, clock } = this.#parts;
    return {
      now: clock.now(),
      begun: running !== undefined && running.round > 0,
      costPerMinute: this.#parts.server.costPerMinute,
      flow: (id, version, field) => flows.find(id, version ?? running?.flowVersions[id], field),
      audience: (id) => audiences.get(id),
      compile: (filter, field) => audiences.compile(filter, field),
      team: (name) => this.#parts.hasTeam(name),
      holidayProblem: (country) => rules.holidayProblem(country),
      everOpen: (hours, window, field) => rules.everOpen(settings, hours, window, field),
    };
  }
}
