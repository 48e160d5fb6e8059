import { readFileSync } from 'node:fs';
import t from 'tap';
import { checkFlow } from '../../src/dialogue/flow/compile.js';
import { compile, hold } from './talk.js';
import type { Held } from './talk.js';

const source = readFileSync(new URL('booking.yaml', import.meta.url), 'utf8');
const flow = compile(source);
const talk = (...lines: string[]): Held => hold(flow, { name: 'Ann' }, lines);
const last = (held: Held): string => held.said.at(-1) ?? '';

t.test('the flow has no problem', (t) => (t.same(checkFlow(source), []), t.end()));

t.test('a whole talk: choice, form, read-back, sub-flow, lookup, questions, verdict', (t) => {
  const held = talk('yes', 'Doctor Brown please', 'tomorrow at three', 'yes', 'two', 'four one five, five five five, two six seven one', 'yes', '={"visit.room": "7"}', 'what does it cost?', 'no');
  t.same(held.said, [
    'Hello Ann. This is the automated assistant of Harbor Clinic.',
    'You have an appointment with us. Will you come?',
    'Would you like to see Doctor Green, or Doctor Brown?',
    'Good. When would you like to come?',
    'I have tomorrow at 3 PM. Is that right?',
    'How many will you be?',
    'And the number that we can reach you on?',
    'I have 4 1 5, 5 5 5, 2 6 7 1. Is that right?',
    'One moment please.',
    'Do you have any questions?',
    'The visit costs forty dollars.',
    'Anything else?',
    'You are in room 7. Goodbye.',
  ]);
  t.same(held.slots, { seen_by: 'brown', visit: '2026-11-24T20:00:00Z', people: 2, phone: '+14155552671', room: '7' });
  t.same(held.verdict, { kind: 'end', reason: 'booked for 2' });
  t.end();
});

t.test('one sentence fills several values; none is asked for twice', (t) => {
  const held = talk('can we change it', 'the two of us, tomorrow at three', 'yes');
  t.equal(held.slots['visit'], '2026-11-24T20:00:00Z');
  const other = talk('yes', 'the second one', 'Friday at ten AM', 'no, at eleven AM', 'yes');
  t.equal(other.slots['visit'], '2026-11-27T16:00:00Z', 'the day stays, the hour is corrected');
  t.equal(last(other), 'How many will you be?');
  t.end();
});

t.test('corrections: at the read-back, and at a later question', (t) => {
  const held = talk('can we change it', 'Thursday at ten AM', 'no, Friday, not Thursday', 'yes', 'three', 'no, sorry, four');
  t.equal(held.slots['visit'], '2026-11-27T15:00:00Z');
  const denied = talk('can we change it', 'Thursday at ten AM', 'no');
  t.equal(last(denied), 'Sorry, let us try once more. When would you like to come?');
  t.end();
});

t.test('a digression is answered, and the talk comes back to where it was', (t) => {
  const held = talk('is there parking?', 'yes', 'Doctor Green', 'what does it cost', 'tomorrow at three');
  t.same(held.said.slice(2, 4), ['There is free parking behind the house.', 'As I was saying. Will you come?']);
  t.same(held.said.slice(-3), ['The visit costs forty dollars.', 'As I was saying. When would you like to come?', 'I have tomorrow at 3 PM. Is that right?']);
  t.end();
});

t.test('several meanings in one utterance, in order', (t) => {
  const held = talk('Yes, but what does it cost?');
  t.same(held.said.slice(2), ['The visit costs forty dollars.', 'Would you like to see Doctor Green, or Doctor Brown?']);
  t.match(held.trace.at(-2), /fact_price .* \+ yes/);
  t.end();
});

t.test('failures escalate: again, help, then the way out', (t) => {
  const held = talk('can we change it', 'the boat is green', 'my dog likes fish', 'blue blue blue');
  t.same(held.said.slice(3), ['Sorry, when? For example, tomorrow at three.', 'Please name a day and an hour, such as Tuesday at ten.', 'A colleague will call you.']);
  t.same(held.verdict, { kind: 'handoff', queue: 'desk', reason: 'not understood' });
  t.end();
});

t.test('a digression does not wipe out failures: nobody goes round for ever', (t) => {
  const held = talk('can we change it', 'the boat is green', 'what does it cost', 'my dog likes fish', 'what does it cost', 'blue blue blue');
  t.equal(held.verdict?.kind, 'handoff');
  t.end();
});

t.test('values out of bounds are told as such', (t) => {
  const held = talk('can we change it', 'tomorrow at three', 'yes', 'twelve');
  t.equal(last(held), 'That is too much. How many will you be?');
  const past = talk('can we change it', 'yesterday at noon');
  t.equal(last(past), 'That does not fit the time. When would you like to come?');
  t.end();
});

t.test('half a number goes on where it stopped', (t) => {
  const held = talk('can we change it', 'tomorrow at three', 'yes', 'two', 'four one five', 'five five five two six seven one', 'yes');
  t.equal(held.said.at(-3), 'Yes, go on.');
  t.equal(held.slots['phone'], '+14155552671');
  t.end();
});

t.test('the keypad: values, confirmation, choice', (t) => {
  const held = talk('yes', '#2', 'tomorrow at three', '#1', '#2', '#4155552671', '#1');
  t.same([held.slots['seen_by'], held.slots['people'], held.slots['phone']], ['brown', 2, '+14155552671']);
  t.end();
});

t.test('silence and trouble during a read-back say it again', (t) => {
  const held = talk('can we change it', 'tomorrow at three', '', '!');
  t.same(held.said.slice(-3), ['I have tomorrow at 3 PM. Is that right?', 'Sorry, I lost you for a moment.', 'I have tomorrow at 3 PM. Is that right?']);
  t.end();
});

t.test('a lookup that fails, is late, or lacks what was asked for', (t) => {
  const before = ['can we change it', 'tomorrow at three', 'yes', 'two', '#4155552671', '#1'];
  for (const answer of ['=', '={"other": 1}']) {
    const held = talk(...before, answer);
    t.same(held.verdict, { kind: 'handoff', queue: 'desk', reason: 'could not be booked' }, answer);
  }
  t.end();
});

t.test('mood: one word changes nothing, two turns do', (t) => {
  const one = talk('this is ridiculous');
  t.equal(one.verdict, undefined);
  const two = talk('this is ridiculous, I am fed up', 'shut up you idiots');
  t.same(two.said.slice(-2), ['I am sorry that you are upset.', 'A colleague will call you.']);
  t.end();
});

t.test('slower: asked for, or because the caller is confused; and it stays so', (t) => {
  for (const words of [['please speak more slowly'], ['I do not understand, what do you mean, you lost me']]) {
    const dialogue = flow.start({ name: 'Ann' });
    t.ok(dialogue.next({ type: 'start' }).every((output) => output.type !== 'say' || output.slower === undefined));
    for (const text of words) dialogue.next({ type: 'utterance', text });
    const outputs = dialogue.next({ type: 'utterance', text: 'yes' });
    t.ok(outputs.some((output) => output.type === 'say'));
    t.ok(outputs.every((output) => output.type !== 'say' || output.slower === true), words.join());
    t.match(outputs.at(-1), { type: 'listen', patient: true });
  }
  t.end();
});

t.test('the caller hangs up: the table judges', (t) => {
  const dialogue = flow.start({ name: 'Ann' }, { attempts: { made: 1, left: 2 } });
  dialogue.next({ type: 'start' });
  t.same(dialogue.judge('caller_hung_up'), { kind: 'redial_at', at: '2026-11-23T17:20:00Z', reason: 'hung up in between' });
  const lastTry = flow.start({ name: 'Ann' }, { attempts: { made: 3, left: 0 } });
  lastTry.next({ type: 'start' });
  t.equal(lastTry.judge('caller_hung_up')?.kind, 'handoff');
  t.end();
});

const broken: Record<string, { from: string; to: string; reason: RegExp }> = {
  'a slot that is not there': { from: 'collect: [visit, people]', to: 'collect: [visits, people]', reason: /no slot "visits"; "visit" is meant/ },
  'a condition with a slip': { from: 'visit != null &&', to: 'vist != null &&', reason: /no value "vist"; "visit" is meant\? \(character 1\)/ },
  'rules that never end': { from: '  - { verdict: handoff, queue: desk, reason: nothing was booked }\n', to: '', reason: /last rule must hold always/ },
  'an amount of no currency': { from: 'kind: number, ask', to: 'kind: amount, ask', reason: /currency|is needed/ },
  'no disclosure before the first question': { from: "'Hello {name}. {disclosure}'", to: 'Hello.', reason: /before any text with \{disclosure\}/ },
  'a sub-flow that is not there': { from: 'run: number', to: 'run: numbers', reason: /no sub-flow "numbers"; "number" is meant/ },
  'return outside': { from: 'next: look }', to: 'next: return }', reason: /only known in a sub-flow/ },
  'a fact that is asked like another': { from: 'questions: [where can I park,', to: 'questions: [what does it cost,', reason: /is also one for/ },
  'version 1 with things of version 2': { from: 'trunkline: 2', to: 'trunkline: 1', reason: /needs `trunkline: 2`/ },
  'mood that does nothing': { from: 'slower: true }\nverdicts', to: 'slower: false }\nverdicts', reason: /does nothing/ },
};
for (const [name, { from, to, reason }] of Object.entries(broken)) {
  t.test(`check: ${name}`, (t) => {
    t.ok(source.includes(from));
    const problems = checkFlow(source.replace(from, to)).filter((problem) => problem.severity === 'error');
    t.ok(problems.some((problem) => reason.test(problem.reason) && problem.line > 0), JSON.stringify(problems));
    t.end();
  });
}

t.test('check: an example that is hard to tell from another is a warning', (t) => {
  const from = 'can we change it,';
  t.ok(source.includes(from));
  const problems = checkFlow(source.replace(from, 'where can I park it,'));
  t.match(problems, [{ severity: 'warning', reason: /"where can I park it" is hard to tell from "where can I park" of "parking"/ }]);
  t.end();
});

t.test('a time that was asked for is the answer, however much it resembles "call me later"', (t) => {
  const held = talk('can we change it', 'call me tomorrow at three');
  t.match(last(held), /tomorrow at 3 PM/);
  t.end();
});

t.test('silence in a form asks for the slot that is open, once', (t) => {
  const held = talk('can we change it', 'tomorrow at three', 'yes', '');
  t.equal(last(held), 'Are you still there? How many will you be?');
  t.end();
});

t.test('the one part of a long utterance that says something is taken', (t) => {
  const held = talk('Well, you know how it is with my old car, can we change it');
  t.equal(last(held), 'Good. When would you like to come?');
  t.end();
});
