import { parseConfig } from '../../../src/config/load.js';
import type { Config } from '../../../src/config/schema.js';
import type { HolidayBook } from '../../../src/outbound/rules/holidays.js';
import type { RuleSettings } from '../../../src/outbound/rules/settings.js';
import type { DialFacts, Suppression } from '../../../src/store/rules.js';

/** Sunday noon in London. */
export const NOW = Date.parse('2026-11-29T12:00:00Z');
export const HOUR = 3_600_000;

/** A number of New York that may be called at noon of a weekday, and everything that rules ask about it. */
export const dialFacts = (changes: Partial<DialFacts> = {}): DialFacts => ({
  now: Date.parse('2026-12-01T17:00:00Z'),
  to: '+12125550123',
  from: '+12125550100',
  purpose: 'service',
  timeZones: ['America/New_York'],
  address: {},
  hours: undefined,
  hoursZone: undefined,
  holidays: [],
  task: { id: 'task_1', attempts: 0, maxAttempts: 3, notBefore: 0, expiresAt: undefined },
  campaign: undefined,
  suppressions: [],
  consents: [],
  history: { attemptsAt: [], inCall: false, lastAbandonedAt: undefined, lastRefusedAt: undefined },
  ...changes,
});

export const ruleSettings = (changes: Partial<Config['rules']> = {}): RuleSettings => ({ rules: { ...parseConfig('').rules, ...changes }, timeZone: 'UTC' });

/** A book that knows the days given, and that all other days are none. */
export const book = (days: Readonly<Record<string, readonly string[]>> = {}): HolidayBook => ({
  isHoliday: (place, day) => days[place]?.includes(day) ?? false,
  load: () => Promise.resolve(),
});

export const suppression = (changes: Partial<Suppression> = {}): Suppression => ({
  id: 'sup_1', number: '+12125550123', contactId: undefined, scope: 'all', source: 'api', reason: undefined, evidence: undefined, expiresAt: undefined, createdAt: 0, ...changes,
});
