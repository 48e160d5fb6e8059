import type { Campaign, CampaignSettings, RoundTask } from '../../store/campaigns.js';
import type { Audience, Contact } from '../../store/contacts.js';
import type { DialJudgement } from '../../store/rules.js';
import type { NewTask, Task } from '../../store/store.js';
import type { Matcher } from './audience-tasks.js';
import type { ServerHealth } from './watch-trouble.js';

/** What campaigns need of their neighbours. */

/** Flows as they are stored. */
export interface CampaignFlows {
  /** TRK_FLOW_UNKNOWN with `field`. */
  find(id: string, version: number | undefined, field: string): Promise<{ readonly version: number; readonly requiredVariables: readonly string[] }>;
}

export interface CampaignAudiences {
  get(id: string): Promise<Audience | undefined>;
  /** Members in a fixed order; `next` undefined at the end. TRK_NOT_FOUND. */
  members(id: string, cursor: string | undefined, limit: number): Promise<{ readonly contacts: readonly Contact[]; readonly next: string | undefined }>;
  count(id: string): Promise<number>;
  /** At most `limit` of `count`, spread over all. */
  sample(id: string, count: number, limit: number): Promise<readonly Contact[]>;
  /** Throws with `field` and the place of the mistake. */
  compile(filter: string, field: string): Promise<Matcher>;
}

/** A task that may be dialled. */
export interface Candidate {
  readonly task: NewTask;
  readonly contact: Contact;
  /** Where the task is there already. */
  readonly soFar?: Pick<RoundTask, 'attempts' | 'notBefore'>;
}

/** Hours of a callee who is like this task's, all rules of time taken together. */
export interface OpenHours {
  nextOpen(at: number): number | undefined;
  nextClosed(at: number): number | undefined;
}

export interface CampaignRules {
  /** TRK_INVALID_REQUEST below `field` if the hours are none. */
  everOpen(settings: CampaignSettings, hours: CampaignSettings['hours'], window: { readonly from: number; readonly to: number | undefined }, field: string): boolean;
  holidayProblem(country: string): string | undefined;
  /** Resolves when the holidays of these countries are known, or cannot be. */
  prepare(countries: readonly string[]): Promise<void>;
  /** `2026-12-25`. */
  isHoliday(countries: readonly string[], day: string): boolean;
  /** What would be said if these tasks were dialled now, each on its own, in their order. */
  judge(tasks: readonly Candidate[], campaign: Campaign): Promise<readonly DialJudgement[]>;
  hoursOf(settings: CampaignSettings): OpenHours;
}

export interface CampaignServer {
  /** For the first task of a campaign that is due. */
  health(task: Task): Promise<ServerHealth>;
  /** Calls at once, and calls a second, that the dialer is set to. */
  readonly maxCalls: number;
  readonly callsPerSecond: number;
  /** Of talk, in the units of spend caps; 0: there is no price. */
  readonly costPerMinute: number;
}

/** Of several nodes one runs the campaigns. */
export interface SchedulerLock {
  /** True while this node has it; takes it if it is free. */
  hold(): Promise<boolean>;
}
