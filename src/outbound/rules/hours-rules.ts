import { isTimeZone } from '../../kernel/time-zone.js';
import { ALL_THERE_IS_MS, isOpen, nextOpen, openBut, weekOf } from './calling-hours.js';
import type { Opening } from './calling-hours.js';
import { calendarOf } from './holiday-places.js';
import type { HolidayBook } from './holidays.js';
import { ELSEWHERE, legalHoursOf } from './legal-hours.js';
import type { LegalHours } from './legal-hours.js';
import type { Question, Refusal } from './question.js';
import { dayOf, isoDay, wallOf } from './zone-clock.js';

/** How soon it is asked again about a calendar that is being looked up, ms. */
const LOOK_UP_MS = 5_000;

/** Law's hours as openings, made once a law and zone. */
const openings = new Map<string, Opening['week']>();

function weekOfLaw(law: LegalHours): Opening['week'] {
  let week = openings.get(law.place);
  if (week === undefined) {
    week = weekOf(law.hours, law.place);
    openings.set(law.place, week);
  }
  return week;
}

/** Of every place where the callee may be. */
export function lawsOf({ byLaw, places, settings: { rules } }: Question): readonly LegalHours[] {
  if (!byLaw || !rules.legal_hours) return [];
  return places.length === 0 ? [ELSEWHERE] : [...new Set(places.flatMap(legalHoursOf))];
}

/** Everything that says at which hours: each law of each place, and the campaign, in each zone. */
export function hourOpenings(question: Question): readonly Opening[] {
  const { facts, zones, holidays } = question;
  const all: Opening[] = [];
  for (const law of lawsOf(question)) {
    const closed = law.notOnHolidays === true ? (day: string): boolean => holidays.isHoliday(law.place, day) === true : undefined;
    for (const zone of zones) all.push({ name: law.place, zone, week: weekOfLaw(law), closed });
  }
  if (facts.hours !== undefined) {
    const week = weekOf(facts.hours, 'hours');
    for (const zone of hoursZones(question)) all.push({ name: 'campaign', zone, week });
  }
  return all;
}

/** On whose wall the campaign's hours are meant. */
function hoursZones({ facts: { hoursZone }, zones }: Question): readonly string[] {
  return hoursZone === undefined || !isTimeZone(hoursZone) ? zones : [hoursZone];
}

/** Days on which nobody is called, beside what law says. */
export function holidayOpenings(question: Question): readonly Opening[] {
  const { zones, holidays } = question;
  return holidayPlaces(question).flatMap((place) => zones.map((zone) => openBut(place, zone, (day) => holidays.isHoliday(place, day) === true)));
}

/** Every calendar that the rules look into for this dial. */
export function holidaysAskedOf(question: Question): readonly string[] {
  return [...holidayPlaces(question), ...lawsOf(question).flatMap((law) => (law.notOnHolidays === true ? law.place : []))];
}

function holidayPlaces({ facts, settings, places, byLaw }: Question): readonly string[] {
  if (!byLaw && facts.holidays.length === 0) return [];
  const wanted = new Set([...(byLaw ? settings.rules.holidays : []), ...facts.holidays]);
  const callee = wanted.delete('callee') ? places.flatMap((place) => calendarOf(place) ?? []) : [];
  return [...new Set([...wanted, ...callee])];
}

export function hoursRule(question: Question): Refusal | undefined {
  const { facts, zones, because, holidays } = question;
  const unknown = lawsOf(question).find((law) => law.notOnHolidays === true && unknownToday(holidays, law.place, zones, facts.now));
  if (unknown !== undefined) return { until: facts.now + LOOK_UP_MS, detail: `holidays of ${unknown.place} are being looked up` };
  const hours = hourOpenings(question);
  const shut = hours.find((opening) => !isOpen(opening, facts.now));
  if (shut === undefined) {
    because['hours'] = [...new Set(hours.map(({ name }) => name))].join(', ') || 'none';
    because['zones'] = zones.length > 6 ? `${zones.slice(0, 6).join(', ')} and ${zones.length - 6} more` : zones.join(', ');
    return undefined;
  }
  return { until: nextAllowed(question), detail: `outside the hours of ${shut.name} in ${shut.zone}` };
}

export function holidayRule(question: Question): Refusal | undefined {
  const { facts, zones, holidays } = question;
  for (const place of holidayPlaces(question)) {
    if (unknownToday(holidays, place, zones, facts.now)) return { until: facts.now + LOOK_UP_MS, detail: `holidays of ${place} are being looked up` };
  }
  const shut = holidayOpenings(question).find((opening) => !isOpen(opening, facts.now));
  return shut === undefined ? undefined : { until: nextAllowed(question), detail: `a public holiday of ${shut.name}` };
}

function unknownToday(holidays: HolidayBook, place: string, zones: readonly string[], now: number): boolean {
  return zones.some((zone) => holidays.isHoliday(place, isoDay(dayOf(wallOf(zone, now)))) === undefined);
}

/** The next instant at which hours and holidays allow it; undefined: there is none within a year. */
export function nextAllowed(question: Question, until = question.facts.now + ALL_THERE_IS_MS): number | undefined {
  return nextOpen([...hourOpenings(question), ...holidayOpenings(question)], question.facts.now, until);
}
