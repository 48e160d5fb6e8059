import { readFileSync, readdirSync } from 'node:fs';
import t from 'tap';
import { checkFlow } from '../../src/dialogue/flow/compile.js';
import { compile } from './talk.js';

const GOOD = `trunkline: 1
id: small
language: en-US
start: hello
variables:
  name: { required: true }
fallback: bye
nodes:
  hello:
    say: Hello {name}.
    next: ok
  ok:
    ask: Is it you?
    kind: yes_no
    yes: bye
    no: bye
  bye:
    end: end
    reason: done
    say: Goodbye.
`;

interface Mistake {
  /** Line of GOOD to replace, and by what. */
  readonly from: string;
  readonly to: string;
  readonly reason: RegExp;
  readonly node?: string;
  readonly line?: number;
  readonly severity?: 'warning';
}

const mistakes: Readonly<Record<string, Mistake>> = {
  'missing target': { from: 'next: ok', to: 'next: nowhere', reason: /there is no node "nowhere"/, node: 'hello', line: 11 },
  'a name that every object has': { from: 'next: ok', to: 'next: constructor', reason: /there is no node "constructor"/, node: 'hello' },
  'missing start': { from: 'start: hello', to: 'start: hallo', reason: /there is no node "hallo"/, line: 4 },
  'missing fallback node': { from: 'fallback: bye', to: 'fallback: byebye', reason: /there is no node "byebye"/, line: 7 },
  'question without fallback': { from: 'fallback: bye\n', to: '', reason: /no fallback/, node: 'ok', line: 11 },
  'undeclared variable': { from: 'Hello {name}.', to: 'Hello {nome}.', reason: /\{nome\} is not declared/, node: 'hello', line: 10 },
  'badly written variable': { from: 'Hello {name}.', to: 'Hello {Name}.', reason: /written \{like_this\}/, node: 'hello' },
  'empty prompt': { from: 'say: Hello {name}.', to: "say: ''", reason: /is empty/, node: 'hello', line: 10 },
  'nothing but marks': { from: 'say: Hello {name}.', to: "say: '...'", reason: /nothing to say/, node: 'hello' },
  'loop without listening': { from: 'next: ok', to: 'next: hello', reason: /goes round without listening: hello > hello/, node: 'hello' },
  'back before any question': { from: 'next: ok', to: 'next: back', reason: /no question to go back to/, node: 'hello' },
  'fallback to itself': { from: 'no: bye', to: 'no: bye\n    fallback: back', reason: /cannot go back/, node: 'ok' },
  'unreachable node': { from: 'next: ok', to: 'next: bye', reason: /no way leads to this node/, node: 'ok', line: 12, severity: 'warning' },
  'no end': { from: 'yes: bye\n    no: bye', to: 'yes: ok\n    no: ok\n    fallback: ok', reason: /no way leads to an end/ },
  'empty example': { from: '{ required: true }', to: "{ required: true, example: '' }", reason: /is empty, so that the flow cannot be tried/, line: 6 },
  'yes without no': { from: '    no: bye\n', to: '', reason: /kind yes_no needs "no"/, node: 'ok' },
  'key of another kind': { from: 'no: bye', to: 'no: bye\n    max_digits: 4', reason: /kind yes_no has no "max_digits"/, node: 'ok', line: 17 },
  'thresholds in a node': { from: 'no: bye', to: 'no: bye\n    accept: 0.4\n    ask_again: 0.6', reason: /out of order: ask_again 0.6 is above accept 0.4/, node: 'ok', line: 18 },
  'thresholds in the defaults': { from: 'fallback: bye', to: 'fallback: bye\ndefaults: { accept: 0.1 }', reason: /out of order/, line: 8 },
  'double example': {
    from: 'no: bye',
    to: 'no: bye\n    intents:\n      a: { examples: [Send it, I want it], goto: bye }\n      b: { examples: ["send it!"], goto: bye }',
    reason: /"send it!" is also an example of "a"/,
    node: 'ok',
    line: 19,
  },
  'example of the library': { from: 'no: bye', to: 'no: bye\n    intents:\n      a: { examples: [yes please, hooray], goto: bye }', reason: /"yes" has this phrase too/, node: 'ok', severity: 'warning' },
  'intent without examples': { from: 'no: bye', to: 'no: bye\n    intents:\n      buy_boat: { goto: bye }', reason: /needs examples/, node: 'ok', line: 18 },
  'unknown universal': { from: 'fallback: bye', to: 'fallback: bye\nuniversal: { dance: true }', reason: /"dance" is no universal intent/, line: 8 },
  'universal without built-in': { from: 'fallback: bye', to: 'fallback: bye\nuniversal: { angry: true }', reason: /no built-in behaviour/, line: 8 },
  'person without handoff': { from: 'fallback: bye', to: 'fallback: bye\nuniversal: { person: true }', reason: /no node ends with a handoff/, line: 8 },
  'verdict without reason': { from: '    reason: done\n', to: '', reason: /end needs a "reason"/, node: 'bye' },
  'redial without time': { from: 'end: end', to: 'end: redial_at', reason: /needs "at" or "in_minutes"/, node: 'bye' },
  'redial at something else': { from: 'end: end', to: 'end: redial_at\n    at: name', reason: /"name" is not the slot of a question of kind time/, node: 'bye' },
  'follow-up without template': { from: 'end: end', to: 'end: follow_up\n    channel: email', reason: /needs "template"/, node: 'bye' },
  'unknown key in the head': { from: 'id: small', to: 'id: small\ncolour: red', reason: /not a known key/, line: 3 },
  'unknown key in a node': { from: 'kind: yes_no', to: 'kind: yes_no\n    colour: red', reason: /not a known key/, node: 'ok', line: 15 },
  'unknown kind of node': { from: 'say: Hello {name}.', to: 'sing: Hello {name}.', reason: /a node has one of say, ask, branch, set, transfer, end/, node: 'hello', line: 9 },
  'unknown kind of question': { from: 'kind: yes_no', to: 'kind: riddle', reason: /none of the allowed values/, node: 'ok', line: 14 },
  'wrong type': { from: 'id: small', to: 'id: [small]', reason: /must be string/, line: 2 },
  'missing head': { from: 'id: small\n', to: '', reason: /"id" is missing/ },
  'other version': { from: 'trunkline: 1', to: 'trunkline: 3', reason: /none of the allowed/, line: 1 },
  'other language': { from: 'en-US', to: 'fr-FR', reason: /fr-FR is not supported/, line: 3 },
  'key twice': { from: 'id: small', to: 'id: small\nid: big', reason: /unique/, line: 3 },
  'not YAML': { from: 'id: small', to: 'id: "small', reason: /./ },
  'condition that compares nothing': { from: 'say: Hello {name}.\n    next: ok', to: 'branch: [{ when: { variable: name }, goto: ok }]\n    otherwise: ok', reason: /compares nothing/, node: 'hello', line: 10 },
  'condition on an unknown variable': { from: 'say: Hello {name}.\n    next: ok', to: 'branch: [{ when: { variable: age, above: 3 }, goto: ok }]\n    otherwise: ok', reason: /"age" is not declared/, node: 'hello', line: 10 },
};

/** A flow of version 2 without a problem; each mistake changes one line of it. */
const GOOD2 = `trunkline: 2
id: second
language: en-US
direction: outbound
disclosure: This is the automated assistant of {shop}.
start: hello
variables:
  shop: { default: Corner Books }
fallback: person
words: { noted: "All right, {value}." }
universal: { stop_calling: true }
intents:
  move: { examples: [another day please, can we move it], called: another day }
slots:
  count: { kind: number, ask: How many?, confirm_prompt: 'You said {value}?' }
  size: { kind: choice, ask: Small or large?, choices: [{ value: small }, { value: large, synonyms: [big] }] }
facts:
  price: { say: It costs two dollars., questions: [what does it cost, how much is it] }
mood: [{ when: 'mood.label == "angry"', say: I am sorry., goto: upset }]
verdicts: [{ verdict: end, reason: 'ordered {count}' }]
nodes:
  hello: { say: 'Hello. {disclosure}', next: how_many }
  how_many: { collect: [count, size], intents: { move: { goto: person } }, next: look, cancel: done }
  look: { action: stock, input: { count: '{count}' }, output: { day: stock.day }, next: told, failed: person }
  told: { say: 'We have {count} for you on {day}.', next: which }
  which: { choose: Bring or send?, options: { bring: { goto: done }, send: { goto: done, synonyms: [by mail] } } }
  done: { verdict: rules, say: Goodbye. }
  upset: { handoff: care, reason: upset, say: A colleague will call you. }
  person: { handoff: desk, reason: not understood, say: A colleague will call you. }
`;

const mistakes2: Readonly<Record<string, Mistake>> = {
  'a word of the engine with an unknown value': { from: 'All right, {value}.', to: 'All right, {worth}.', reason: /\{worth\} is not declared/ },
  'a slot that asks with an unknown value': { from: 'ask: How many?', to: "ask: 'How many, {nome}?'", reason: /\{nome\} is not declared/ },
  'a fact with an unknown value': { from: 'say: It costs two dollars.', to: "say: 'It costs {price}.'", reason: /\{price\} is not declared/ },
  'mood that says an unknown value': { from: 'say: I am sorry.,', to: "say: 'I am sorry, {nome}.',", reason: /\{nome\} is not declared/ },
  'a reason with an unknown value': { from: "'ordered {count}'", to: "'ordered {cuont}'", reason: /\{cuont\} is not declared/ },
  'a lookup that is asked with an unknown value': { from: "count: '{count}' }", to: "count: '{cuont}' }", reason: /\{cuont\} is not declared/, node: 'look' },
  'a disclosure that nobody wrote': { from: "disclosure: This is the automated assistant of {shop}.\n", to: '', reason: /no `disclosure` to put here/, node: 'hello' },
  'a way out that nobody wrote': { from: 'Bring or send?', to: "'Bring or send? {opt_out}'", reason: /no `opt_out` to put here/, node: 'which' },
  'a way out that nobody is told of': { from: 'start: hello', to: 'opt_out: Say stop calling at any time.\nstart: hello', reason: /is never said/, severity: 'warning' },
  'a disclosure that hides the machine': { from: 'the automated assistant of', to: 'Ann of', reason: /does not say that it is a machine/, severity: 'warning' },
  'a disclosure that only a re-prompt says': { from: "say: 'Hello. {disclosure}', next: how_many", to: "collect: [count], reprompt: '{disclosure}', next: how_many", reason: /before any text with \{disclosure\}/, node: 'hello' },
  'words that no voice of the language can say': { from: 'Bring or send?', to: '带走还是寄送？', reason: /voice of language en-US cannot say "带走还是寄送"/, node: 'which' },
  'pictures': { from: 'Bring or send?', to: 'Bring or send? 😀', reason: /"😀" is not spoken/, node: 'which', severity: 'warning' },
  'a value that one way does not bring': { from: 'failed: person', to: 'failed: told', reason: /\{day\} has no value on some way/, node: 'told', severity: 'warning' },
  'thresholds in a form': { from: 'collect: [count, size],', to: 'collect: [count, size], accept: 0.2,', reason: /out of order: ask_again 0.25 is above accept 0.2/, node: 'how_many' },
  'an intent that nothing follows from': { from: 'intents: { move: { goto: person } }, ', to: '', reason: /is never answered/, severity: 'warning' },
  'an intent with no answer': { from: '{ move: { goto: person } }', to: '{ move: {} }', reason: /gets no answer/, node: 'how_many', severity: 'warning' },
  'a phrase for a fact and an intent': { from: 'examples: [another day please,', to: 'examples: [how much is it,', reason: /"how much is it" is also one for "move"/ },
  'a phrase for two options': { from: 'bring: { goto: done }', to: 'bring: { goto: done, synonyms: [By mail] }', reason: /"by mail" is also one for "bring"/, node: 'which' },
  'a name of two choices': { from: 'synonyms: [big]', to: 'synonyms: [Small]', reason: /"Small" is also a name of "small"/ },
  'an intent of a form without phrases': { from: '{ move: { goto: person } }', to: '{ move: { goto: person }, boat: { goto: person } }', reason: /"boat" is no universal intent/, node: 'how_many' },
  'a phrase with an unknown value': { from: 'can we move it]', to: "'move it, {nome}']", reason: /\{nome\} is not declared/ },
  'a question for a fact with an unknown value': { from: 'questions: [what does it cost', to: "questions: ['what does {itt} cost'", reason: /\{itt\} is not declared/ },
  'a phrase with a badly written variable': { from: 'can we move it]', to: "'move it, {Shop}']", reason: /written \{like_this\}/ },
  'a built-in behaviour that is none': { from: '{ move: { goto: person } }', to: '{ move: true }', reason: /"move" has no built-in behaviour/, node: 'how_many' },
  'a form that nobody can drop': { from: ', next: look, cancel: done }', to: ', next: look }', reason: /"never mind" here goes to the fallback/, node: 'how_many', severity: 'warning' },
  'nobody can end it': { from: 'universal: { stop_calling: true }\n', to: '', reason: /needs `stop_calling`/, severity: 'warning' },
};

t.same(checkFlow(GOOD2), [], 'the flow of version 2 without a mistake has no problem');

t.same(checkFlow(GOOD), [], 'the flow without a mistake has no problem');

for (const [good, name, mistake] of [...Object.entries(mistakes).map(([name, mistake]) => [GOOD, name, mistake] as const), ...Object.entries(mistakes2).map(([name, mistake]) => [GOOD2, name, mistake] as const)]) {
  t.test(name, (t) => {
    t.ok(good.includes(mistake.from), 'the place of the mistake exists');
    const source = good.replace(mistake.from, mistake.to);
    const problems = checkFlow(source);
    const found = problems.find((problem) => mistake.reason.test(problem.reason));
    t.ok(found, JSON.stringify(problems));
    t.equal(found?.node, mistake.node, 'node');
    t.equal(found?.severity, mistake.severity ?? 'error');
    if (mistake.line !== undefined) t.equal(found?.line, mistake.line, 'line');
    if (mistake.severity === undefined) t.throws(() => compile(source), { code: 'TRK_FLOW_INVALID' });
    t.end();
  });
}

t.test('all problems at once, in the order of lines', (t) => {
  const problems = checkFlow(GOOD.replace('next: ok', 'next: nowhere').replace('Hello {name}', 'Hello {nome}').replace('reason: done', 'queue: x'));
  t.ok(problems.length >= 4);
  t.same(problems.map((problem) => problem.line), problems.map((problem) => problem.line).sort((a, b) => a - b));
  t.end();
});

t.test('the error of compile names field, node, line and reason', (t) => {
  t.throws(() => compile(GOOD.replace('next: ok', 'next: nowhere')), { code: 'TRK_FLOW_INVALID', field: 'nodes.hello.next', message: /node hello, line 11: .*there is no node "nowhere"/ });
  t.end();
});

t.test('a sub-flow that runs itself, and a value that a sub-flow brings', (t) => {
  const source = GOOD2.replace('nodes:\n', 'sub_flows: { again: { start: ask_count } }\nnodes:\n  ask_count: { collect: [count], next: once, cancel: return }\n  once: { run: again, next: return }\n').replace('how_many: { collect: [count, size]', 'before: { run: again, next: how_many }\n  how_many: { collect: [size]').replace('next: how_many }\n', 'next: before }\n');
  t.same(checkFlow(source), []);
  t.end();
});

t.test('a phrase may hold values of the flow, and belongs to one intent all the same', (t) => {
  const [asked, moved] = ["questions: ['what is {shop}', ", "examples: ['What is {shop}?', "];
  const source = GOOD2.replace('questions: [', asked);
  t.same(checkFlow(source), []);
  t.match(checkFlow(source.replace('examples: [', moved)), [{ severity: 'error', reason: /is also one for/ }]);
  t.match(checkFlow(GOOD.replace('no: bye', "no: bye\n    intents:\n      me: { examples: ['{name} speaking'], goto: bye }\n      hold_on: true")).map(({ reason }) => reason), ['a {variable} in a phrase needs `trunkline: 2`', '`true` needs `trunkline: 2`']);
  t.end();
});

t.test('JSON is read too', (t) => {
  const flow = { trunkline: 1, id: 'j', language: 'en', start: 'a', nodes: { a: { end: 'end', reason: 'x', say: 'Bye.' } } };
  t.same(checkFlow(JSON.stringify(flow)), []);
  t.equal(compile(JSON.stringify(flow, undefined, 2)).id, 'j');
  t.end();
});

t.test('hostile sources are refused, not suffered', (t) => {
  const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${'bcdefgh'.split('').map((key, at) => `${key}: &${key} [${Array(9).fill(`*${'abcdefg'[at]}`).join(', ')}]`).join('\n')}\n`;
  for (const source of ['', '[]', '42', 'null', '- a\n- b', bomb, `x: ${'y'.repeat(1_100_000)}`, '{'.repeat(5000), '['.repeat(200_000), `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'nodes: 7', '__proto__: { polluted: true }', 'nodes: { a: null }']) {
    const problems = checkFlow(source);
    t.ok(problems.some((problem) => problem.severity === 'error'), source.slice(0, 20));
    t.ok(problems.length <= 200);
  }
  t.equal(({} as { polluted?: boolean }).polluted, undefined);
  t.end();
});

t.test('the example flows have no problem at all', (t) => {
  const folder = new URL('../../examples/flows/', import.meta.url);
  for (const file of readdirSync(folder)) t.same(checkFlow(readFileSync(new URL(file, folder), 'utf8')), [], file);
  t.end();
});
