import t from 'tap';
import { compileExample, hold } from '../talk.js';
import type { Talk } from '../talk.js';

const flow = compileExample('inbound-digits');

const table: Readonly<Record<string, Talk>> = {
  'spoken, right, a card': {
    lines: ["It's four one five, double two, oh.", 'Yes.', 'I lost my card.'],
    nodes: 'read_back what_for cards',
    verdict: { kind: 'handoff', queue: 'cards', reason: 'question about a card' },
    slots: { account: '415220', topic: 'card' },
  },
  'typed, right, a payment': { lines: ['#41522077', "That's right.", "It's about a missing payment."], nodes: 'read_back what_for payments', verdict: { kind: 'handoff', queue: 'payments', reason: 'question about a payment' }, slots: { account: '41522077', topic: 'payment' } },
  'misheard, then typed': { lines: ['4 1 5 2 2 9', 'No.', '#415220', 'Yes.', 'The weather is nice.'], nodes: 'read_back once_more read_back_again what_for other', verdict: { kind: 'handoff', queue: 'service', reason: 'another question' }, slots: { account: '415220' } },
  'too short twice': { lines: ['Four one.', '#12'], nodes: 'ask_account to_person', verdict: { kind: 'handoff', queue: 'service', reason: 'the caller needs a person' } },
  'asks where it stands, then says it': { lines: ['Where do I find my account number?', '415220'], nodes: 'ask_account read_back' },
  'asks for an operator': { lines: ['Operator, please.'], nodes: 'to_person', verdict: { kind: 'handoff', queue: 'service', reason: 'the caller needs a person' } },
  'silent, then typed': { lines: ['', '#415220', 'Yeah.'], nodes: 'ask_account read_back what_for' },
};

for (const [name, talk] of Object.entries(table)) {
  t.test(name, (t) => {
    const held = hold(flow, {}, talk.lines);
    t.equal(held.nodes, talk.nodes, held.trace.join('\n'));
    t.same(held.verdict, talk.verdict);
    if (talk.slots !== undefined) t.match(held.slots, talk.slots);
    t.end();
  });
}

t.test('reads digits back one by one', (t) => {
  t.equal(hold(flow, {}, ['#415220']).said.at(-1), 'I have 4 1 5 2 2 0. Is that right?');
  t.end();
});

t.test('no digit of the caller is in the trace of decisions', (t) => {
  const { trace } = hold(flow, {}, ['#415220', 'no', '918273']);
  // What the chat prints of kept values is for the terminal of whoever types them; no call has it.
  const decisions = trace.filter((line) => !line.startsWith('kept '));
  t.equal(trace.length - decisions.length, 2);
  t.notMatch(decisions.join('\n'), /415220|918273/);
  t.end();
});
