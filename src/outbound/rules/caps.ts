import { lawsOf } from './hours-rules.js';
import type { Question, Refusal } from './question.js';
import { dayOf, startOfDay, wallOf } from './zone-clock.js';

const DAY_MS = 86_400_000;
const WEEK_DAYS = 7;

/** When the count of what lies after `since` is under the cap again, `period` after each attempt. */
function over(attempts: readonly number[], since: number, cap: number, freeAt: (attempt: number) => number): { readonly count: number; readonly until: number } | undefined {
  const counted = attempts.filter((at) => at >= since).sort((a, b) => b - a);
  const blocking = counted[cap - 1];
  return blocking === undefined ? undefined : { count: counted.length, until: freeAt(blocking) };
}

/** Calendar days on the callee's wall; of several zones the one that counts most. */
function byCalendar({ facts: { now, history }, zones }: Question, cap: number, days: number, what: string): Refusal | undefined {
  let refusal: Refusal | undefined;
  for (const zone of zones) {
    const today = dayOf(wallOf(zone, now));
    const found = over(history.attemptsAt, startOfDay(zone, today - days + 1), cap, (at) => startOfDay(zone, dayOf(wallOf(zone, at)) + days));
    if (found !== undefined && found.until > (refusal?.until ?? 0)) refusal = { until: found.until, detail: `${found.count} calls ${what}, at most ${cap}` };
  }
  return refusal;
}

/** Law counts hours, not days of the calendar. */
function byLawsCap(question: Question, whichDays: (days: number) => boolean): Refusal | undefined {
  const { now, history } = question.facts;
  for (const law of lawsOf(question)) {
    for (const { count, days } of law.atMost ?? []) {
      if (!whichDays(days)) continue;
      const found = over(history.attemptsAt, now - days * DAY_MS + 1, count, (at) => at + days * DAY_MS);
      if (found !== undefined) return { until: found.until, detail: `${found.count} calls in ${days * 24} hours, at most ${count} by the law of ${law.place}` };
    }
  }
  return undefined;
}

export function dayCap(question: Question): Refusal | undefined {
  const cap = question.settings.rules.per_number_a_day;
  if (!question.byLaw) return undefined;
  return (cap === 0 ? undefined : byCalendar(question, cap, 1, 'today')) ?? byLawsCap(question, (days) => days === 1);
}

export function weekCap(question: Question): Refusal | undefined {
  const cap = question.settings.rules.per_number_a_week;
  if (!question.byLaw) return undefined;
  return (cap === 0 ? undefined : byCalendar(question, cap, WEEK_DAYS, 'in seven days')) ?? byLawsCap(question, (days) => days > 1);
}

export function quietTime(question: Question): Refusal | undefined {
  const { facts: { now, history }, settings: { rules } } = question;
  if (!question.byLaw) return undefined;
  const afterRefusal = Math.max(rules.quiet_after_refused_ms, ...lawsOf(question).map((law) => (law.quietAfterRefusalDays ?? 0) * DAY_MS));
  const abandoned = (history.lastAbandonedAt ?? -Infinity) + rules.quiet_after_abandoned_ms;
  const refused = (history.lastRefusedAt ?? -Infinity) + afterRefusal;
  if (abandoned > now && abandoned >= refused) return { until: abandoned, detail: 'quiet time after an abandoned call' };
  return refused > now ? { until: refused, detail: 'quiet time after a refusal' } : undefined;
}
