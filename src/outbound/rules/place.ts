import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { numberOf } from '../../kernel/number-of.js';
import { AREA_CODES } from './legal-hours.js';

/** Where a callee may be, as far as law is concerned. */
export interface Place {
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** Second half of ISO 3166-2, e.g. `FL`. */
  readonly region?: string | undefined;
}

/** It calls a phone number, be it by a SIP URI: what is said of people and their clocks goes for it. */
export function isNumber(destination: string): boolean {
  return numberOf(destination) !== undefined;
}

/** Where the numbering plan puts the number of a destination; undefined where it tells no country, or there is none. */
export function placeOf(destination: string): Place | undefined {
  const number = numberOf(destination);
  const country = number === undefined ? undefined : parsePhoneNumberFromString(number)?.country;
  if (number === undefined || country === undefined) return undefined;
  const region = country === 'US' ? AREA_CODES.get(number.slice(2, 5)) : undefined;
  return { country, region };
}
