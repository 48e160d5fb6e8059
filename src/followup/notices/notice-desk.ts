import type { Campaign, CampaignCounts, CampaignStore } from '../../store/campaigns.js';
import { teamTopics } from '../../store/outbox.js';
import type { NewOutboxEntry, OutboxEntry, Team, TeamTopic } from '../../store/outbox.js';
import type { StoredEvent } from '../../store/store.js';
import type { Mail } from '../mailer.js';
import { troubleReasons } from './notice.js';
import type { NoticeCounts, NoticeKind, NoticeText, NoticeTexts, TroubleReason } from './notice.js';
import { english } from './texts-en.js';
import { chinese } from './texts-zh.js';

export interface NoticeDeskParts {
  readonly store: Pick<CampaignStore, 'getCampaign' | 'campaignCounts' | 'getTeam'>;
  /** Address of the server for people, without a slash at the end. */
  readonly consoleUrl: string | undefined;
}

type Person = Team['people'][number];

/** What of an entry's payload the sender needs. */
type Letter = NoticeText & { readonly language: string };

const TEXTS: Readonly<Record<Person['language'], NoticeTexts>> = { en: english, zh: chinese };
const EVENT = 'campaign.';
const TOPICS: ReadonlySet<string> = new Set(teamTopics);

/** Turns what happens to campaigns into mails for the people of their teams. */
export class NoticeDesk {
  readonly #parts: NoticeDeskParts;

  constructor(parts: NoticeDeskParts) {
    this.#parts = parts;
  }

  async entriesOf(events: readonly StoredEvent[]): Promise<readonly NewOutboxEntry[]> {
    const made: NewOutboxEntry[] = [];
    for (const event of events) {
      if (event.type.startsWith(EVENT) && TOPICS.has(event.type)) made.push(...(await this.#entriesOf(event, event.type.slice(EVENT.length) as NoticeKind)));
    }
    return made;
  }

  async #entriesOf(event: StoredEvent, kind: NoticeKind): Promise<NewOutboxEntry[]> {
    const { store } = this.#parts;
    const data = event.data as { campaignId: string; reason?: string; detail?: string };
    const campaign = await store.getCampaign(data.campaignId);
    const team = campaign?.ownerTeam === undefined ? undefined : await store.getTeam(campaign.ownerTeam);
    if (campaign === undefined || team === undefined) return [];
    const notice = {
      kind,
      campaign,
      at: event.at,
      timeZone: campaign.timeZone,
      counts: noticeCounts(await store.campaignCounts(campaign.id)),
      reason: kind === 'stalled' ? 'stalled' as const : kind === 'trouble' ? reasonOf(data.reason) : undefined,
      detail: data.detail,
      url: this.urlOf(campaign),
    };
    return readers(team, `${EVENT}${kind}` as const).map((person) => mailEntry(person, event.type, `${event.id}:${person.email}`, campaign.id, TEXTS[person.language].campaign(notice)));
  }

  urlOf(campaign: Pick<Campaign, 'id'>): string | undefined {
    return this.#parts.consoleUrl === undefined ? undefined : `${this.#parts.consoleUrl}/campaigns/${campaign.id}`;
  }
}

/** Those of a team who want to hear of it. */
export function readers(team: Team, topic: TeamTopic): readonly Person[] {
  return team.people.filter(({ about }) => about.length === 0 || about.includes(topic));
}

export function textsFor(person: Person): NoticeTexts {
  return TEXTS[person.language];
}

export function mailEntry(person: Person, type: string, dedupeKey: string, orderKey: string | undefined, text: NoticeText): NewOutboxEntry {
  return { channel: 'mail', target: person.email, orderKey, dedupeKey, type, payload: JSON.stringify({ ...text, language: person.language } satisfies Letter) };
}

export function mailOf(entry: OutboxEntry): Mail {
  const { subject, text, language } = JSON.parse(entry.payload) as Letter;
  return { to: entry.target, subject, text, language, messageId: `${entry.id}@trunkline` };
}

export function noticeCounts(counts: CampaignCounts): NoticeCounts {
  const { tasks } = counts;
  const of = (...states: (keyof typeof tasks)[]): number => states.reduce((sum, state) => sum + (tasks[state] ?? 0), 0);
  const all = Object.values(tasks).reduce((sum, count) => sum + count, 0);
  const held = of('blocked') - counts.refused;
  const open = of('scheduled', 'queued', 'dialing', 'in_call', 'retry_wait') + held;
  return { tasks: all, open, held, done: all - open, refused: counts.refused, answered: counts.dispositions['answered_human'] ?? 0, verdicts: counts.verdicts };
}

function reasonOf(text: string | undefined): TroubleReason {
  return troubleReasons.find((reason) => reason === text) ?? 'other';
}
