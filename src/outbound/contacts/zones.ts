import { readFileSync } from 'node:fs';
import { getCountry } from 'countries-and-timezones';
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

/** China keeps one time by law, whatever the tables of zones say of its west. */
const oneZone: Readonly<Record<string, readonly string[]>> = { CN: ['Asia/Shanghai'] };

const known = new Map<string, boolean>();

/** An IANA zone that this Node knows, in its own spelling. */
export function isZone(name: string): boolean {
  let yes = known.get(name);
  if (yes === undefined) {
    // Offsets (`+08:00`) are taken by newer engines, but are no zones.
    yes = /^[A-Za-z]/.test(name) && name.length <= 60 && canFormat(name);
    if (known.size < 10_000) known.set(name, yes);
  }
  return yes;
}

function canFormat(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return false;
  }
}

/** Zones of an E.164 number; empty where the plan tells none. */
export function zonesOfNumber(number: string): readonly string[] {
  for (let length = Math.min(longest, number.length - 1); length > 0; length -= 1) {
    const zones = byPrefix.get(number.slice(1, 1 + length));
    if (zones !== undefined) return zones;
  }
  return [];
}

/** Zones of a country, of a state where it has several; empty where nothing is known. */
export function zonesOfAddress(address: { readonly country?: string | undefined; readonly region?: string | undefined }): readonly string[] {
  const { country, region } = address;
  if (country === undefined) return [];
  return (region === undefined ? undefined : zonesOfRegion(country, region)) ?? oneZone[country] ?? getCountry(country)?.timezones ?? [];
}

/**
 * All zones in which somebody may be; hours must hold in each, so the stricter window wins.
 * Zones that are told or follow from the address narrow what a number leaves open, if they
 * are among its zones; where they contradict it, both count.
 */
export function candidateZones(number: string, address: Parameters<typeof zonesOfAddress>[0], told: readonly string[] = []): readonly string[] {
  const fromNumber = zonesOfNumber(number);
  const fromAddress = told.length > 0 ? told : zonesOfAddress(address);
  if (fromAddress.length === 0) return fromNumber;
  if (fromNumber.length > 1 && fromAddress.every((zone) => fromNumber.includes(zone))) return fromAddress;
  // A state of two zones, and a number that is in one of them.
  if (told.length === 0 && fromNumber.length > 0 && fromNumber.every((zone) => fromAddress.includes(zone))) return fromNumber;
  return [...new Set([...fromAddress, ...fromNumber])];
}
