import type { Callee } from './judge.js';
import type { ChaosSize } from './plan.js';
import { SeededRandom } from './random.js';

const DAY_MS = 86_400_000;
/** Calls to one number in a day of the callee's. */
export const CAP_A_DAY = 3;
export const PURPOSE = 'marketing';
/** Dials of a task of the campaign: of its category, or else more than the cap allows. */
export const BUDGET = { short: 2, long: 5 } as const;
/** When the campaign calls, on the callee's clock: an hour of jump takes some people out of it, and lets others in. */
export const CAMPAIGN_HOURS = { from: '11:30', to: '17:30' } as const;
/** Law in New York (47 CFR 64.1200(c)(1)), for who is called by no campaign. */
const LEGAL_HOURS = { from: '08:00', to: '21:00' } as const;
const NEW_YORK = 'America/New_York';

/** Where people live: most in New York; some there with numbers of California, so that both clocks count, and some where it is night. */
const places = {
  'new-york': { numbers: 16_462_000_000, address: {}, zones: [NEW_YORK] },
  'los-angeles': { numbers: 13_102_000_000, address: { country: 'US', region: 'NY' }, zones: [NEW_YORK, 'America/Los_Angeles'] },
  beijing: { numbers: 8_613_800_000_000, address: {}, zones: ['Asia/Shanghai'] },
} as const;

/** Ways of having no consent that is in force. */
const lacking = ['none', 'refused', 'expired', 'other'] as const;

export interface Person extends Callee {
  /** Body of the API for this contact; times are in the servers' clock. */
  contact(now: number): object;
  /** Wants no calls, and says so before the campaign is made, or while it runs. */
  readonly suppressed: 'before' | 'meanwhile' | undefined;
}

/** Who is called by a task of no campaign. */
export function planSingles({ contacts }: Pick<ChaosSize, 'contacts'>): readonly Callee[] {
  return Array.from({ length: Math.ceil(contacts / 2) }, (_, index) => ({ number: `1212${2_000_000 + index}`, budget: 1, consents: true, hours: { zones: [NEW_YORK], ...LEGAL_HOURS } }));
}

/** Who is called by the campaign. All of it follows from the seed. */
export function planPeople({ contacts, seed }: Pick<ChaosSize, 'contacts' | 'seed'>): readonly Person[] {
  const random = new SeededRandom(seed ^ 0x5eed);
  return Array.from({ length: Math.floor(contacts / 2) }, (_, index): Person => {
    const luck = random.next();
    const place = places[luck < 0.8 ? 'new-york' : luck < 0.92 ? 'los-angeles' : 'beijing'];
    const number = String(place.numbers + index);
    const patience = random.next() < 0.4 ? 'short' : 'long';
    const consent = random.next() < 0.15 ? random.pick(lacking) : 'granted';
    const wish = random.next();
    return {
      number,
      budget: BUDGET[patience],
      consents: consent === 'granted',
      hours: { zones: place.zones, ...CAMPAIGN_HOURS },
      suppressed: wish < 0.06 ? 'before' : wish < 0.12 ? 'meanwhile' : undefined,
      contact: (now) => ({ externalId: `person-${index}`, numbers: [`+${number}`], address: place.address, attributes: { patience }, consents: consentsOf(consent, now) }),
    };
  });
}

function consentsOf(consent: (typeof lacking)[number] | 'granted', now: number): object[] {
  const at = new Date(now - 10 * DAY_MS).toISOString();
  switch (consent) {
    case 'none':
      return [];
    case 'other':
      return [{ purpose: 'survey', granted: true, at }];
    case 'expired':
      return [{ purpose: PURPOSE, granted: true, at, expiresAt: new Date(now - DAY_MS).toISOString() }];
    // The newest word counts.
    case 'refused':
      return [{ purpose: PURPOSE, granted: true, at: new Date(now - 20 * DAY_MS).toISOString() }, { purpose: PURPOSE, granted: false, at }];
    case 'granted':
      return [{ purpose: PURPOSE, granted: true, at }];
  }
}
