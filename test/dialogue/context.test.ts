import t from 'tap';
import { checkFlow } from '../../src/dialogue/flow/compile.js';
import { compile, compileExampleIn, hold } from './talk.js';
import type { Held } from './talk.js';

const told = (held: Held): string => [...held.trace, ...held.said].join('\n');

const flow = `trunkline: 2
id: t
language: en-US
start: agreed
fallback: lost
universal:
  complaint: { goto: what }
  stop_calling: true
intents:
  broken: { examples: [something is broken, it does not work, it broke down] }
slots:
  visit: { kind: datetime, ask: When would you like to come?, confirm: always }
  mail: { kind: number, ask: How many will you be?, max: 8 }
sub_flows: { meet: { start: form } }
nodes:
  agreed: { ask: Shall we?, again: 'So, shall we?', kind: yes_no, yes: sub, no: done, intents: { broken: { goto: kind } } }
  sub: { run: meet, next: last }
  form: { collect: [visit, mail], next: return, cancel: lost }
  last: { ask: Is that all?, kind: yes_no, yes: done, no: form }
  what: { ask: What happened?, kind: text, slot: complaint_words, anew: true, accept: 0.9, next: which }
  which: { ask: Was it yesterday?, kind: yes_no, yes: thanks, no: thanks }
  kind: { choose: Is it the door or the window?, options: { door: { goto: back }, window: { goto: back } } }
  thanks: { say: I pass it on., next: back }
  done: { end: end, reason: done, say: Bye. }
  lost: { handoff: desk, reason: not understood, say: A colleague will call you. }
`;

t.test('a digression that asks something comes back to what it interrupted', async (t) => {
  t.same(checkFlow(flow), []);
  const compiled = compile(flow);
  const held = hold(compiled, {}, ['I want to complain.', 'The door was shut.', 'Yes.', 'Yes.']);
  t.same(held.said.slice(1, 5), ['What happened?', 'Was it yesterday?', 'I pass it on.', 'So, shall we?'], told(held));
  t.equal(held.said.at(-1), 'When would you like to come?');
  const inside = hold(compiled, {}, ['I want to complain.', 'I want to complain.', 'The door was shut.', 'Yes.']);
  t.ok(inside.said.filter((line) => line === 'What happened?').length >= 2 || inside.said.includes('I pass it on.'), told(inside));
  const own = hold(compiled, {}, ['It does not work.', 'The door.']);
  t.equal(own.said.at(-1), 'So, shall we?', told(own));
});

t.test('a form that was interrupted goes on where it was, and so does its sub-flow', async (t) => {
  const held = hold(compile(flow), {}, ['Yes.', 'Tomorrow at 3 PM.', 'I want to complain.', 'The door was shut.', 'No.', 'Yes.', 'Four.', 'Yes.']);
  t.equal(held.said.filter((line) => line === 'I have tomorrow at 3 PM. Is that right?').length, 2, told(held));
  t.match(held.slots, { visit: '2026-11-24T20:00:00Z', mail: 4 });
  t.match(held.verdict, { kind: 'end', reason: 'done' });
});

t.test('a digression does not wipe out what failed before it', async (t) => {
  const held = hold(compile(flow), {}, ['the boat is green', 'the sea is calm', 'I want to complain.', 'The door was shut.', 'Yes.', 'my dog likes fish']);
  t.match(held.verdict, { kind: 'handoff', queue: 'desk' }, told(held));
});

t.test('a sub-flow that is left does not return', async (t) => {
  const source = `trunkline: 2
id: t
language: en-US
start: first
fallback: lost
slots: { count: { kind: number, ask: How many?, max: 8 }, other: { kind: number, ask: How many others?, max: 8 } }
sub_flows: { one: { start: ask_one }, two: { start: ask_two } }
nodes:
  first: { run: one, next: wrong }
  ask_one: { collect: [count], fallback: instead, next: return }
  wrong: { end: end, reason: wrong, say: Wrong. }
  instead: { run: two, next: right }
  ask_two: { collect: [other], next: both }
  both: { ask: Shall we?, kind: yes_no, yes: return, no: return }
  right: { ask: And now?, kind: yes_no, yes: return_now, no: return_now }
  return_now: { end: end, reason: right, say: Bye. }
  lost: { end: end, reason: lost, say: Bye. }
`;
  t.same(hold(compile(source), {}, ['blue', 'green', 'red', 'two', 'yes', 'yes']).verdict, { kind: 'end', reason: 'right' });
  const again = `trunkline: 2
id: t
language: en-US
start: first
fallback: lost
sub_flows: { one: { start: inside } }
nodes:
  first: { run: one, next: done }
  inside: { ask: Shall we?, kind: yes_no, yes: return, no: return, intents: { broken: { examples: [something is broken, it does not work], goto: first } } }
  done: { end: end, reason: done, say: Bye. }
  lost: { end: end, reason: lost, say: Bye. }
`;
  const held = hold(compile(again), {}, [...Array<string>(30).fill('It does not work.'), 'yes']);
  t.same(held.verdict, { kind: 'end', reason: 'done' }, 'each time it is left, its way back is forgotten');
});

t.test('check: a digression that can never come back', async (t) => {
  const circle = flow.replace('yes: thanks, no: thanks', 'yes: what, no: what').replace('  thanks: { say: I pass it on., next: back }\n', '');
  t.match(checkFlow(circle), [{ severity: 'warning', field: 'universal.complaint.goto', reason: /who is led to "what" never comes back/ }]);
});

const moved = (...lines: string[]): Held => hold(compileExampleIn('appointment-rescheduling', 'en').flow, { name: 'Mr Brown', when: 'on Tuesday at ten' }, lines);

t.test('what was said on the way into a form is read back, not asked for', async (t) => {
  const card = compileExampleIn('card-offer', 'en').flow;
  const later = hold(card, { name: 'Ms Miller' }, ['Call me back tomorrow at three PM.']);
  t.equal(later.said.at(-1), 'I will call you tomorrow at 3 PM. Is that right?', told(later));
  const payment = compileExampleIn('payment-reminder', 'en').flow;
  const pays = hold(payment, { name: 'Mr Brown', amount: 'eighty dollars', due: 'the first of November' }, ['Yes.', "I'll pay on Friday", 'Eighty dollars.', 'Yes.']);
  t.match(pays.said.slice(-2), ['That is 80 dollars. Is that right?', /^So you will pay Friday/], told(pays));
  const both = hold(payment, { name: 'Mr Brown', amount: 'eighty dollars', due: 'the first of November' }, ['Yes.', 'Yes.', 'Eighty dollars on Friday.', 'Yes.']);
  t.match(both.said.at(-1), /^So you will pay Friday/, told(both));
  const denied = moved("I'm busy until three PM.");
  t.notMatch(denied.said.at(-1), /3 PM/, 'what is over then is not what is wanted');
  // As recognisers write it: without marks, and with the hour alone.
  const name = { name: 'Ms Miller' };
  for (const text of ["i'm busy call me tomorrow at three", 'i am in a meeting until noon call me tomorrow at three', "don't call me today call me tomorrow at three", "I'm busy today, call me tomorrow at three."]) {
    const called = hold(card, name, [text]);
    t.equal(called.said.at(-1), 'I will call you tomorrow at 3 PM. Is that right?', told(called));
  }
  const zh = compileExampleIn('card-offer', 'zh').flow;
  for (const text of ['我在开会明天下午三点再打吧', '我没空明天下午三点打给我', '今天没时间明天下午三点再打', '我三点以前都在开会明天下午三点再打吧']) {
    const called = hold(zh, { name: '王女士' }, [text]);
    t.match(called.said.at(-1), /明天下午三点/, told(called));
  }
  for (const text of ["i'm busy tomorrow at three", "i'm busy until three"]) t.match(hold(card, name, [text]).said.at(-1), /When may we call you again/, text);
  for (const text of ['我明天下午三点要开会', '我现在忙到下午三点']) t.notMatch(hold(zh, { name: '王女士' }, [text]).said.at(-1), /三点/, text);
});

t.test('at a read-back "an hour later" moves what was read back', async (t) => {
  const card = compileExampleIn('card-offer', 'en').flow;
  const held = hold(card, { name: 'Ms Miller' }, ['Call me back tomorrow at three PM.', 'an hour later please', 'a day later', 'yes']);
  t.same(held.said.slice(-3, -1), ['I will call you tomorrow at 4 PM. Is that right?', 'I will call you Wednesday, November 25 at 4 PM. Is that right?'], told(held));
  const zh = hold(compileExampleIn('card-offer', 'zh').flow, { name: '王女士' }, ['我在开会明天下午三点再打吧', '晚一个小时', '对']);
  t.match(zh.said.at(-2), /明天下午四点/, told(zh));
  const turned = hold(compileExampleIn('appointment-reminder', 'zh').flow, { name: '王女士', when: '周二上午十点' }, ['改个时间', '周五，不是周四', '对']);
  t.match(turned.said.find((words) => words.startsWith('那就改到')), /星期五/, told(turned));
});

t.test('a form that is filled is asked anew where the caller is led back into it', async (t) => {
  const before = ['Can I move it to another day?', 'Thursday at four PM.', 'Yes.'];
  const held = moved(...before, 'Can I come another day?', 'Friday.', 'Yes.', 'No.');
  t.match(held.verdict, { kind: 'follow_up', reason: 'wants to come 2026-11-27T21:00:00Z' }, told(held));
  const same = moved(...before, 'Can I come another day?', 'The same as before.', 'No.');
  t.match(same.verdict, { kind: 'follow_up', reason: 'wants to come 2026-11-26T21:00:00Z' }, told(same));
});

const summary = `trunkline: 2
id: t
language: en-US
start: form
fallback: lost
slots: { people: { kind: number, ask: How many?, max: 8 } }
nodes:
  form: { collect: [people], next: right }
  right: { ask: 'You are {people}. Is that right?', kind: yes_no, slot: is_right, yes: done, no: form }
  done: { end: end, reason: '{people}', say: Bye. }
  lost: { handoff: desk, reason: not understood, say: A colleague will call you. }
`;

t.test('a summary that is denied asks for the values again, unless the form says otherwise', async (t) => {
  const held = hold(compile(summary), {}, ['four', 'no', 'five', 'yes']);
  t.same(held.verdict, { kind: 'end', reason: '5' }, told(held));
  const never = hold(compile(summary.replace('collect: [people]', 'collect: [people], anew: false')), {}, ['four', 'no']);
  t.equal(never.said.at(-1), 'You are 4. Is that right?', told(never));
});

t.test('a question whose answer is known is not asked', async (t) => {
  const source = `trunkline: 2
id: t
language: en-US
start: adult
fallback: lost
variables: { name: { required: false }, adult: { required: false }, place: { required: false } }
nodes:
  adult: { ask: Are you of age?, kind: yes_no, slot: adult, yes: where, no: done }
  where: { choose: Here or there?, slot: place, options: { here: { goto: name }, there: { goto: name } } }
  name: { ask: Your name?, kind: text, slot: name, next: done }
  done: { end: end, reason: '{name}', say: Bye. }
  lost: { handoff: desk, reason: not understood, say: A colleague will call you. }
`;
  t.same(hold(compile(source), {}, []).said, ['Are you of age?']);
  t.same(hold(compile(source), { adult: true, place: 'here' }, []).said, ['Your name?']);
  t.same(hold(compile(source), { adult: true, place: 'here', name: 'Ann' }, []).verdict, { kind: 'end', reason: 'Ann' });
  t.same(hold(compile(source.replace('slot: adult', 'slot: adult, anew: true')), { adult: true }, []).said, ['Are you of age?']);
  t.match(checkFlow(source.replace('slot: adult', 'slot: adult, anew: true').replace('trunkline: 2', 'trunkline: 1')), [{ reason: /"anew" needs `trunkline: 2`/ }, {}]);
});

t.test('a slot that takes any words does not give them up for a guess', async (t) => {
  const open = `trunkline: 2
id: open
language: zh-CN
start: form
fallback: lost
universal: { repeat: true }
slots:
  wish: { kind: text, ask: 您还有什么要求？, confirm: never }
nodes:
  form: { collect: [wish], next: done }
  done: { end: end, reason: known }
  lost: { end: end, reason: not understood }
`;
  t.match(hold(compile(open), {}, ['没什么']).slots, { wish: '没什么' }, 'not "what?"');
  t.match(hold(compile(open), {}, ['请再说一遍', '没有']).slots, { wish: '没有' }, 'a clear wish is one');
});
