import { asTrunklineError } from '../../kernel/errors.js';
import type { Timer } from '../../kernel/clock.js';
import type { Campaign } from '../../store/campaigns.js';
import type { EventLog } from '../event-log.js';
import { Filler, isLive } from './fill.js';
import type { FillParts } from './fill.js';
import type { CampaignAudiences, CampaignFlows, CampaignRules, CampaignServer, SchedulerLock } from './ports.js';
import { calendarsOf, roundAfter } from './recurrence.js';
import { BURST_WINDOW_MS, healthy, lookForTrouble, noTrouble } from './watch-trouble.js';
import type { TroubleMemory } from './watch-trouble.js';
import type { Store } from '../../store/store.js';

/** How often campaigns are looked at, ms. */
const LOOK_EVERY_MS = 1_000;
const TROUBLE_EVERY_MS = 10_000;
/** A campaign is filled for so long before the next one has its turn, ms. */
const FILL_SHARE_MS = 250;
/** Tasks ended by one transaction. */
const END_BATCH = 500;
const LONGEST_BACK_OFF_MS = 60_000;

export interface RunnerParts {
  readonly store: Store;
  readonly audiences: CampaignAudiences;
  readonly flows: CampaignFlows;
  readonly rules: Pick<CampaignRules, 'isHoliday' | 'prepare'>;
  readonly server: CampaignServer;
  readonly lock: SchedulerLock;
  readonly events: EventLog;
  readonly clock: FillParts['clock'];
  readonly log: FillParts['log'];
  /** There is something new to dial. */
  readonly wakeDialer: () => void;
}

/**
 * Runs the campaigns: begins their rounds when the time has come, turns audiences into
 * tasks, ends what a stop left, notices trouble, and finishes what has nothing left. On
 * one node at a time. All that it does is in the store before the next step, so a crash
 * costs nothing but the time until somebody goes on.
 */
export class CampaignRunner {
  readonly #parts: RunnerParts;
  readonly #filler: Filler;
  readonly #troubles = new Map<string, TroubleMemory>();
  /** Campaigns whose filling failed, until when they are left alone. */
  readonly #resting = new Map<string, { failures: number; until: number }>();
  #troubleAt = -Infinity;
  #timer: Timer | undefined;
  #look: Promise<void> | undefined;
  #again = false;
  #failures = 0;
  #stopped = false;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.#filler = new Filler({ ...parts, made: () => parts.wakeDialer() });
  }

  start(): void {
    this.wake();
  }

  /** Looks at the campaigns now. */
  wake(): void {
    if (this.#stopped) return;
    this.#timer?.cancel();
    if (this.#look !== undefined) {
      this.#again = true;
      return;
    }
    this.#look = this.#looks().finally(() => {
      this.#look = undefined;
      // Woken between its last question and here: that wake has cancelled the timer of the next look.
      if (this.#again) this.wake();
    });
  }

  /** Resolves when no look is under way. */
  async idle(): Promise<void> {
    while (this.#look !== undefined) await this.#look;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#look;
  }

  async #looks(): Promise<void> {
    let pauseMs: number;
    do {
      this.#again = false;
      try {
        const more = await this.#once();
        pauseMs = more ? 0 : LOOK_EVERY_MS;
        this.#failures = 0;
      } catch (error) {
        const { code, message } = asTrunklineError(error);
        this.#parts.log.error({ code, reason: message }, 'running campaigns failed');
        pauseMs = Math.min(LOOK_EVERY_MS * 2 ** Math.min(this.#failures++, 10), LONGEST_BACK_OFF_MS);
        this.#again = false;
      }
    } while (this.#again && !this.#stopped);
    if (!this.#stopped) this.#timer = this.#parts.clock.after(pauseMs, () => this.wake());
  }

  /** True if there is more to do at once. */
  async #once(): Promise<boolean> {
    if (!(await this.#parts.lock.hold())) return false;
    const campaigns = await this.#parts.store.activeCampaigns();
    let more = false;
    for (const campaign of campaigns) {
      if (this.#stopped) return false;
      more = (await this.#advance(campaign)) || more;
    }
    this.#forget(campaigns);
    await this.#troubleIn(campaigns);
    return more;
  }

  async #advance(campaign: Campaign): Promise<boolean> {
    if (campaign.state === 'stopped') return await this.#drain(campaign);
    const { clock } = this.#parts;
    const now = clock.now();
    const over = campaign.endsAt !== undefined && campaign.endsAt <= now;
    if (campaign.state === 'running' && !over) {
      if (campaign.round === 0 ? (campaign.startsAt ?? 0) <= now : (campaign.nextRoundAt ?? Infinity) <= now) return await this.#beginRound(campaign);
      if (campaign.round > 0 && (await this.#fill(campaign))) return true;
    }
    if (campaign.round > 0 || over) await this.#finishIfOver(campaign, over);
    return false;
  }

  /** What is left of the rounds before ends first: nobody is called for two rounds at once. */
  async #beginRound(campaign: Campaign): Promise<boolean> {
    const { store, clock, rules } = this.#parts;
    const { id, round, revision } = campaign;
    if (round > 0 && (await store.endCampaignTasks(id, 'round', END_BATCH, revision)).length > 0) return true;
    await rules.prepare(calendarsOf(campaign));
    const next = roundAfter(campaign, campaign, clock.now(), (countries, day) => rules.isHoliday(countries, day));
    return (await store.beginRound(id, round + 1, next, revision)) !== undefined;
  }

  /** True if there is more to fill. A campaign that cannot be filled keeps no other one waiting. */
  async #fill(campaign: Campaign): Promise<boolean> {
    const { clock, log, events } = this.#parts;
    const rest = this.#resting.get(campaign.id);
    if (rest !== undefined && clock.monotonic() < rest.until) return false;
    try {
      const until = clock.monotonic() + FILL_SHARE_MS;
      let outcome = await this.#filler.step(campaign);
      while (outcome === 'more' && clock.monotonic() < until && !this.#stopped) outcome = await this.#filler.step(campaign);
      this.#resting.delete(campaign.id);
      return outcome === 'more';
    } catch (error) {
      const failure = asTrunklineError(error);
      const failures = (rest?.failures ?? 0) + 1;
      // A filter that is wrong is told with the words in it, which may name somebody.
      log.error({ code: failure.code, campaignId: campaign.id, pii: { reason: failure.message } }, 'a campaign cannot be filled');
      this.#resting.set(campaign.id, { failures, until: clock.monotonic() + Math.min(LOOK_EVERY_MS * 2 ** Math.min(failures, 10), LONGEST_BACK_OFF_MS) });
      if (failures === 1) void events.append('campaign.trouble', { campaignId: campaign.id, name: campaign.name, reason: 'filling', detail: failure.code });
      return false;
    }
  }

  async #finishIfOver(campaign: Campaign, over: boolean): Promise<void> {
    const { store, audiences } = this.#parts;
    if (!over) {
      if (campaign.nextRoundAt !== undefined) return;
      const fill = await store.getFill(campaign.id, campaign.round);
      if (fill?.filledAt === undefined) return;
      if (campaign.endsAt !== undefined && (await isLive(campaign, audiences))) return;
    }
    if (await store.hasOpenTasks(campaign.id)) return;
    try {
      await store.moveCampaign(campaign.id, 'finish', { revision: campaign.revision });
    } catch (error) {
      // Somebody changed or stopped it meanwhile; the next look sees how it is now.
      if (asTrunklineError(error).code === 'TRK_CONFLICT') return;
      throw error;
    }
  }

  /** True while tasks of a stopped campaign are left. */
  async #drain(campaign: Campaign): Promise<boolean> {
    const { store } = this.#parts;
    const ended = await store.endCampaignTasks(campaign.id, 'stop', END_BATCH);
    if (ended.length > 0) return true;
    // Calls that run end by themselves.
    if (!(await store.hasOpenTasks(campaign.id))) await store.closeCampaign(campaign.id);
    return false;
  }

  async #troubleIn(campaigns: readonly Campaign[]): Promise<void> {
    const { clock, store, server, events } = this.#parts;
    if (clock.monotonic() - this.#troubleAt < TROUBLE_EVERY_MS) return;
    this.#troubleAt = clock.monotonic();
    const now = clock.now();
    for (const { id, name, state, pacing } of campaigns) {
      // In preview mode a person calls when he wants to.
      if (state !== 'running' || pacing.mode === 'preview') {
        this.#troubles.delete(id);
        continue;
      }
      const pulse = await store.campaignPulse(id, now - BURST_WINDOW_MS);
      const [next] = pulse.due === 0 ? [] : await store.dueTasksOf(id, 1);
      const health = next === undefined ? healthy : await server.health(next);
      const { memory, news } = lookForTrouble(this.#troubles.get(id) ?? noTrouble, pulse, health, now);
      this.#troubles.set(id, memory);
      for (const reason of news) {
        if (reason === 'stalled') void events.append('campaign.stalled', { campaignId: id, name, due: pulse.due });
        else void events.append('campaign.trouble', { campaignId: id, name, reason });
      }
    }
  }

  #forget(campaigns: readonly Campaign[]): void {
    const active = new Set(campaigns.map(({ id }) => id));
    for (const known of [this.#troubles, this.#resting]) for (const id of known.keys()) if (!active.has(id)) known.delete(id);
  }
}
