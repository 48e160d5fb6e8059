import type { TeamTopic } from '../../store/outbox.js';

/** What people of a team are mailed about at once: the event without its `campaign.`. */
export type NoticeKind = TeamTopic extends infer T ? (T extends `campaign.${infer Kind}` ? Kind : never) : never;

/** Why a campaign does not get on; words for each stand in the texts of each language. */
export const troubleReasons = ['failure_burst', 'no_trunk', 'no_capacity', 'filling', 'stalled', 'other'] as const;
export type TroubleReason = (typeof troubleReasons)[number];

/** How far a campaign is. */
export interface NoticeCounts {
  readonly tasks: number;
  /** Not yet ended: waiting, running, or held back by a rule for a while. */
  readonly open: number;
  /** Of those that are open. */
  readonly held: number;
  readonly done: number;
  /** Of those that are done: refused by a rule for good. */
  readonly refused: number;
  /** Results of calls that a person answered. */
  readonly answered: number;
  /** Results whose verdict asks for something: by kind. */
  readonly verdicts: Readonly<Record<string, number>>;
}

export interface CampaignNotice {
  readonly kind: NoticeKind;
  readonly campaign: { readonly id: string; readonly name: string };
  /** Ms since the epoch. */
  readonly at: number;
  /** IANA zone in which times are written. */
  readonly timeZone: string;
  readonly counts: NoticeCounts;
  readonly reason: TroubleReason | undefined;
  /** In the log's words: a code, a rule's name. */
  readonly detail: string | undefined;
  /** Where the campaign can be looked at. */
  readonly url: string | undefined;
}

export interface DigestNotice {
  /** Day that is told of, `2026-11-28`, in `timeZone`. */
  readonly day: string;
  readonly timeZone: string;
  readonly campaigns: readonly { readonly name: string; readonly state: string; readonly counts: NoticeCounts; readonly attemptsThatDay: number; readonly answeredThatDay: number; readonly url: string | undefined }[];
}

export interface NoticeText {
  readonly subject: string;
  readonly text: string;
}

/** One language's words. */
export interface NoticeTexts {
  campaign(notice: CampaignNotice): NoticeText;
  digest(notice: DigestNotice): NoticeText;
}

/** Names come from people: no line of theirs may become a header or a line of ours. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim().slice(0, 120);
}

export function moment(at: number, timeZone: string, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(at);
}

export function percent(part: number, whole: number, language: string): string {
  return whole === 0 ? '-' : new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 }).format(part / whole);
}
