import type { Clock } from '../../kernel/clock.js';
import { asTrunklineError } from '../../kernel/errors.js';
import type { Logger } from '../../kernel/log.js';
import { Rounds } from '../../kernel/rounds.js';
import type { Campaign, CampaignStore } from '../../store/campaigns.js';
import type { NewOutboxEntry, OutboxStore, Team } from '../../store/outbox.js';
import type { StatisticStore } from '../../store/statistics.js';
import { mailEntry, noticeCounts, readers, textsFor } from './notice-desk.js';
import type { DigestNotice } from './notice.js';

const LOOK_EVERY_MS = 60_000;
const PAGE = 200;
const DAY_MS = 24 * 3_600_000;

export interface DigestParts {
  readonly store: Pick<CampaignStore, 'listCampaigns' | 'listTeams' | 'campaignCounts'> & Pick<StatisticStore, 'campaignDay'> & Pick<OutboxStore, 'addOutbox'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** `HH:MM` in `timeZone`: from then on the day before is told of. */
  readonly at: string;
  readonly timeZone: string;
  readonly urlOf: (campaign: Campaign) => string | undefined;
  readonly made: () => void;
}

/**
 * Once a day, for each team, what its campaigns did the day before. The entry's key holds
 * the day and the address, so that several nodes, and a node that starts again, mail once.
 */
export class DailyDigest {
  readonly #parts: DigestParts;
  readonly #rounds: Rounds;
  #told = '';

  constructor(parts: DigestParts) {
    this.#parts = parts;
    this.#rounds = new Rounds(parts.clock, () => this.#round());
  }

  start(): void {
    this.#rounds.start();
  }

  async stop(): Promise<void> {
    await this.#rounds.stop();
  }

  async #round(): Promise<number> {
    try {
      await this.#tellIfDue();
    } catch (error) {
      this.#parts.log.error({ code: asTrunklineError(error).code }, 'the digest of the day could not be made; it is tried again');
    }
    return LOOK_EVERY_MS;
  }

  async #tellIfDue(): Promise<void> {
    const { store, clock, timeZone, at } = this.#parts;
    const now = clock.now();
    if (localTime(now, timeZone) < at) return;
    const day = dayBefore(localDay(now, timeZone));
    if (this.#told === day) return;
    const [from, to] = [startOfDay(day, timeZone), startOfDay(localDay(now, timeZone), timeZone)];
    const campaigns = (await this.#campaigns()).filter((campaign) => campaign.startedAt !== undefined && campaign.startedAt < to && (campaign.endedAt ?? to) >= from);
    const entries: NewOutboxEntry[] = [];
    for (const team of await store.listTeams()) {
      const people = readers(team, 'digest');
      const own = campaigns.filter((campaign) => campaign.ownerTeam === team.name);
      if (people.length === 0 || own.length === 0) continue;
      entries.push(...(await this.#letters(team, own, { day, from, to })));
    }
    if (entries.length > 0 && (await store.addOutbox(entries)) > 0) this.#parts.made();
    this.#told = day;
  }

  async #letters(team: Team, campaigns: readonly Campaign[], { day, from, to }: { day: string; from: number; to: number }): Promise<NewOutboxEntry[]> {
    const { store, timeZone, urlOf } = this.#parts;
    const told: DigestNotice['campaigns'][number][] = [];
    for (const campaign of campaigns) {
      const { attempts, answered } = await store.campaignDay(campaign.id, from, to);
      told.push({ name: campaign.name, state: campaign.state, counts: noticeCounts(await store.campaignCounts(campaign.id)), attemptsThatDay: attempts, answeredThatDay: answered, url: urlOf(campaign) });
    }
    return readers(team, 'digest').map((person) => mailEntry(person, 'digest', `digest:${day}:${team.name}:${person.email}`, undefined, textsFor(person).digest({ day, timeZone, campaigns: told })));
  }

  async #campaigns(): Promise<Campaign[]> {
    const all: Campaign[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await this.#parts.store.listCampaigns({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
      all.push(...page.items);
      if (page.next === undefined) return all;
      cursor = page.next;
    }
  }
}

function localTime(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone }).format(at);
}

/** `2026-11-28`. */
function localDay(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit', timeZone }).format(at);
}

function dayBefore(day: string): string {
  return new Date(Date.parse(`${day}T12:00:00Z`) - DAY_MS).toISOString().slice(0, 10);
}

/** Its first instant, ms since the epoch; a day may have 23 or 25 hours, and may begin at one. */
function startOfDay(day: string, timeZone: string): number {
  // Zones lie within 14 hours of UTC: halving the span around it finds the instant at which the local day begins.
  let [before, after] = [Date.parse(`${day}T00:00:00Z`) - 15 * 3_600_000, Date.parse(`${day}T00:00:00Z`) + 15 * 3_600_000];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (localDay(middle, timeZone) < day) before = middle;
    else after = middle;
  }
  return after;
}
