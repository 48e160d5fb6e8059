import type { DialFacts } from '../../store/rules.js';
import type { HolidayBook } from './holidays.js';
import { isNumber, placeOf, zonesOfCountry } from './place.js';
import type { Place } from './place.js';
import type { RuleSettings } from './settings.js';
import { isTimeZone } from './zone-clock.js';

/** Why a rule holds a dial back. `until`: when it will not any more; undefined: it will not say by itself. */
export interface Refusal {
  readonly until: number | undefined;
  readonly detail: string;
}

/** What the rules are asked with. */
export interface Question {
  readonly facts: DialFacts;
  readonly settings: RuleSettings;
  readonly holidays: HolidayBook;
  readonly purpose: string;
  /** Law, holidays and caps count: it is a phone number, and the purpose is not exempt. */
  readonly byLaw: boolean;
  /** Everywhere where the callee may be: by number and by address. All of it counts. */
  readonly places: readonly Place[];
  /** Every zone in which the callee may be; never empty. */
  readonly zones: readonly string[];
  /** Reasons why it is allowed, filled by the rules as they pass. */
  readonly because: Record<string, string>;
}

/** What follows from the facts alone. */
export function questionOf(facts: DialFacts, settings: RuleSettings, holidays: HolidayBook): Question {
  const purpose = facts.purpose ?? settings.rules.default_purpose;
  const byNumber = isNumber(facts.to) ? placeOf(facts.to) : undefined;
  const { country, region } = facts.address;
  const byAddress = country === undefined ? undefined : { country, region };
  const places = [byNumber, byAddress].filter((place) => place !== undefined);
  const told = facts.timeZones.filter(isTimeZone);
  const known = told.length > 0 ? told : byNumber === undefined ? [] : zonesOfCountry(byNumber.country);
  return {
    facts,
    settings,
    holidays,
    purpose,
    byLaw: isNumber(facts.to) && !settings.rules.legal_hours_exempt.includes(purpose),
    places,
    zones: known.length > 0 ? known : [settings.timeZone],
    because: { purpose },
  };
}

export function never(detail: string): Refusal {
  return { until: undefined, detail };
}
