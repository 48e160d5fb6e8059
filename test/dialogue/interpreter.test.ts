import t from 'tap';
import type { Dialogue, DialogueOutput } from '../../src/dialogue/dialogue.js';
import { compile } from './talk.js';

const head = `trunkline: 1
id: t
language: en-US
fallback: lost
apology: Sorry about that.
`;
const ends = `
  lost: { end: handoff, queue: people, reason: not understood }
  done: { end: end, reason: done, say: Bye. }
`;
const start = (source: string, variables = {}): { dialogue: Dialogue; first: readonly DialogueOutput[] } => {
  const dialogue = compile(source).start(variables);
  return { dialogue, first: dialogue.next({ type: 'start' }) };
};
const texts = (outputs: readonly DialogueOutput[]): string[] => outputs.map((output) => (output.type === 'say' ? output.prompt.text : output.type));
const say = (dialogue: Dialogue, text: string): string[] => texts(dialogue.next({ type: 'utterance', text }));

const question = `${head}start: q
nodes:
  q:
    ask: Shall we?
    again: So, shall we?
    kind: yes_no
    slot: agreed
    yes: done
    no: done
    intents:
      why: { examples: [why, for what reason, what for, why is that, tell me why], say: Because. }
${ends}`;

t.test('a batch ends with listen, and listen says how', (t) => {
  const { first } = start(question);
  t.same(first[1], { type: 'listen', node: 'q', kind: 'yes_no', silenceMs: 6000, bargeIn: true, dtmf: { minDigits: 1, maxDigits: 1 } });
  t.equal(first.length, 2);
  t.end();
});

t.test('one re-prompt, then the fallback', (t) => {
  const { dialogue } = start(question);
  t.same(say(dialogue, 'My boat is green and old.'), ['Sorry, I did not get that. So, shall we?', 'listen']);
  const last = dialogue.next({ type: 'utterance', text: 'The sea is calm tonight.' });
  t.same(last, [{ type: 'end', node: 'lost', verdict: { kind: 'handoff', queue: 'people', reason: 'not understood' } }]);
  t.match(dialogue.lastDecision, /fallback/);
  t.end();
});

t.test('silence counts as a failure and has words of its own', (t) => {
  const { dialogue } = start(question);
  t.same(texts(dialogue.next({ type: 'silence' })), ['Are you still there? So, shall we?', 'listen']);
  t.same(texts(dialogue.next({ type: 'silence' })), ['end']);
  t.end();
});

t.test('trouble is no failure of the caller', (t) => {
  const { dialogue } = start(question);
  for (let round = 0; round < 3; round++) t.same(texts(dialogue.next({ type: 'trouble' })), ['Sorry about that. So, shall we?', 'listen']);
  t.same(say(dialogue, 'Yes.'), ['Bye.', 'end']);
  t.end();
});

t.test('a question is answered, and the talk comes back with its failures forgotten', (t) => {
  const { dialogue } = start(question);
  say(dialogue, 'My boat is green and old.');
  t.same(say(dialogue, 'Why is that?'), ['Because.', 'So, shall we?', 'listen']);
  t.same(say(dialogue, 'The sea is calm tonight.'), ['Sorry, I did not get that. So, shall we?', 'listen']);
  t.equal(dialogue.node, 'q');
  t.end();
});

t.test('slots hold only what the flow filled, variables everything', (t) => {
  const { dialogue } = start(question, { city: 'Oslo' });
  say(dialogue, 'No.');
  t.same(dialogue.slots, { agreed: false });
  t.same(dialogue.variables, { city: 'Oslo', agreed: false });
  t.end();
});

t.test('after the end, before the start and on a second start nothing happens', (t) => {
  const dialogue = compile(question).start({});
  t.same(dialogue.next({ type: 'utterance', text: 'Yes.' }), []);
  dialogue.next({ type: 'start' });
  t.same(dialogue.next({ type: 'start' }), []);
  say(dialogue, 'Yes.');
  t.same(dialogue.next({ type: 'utterance', text: 'Yes.' }), []);
  t.end();
});

t.test('dialogues of one flow do not share anything', (t) => {
  const flow = compile(question);
  const [one, two] = [flow.start({}), flow.start({})];
  one.next({ type: 'start' });
  two.next({ type: 'start' });
  say(one, 'Yes.');
  t.same(two.slots, {});
  t.equal(two.node, 'q');
  t.end();
});

t.test('an unsure guess is asked again and believed the second time', (t) => {
  const source = question.replace('    intents:', '    accept: 1\n    ask_again: 0.05\n    intents:');
  const { dialogue } = start(source);
  say(dialogue, 'But tell me why that');
  t.match(dialogue.lastDecision, /^unsure:why/);
  t.same(say(dialogue, 'I said tell me why'), ['Because.', 'So, shall we?', 'listen']);
  t.match(dialogue.lastDecision, /twice$/);
  t.end();
});

t.test('branch, set and texts with values', (t) => {
  const source = `${head.replace('fallback: lost\n', '')}start: mark
variables:
  amount: { default: 10 }
  city: { default: '' }
nodes:
  mark: { set: { note: 'about {amount} euros', vip: true }, next: sort }
  sort:
    branch:
      - { when: { all: [{ variable: amount, at_least: 100 }, { variable: vip, equals: true }] }, goto: rich }
      - { when: { any: [{ variable: city, in: [oslo, bergen] }, { variable: amount, below: 5 }] }, goto: special }
      - { when: { variable: missing, is_set: true }, goto: special }
    otherwise: plain
  rich: { end: continue, say: Much. }
  special: { end: continue, say: 'Special, {note}.' }
  plain: { end: continue, say: Plain. }
`;
  const declared = source.replace('variables:', 'variables:\n  missing: { required: false }');
  const outcome = (variables: Record<string, string | number>): string => texts(start(declared, variables).first).join(' ');
  t.equal(outcome({ amount: 100 }), 'Much. end');
  t.equal(outcome({ amount: '250' }), 'Much. end', 'numbers may arrive as text');
  t.equal(outcome({ city: 'Oslo' }), 'Special, about 10 euros. end');
  t.equal(outcome({ amount: 4 }), 'Special, about 4 euros. end');
  t.equal(outcome({}), 'Plain. end');
  t.equal(outcome({ missing: 'x' }), 'Special, about 10 euros. end');
  t.end();
});

t.test('the call ends after its most turns', (t) => {
  const source = question.replace('start: q', 'start: q\ndefaults: { max_turns: 3 }');
  const { dialogue } = start(source);
  for (let turn = 0; turn < 3; turn++) t.match(say(dialogue, 'Why?'), ['Because.']);
  t.same(dialogue.next({ type: 'utterance', text: 'Why?' }), [{ type: 'end', node: 'lost', verdict: { kind: 'handoff', queue: 'people', reason: 'not understood (max_turns)' } }], "by the flow's way out, and the result says why");
  t.end();
});

t.test('too many nodes without listening end the call with a code', (t) => {
  const chain = Array.from({ length: 60 }, (_, at) => `  n${at}: { set: { at: ${at} }, next: ${at === 59 ? 'done' : `n${at + 1}`} }`).join('\n');
  const source = `${head}start: n0\nnodes:\n${chain}${ends}`;
  t.same(start(source).first, [{ type: 'end', node: 'lost', verdict: { kind: 'handoff', queue: 'people', reason: 'not understood (loop_guard)' } }]);
  const without = start(source.replace('fallback: lost\n', ''));
  t.match(without.first, [{ type: 'end', verdict: { kind: 'end', reason: 'loop_guard' } }], 'without a way out it ends at once');
  t.end();
});

t.test('keys: too few fail, the right number counts, and hash is no digit', (t) => {
  const source = `${head}start: pin\nnodes:\n  pin: { ask: Your code?, kind: digits, slot: pin, min_digits: 4, max_digits: 6, next: done }${ends}`;
  const { dialogue, first } = start(source);
  t.match(first[1], { kind: 'digits', dtmf: { minDigits: 4, maxDigits: 6 } });
  t.same(texts(dialogue.next({ type: 'dtmf', digits: '12#' })), ['Sorry, I did not get that. Your code?', 'listen']);
  t.same(texts(dialogue.next({ type: 'dtmf', digits: '1234#' })), ['Bye.', 'end']);
  t.same(dialogue.slots, { pin: '1234' });
  t.end();
});

t.test('text keeps the words, and an endless utterance is cut', (t) => {
  const source = `${head}start: note\nnodes:\n  note: { ask: What happened?, kind: text, slot: note, next: done }${ends}`;
  const { dialogue } = start(source);
  say(dialogue, `It broke ${'x'.repeat(5000)}`);
  t.match(dialogue.slots['note'], /^It broke x+$/);
  t.equal(String(dialogue.slots['note']).length, 2000);
  t.end();
});

t.test('a node can shut the universal intents off', (t) => {
  const source = question.replace('start: q', 'start: q\nuniversal: { bye: true }');
  t.same(say(start(source).dialogue, 'Goodbye.'), ['Goodbye.', 'end']);
  t.same(say(start(source.replace('    slot: agreed', '    slot: agreed\n    universal: false')).dialogue, 'Goodbye.').at(-1), 'listen');
  t.end();
});

t.test('the time zone of the task wins', (t) => {
  const source = `${head}start: when\nnodes:\n  when: { ask: When?, kind: time, slot: at, next: later }\n  later: { end: redial_at, at: at, in_minutes: 60, reason: busy, say: 'I will call {at}.' }${ends}`;
  const { dialogue } = start(source, { time_zone: 'Asia/Shanghai' });
  t.same(say(dialogue, 'Tomorrow at three.'), ['I will call tomorrow at 3 PM.', 'end']);
  t.equal(dialogue.slots['at'], '2026-11-24T07:00:00Z');
  t.end();
});

t.test('values that cannot be spoken are refused at the start', (t) => {
  const flow = compile(question);
  t.throws(() => flow.start({ city: 'x'.repeat(501) }), { code: 'TRK_INVALID_REQUEST', field: 'variables.city' });
  t.end();
});
