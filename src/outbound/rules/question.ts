import { numberOf } from '../../kernel/number-of.js';
import { isTimeZone } from '../../kernel/time-zone.js';
import type { DialFacts } from '../../store/rules.js';
import { regionCode } from '../contacts/region-zones.js';
import { candidateZones } from '../contacts/zones.js';
import type { HolidayBook } from './holidays.js';
import { placeOf } from './place.js';
import type { Place } from './place.js';
import type { RuleSettings } from './settings.js';

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
  const number = numberOf(facts.to);
  const byNumber = placeOf(facts.to);
  const byAddress = placeOfAddress(facts.address);
  const places = [byNumber, byAddress].filter((place) => place !== undefined);
  const known = candidateZones(number, byAddress, facts.timeZones.filter(isTimeZone));
  return {
    facts,
    settings,
    holidays,
    purpose,
    byLaw: number !== undefined && !settings.rules.legal_hours_exempt.includes(purpose),
    places,
    zones: known.length > 0 ? known : [settings.timeZone],
    because: { purpose },
  };
}

/** States may be written out, by whoever saved the contact: law knows them by code. */
function placeOfAddress({ country, region }: DialFacts['address']): Place | undefined {
  if (country === undefined) return undefined;
  return { country, region: region === undefined ? undefined : (regionCode(country, region) ?? region) };
}

export function never(detail: string): Refusal {
  return { until: undefined, detail };
}
