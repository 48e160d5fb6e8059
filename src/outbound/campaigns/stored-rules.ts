import { setImmediate as nextTurn } from 'node:timers/promises';
import { isSupportedCountry } from 'libphonenumber-js';
import type { Clock } from '../../kernel/clock.js';
import { roundEnd, strategyOf } from '../../store/campaigns.js';
import type { Campaign, CampaignSettings, CampaignStore } from '../../store/campaigns.js';
import { whereaboutsOf } from '../../store/contacts.js';
import type { CalleePast, DialFacts, DialJudgement, RuleStore } from '../../store/rules.js';
import { ALL_THERE_IS_MS, isOpen, weekOf } from '../rules/calling-hours.js';
import type { HolidayBook } from '../rules/holidays.js';
import { holidayOpenings, holidaysAskedOf, hourOpenings, nextAllowed } from '../rules/hours-rules.js';
import { questionOf } from '../rules/question.js';
import type { RuleSettings } from '../rules/settings.js';
import type { CampaignRules, Candidate, OpenHours } from './ports.js';

/** A number of no country: what is asked holds for everybody. */
const ANYBODY = '+';
const MINUTE_MS = 60_000;
/** How finely the end of an opening is looked for at first, and how far, ms: what is open for a week is taken to be always open. */
const STEP_MS = 15 * MINUTE_MS;
const FAR_MS = 7 * 86_400_000;
/** Tasks judged before the event loop turns. */
const AT_ONCE = 200;

export interface StoredRulesParts {
  readonly settings: RuleSettings;
  readonly holidays: HolidayBook;
  readonly judge: (facts: DialFacts) => DialJudgement;
  /** Suppressions, what numbers have been through, what was talked so far; without it they count only when a task is dialled, not ahead of it. */
  readonly store?: Pick<RuleStore, 'pastOf'> & Pick<CampaignStore, 'campaignTalk'>;
  readonly clock: Clock;
}

/** The rules of dialling, as campaigns ask them ahead of time. */
export function campaignRules({ settings, holidays, judge, store, clock }: StoredRulesParts): CampaignRules {
  const questionAt = (now: number, campaign: CampaignSettings, hours: CampaignSettings['hours']) => questionOf(factsOfAnybody(now, campaign, hours), settings, holidays);
  return {
    everOpen(campaign, hours, { from, to }, field) {
      if (weekOf(hours, field).every((spans) => spans.length === 0)) return false;
      return nextAllowed(questionAt(from, campaign, hours), to === undefined ? from + ALL_THERE_IS_MS : to - 1) !== undefined;
    },
    holidayProblem(country) {
      const [nation = ''] = country.split('-');
      return /^[A-Z]{2}(?:-[A-Z0-9]{1,3})?$/.test(country) && isSupportedCountry(nation) ? undefined : 'is no country or region; they are like GB or US-CA';
    },
    prepare: (countries) => holidays.load(countries),
    isHoliday: (countries, day) => countries.some((country) => holidays.isHoliday(country, day) === true),
    async judge(tasks, campaign) {
      const facts: DialFacts[] = [];
      const talkedMs = (await store?.campaignTalk(campaign.id)) ?? 0;
      for (let from = 0; from < tasks.length; from += AT_ONCE) {
        if (from > 0) await nextTurn();
        const some = tasks.slice(from, from + AT_ONCE);
        const past = await store?.pastOf(some.map(({ task }) => task));
        facts.push(...some.map((one, index) => factsOf(one, past?.[index] ?? noPast, { campaign, talkedMs }, clock.now())));
      }
      // What is not known is not allowed: a preview waits for it rather than telling that.
      await holidays.load([...new Set(facts.flatMap((one) => holidaysAskedOf(questionOf(one, settings, holidays))))]);
      const judgements: DialJudgement[] = [];
      for (const [index, one] of facts.entries()) {
        if (index > 0 && index % AT_ONCE === 0) await nextTurn();
        judgements.push(judge(one));
      }
      return judgements;
    },
    hoursOf: (campaign): OpenHours => ({
      nextOpen: (at) => nextAllowed(questionAt(at, campaign, campaign.hours)),
      nextClosed(at) {
        const question = questionAt(at, campaign, campaign.hours);
        const openings = [...hourOpenings(question), ...holidayOpenings(question)];
        const open = (when: number): boolean => openings.every((opening) => isOpen(opening, when));
        for (let step = at + STEP_MS; step <= at + FAR_MS; step += STEP_MS) {
          if (open(step)) continue;
          for (let minute = step - STEP_MS + MINUTE_MS; minute < step; minute += MINUTE_MS) if (!open(minute)) return minute;
          return step;
        }
        return undefined;
      },
    }),
  };
}

const noPast: CalleePast = { suppressions: [], history: { attemptsAt: [], inCall: false, lastAbandonedAt: undefined, lastRefusedAt: undefined } };

function factsOfAnybody(now: number, campaign: CampaignSettings, hours: CampaignSettings['hours']): DialFacts {
  return {
    ...noPast,
    consents: [],
    now,
    to: ANYBODY,
    from: undefined,
    purpose: campaign.purpose,
    timeZones: [campaign.timeZone],
    address: {},
    hours,
    hoursZone: campaign.hoursIn === 'campaign' ? campaign.timeZone : undefined,
    holidays: campaign.holidays.filter((country) => country !== 'callee'),
    task: { id: '', attempts: 0, maxAttempts: 1, notBefore: 0, expiresAt: undefined },
    campaign: undefined,
  };
}

/** As if the task were dialled now, in a campaign that runs. */
function factsOf({ task, contact, soFar = { attempts: 0, notBefore: 0 } }: Candidate, past: CalleePast, { campaign, talkedMs }: { readonly campaign: Campaign; readonly talkedMs: number }, now: number): DialFacts {
  const { hours, hoursZone, retry } = strategyOf(campaign, task.category);
  return {
    ...past,
    now,
    to: task.to,
    from: task.from,
    purpose: task.purpose,
    timeZones: contact.timeZones,
    address: whereaboutsOf(contact),
    hours,
    hoursZone,
    holidays: campaign.holidays,
    task: { id: '', attempts: soFar.attempts, maxAttempts: retry.maxAttempts, notBefore: Math.max(campaign.startsAt ?? 0, soFar.notBefore), expiresAt: roundEnd(campaign) },
    campaign: { id: campaign.id, running: true, callerNumbers: task.from === undefined ? campaign.callerNumbers : [], talkedMs, spendCap: campaign.spendCap },
    consents: contact.consents,
  };
}
