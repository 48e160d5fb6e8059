import t from 'tap';
import { ExpressionReader, isProblem } from '../../../src/dialogue/expression.js';
import type { ExpressionValue } from '../../../src/dialogue/expression.js';
import { nextInside } from '../../../src/dialogue/verdict/calling-hours.js';
import { isOpen, nextOpen, weekOf } from '../../../src/outbound/rules/calling-hours.js';
import { checkVerdictRules, verdictRules } from '../../../src/dialogue/verdict/rules.js';
import type { VerdictRule } from '../../../src/dialogue/verdict/rules.js';
import type { VerdictFacts } from '../../../src/dialogue/verdict/verdict-rules.js';

const NOW = Date.UTC(2026, 10, 23, 15);
const FACTS: VerdictFacts = { slots: {}, variables: { credit_score: 740, city: 'Shanghai' }, intents: [], mood: { label: 'neutral', valence: 0, trend: 0 }, attempts: { made: 1, left: 2 }, turns: 4, failures: 0, node: 'offer', ended: 'flow_end', nowMs: NOW, timeZone: 'America/New_York' };
const NAMES = ['credit_score', 'city', 'when', 'email', 'do_not_call', 'applies'];
const RULES: VerdictRule[] = [
  { when: 'do_not_call == true', verdict: 'end', reason: 'asked not to be called' },
  { when: 'mood.label == "angry" || failures >= 3', verdict: 'handoff', queue: 'care', reason: 'upset in {node}' },
  { when: 'applies == true && credit_score >= 720', verdict: 'handoff', queue: 'sales', reason: 'wants the card, score {credit_score}' },
  { when: '"call_later" in intents', verdict: 'redial_at', at: 'when', in_minutes: 60, reason: 'busy' },
  { when: 'email != null', verdict: 'follow_up', channel: 'email', template: 'offer', reason: 'asked for it by mail' },
  { when: 'ended == "caller_hung_up" && attempts.left > 0', verdict: 'redial_at', in_minutes: 1440, reason: 'hung up' },
  { verdict: 'end', reason: 'not interested' },
];
const rules = verdictRules(RULES, NAMES, { from: '09:00', to: '20:00', days: [1, 2, 3, 4, 5] });

const table: [string, Partial<VerdictFacts>, object][] = [
  ['nothing came of it', {}, { kind: 'end', reason: 'not interested' }],
  ['do-not-call wins over all', { slots: { do_not_call: true, applies: true }, mood: { label: 'angry', valence: -1, trend: -1 } }, { kind: 'end', reason: 'asked not to be called' }],
  ['angry', { mood: { label: 'angry', valence: -0.8, trend: -0.5 } }, { kind: 'handoff', queue: 'care', reason: 'upset in ' }],
  ['applies', { slots: { applies: true } }, { kind: 'handoff', queue: 'sales', reason: 'wants the card, score 740' }],
  ['applies, score too low', { slots: { applies: true }, variables: { credit_score: 700 } }, { kind: 'end', reason: 'not interested' }],
  ['later, at a time', { intents: ['call_later'], slots: { when: '2026-11-24T20:00:00Z' } }, { kind: 'redial_at', at: '2026-11-24T20:00:00Z', reason: 'busy' }],
  ['later, without a time', { intents: ['call_later'] }, { kind: 'redial_at', at: '2026-11-23T16:00:00Z', reason: 'busy' }],
  ['later, at night: moved to the morning', { intents: ['call_later'], slots: { when: '2026-11-25T03:00:00Z' } }, { kind: 'redial_at', at: '2026-11-25T14:00:00Z', reason: 'busy' }],
  ['later, on a Saturday: moved to Monday', { intents: ['call_later'], slots: { when: '2026-11-28T16:00:00Z' } }, { kind: 'redial_at', at: '2026-11-30T14:00:00Z', reason: 'busy' }],
  ['later, but no attempt is left', { intents: ['call_later'], attempts: { made: 3, left: 0 } }, { kind: 'end', reason: 'busy; no attempt left' }],
  ['later, but what was kept is a day, or an hour: no moment', { intents: ['call_later'], slots: { when: '2026-11-25' } }, { kind: 'redial_at', at: '2026-11-23T16:00:00Z', reason: 'busy' }],
  ['later, at a time that the task brought', { intents: ['call_later'], variables: { when: '2026-11-24T15:30:00-05:00' } }, { kind: 'redial_at', at: '2026-11-24T20:30:00Z', reason: 'busy' }],
  ['later, a time that is past', { intents: ['call_later'], slots: { when: '2020-01-01T00:00:00Z' } }, { kind: 'redial_at', at: '2026-11-23T16:00:00Z', reason: 'busy' }],
  ['by mail', { slots: { email: 'a@b.org' } }, { kind: 'follow_up', channel: 'email', template: 'offer', reason: 'asked for it by mail' }],
  ['hung up', { ended: 'caller_hung_up' }, { kind: 'redial_at', at: '2026-11-24T15:00:00Z', reason: 'hung up' }],
];
for (const [name, over, verdict] of table) t.test(name, (t) => (t.same(rules.judge({ ...FACTS, ...over }).verdict, verdict), t.end()));

t.test('rules that cannot work are named', (t) => {
  t.same(checkVerdictRules(RULES, NAMES), []);
  const problems = checkVerdictRules([{ when: 'credit_scor > 3', verdict: 'end', reason: 'x' }, { verdict: 'end', reason: 'y' }, { when: 'city ==', verdict: 'handoff', reason: 'z' }, { when: 'size(city)', verdict: 'redial_at', at: 'whenever' }], NAMES);
  t.same(problems, [
    { index: 0, field: 'when', reason: 'there is no value "credit_scor"; "credit_score" is meant? (character 1)' },
    { index: 1, field: 'when', reason: 'is missing: the rules after this one are never reached' },
    { index: 2, field: 'when', reason: 'Unexpected token: EOF (character 8)' },
    { index: 2, field: 'queue', reason: 'is needed for handoff' },
    { index: 3, field: 'when', reason: 'gives a int, not yes or no (character 1)' },
    { index: 3, field: 'at', reason: 'there is no value "whenever"' },
    { index: 3, field: 'reason', reason: 'is needed: the result says why' },
  ]);
  t.throws(() => verdictRules([{ when: 'nonsense', verdict: 'end', reason: '' }], [], undefined), RangeError);
  t.end();
});

t.test('expressions: values that are not set, numbers of both kinds, other types', (t) => {
  const reader = new ExpressionReader({ age: 'value', city: 'value', intents: 'list', mood: 'map' });
  const holds = (text: string, values: Record<string, ExpressionValue> = {}): unknown => {
    const read = reader.read(text);
    return isProblem(read) ? read.reason : read.holds(values);
  };
  t.equal(holds('age > 3'), false, 'not set');
  t.equal(holds('age == null'), true);
  t.equal(holds('age + 1 > 30.5', { age: 30 }), true);
  t.equal(holds('2 * age == 60', { age: 30 }), true);
  t.equal(holds('age / 4 == 7.5', { age: 30 }), true);
  t.equal(holds('age >= "x"', { age: 30 }), false, 'a number and a text');
  t.equal(holds('city.startsWith("Sh") && !("no" in intents)', { city: 'Shanghai', intents: ['yes'] }), true);
  t.equal(holds('mood.label in ["angry", "annoyed"]', { mood: { label: 'annoyed' } }), true);
  t.equal(holds('mood.nothing > 1', { mood: {} }), false);
  t.match(holds('constructor'), /no value/);
  t.match(holds('__proto__ == null'), /./);
  t.match(holds(`${'('.repeat(300)}1${')'.repeat(300)}`), /./);
  t.match(holds('a'.repeat(2000)), /longer/);
  t.match(holds(`[${'1,'.repeat(300)}1].size() > 3`), /./);
  t.end();
});

t.test('calling hours over changes of clocks, and hours that never open', (t) => {
  const hours = { from: '09:00', to: '20:00', days: [1, 2, 3, 4, 5, 6, 7] };
  const at = (iso: string, zone: string): string | undefined => {
    const ms = nextInside(hours, Date.parse(iso), zone);
    return ms === undefined ? undefined : new Date(ms).toISOString();
  };
  t.equal(at('2026-03-29T00:30:00Z', 'Europe/Berlin'), '2026-03-29T07:00:00.000Z', 'the night that loses an hour');
  t.equal(at('2026-10-25T00:30:00Z', 'Europe/Berlin'), '2026-10-25T08:00:00.000Z', 'the night that gains one');
  t.equal(at('2026-11-23T19:59:00Z', 'UTC'), '2026-11-23T19:59:00.000Z');
  t.equal(at('2026-11-23T19:59:59Z', 'UTC'), '2026-11-23T19:59:59.000Z', 'the last second is inside');
  t.equal(at('2026-11-23T20:00:00Z', 'UTC'), '2026-11-24T09:00:00.000Z');
  t.equal(nextInside({ ...hours, days: [] }, NOW, 'UTC'), undefined);
  t.equal(nextInside({ ...hours, from: '20:00', to: '09:00' }, NOW, 'UTC'), undefined);
  t.end();
});

t.test('the edges are those of the rules of dialling: a promised time is never refused by the same hours', async (t) => {
  const names = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
  for (const zone of ['America/New_York', 'Europe/Berlin', 'Asia/Shanghai', 'Australia/Lord_Howe']) {
    for (const [from, to] of [['09:00', '20:00'], ['08:30', '12:15'], ['02:30', '22:00']] as const) {
      const days = [1, 2, 3, 5, 7];
      const week = weekOf(Object.fromEntries(days.map((day) => [names[day - 1], [{ from, to }]])) as Parameters<typeof weekOf>[0], 'hours');
      const opening = { name: 'same', zone, week };
      // Every 47 minutes and some seconds over the days on which clocks change, in each hemisphere.
      for (const start of ['2026-03-07', '2026-03-28', '2026-04-04', '2026-10-03', '2026-10-24', '2026-10-31']) {
        for (let at = Date.parse(`${start}T00:00:30Z`); at < Date.parse(`${start}T00:00:30Z`) + 3 * 86_400_000; at += 2_833_000) {
          const ours = nextInside({ from, to, days }, at, zone);
          if (ours !== nextOpen([opening], at, at + 9 * 86_400_000) || ours === undefined || !isOpen(opening, ours)) return void t.fail(`${zone} ${from}-${to} ${new Date(at).toISOString()}: ${String(ours)}`);
        }
      }
    }
  }
  t.pass('the same next instant everywhere');
});
