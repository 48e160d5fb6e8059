import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { AREA_CODES } from './legal-hours.js';

/** Where a callee may be, as far as law is concerned. */
export interface Place {
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** Second half of ISO 3166-2, e.g. `FL`. */
  readonly region?: string | undefined;
}

/** A phone number, not a SIP URI: what is said of people and their clocks goes for it. */
export function isNumber(destination: string): boolean {
  return destination.startsWith('+');
}

/** Where the numbering plan puts a number; undefined where it tells no country. */
export function placeOf(number: string): Place | undefined {
  const country = parsePhoneNumberFromString(number)?.country;
  if (country === undefined) return undefined;
  const region = country === 'US' ? AREA_CODES.get(number.slice(2, 5)) : undefined;
  return { country, region };
}

/** China keeps one time by law, whatever the tables of zones say of its west. */
const zonesByCountry = new Map<string, readonly string[]>([['CN', ['Asia/Shanghai']]]);

/** Every zone of a country; empty where none is known. */
export function zonesOfCountry(country: string): readonly string[] {
  let zones = zonesByCountry.get(country);
  if (zones === undefined) {
    // Newer engines have the method, Node 20 the property.
    const locale = new Intl.Locale('und', { region: country }) as Intl.Locale & { readonly timeZones?: string[]; getTimeZones?(): string[] | undefined };
    zones = locale.getTimeZones?.() ?? locale.timeZones ?? [];
    zonesByCountry.set(country, zones);
  }
  return zones;
}
