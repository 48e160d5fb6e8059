import t from 'tap';
import { readFileSync } from 'node:fs';
import { checkFlow } from '../../../src/dialogue/flow/compile.js';
import { compileExample, hangUp, hold } from '../talk.js';
import type { Talk } from '../talk.js';

const flow = compileExample('appointment-reminder');
const variables = { name: 'Mr Brown', when: 'on Tuesday at ten' };

const table: Readonly<Record<string, Talk>> = {
  'can come': { lines: ['Yes.'], nodes: 'confirmed', verdict: { kind: 'end', reason: 'appointment confirmed' }, slots: { coming: true } },
  'says it in other words': { lines: ["Yes, I'll be there."], nodes: 'confirmed', verdict: { kind: 'end', reason: 'appointment confirmed' }, slots: { coming: true } },
  'moves it': {
    lines: ['Can I move it to another day?', 'Thursday after four.', 'Yes.'],
    nodes: 'ask_wish ask_wish wish_noted',
    verdict: { kind: 'handoff', queue: 'front-desk', reason: 'patient wants to move the appointment' },
    slots: { wish: '2026-11-26T21:00:00Z' },
  },
  'cannot come and wants another day': { lines: ['No.', 'Yes please.', 'Next Monday at 10 a.m.', 'Correct.'], nodes: 'want_other ask_wish ask_wish wish_noted', verdict: { kind: 'handoff', queue: 'front-desk', reason: 'patient wants to move the appointment' } },
  cancels: { lines: ['I have to cancel.'], nodes: 'done_cancelled', verdict: { kind: 'end', reason: 'appointment cancelled' }, slots: { coming: false, cancelled: true } },
  'cancels in two steps': { lines: ["No, I can't.", 'No thanks.'], nodes: 'want_other done_cancelled', verdict: { kind: 'end', reason: 'appointment cancelled' } },
  busy: { lines: ["I'm in a meeting."], nodes: 'call_again', verdict: { kind: 'redial_at', at: '2026-11-23T17:20:00Z', reason: 'patient was busy' } },
  'wrong number': { lines: ["There's nobody here by that name."], nodes: 'can_come', verdict: { kind: 'end', reason: 'wrong_number' }, slots: { wrong_number: true } },
  'hold on, then yes': { lines: ['Hold on, let me look it up.', 'Yes, that works.'], nodes: 'can_come confirmed', verdict: { kind: 'end', reason: 'appointment confirmed' } },
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

t.test('it has no problem, and says who calls before it asks', (t) => {
  t.same(checkFlow(readFileSync(new URL('../../../examples/flows/appointment-reminder.en.yaml', import.meta.url), 'utf8')), []);
  t.same(hold(flow, variables, []).said, ['Hello Mr Brown. This is the automated assistant of the dental practice on Main Street.', 'You have an appointment on Tuesday at ten. Can you come?']);
  t.equal(hangUp(flow, variables, []), undefined, 'no rule judges a talk that was broken off');
  t.end();
});

t.test('waits longer after "hold on"', (t) => {
  t.match(hold(flow, variables, ['One moment, please.']).trace.at(-1), /silence after 30000 ms/);
  t.end();
});

t.test('the flow does not start without its variables', (t) => {
  t.same(flow.requiredVariables, ['name', 'when']);
  t.throws(() => flow.start({ name: 'Mr Brown' }), { code: 'TRK_FLOW_VARIABLE', field: 'variables.when' });
  t.end();
});
