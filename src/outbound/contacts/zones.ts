import { readFileSync } from 'node:fs';
import { getCountry } from 'countries-and-timezones';
import { isTimeZone } from '../../kernel/time-zone.js';
import { whereaboutsOf } from '../../store/contacts.js';
import type { NewContact } from '../../store/contacts.js';
import { zonesOfRegion } from './region-zones.js';

/**
 * Where a number may be: longest prefix wins. The table is that of Google's libphonenumber
 * (Apache-2.0), which JavaScript's edition of it leaves out.
 */
const table = JSON.parse(readFileSync(new URL('./phone-zones.json', import.meta.url), 'utf8')) as { readonly prefixes: Readonly<Record<string, string>> };
const byPrefix = new Map<string, readonly string[]>();
let longest = 0;
for (const [zones, prefixes] of Object.entries(table.prefixes)) {
  const list = zones.split(' ');
  for (const prefix of prefixes.split(' ')) {
    byPrefix.set(prefix, list);
    longest = Math.max(longest, prefix.length);
  }
}

/** `region`: code or name. */
type Address = { readonly country?: string | undefined; readonly region?: string | undefined };

/** China keeps one time by law, whatever the tables of zones say of its west. */
const oneZone: Readonly<Record<string, readonly string[]>> = { CN: ['Asia/Shanghai'] };

/** Zones of an E.164 number; empty where the plan tells none. */
export function zonesOfNumber(number: string): readonly string[] {
  for (let length = Math.min(longest, number.length - 1); length > 0; length -= 1) {
    const zones = byPrefix.get(number.slice(1, 1 + length));
    if (zones !== undefined) return zones;
  }
  return [];
}

/** Zones of a country, of a state where it has several; empty where nothing is known. */
export function zonesOfAddress({ country, region }: Address): readonly string[] {
  if (country === undefined) return [];
  return (region === undefined ? undefined : zonesOfRegion(country, region)) ?? oneZone[country] ?? getCountry(country)?.timezones ?? [];
}

/**
 * All zones in which somebody may be; hours must hold in each, so the stricter window wins.
 * Zones that are told, or follow from the address, narrow what a number leaves open, if they
 * are among its zones, and those that are told narrow the address; where one contradicts
 * another, all count.
 */
export function candidateZones(number: string | undefined, address: Address = {}, told: readonly string[] = []): readonly string[] {
  const fromNumber = number === undefined ? [] : zonesOfNumber(number);
  const fromAddress = zonesOfAddress(address);
  const from = told.length === 0 ? fromAddress : meet(told, fromAddress) ? told : [...new Set([...told, ...fromAddress])];
  if (from.length === 0) return fromNumber;
  if (fromNumber.length > 1 && within(from, fromNumber)) return from;
  // A state of two zones, and a number that is in one of them.
  if (told.length === 0 && fromNumber.length > 0 && within(fromNumber, from)) return fromNumber;
  return [...new Set([...from, ...fromNumber])];
}

/** Of a contact as it is: its own zones are those that whoever saved it has told. */
export function zonesOfContact(contact: Pick<NewContact, 'numbers' | 'address' | 'timeZones'>): readonly string[] {
  return candidateZones(contact.numbers[0]?.number, whereaboutsOf(contact), contact.timeZones);
}

const canonical = new Map<string, string>();

/** `US/Eastern` and `America/New_York` are one zone. */
function nameOf(zone: string): string {
  let name = canonical.get(zone);
  if (name === undefined) {
    name = isTimeZone(zone) ? new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone : zone;
    if (canonical.size < 10_000) canonical.set(zone, name);
  }
  return name;
}

function within(zones: readonly string[], others: readonly string[]): boolean {
  const names = new Set(others.map(nameOf));
  return zones.every((zone) => names.has(nameOf(zone)));
}

function meet(zones: readonly string[], others: readonly string[]): boolean {
  const names = new Set(others.map(nameOf));
  return zones.some((zone) => names.has(nameOf(zone)));
}
