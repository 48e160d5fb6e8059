import type { DialFacts, DialJudgement, DialRule, DialRules } from '../../store/rules.js';
import { dialRules } from '../../store/rules.js';
import { parseDestination } from '../destination.js';
import { dayCap, quietTime, weekCap } from './caps.js';
import { consentRule, suppressionRule } from './consent.js';
import { holidayRule, hoursRule } from './hours-rules.js';
import type { HolidayBook } from './holidays.js';
import { isNumber, placeOf } from './place.js';
import { never, questionOf } from './question.js';
import type { Question, Refusal } from './question.js';
import { checkRuleSettings } from './settings.js';
import type { RuleSettings } from './settings.js';

const MINUTE_MS = 60_000;
/** What an operator can mend ends nobody's task: it is asked again after so long, or when the campaign is changed. */
const ASK_AGAIN_MS = 12 * 3_600_000;
/** Most calls are over by then, ms. */
const IN_CALL_MS = MINUTE_MS;

type Rule = (question: Question) => Refusal | undefined;

/** The one table: a rule each, asked in the order of `dialRules`. */
const table: Readonly<Record<DialRule, Rule>> = {
  campaign_paused: ({ facts }) => (facts.campaign === undefined || facts.campaign.running ? undefined : never('the campaign is not running')),
  task_window: ({ facts: { now, task } }) => {
    if (task.expiresAt !== undefined && now >= task.expiresAt) return never('the window of the task is over');
    return now < task.notBefore ? { until: task.notBefore, detail: 'the window of the task has not come' } : undefined;
  },
  destination: ({ facts }) => (isDestination(facts.to) ? undefined : never('not a phone number or SIP URI')),
  country: ({ facts, settings: { rules } }) => {
    if (!isNumber(facts.to) || (rules.countries.length === 0 && rules.countries_denied.length === 0)) return undefined;
    const country = placeOf(facts.to)?.country;
    if (country !== undefined && rules.countries_denied.includes(country)) return never(`${country} is denied`);
    if (rules.countries.length > 0 && (country === undefined || !rules.countries.includes(country))) return never(`${country ?? 'a number of no country'} is not among the countries that may be called`);
    return undefined;
  },
  caller_number: ({ facts, settings: { rules } }) => {
    const lists = [rules.caller_numbers, facts.campaign?.callerNumbers ?? []].filter((list) => list.length > 0);
    if (lists.length === 0) return undefined;
    return facts.from !== undefined && lists.every((list) => list.includes(facts.from ?? '')) ? undefined : mendable(facts, 'the caller number is not among those that may be shown');
  },
  suppression: suppressionRule,
  consent: consentRule,
  calling_hours: hoursRule,
  holiday: holidayRule,
  attempts_task: ({ facts: { task } }) => (task.attempts < task.maxAttempts ? undefined : never(`${task.attempts} of ${task.maxAttempts} attempts are used up`)),
  attempts_number_day: dayCap,
  attempts_number_week: weekCap,
  quiet_time: quietTime,
  // Nobody is called twice at once, by whichever campaign. A URI that names no number may be a queue with many people behind it.
  number_in_call: ({ facts: { now, to, history } }) => (history.inCall && isNumber(to) ? { until: now + IN_CALL_MS, detail: 'a call to the number is under way' } : undefined),
  spend_cap: ({ facts, settings: { rules } }) => {
    const { campaign } = facts;
    return campaign?.spendCap === undefined || (campaign.talkedMs / MINUTE_MS) * rules.cost_per_minute < campaign.spendCap ? undefined : mendable(facts, 'the campaign has spent what it may');
  },
};

function mendable({ now }: DialFacts, detail: string): Refusal {
  return { until: now + ASK_AGAIN_MS, detail };
}

/** With what the store needs to know of the end of a call. */
export function createDialRules(settings: RuleSettings, holidays: HolidayBook): DialRules {
  const reasons = new Set(settings.rules.refusal_reasons);
  return {
    judge: createDialJudge(settings, holidays),
    refused: ({ disposition, verdict }) => disposition === 'rejected' || (verdict.kind === 'end' && reasons.has(verdict.reason)),
  };
}

/**
 * The rules at the instant of dialling. Pure but for the book of holidays, which knows
 * or does not; what is not known is not allowed.
 */
export function createDialJudge(settings: RuleSettings, holidays: HolidayBook): (facts: DialFacts) => DialJudgement {
  const checked = checkRuleSettings(settings);
  return (facts) => {
    const question = questionOf(facts, checked, holidays);
    for (const rule of dialRules) {
      const refusal = table[rule](question);
      if (refusal !== undefined) return { allowed: false, rule, ...refusal };
    }
    return { allowed: true, because: question.because };
  };
}

function isDestination(to: string): boolean {
  try {
    return parseDestination(to, 'to') === to;
  } catch {
    return false;
  }
}
