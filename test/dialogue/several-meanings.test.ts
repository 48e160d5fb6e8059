import t from 'tap';
import { compile, compileExampleIn, hold } from './talk.js';
import type { Held } from './talk.js';

const payment = compileExampleIn('payment-reminder', 'en').flow;
const owes = { name: 'Mr Brown', amount: 'eighty dollars', due: 'the first of November' };
const pay = (...lines: string[]): Held => hold(payment, owes, lines);
const told = (held: Held): string => [...held.trace, ...held.said].join('\n');

t.test('a final no among the parts is obeyed, and what stands beside it is kept', async (t) => {
  for (const line of ['I already paid it. Stop calling me.', 'Stop calling me. I already paid it.', 'Stop calling me, how can I pay?']) {
    const held = pay('Yes.', line);
    t.same(held.verdict, { kind: 'end', reason: 'do_not_call' }, told(held));
    t.match(held.slots, { do_not_call: true, ...(line.includes('paid') ? { paid: true } : {}) });
  }
});

t.test('an angry no is a no: the mood leads nobody who is not to be called again into another talk', async (t) => {
  const held = pay("Stop calling me, this is ridiculous, I'm fed up.");
  t.same(held.verdict, { kind: 'end', reason: 'do_not_call' }, told(held));
  const upset = pay('Yes.', 'This is outrageous, you crooks, I am fed up with you.', 'Shut up you idiots.');
  t.match(upset.verdict, { kind: 'handoff', queue: 'collections' }, 'who has decided nothing is handed over');
});

t.test('an answer after a decision has the last word, and a resemblance beside an answer none', async (t) => {
  const survey = compileExampleIn('satisfaction-survey', 'en').flow;
  t.match(hold(survey, { name: 'Ms Miller' }, ['No time. Well, all right, go ahead.']).said.at(-1), /How satisfied/);
  t.match(pay('Yes.', 'Yes. No, wait, I already paid it.').verdict, { kind: 'follow_up', template: 'payment-check' });
});

t.test('two questions are both answered, in order', async (t) => {
  const held = pay('Yes.', 'How can I pay, and is there a late fee?');
  t.same(held.said.slice(-3, -1), ['You can pay by card on our web site or by bank transfer.', 'There is no late fee if it is paid this month.'], told(held));
  t.match(held.said.at(-1), /^So\. Can you pay/);
});

t.test('in a form the question is answered, and the value is kept', async (t) => {
  for (const line of ['Eighty dollars, but how can I pay?', 'How can I pay? I will give you eighty dollars.']) {
    const held = pay('Yes.', 'Yes, I can.', line, 'Yes.');
    t.same(held.said.slice(-3), ['You can pay by card on our web site or by bank transfer.', 'That is 80 dollars. Is that right?', 'And on which day?'], told(held));
  }
});

t.test('at a read-back, too', async (t) => {
  const held = pay('Yes.', 'Yes, I can.', 'Eighty dollars.', 'Yes, but is there a late fee?');
  t.same(held.said.slice(-2), ['There is no late fee if it is paid this month.', 'And on which day?'], told(held));
  const asked = pay('Yes.', 'Yes, I can.', 'Eighty dollars.', 'Is there a late fee?');
  t.same(asked.said.slice(-3), ['There is no late fee if it is paid this month.', 'So.', 'That is 80 dollars. Is that right?'], told(asked));
});

t.test('a choice and a question', async (t) => {
  const held = pay('Yes.', "No, I don't have the money right now.", 'A part of it, but is there a late fee?');
  t.same(held.said.at(-2), 'There is no late fee if it is paid this month.', told(held));
  t.match(held.said.at(-1), /How much will you pay/);
});

t.test('questions are invited: a question and a decision', async (t) => {
  const moving = compileExampleIn('appointment-rescheduling', 'en').flow;
  const held = hold(moving, { name: 'Mr Brown', when: 'on Tuesday at ten' }, ['Yes.', 'Where can I park? And please cancel the appointment.']);
  t.ok(held.said.includes('There is parking behind the house.'), told(held));
  t.same(held.verdict, { kind: 'end', reason: 'appointment cancelled' });
});

t.test('"cancel it" in a form is what the flow says it is', async (t) => {
  const moving = compileExampleIn('appointment-rescheduling', 'en').flow;
  for (const line of ['Please cancel it.', 'Just cancel it.']) {
    const held = hold(moving, { name: 'Mr Brown', when: 'on Tuesday at ten' }, ["I'd like to reschedule.", line]);
    t.same(held.verdict, { kind: 'end', reason: 'appointment cancelled' }, told(held));
  }
  const zh = compileExampleIn('appointment-reminder', 'zh').flow;
  for (const line of ['还是取消吧', '算了取消吧']) {
    const held = hold(zh, { name: '王先生', when: '星期二上午十点' }, ['我想改期', line]);
    t.same(held.verdict, { kind: 'end', reason: 'appointment cancelled' }, told(held));
  }
  const dropped = hold(moving, { name: 'Mr Brown', when: 'on Tuesday at ten' }, ["I'd like to reschedule.", 'Never mind.']);
  t.match(dropped.trace.join(), /form dropped > can_come/, 'what it does not know drops the form');
  t.equal(dropped.verdict, undefined);
});

t.test('keys answer yes or no, whatever asks for it', async (t) => {
  const card = compileExampleIn('card-offer', 'en').flow;
  t.match(hold(card, { name: 'Ms Miller' }, ['#1', '#1']).trace.at(-1), /listening for yes_no, 1-1 digits/);
  t.match(hold(card, { name: 'Ms Miller' }, ['#2']).verdict, { kind: 'end', reason: 'not interested' });
  const moving = compileExampleIn('appointment-rescheduling', 'en').flow;
  const held = hold(moving, { name: 'Mr Brown', when: 'on Tuesday at ten' }, ['#1', '#2']);
  t.same(held.verdict, { kind: 'end', reason: 'appointment confirmed' }, told(held));
  t.match(hold(moving, { name: 'Mr Brown', when: 'on Tuesday at ten' }, ['#7']).said.at(-1), /did not get that/);
});

const mistaken = `trunkline: 2
id: t
language: en-US
start: offer
fallback: lost
slots:
  people: { kind: number, ask: How many will you be?, min: 1, max: 8 }
nodes:
  offer:
    choose: Which card would you like?
    options:
      basic: { say: the basic card, synonyms: [basic], goto: form }
      gold: { say: the gold card, synonyms: [gold], goto: form }
      platinum: { say: the platinum card, synonyms: [platinum], goto: form }
    slot: card
  form: { collect: [people], next: done }
  done: { end: end, reason: done, say: 'Thank you.' }
  lost: { handoff: desk, reason: not understood, say: A colleague will call you. }
`;

t.test('"the first one" is the first of what was offered', async (t) => {
  const flow = compile(mistaken);
  t.equal(hold(flow, {}, ['gold or platinum', 'the first one']).slots['card'], 'gold');
  t.equal(hold(flow, {}, ['gold or platinum', 'the second one']).slots['card'], 'platinum');
  for (const [line, people] of [['The first one.', 2], ['the second one', 3], ['three', 3]] as const) {
    const held = hold(flow, {}, ['gold', 'two or three', line]);
    t.equal(held.slots['people'], people, told(held));
  }
  t.equal(hold(flow, {}, ['gold or platinum', '#1']).slots['card'], 'gold', 'keys too: of the two, and not of all three');
  t.equal(hold(flow, {}, ['gold or platinum', '#2']).slots['card'], 'platinum');
  t.match(hold(flow, {}, ['gold or platinum', '#3']).said.at(-1), /did not get that/);
  for (const [keys, people] of [['#2', 2], ['#3', 3], ['#1', 2]] as const) {
    const held = hold(flow, {}, ['gold', 'two or three', keys]);
    t.equal(held.slots['people'], people, told(held));
  }
  const delivery = compileExampleIn('delivery-check', 'en').flow;
  t.equal(hold(delivery, { name: 'Ms Miller', day: 'Thursday' }, ['No.', 'A neighbor or the pick-up point.', '#1']).slots['place'], 'neighbour');
  const other = hold(flow, {}, ['gold', 'two or three', 'five']);
  t.equal(other.said.at(-1), 'I have 5. Is that right?', 'what was not offered is read back');
  t.match(hold(flow, {}, Array<string>(3).fill('gold or platinum')).verdict, { kind: 'handoff', queue: 'desk' }, 'nobody goes round for ever');
  t.match(hold(flow, {}, ['gold', ...Array<string>(5).fill('two or three')]).verdict, { kind: 'handoff', queue: 'desk' });
});
