import type { CampaignEvent } from './campaign-states.js';
import type { AttributeValue } from './contacts.js';
import type { Team } from './outbox.js';
import type { DialRule } from './rules.js';
import type { Disposition, NewTask, Page, TaskState, Verdict } from './store.js';

/**
 * PORT, part of the store: campaigns, and what a task takes from one.
 * Times are ms since the epoch, durations ms.
 */
export type CampaignState = 'draft' | 'running' | 'paused' | 'finished' | 'stopped';

/** Hours of a week in which calls may be made. Absent days have none. `from` <= t < `to`, `HH:MM`, `24:00` is the day's end. */
export type WeekHours = Readonly<Partial<Record<'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun', readonly { readonly from: string; readonly to: string }[]>>>;

/** When a task is dialled again after an attempt that did not do its job. */
export interface RetryPolicy {
  /** Dials of one task in all, the first included; 1 to 20. One budget, whatever asks for another dial. */
  readonly maxAttempts: number;
  /** By disposition; one that is absent ends the task. The last delay is used again when the list is used up. */
  readonly delays: Readonly<Partial<Record<Disposition, readonly number[]>>>;
  /** Other parts of the day are tried first: `morning` before 12, `afternoon` before 17, `evening` after, in the callee's zone. */
  readonly varyDayPart: boolean;
}

/** A variable of the flow: a fixed value, or an attribute of the contact with a value for those who have none. */
export type VariableSource = { readonly value: AttributeValue } | { readonly attribute: string; readonly otherwise?: AttributeValue };

/** A kind of customers that is treated in its own way; what is absent is the campaign's. The first whose filter holds is taken. */
export interface Category {
  readonly name: string;
  readonly filter: string;
  readonly flow?: string;
  readonly hours?: WeekHours;
  readonly retry?: RetryPolicy;
  readonly priority?: number;
  readonly callerNumber?: string;
  readonly variables?: Readonly<Record<string, VariableSource>>;
}

/**
 * `ai`: as many at once as the speech workers, ports and trunks serve at this moment;
 * `fixed`: at most `maxCalls` at once; `preview`: a person starts each call.
 */
export interface Pacing {
  readonly mode: 'ai' | 'fixed' | 'preview';
  readonly maxCalls: number | undefined;
  readonly callsPerSecond: number | undefined;
  /** Share among running campaigns where they compete; 1 to 100. */
  readonly weight: number;
}

export interface CampaignSettings {
  readonly name: string;
  readonly audiences: readonly string[];
  readonly flow: string;
  /** Pinned when the campaign starts if undefined. */
  readonly flowVersion: number | undefined;
  /** What consents are asked for, e.g. `marketing`. */
  readonly purpose: string;
  readonly variables: Readonly<Record<string, VariableSource>>;
  readonly categories: readonly Category[];
  /** Not before, not after; undefined is at once, and without end. */
  readonly startsAt: number | undefined;
  readonly endsAt: number | undefined;
  /** IANA zone of the campaign. */
  readonly timeZone: string;
  /** In which zone `hours` are meant; the callee's rules of law hold besides, always in the callee's. */
  readonly hoursIn: 'campaign' | 'callee';
  readonly hours: WeekHours;
  /** The audience is asked again, and everybody in it called again, at this time of the campaign's zone. */
  readonly recurrence: { readonly every: 'day' | 'week' | 'month'; readonly on?: readonly (number | string)[]; readonly at: string } | undefined;
  /** No calls on public holidays of these countries (`CN`, `US`, `US-CA`); `callee` is that of the number. */
  readonly holidays: readonly string[];
  /** 0 to 100; a waiting task gains a point a minute. */
  readonly priority: number;
  readonly retry: RetryPolicy;
  readonly pacing: Pacing;
  readonly callerNumbers: readonly string[];
  /** Name of the team whose people are mailed. */
  readonly ownerTeam: string | undefined;
  /** What calls may cost in all, in the units of `rules.cost_per_minute`; undefined is no cap. */
  readonly spendCap: number | undefined;
}

export interface Campaign extends CampaignSettings {
  readonly id: string;
  readonly state: CampaignState;
  /** Counts changes of state and settings, so that of two operators only one wins. */
  readonly revision: number;
  /** Which filling of the audience is running, from 1; recurrence makes the next. 0 before the first. */
  readonly round: number;
  /** When recurrence makes the next round; undefined if it makes none. */
  readonly nextRoundAt: number | undefined;
  /** The version of each flow that is used, pinned when the campaign is started. */
  readonly flowVersions: Readonly<Record<string, number>>;
  /** When its first round began; a campaign that waits for `startsAt` runs without. */
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/**
 * What a task carries besides its destination, flow and variables. All undefined for a task
 * on its own without these.
 *
 * `hours`, `hoursZone` and `retry` are undefined as well where the campaign, or the category,
 * says them: `strategyOf` tells.
 */
export interface TaskOrigin {
  readonly campaignId: string | undefined;
  readonly campaignRound: number | undefined;
  readonly contactId: string | undefined;
  readonly category: string | undefined;
  readonly purpose: string | undefined;
  /** IANA zones in which the callee may be; empty: taken from the number. */
  readonly timeZones: readonly string[];
  readonly hours: WeekHours | undefined;
  /** Zone in which `hours` are meant; undefined: that of the callee. */
  readonly hoursZone: string | undefined;
  readonly retry: RetryPolicy | undefined;
}

/** What holds for the tasks of one category of a campaign. */
export interface Strategy {
  readonly flow: string;
  readonly flowVersion: number | undefined;
  readonly hours: WeekHours;
  /** Undefined: the callee's own zones. */
  readonly hoursZone: string | undefined;
  readonly retry: RetryPolicy;
  readonly priority: number;
  readonly callerNumbers: readonly string[];
  readonly variables: Readonly<Record<string, VariableSource>>;
}

/** The campaign's own strategy where `category` is undefined, or is no longer there. */
export function strategyOf(campaign: CampaignSettings & Partial<Pick<Campaign, 'flowVersions'>>, category: string | undefined): Strategy {
  const own = campaign.categories.find(({ name }) => name === category);
  const flow = own?.flow ?? campaign.flow;
  return {
    flow,
    flowVersion: campaign.flowVersions?.[flow] ?? (flow === campaign.flow ? campaign.flowVersion : undefined),
    hours: own?.hours ?? campaign.hours,
    hoursZone: campaign.hoursIn === 'campaign' ? campaign.timeZone : undefined,
    retry: own?.retry ?? campaign.retry,
    priority: own?.priority ?? campaign.priority,
    callerNumbers: own?.callerNumber === undefined ? campaign.callerNumbers : [own.callerNumber],
    variables: { ...campaign.variables, ...own?.variables },
  };
}

/**
 * The number that this person sees: of several always the same one, in every round. When the
 * list changes, who sees another one is only who had a number that is gone, or whom a new
 * one draws: for each person every number has its own weight, and the heaviest is taken.
 */
export function callerFor({ callerNumbers }: Pick<Strategy, 'callerNumbers'>, contactId: string): string | undefined {
  const person = hashOf(contactId);
  let chosen: string | undefined;
  let most = -1;
  for (const number of callerNumbers) {
    const weight = scatter(person ^ hashOf(number));
    if (weight > most) [chosen, most] = [number, weight];
  }
  return chosen;
}

/** FNV-1a of 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash;
}

/** The last step of MurmurHash3: each bit of the result hangs on each that is given; 32 bits, not negative. */
function scatter(bits: number): number {
  let mixed = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** When what is open of the campaign's round expires: at its end, or when the next round begins. */
export function roundEnd({ endsAt, nextRoundAt }: Pick<Campaign, 'endsAt' | 'nextRoundAt'>): number | undefined {
  return endsAt === undefined || nextRoundAt === undefined ? (endsAt ?? nextRoundAt) : Math.min(endsAt, nextRoundAt);
}

/** How far the audiences of one round were turned into tasks. */
export interface CampaignFill {
  readonly campaignId: string;
  readonly round: number;
  /** Index of the audience that is read, behind the last one when the pass is over; and where in it: the cursor is the contacts' own. */
  readonly audience: number;
  readonly cursor: string | undefined;
  /** When the pass that is under way began; the first, or one that looks for new members. */
  readonly passStartedAt: number;
  /** When the last whole pass ended; undefined while the first is under way. */
  readonly filledAt: number | undefined;
  /** Whole ms for which the pass that is under way, or was last, was worked at: what it waited while the campaign was paused, or others had their turn, is none of it. */
  readonly workedMs: number;
}

/** Why a contact of the audience is not called. `variable`: an attribute that the flow needs is missing. */
export type SkipReason = 'variable' | 'no_number';

export interface SkippedContact {
  readonly contactId: string;
  readonly round: number;
  readonly reason: SkipReason;
  /** Name of the variable. */
  readonly detail: string;
  readonly at: number;
}

/** One step of a filling, saved whole or not at all. */
export interface FillStep {
  /** As it was read; a step whose `before` is not what the store has is not done. */
  readonly before: CampaignFill;
  readonly after: CampaignFill;
  /** Of the campaign as its settings were read; others would make other tasks. Absent: whatever they are. */
  readonly revision?: number;
  /** Each with its `contactId`; those whose contact has its task of the round already are left out. */
  readonly tasks: readonly NewTask[];
  readonly skipped: readonly Omit<SkippedContact, 'round' | 'at'>[];
}

/** What has become of one round, or of all. */
export interface CampaignCounts {
  readonly tasks: Readonly<Partial<Record<TaskState, number>>>;
  /** Of those that are blocked, by rule. */
  readonly blocked: Readonly<Partial<Record<DialRule, number>>>;
  /** Of those that are blocked: for good. Each has its result and is over. */
  readonly refused: number;
  readonly dispositions: Readonly<Partial<Record<Disposition, number>>>;
  readonly verdicts: Readonly<Partial<Record<Verdict['kind'], number>>>;
  readonly skipped: number;
  /** Dials, however they ended. */
  readonly attempts: number;
  /** Of these somebody or something answered. */
  readonly answered: number;
  /** From the dial to the end, mean of the newest 1,000 dials that ended. */
  readonly meanAttemptMs: number | undefined;
}

/** What the dialling of a campaign did lately. */
export interface CampaignPulse {
  /** Tasks that could be dialled now, as far as their own times say; of more than 1,000 that wait the first 1,000 are looked at. */
  readonly due: number;
  readonly live: number;
  readonly lastAttemptAt: number | undefined;
  /** The newest ended attempts since the moment asked for, newest first, at most 50. */
  readonly lately: readonly { readonly endedAt: number; readonly disposition: Disposition | undefined }[];
}

/** How far the task is by which a contact is called in one round. */
export interface RoundTask {
  readonly contactId: string;
  /** It will not be dialled any more, or is on the line now. */
  readonly over: boolean;
  /** Dials, without those that an operator has granted besides. */
  readonly attempts: number;
  readonly notBefore: number;
}

export interface CampaignStore {
  /** New, or in the place of the old one. */
  putTeam(team: Omit<Team, 'createdAt' | 'updatedAt'>): Promise<Team>;
  getTeam(name: string): Promise<Team | undefined>;
  /** By name. */
  listTeams(): Promise<readonly Team[]>;
  /** False if there is none. */
  deleteTeam(name: string): Promise<boolean>;

  createCampaign(settings: CampaignSettings): Promise<Campaign>;
  getCampaign(id: string): Promise<Campaign | undefined>;
  /** Oldest first. */
  listCampaigns(query: { readonly state?: CampaignState; readonly cursor?: string; readonly limit: number }): Promise<Page<Campaign>>;
  /** Those with something left to do: running, paused, and stopped ones whose tasks are not all ended. */
  activeCampaigns(): Promise<readonly Campaign[]>;
  /**
   * TRK_NOT_FOUND; TRK_CONFLICT if it has another revision, with the state in its message.
   * What is open of its round ends when the campaign, or the round, ends by the new settings:
   * in the same transaction, as `nextRoundAt` is. That is asked what the new settings make of the
   * campaign as it was, and must be pure; without it the next round comes when it would have.
   */
  updateCampaign(id: string, revision: number, settings: CampaignSettings, nextRoundAt?: (before: Campaign) => number | undefined): Promise<Campaign>;
  /**
   * Moves it by the table of states. TRK_NOT_FOUND; TRK_CONFLICT if the event changes nothing
   * in its state, or if `revision` is given and is another one: the message names the state.
   */
  moveCampaign(id: string, event: CampaignEvent, options?: { readonly revision?: number | undefined; readonly flowVersions?: Readonly<Record<string, number>> }): Promise<Campaign>;
  /** All tasks of a stopped campaign have ended: `endedAt` is now. */
  closeCampaign(id: string): Promise<void>;
  /** A draft only: TRK_CONFLICT. False if there is none. */
  deleteCampaign(id: string): Promise<boolean>;

  /** The next round of a running campaign begins: undefined if it is not running, has another round by now, or another revision than the one given. */
  beginRound(id: string, round: number, nextRoundAt: number | undefined, revision?: number): Promise<Campaign | undefined>;
  getFill(campaignId: string, round: number): Promise<CampaignFill | undefined>;
  /** Undefined if the campaign is not running or was changed, or another node was first; else the ids of the tasks that were made. */
  saveFillStep(step: FillStep): Promise<readonly string[] | undefined>;
  listSkipped(query: { readonly campaignId: string; readonly cursor?: string; readonly limit: number }): Promise<Page<SkippedContact>>;

  campaignCounts(id: string): Promise<CampaignCounts>;
  campaignPulse(id: string, since: number): Promise<CampaignPulse>;
  /** Whether any of its tasks is not over: neither in an end state nor blocked for good. */
  hasOpenTasks(id: string): Promise<boolean>;
  /** What has become of the tasks of these contacts in one round; who has none is left out. */
  roundTasks(id: string, round: number, contactIds: readonly string[]): Promise<readonly RoundTask[]>;
  /** How long it was talked for in all, ms. */
  campaignTalk(id: string): Promise<number>;
  /**
   * Ends tasks that were not dialled, each with its one result, as the campaign was stopped (`stop`) or its
   * next round comes (`round`). At most `limit`; returns their ids. None if the campaign has another
   * revision than the one given.
   */
  endCampaignTasks(id: string, why: 'stop' | 'round', limit: number, revision?: number): Promise<readonly string[]>;
}
