import t from 'tap';
import { chatInput } from '../../../src/dialogue/chat.js';
import { compileExample, hangUp, hold } from '../talk.js';
import type { Talk } from '../talk.js';

const flow = compileExample('card-offer');
const variables = { name: 'Ms Miller' };

const sent = { kind: 'follow_up', channel: 'email', template: 'card-application', reason: 'customer asked for the application' } as const;
const refused = { kind: 'end', reason: 'not interested' } as const;
const person = { kind: 'handoff', queue: 'card-sales', reason: 'customer wants to talk to a person' } as const;

const table: Readonly<Record<string, Talk>> = {
  'interested, asks about the fee, consents': {
    lines: ['Yes, this is a good time.', 'How much does it cost per year?', 'Yes, I am interested.', 'Yes, please send it to me.'],
    nodes: 'offer offer consent sent',
    verdict: sent,
    slots: { consent: true },
  },
  'asks before hearing anything': { lines: ['Is there a fee?', 'Okay, go on.', 'How high is the limit?', 'Sure.', 'Yes.'], nodes: 'may_i offer offer consent sent', verdict: sent },
  'refuses at once': { lines: ["No, thank you. I'm not interested."], nodes: 'no_thanks', verdict: refused },
  'listens, then refuses': { lines: ['Yes, go ahead.', 'No thank you, I am not interested.'], nodes: 'offer no_thanks', verdict: refused },
  'has one already': { lines: ['I already have a credit card from you.'], nodes: 'no_thanks', verdict: refused, slots: { has_card: true } },
  'busy, names a time': {
    lines: ["I'm busy right now, please call me later.", 'Tomorrow at three in the afternoon.', 'Yes, that is right.'],
    nodes: 'ask_time ask_time called_back',
    verdict: { kind: 'redial_at', at: '2026-11-24T20:00:00Z', reason: 'customer was busy' },
  },
  'busy, corrects the time': {
    lines: ["I'm driving.", 'Tonight.', 'No.', 'Wednesday at nine a.m.', 'Yes.'],
    nodes: 'ask_time ask_time ask_time ask_time called_back',
    verdict: { kind: 'redial_at', at: '2026-11-25T14:00:00Z', reason: 'customer was busy' },
  },
  'busy, names no time': {
    lines: ['Not now.', 'Whenever.', "I really don't know.", 'Hm, no idea.'],
    nodes: 'ask_time ask_time ask_time call_some_time',
    verdict: { kind: 'redial_at', at: '2026-11-24T15:20:00Z', reason: 'customer was busy and named no time' },
  },
  'wants a person': { lines: ['Can I talk to a human, please?'], nodes: 'to_person', verdict: person },
  'no consent, but a colleague': { lines: ['Sure.', 'Yes please.', 'No.', 'Okay.'], nodes: 'offer consent colleague to_person', verdict: person, slots: { consent: false } },
  'never again': { lines: ['Take my number off your list.'], nodes: 'may_i', verdict: { kind: 'end', reason: 'do_not_call' }, slots: { do_not_call: true } },
  'angry, then never again': { lines: ['This is ridiculous!', 'Yes.'], nodes: 'apologise stopped', verdict: { kind: 'end', reason: 'do_not_call' }, slots: { do_not_call: true } },
  'wrong number': { lines: ['You have the wrong number.'], nodes: 'may_i', verdict: { kind: 'end', reason: 'wrong_number' }, slots: { wrong_number: true } },
  'suspicious, then interested': { lines: ['Who is this?', 'Are you a robot?', 'All right, tell me more.'], nodes: 'may_i may_i offer' },
  'says nothing three times': { lines: ['', '', ''], nodes: 'may_i may_i give_up', verdict: { kind: 'handoff', queue: 'card-sales', reason: 'the assistant did not understand the customer' } },
  'not understood, then understood': { lines: ['My neighbour has a boat.', 'Yes.', 'No.'], nodes: 'may_i offer no_thanks', verdict: refused },
};

for (const [name, talk] of Object.entries(table)) {
  t.test(name, (t) => {
    const held = hold(flow, variables, talk.lines);
    t.equal(held.nodes, talk.nodes, held.trace.join('\n'));
    t.same(held.verdict, talk.verdict);
    if (talk.slots !== undefined) t.match(held.slots, talk.slots);
    t.end();
  });
}

t.test('says who calls and that it is automated before anything else', (t) => {
  t.match(hold(flow, variables, []).said[0], /^Hello Ms Miller\. This is the automated assistant of Harbor Bank\.$/);
  t.end();
});

t.test('hung up at once: called again on another day, if an attempt is left', (t) => {
  t.match(hangUp(flow, variables, []), { kind: 'redial_at', reason: 'hung up at once' });
  t.match(hangUp(flow, variables, [], 0), refused);
  t.match(hangUp(flow, variables, ['Yes.', 'Hm.']), refused);
  t.end();
});

t.test('hung up after a wish to be called later: called again, at the time that was said or on another day', (t) => {
  const busy = { kind: 'redial_at', at: '2026-11-24T15:20:00Z', reason: 'customer was busy' };
  t.same(hangUp(flow, variables, ['Hm.', 'Call me later.', 'Tomorrow at three.']), busy);
  t.same(hangUp(flow, variables, ['Hm.', "I'm driving."]), busy);
  t.match(hangUp(flow, variables, ['Hm.', "I'm driving."], 0), refused);
  t.end();
});

t.test('who takes the wish back is asked on', (t) => {
  const held = hold(flow, variables, ['Call me later.', 'Never mind.']);
  t.equal(held.said.at(-1), 'So, may I tell you about our credit card offer?');
  t.end();
});

t.test('answers the fee from the script and comes back to the question', (t) => {
  t.same(hold(flow, variables, ['Yes.', 'What does it cost?']).said.slice(-2), ['There is no annual fee in the first year. After that it is sixty dollars a year.', 'Shall I send you the application?']);
  t.end();
});

t.test('nobody consents before the fee and the interest were said, and that cannot be spoken over', (t) => {
  const dialogue = flow.start(variables);
  dialogue.next({ type: 'start' });
  dialogue.next(chatInput('Yes.'));
  t.match(dialogue.next(chatInput('Yes.')), [
    { type: 'say', node: 'terms', bargeIn: false, prompt: { text: /no annual fee in the first year, after that it is sixty dollars a year.*eighteen point nine percent/ } },
    { type: 'say', node: 'consent', bargeIn: false },
    { type: 'listen', node: 'consent', bargeIn: false },
  ]);
  t.end();
});

t.test('without an attempt left no call is offered, and none is promised', (t) => {
  const dialogue = flow.start(variables, { attempts: { made: 3, left: 0 } });
  dialogue.next({ type: 'start' });
  const [said, end] = dialogue.next(chatInput("I'm driving."));
  t.match(said, { type: 'say', prompt: { text: 'All right. Thank you for your time. Goodbye.' } });
  t.match(end, { type: 'end', verdict: refused });
  t.end();
});

t.test('repeats what led up to the question', (t) => {
  const { said } = hold(flow, variables, ['Yes.', 'Could you repeat that?']);
  t.same(said.slice(-2), said.slice(-4, -2));
  t.match(said.at(-2), /two percent/);
  t.end();
});
