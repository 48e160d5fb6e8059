import t from 'tap';
import { chatInput } from '../../src/dialogue/chat.js';
import type { CompiledFlow, DialogueOutput } from '../../src/dialogue/dialogue.js';
import { checkFlow } from '../../src/dialogue/flow/compile.js';
import { compile } from './talk.js';

const source = `
trunkline: 2
id: later
language: en-US
start: question
fallback: any_time
calling_hours: { from: '09:00', to: '20:00', days: [1, 2, 3, 4, 5, 6] }
universal: { call_later: { goto: later }, busy_now: { goto: any_time }, bye: { goto: asked } }
slots:
  callback_time: { kind: datetime, ask: When may we call you?, confirm: unsure, confirm_prompt: 'I will call you {value}. Is that right?' }
verdicts:
  - { when: callback_time != null, verdict: redial_at, at: callback_time, reason: busy }
  - { verdict: end, reason: nothing }
nodes:
  question: { ask: Do you have a minute?, kind: yes_no, yes: asked, no: when }
  later: { schedule: callback_time, reason: busy, in_minutes: 60, say: 'I will call you {callback_time}. Goodbye.' }
  when: { ask: When shall we call you then?, kind: time, slot: wish, next: wished, fallback: any_time }
  wished: { end: redial_at, at: wish, in_minutes: 60, reason: no minute, say: 'We will call you {wish}. Goodbye.' }
  any_time: { end: redial_at, in_minutes: 720, reason: no time was named, say: We will try again another time. Goodbye. }
  asked: { verdict: rules, say: Thank you. Goodbye. }
`;
const flow = compile(source);

/** What is said last but the end, and the end. */
function talk(lines: readonly string[], attemptsLeft = 2, variables: Record<string, string> = {}, of: CompiledFlow = flow): { said: readonly string[]; verdict: unknown; slots: unknown } {
  const dialogue = of.start(variables, { attempts: { made: 1, left: attemptsLeft } });
  const outputs: DialogueOutput[] = [...dialogue.next({ type: 'start' })];
  for (const line of lines) outputs.push(...dialogue.next(chatInput(line)));
  const end = outputs.at(-1);
  return { said: outputs.flatMap((output) => (output.type === 'say' ? output.prompt.text : [])), verdict: end?.type === 'end' ? end.verdict : undefined, slots: dialogue.slots };
}

t.test('the flow has no problem', (t) => (t.same(checkFlow(source), []), t.end()));

t.test('schedule: a time inside the hours is kept as it was said', (t) => {
  const { said, verdict } = talk(['Call me later.', 'Tomorrow at three in the afternoon.']);
  t.same(verdict, { kind: 'redial_at', at: '2026-11-24T20:00:00Z', reason: 'busy' });
  t.equal(said.at(-1), 'I will call you tomorrow at 3 PM. Goodbye.');
  t.end();
});

t.test('schedule: what is read back, said last and promised is the moved time', (t) => {
  const late = talk(['Call me later.', 'Tomorrow at ten p.m.', 'Yes.']);
  t.same(late.said.slice(-2), ['I will call you Wednesday, November 25 at 9 AM. Is that right?', 'I will call you Wednesday, November 25 at 9 AM. Goodbye.']);
  t.same(late.verdict, { kind: 'redial_at', at: '2026-11-25T14:00:00Z', reason: 'busy' });
  t.same(late.slots, { callback_time: '2026-11-25T14:00:00Z' });
  const sunday = talk(['Call me later.', 'On Sunday at noon.', 'No, Saturday.', 'Yes.']);
  t.match(sunday.said.at(-2), /Monday, November 30 at 9 AM/);
  t.same(sunday.verdict, { kind: 'redial_at', at: '2026-11-28T14:00:00Z', reason: 'busy' });
  t.end();
});

t.test('the hours are those on the wall of the zone that the task names', (t) => {
  // It is 23:20 there.
  t.match(talk(['Call me later.', 'Tomorrow at ten a.m.'], 2, { time_zone: 'Asia/Shanghai' }).verdict, { at: '2026-11-24T02:00:00Z' });
  t.match(talk(['Call me later.', 'Tomorrow at ten p.m.', 'Yes.'], 2, { time_zone: 'Asia/Shanghai' }).verdict, { at: '2026-11-25T01:00:00Z' });
  t.end();
});

t.test('an end with redial_at: moved, and its last words say so', (t) => {
  const { said, verdict, slots } = talk(['No.', 'Tomorrow at ten p.m.']);
  t.same(verdict, { kind: 'redial_at', at: '2026-11-25T14:00:00Z', reason: 'no minute' });
  t.equal(said.at(-1), 'We will call you Wednesday, November 25 at 9 AM. Goodbye.');
  t.match(slots, { wish: '2026-11-25T14:00:00Z', wish_words: 'Tomorrow at ten p.m.' });
  // Twelve hours from 10:20 are in the night.
  t.match(talk(["I'm busy."]).verdict, { kind: 'redial_at', at: '2026-11-24T14:00:00Z' });
  t.end();
});

t.test('without an attempt nobody is called again, and nobody says so', (t) => {
  for (const lines of [['Call me later.', 'Tomorrow at three in the afternoon.'], ['No.', 'Tomorrow at three in the afternoon.'], ["I'm busy."]]) {
    const { said, verdict } = talk(lines, 0);
    t.match(verdict, { kind: 'end', reason: /; no attempt left$/ });
    t.equal(said.at(-1), 'Goodbye.');
  }
  t.end();
});

t.test('mistakes', (t) => {
  const reasons = (from: string, to: string): string => checkFlow(source.replace(from, to)).map(({ reason }) => reason).join('; ');
  t.match(reasons('kind: datetime', 'kind: date'), /"callback_time" is no moment; a redial needs a slot of kind datetime/);
  t.match(reasons('at: wish,', 'at: place,'), /"place" is not the slot of a question of kind time, nor one of kind datetime/);
  t.match(reasons('We will call you {wish}.', 'Talk to you then.'), /may be moved inside calling_hours, and nobody says so: say \{wish\}/);
  t.equal(reasons('at: wish,', 'at: callback_time,').includes('kind time'), false, 'a slot of a form will do');
  t.end();
});
