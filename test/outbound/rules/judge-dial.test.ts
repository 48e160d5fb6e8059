import t from 'tap';
import type { Test } from 'tap';
import type { Config } from '../../../src/config/schema.js';
import type { HolidayBook } from '../../../src/outbound/rules/holidays.js';
import { createDialJudge } from '../../../src/outbound/rules/judge-dial.js';
import { legalHours } from '../../../src/outbound/rules/legal-hours.js';
import { weekOf } from '../../../src/outbound/rules/calling-hours.js';
import { zonesOfNumber } from '../../../src/outbound/contacts/zones.js';
import { placeOf } from '../../../src/outbound/rules/place.js';
import { dialRules } from '../../../src/store/rules.js';
import type { DialFacts, DialRule } from '../../../src/store/rules.js';
import { HOUR, book, dialFacts, ruleSettings, suppression } from './facts.js';
import fc from '../../support/property.js';

const at = (text: string): number => Date.parse(text);
const DAY = 24 * HOUR;
const NOON = at('2026-12-01T17:00:00Z');

interface Case {
  readonly facts?: Partial<DialFacts>;
  readonly rules?: Partial<Config['rules']>;
  readonly holidays?: HolidayBook;
}

const judge = ({ facts, rules, holidays }: Case) => createDialJudge(ruleSettings(rules), holidays ?? book())(dialFacts(facts));

function refused(t: Test, what: string, given: Case, rule: DialRule, until: number | undefined): void {
  t.match(judge(given), { allowed: false, rule, until }, what);
}

const allowed = (t: Test, what: string, given: Case): void => void t.match(judge(given), { allowed: true }, what);

const campaign = (changes: Partial<NonNullable<DialFacts['campaign']>> = {}) => ({ id: 'camp_1', running: true, callerNumbers: [], talkedMs: 0, spendCap: undefined, ...changes });
const task = (changes: Partial<DialFacts['task']> = {}) => ({ ...dialFacts().task, ...changes });
const history = (changes: Partial<DialFacts['history']>) => ({ ...dialFacts().history, ...changes });
const consent = (changes: object = {}) => ({ purpose: 'marketing', granted: true, at: 1, expiresAt: undefined, source: 'form', evidence: 'doc-7', ...changes });

t.test('what is allowed says why', async (t) => {
  t.same(judge({ facts: { purpose: 'marketing', consents: [consent({ at: at('2026-01-02T03:04:05Z') })] } }), {
    allowed: true,
    because: { purpose: 'marketing', consent: '2026-01-02T03:04:05.000Z form doc-7', hours: 'US', zones: 'America/New_York' },
  });
});

t.test('campaign and window', async (t) => {
  refused(t, 'not running', { facts: { campaign: campaign({ running: false }) } }, 'campaign_paused', undefined);
  refused(t, 'too early', { facts: { task: task({ notBefore: NOON + 5 }) } }, 'task_window', NOON + 5);
  refused(t, 'too late', { facts: { task: task({ expiresAt: NOON }) } }, 'task_window', undefined);
});

t.test('destination, country, caller number', async (t) => {
  refused(t, 'no destination', { facts: { to: 'nonsense' } }, 'destination', undefined);
  refused(t, 'a number as people write it', { facts: { to: '+1 212 555 0123' } }, 'destination', undefined);
  allowed(t, 'a SIP URI', { facts: { to: 'sip:200@10.0.0.2', now: at('2026-12-01T03:00:00Z') } });
  refused(t, 'not listed', { rules: { countries: ['GB'] } }, 'country', undefined);
  refused(t, 'denied', { rules: { countries_denied: ['US'] } }, 'country', undefined);
  allowed(t, 'listed', { rules: { countries: ['US'] } });
  refused(t, 'caller of the installation', { rules: { caller_numbers: ['+442079460000'] } }, 'caller_number', NOON + 12 * HOUR);
  refused(t, 'caller of the campaign', { facts: { campaign: campaign({ callerNumbers: ['+442079460000'] }) } }, 'caller_number', NOON + 12 * HOUR);
  refused(t, 'none given', { facts: { from: undefined, campaign: campaign({ callerNumbers: ['+12125550100'] }) } }, 'caller_number', NOON + 12 * HOUR);
  allowed(t, 'in both lists', { rules: { caller_numbers: ['+12125550100'] }, facts: { campaign: campaign({ callerNumbers: ['+12125550100'] }) } });
});

t.test('suppressions', async (t) => {
  refused(t, 'everywhere', { facts: { suppressions: [suppression()] } }, 'suppression', undefined);
  refused(t, 'for this campaign, until it ends', { facts: { campaign: campaign(), suppressions: [suppression({ scope: 'camp_1', expiresAt: NOON + 1 })] } }, 'suppression', NOON + 1);
  refused(t, 'the longest counts', { facts: { suppressions: [suppression({ expiresAt: NOON + 1 }), suppression()] } }, 'suppression', undefined);
  allowed(t, 'of another campaign', { facts: { campaign: campaign(), suppressions: [suppression({ scope: 'camp_2' })] } });
  allowed(t, 'it has ended', { facts: { suppressions: [suppression({ expiresAt: NOON })] } });
});

t.test('consent', async (t) => {
  refused(t, 'none', { facts: { purpose: 'marketing' } }, 'consent', undefined);
  refused(t, 'run out', { facts: { purpose: 'marketing', consents: [consent({ expiresAt: NOON })] } }, 'consent', undefined);
  refused(t, 'taken back', { facts: { purpose: 'marketing', consents: [consent({ at: 1 }), consent({ at: 2, granted: false })] } }, 'consent', undefined);
  refused(t, 'both at once', { facts: { purpose: 'marketing', consents: [consent(), consent({ granted: false })] } }, 'consent', undefined);
  refused(t, 'for another purpose', { facts: { purpose: 'marketing', consents: [consent({ purpose: 'service' })] } }, 'consent', undefined);
  refused(t, 'a refusal counts where none is needed', { facts: { purpose: 'service', consents: [consent({ purpose: 'service', granted: false })] } }, 'consent', undefined);
  refused(t, 'a refusal of everything', { facts: { consents: [consent({ purpose: '*', granted: false })] } }, 'consent', undefined);
  allowed(t, 'given again', { facts: { purpose: 'marketing', consents: [consent({ at: 2 }), consent({ at: 1, granted: false })] } });
  allowed(t, 'a purpose that needs none', { facts: { purpose: 'service' } });
  refused(t, 'the default purpose', { facts: { purpose: undefined }, rules: { default_purpose: 'marketing' } }, 'consent', undefined);
});

t.test('calling hours', async (t) => {
  const evening = at('2026-12-02T01:30:00Z');
  allowed(t, 'half past eight in New York', { facts: { now: evening } });
  refused(t, 'half past eight, a number of Florida', { facts: { now: evening, to: '+13055550123' } }, 'calling_hours', at('2026-12-02T13:00:00Z'));
  refused(t, 'half past eight, an address in Florida', { facts: { now: evening, address: { country: 'US', region: 'FL' } } }, 'calling_hours', at('2026-12-02T13:00:00Z'));
  const nineInNewYork = at('2026-12-01T14:00:00Z');
  allowed(t, 'the number tells the zone', { facts: { now: nineInNewYork, timeZones: [] } });
  refused(t, 'nobody knows where in the country', { facts: { to: '+18005550123', now: nineInNewYork, timeZones: [] } }, 'calling_hours', at('2026-12-01T22:00:00Z'));
  allowed(t, 'the contact narrows what the number leaves open', { facts: { to: '+18005550123', now: nineInNewYork } });
  allowed(t, 'a zone that does not exist is none', { facts: { now: nineInNewYork, timeZones: ['America/Nowhere'] } });
  refused(t, 'the number counts beside what was told', { facts: { to: '+13105550123', now: nineInNewYork } }, 'calling_hours', at('2026-12-01T16:00:00Z'));
  refused(t, 'the address counts beside the number', { facts: { now: nineInNewYork, timeZones: [], address: { country: 'US', region: 'California' } } }, 'calling_hours', at('2026-12-01T16:00:00Z'));
  refused(t, 'and beside what was told, if it is elsewhere', { facts: { now: at('2026-12-01T20:00:00Z'), address: { country: 'ES' } } }, 'calling_hours', at('2026-12-02T14:00:00Z')); // 21:00 in Madrid; New York waits for nine there, Madrid for eight here.
  refused(t, 'a state may be written out', { facts: { now: evening, address: { country: 'US', region: 'florida' } } }, 'calling_hours', at('2026-12-02T13:00:00Z'));
  const hours = { tue: [{ from: '10:00', to: '11:00' }] };
  refused(t, "the campaign's hours on the callee's wall", { facts: { hours } }, 'calling_hours', at('2026-12-08T15:00:00Z'));
  refused(t, "the campaign's hours on its own", { facts: { hours, hoursZone: 'Europe/Berlin' } }, 'calling_hours', undefined);
  refused(t, 'France at lunch', { facts: { to: '+33612345678', timeZones: ['Europe/Paris'], now: at('2026-12-01T12:30:00Z') } }, 'calling_hours', at('2026-12-01T13:00:00Z'));
  refused(t, 'China at night', { facts: { to: '+8613912345678', timeZones: [], now: at('2026-12-01T12:00:00Z') } }, 'calling_hours', at('2026-12-02T01:00:00Z'));
  allowed(t, 'law is switched off', { facts: { now: at('2026-12-01T06:00:00Z') }, rules: { legal_hours: false } });
  allowed(t, 'the purpose is exempt', { facts: { now: at('2026-12-01T06:00:00Z'), purpose: 'call_back' }, rules: { legal_hours_exempt: ['call_back'] } });
  refused(t, 'an exempt purpose still keeps the hours of its campaign', { facts: { hours, purpose: 'call_back' }, rules: { legal_hours_exempt: ['call_back'] } }, 'calling_hours', at('2026-12-08T15:00:00Z'));
});

t.test('holidays', async (t) => {
  const holidays = book({ US: ['2026-12-01'], 'US-AL': ['2026-12-01'], CN: ['2026-12-01', '2026-12-02'] });
  allowed(t, 'nobody asked', { holidays });
  refused(t, 'of the callee', { holidays, rules: { holidays: ['callee'] } }, 'holiday', at('2026-12-02T13:00:00Z'));
  refused(t, 'of a country, by the campaign', { holidays, facts: { holidays: ['CN'] } }, 'holiday', at('2026-12-03T13:00:00Z'));
  refused(t, 'by law of the state', { holidays, facts: { to: '+12055550123', timeZones: ['America/Chicago'] } }, 'calling_hours', at('2026-12-02T14:00:00Z'));
  const asked: string[] = [];
  const unknown: HolidayBook = { isHoliday: (place) => void asked.push(place), load: () => Promise.resolve() };
  refused(t, 'a calendar that is not known yet', { holidays: unknown, rules: { holidays: ['callee'] } }, 'holiday', NOON + 5_000);
  t.ok(asked.includes('US'));
  asked.length = 0;
  refused(t, 'a region in words', { holidays: unknown, facts: { to: '+8613912345678', address: { country: 'CN', region: '浙江省' }, now: at('2026-12-01T04:00:00Z'), timeZones: [] }, rules: { holidays: ['callee'] } }, 'holiday', at('2026-12-01T04:00:05Z'));
  t.same([...new Set(asked)], ['CN'], 'what no calendar is of is not asked for');
});

t.test('caps', async (t) => {
  refused(t, 'of the task', { facts: { task: task({ attempts: 3 }) } }, 'attempts_task', undefined);
  const today = [NOON - HOUR, NOON - 2 * HOUR, NOON - 3 * HOUR];
  refused(t, 'of the day', { facts: { history: history({ attemptsAt: today }) } }, 'attempts_number_day', at('2026-12-02T05:00:00Z'));
  allowed(t, 'one was yesterday', { facts: { history: history({ attemptsAt: [...today.slice(1), NOON - 13 * HOUR] }) } });
  refused(t, 'in Florida 24 hours count', { facts: { to: '+13055550123', history: history({ attemptsAt: [...today.slice(1), NOON - 13 * HOUR] }) } }, 'attempts_number_day', NOON + 11 * HOUR);
  const week = [1, 2, 3, 4, 5, 6].map((days) => NOON - days * DAY);
  allowed(t, 'six in the week', { facts: { history: history({ attemptsAt: week }) } });
  refused(t, 'seven in the week', { facts: { history: history({ attemptsAt: [NOON - HOUR, ...week] }) } }, 'attempts_number_week', at('2026-12-02T05:00:00Z'));
  allowed(t, 'no cap', { rules: { per_number_a_day: 0, per_number_a_week: 0 }, facts: { history: history({ attemptsAt: Array.from({ length: 50 }, () => NOON - HOUR) }) } });
  refused(t, 'four a month in France', { facts: { to: '+33612345678', timeZones: ['Europe/Paris'], now: at('2026-12-01T10:00:00Z'), history: history({ attemptsAt: [3, 10, 17, 24].map((days) => at('2026-12-01T10:00:00Z') - days * DAY) }) } }, 'attempts_number_week', at('2026-12-07T10:00:00Z'));
  allowed(t, 'a SIP URI is no number of a person', { facts: { to: 'sip:200@10.0.0.2', history: history({ attemptsAt: Array.from({ length: 50 }, () => NOON - 1) }) } });
});

t.test('quiet time and spending', async (t) => {
  refused(t, 'abandoned', { facts: { history: history({ lastAbandonedAt: NOON - 71 * HOUR }) } }, 'quiet_time', NOON + HOUR);
  allowed(t, 'long ago', { facts: { history: history({ lastAbandonedAt: NOON - 72 * HOUR }) } });
  refused(t, 'refused', { facts: { history: history({ lastRefusedAt: NOON - 23 * HOUR }) } }, 'quiet_time', NOON + HOUR);
  refused(t, 'refused in France', { facts: { to: '+33612345678', timeZones: ['Europe/Paris'], now: at('2026-12-01T10:00:00Z'), history: history({ lastRefusedAt: at('2026-12-01T10:00:00Z') - 59 * DAY }) } }, 'quiet_time', at('2026-12-01T10:00:00Z') + DAY);
  refused(t, 'on the line', { facts: { history: history({ inCall: true }) } }, 'number_in_call', NOON + 60_000);
  refused(t, 'whatever it is called for', { facts: { purpose: 'emergency', history: history({ inCall: true }) }, rules: { legal_hours_exempt: ['emergency'] } }, 'number_in_call', NOON + 60_000);
  allowed(t, 'a URI without a number may have many people behind it', { facts: { to: 'sip:queue@pbx', history: history({ inCall: true }) } });
  refused(t, 'spent', { facts: { campaign: campaign({ talkedMs: 20 * 60_000, spendCap: 10 }) }, rules: { cost_per_minute: 0.5 } }, 'spend_cap', NOON + 12 * HOUR);
  allowed(t, 'nearly', { facts: { campaign: campaign({ talkedMs: 19.9 * 60_000, spendCap: 10 }) }, rules: { cost_per_minute: 0.5 } });
});

t.test('a number in a SIP URI is judged as that number', async (t) => {
  const night = at('2026-12-01T09:00:00Z');
  for (const to of ['sip:+12125550123@sbc.carrier.example;user=phone', 'sips:+1-212-555-0123@sbc.carrier.example', 'sip:%2B12125550123@10.0.0.2']) {
    allowed(t, to, { facts: { to } });
    refused(t, 'hours', { facts: { to, now: night, timeZones: [] } }, 'calling_hours', at('2026-12-01T13:00:00Z'));
    refused(t, 'country', { facts: { to }, rules: { countries_denied: ['US'] } }, 'country', undefined);
    refused(t, 'caps', { facts: { to, history: history({ attemptsAt: [NOON - 1, NOON - 2, NOON - 3] }) } }, 'attempts_number_day', at('2026-12-02T05:00:00Z'));
    refused(t, 'quiet time', { facts: { to, history: history({ lastRefusedAt: NOON - 23 * HOUR }) } }, 'quiet_time', NOON + HOUR);
    refused(t, 'holidays', { facts: { to }, holidays: book({ US: ['2026-12-01'] }), rules: { holidays: ['callee'] } }, 'holiday', at('2026-12-02T13:00:00Z'));
  }
  refused(t, 'law by its area code', { facts: { to: 'sip:+13055550123@10.0.0.2', now: at('2026-12-02T01:30:00Z') } }, 'calling_hours', at('2026-12-02T13:00:00Z'));
  allowed(t, 'digits without + are what their host makes of them', { facts: { to: 'sip:12125550123@10.0.0.2', now: night } });
});

t.test('the table has every rule, and the first that refuses speaks', async (t) => {
  const all: Partial<DialFacts> = { campaign: campaign({ running: false }), suppressions: [suppression()], task: task({ attempts: 9, expiresAt: 1 }) };
  refused(t, 'first of three', { facts: all }, 'campaign_paused', undefined);
  refused(t, 'first of two', { facts: { ...all, campaign: undefined, task: task({ attempts: 9 }) } }, 'suppression', undefined);
  t.equal(new Set(dialRules).size, dialRules.length);
});

const numbers = fc.constantFrom('+12125550123', '+13055550123', '+14015550123', '+8613912345678', '+447400123456', '+33612345678', '+34612345678', '+61412345678', '+81312345678');
const zones = fc.uniqueArray(fc.constantFrom('America/New_York', 'Pacific/Honolulu', 'Asia/Shanghai', 'Europe/London', 'Europe/Paris', 'Australia/Sydney', 'Asia/Tokyo', 'Africa/Casablanca'), { maxLength: 3 });
const formats = new Map<string, Intl.DateTimeFormat>();

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  formats.set(timeZone, format);
  return format;
}

const instants = fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2027-12-31T00:00:00Z') });

t.test('never allowed outside of eight to half past nine in any zone, whatever else', async (t) => {
  let dials = 0;
  fc.assert(
    fc.property(numbers, zones, instants, (to, timeZones, now) => {
      if (!judge({ facts: { to, timeZones, now } }).allowed) return true;
      dials++;
      const all = timeZones.length > 0 ? timeZones : zonesOfNumber(to);
      return all.every((timeZone) => {
        const text = clockOf(timeZone).format(now);
        return text >= '08:00' && text < '21:30';
      });
    }),
    { numRuns: 3_000 },
  );
  t.ok(dials > 200, `some were allowed: ${dials}`);
});

t.test('where it says until, it is not refused for its hours then', async (t) => {
  fc.assert(
    fc.property(numbers, zones, instants, (to, timeZones, now) => {
      const first = judge({ facts: { to, timeZones, now } });
      if (first.allowed || first.until === undefined) return true;
      return first.until > now && judge({ facts: { to, timeZones, now: first.until } }).allowed;
    }),
    { numRuns: 500 },
  );
  t.pass();
});

t.test('a suppressed number is never allowed, whatever else', async (t) => {
  fc.assert(
    fc.property(numbers, zones, instants, fc.option(fc.nat(1_000), { nil: undefined }), fc.boolean(), fc.constantFrom('service', 'marketing', 'call_back'), (to, timeZones, now, more, law, purpose) => {
      const suppressions = [suppression({ number: to, expiresAt: more === undefined ? undefined : now + 1 + more })];
      return !judge({ facts: { to, timeZones, now, purpose, suppressions, consents: [consent()] }, rules: { legal_hours: law, legal_hours_exempt: ['call_back'] } }).allowed;
    }),
    { numRuns: 2_000 },
  );
  t.pass();
});

t.test('the data of law', async (t) => {
  for (const { place, hours, source } of legalHours) {
    t.equal(weekOf(hours, place).length, 7, place);
    t.ok(source.length > 8, `${place} names its source`);
  }
  t.equal(new Set(legalHours.map(({ place }) => place)).size, legalHours.length, 'one entry a place');
  t.same(placeOf('+13055550123'), { country: 'US', region: 'FL' });
  t.same(placeOf('+12125550123'), { country: 'US', region: undefined });
  t.same(placeOf('+16045550123'), { country: 'CA', region: undefined });
});
