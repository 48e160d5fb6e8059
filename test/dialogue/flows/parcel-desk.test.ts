import t from 'tap';
import type { DialogueOutput } from '../../../src/dialogue/dialogue.js';
import { compileExampleIn } from '../talk.js';
import { end, handoff, tellTalks } from './talks.js';

const found = (state: string, day: string): string => `={"parcel.state": "${state}", "parcel.day": "${day}"}`;
const number = ['four one five two two six.', 'Yes.'];
const told = end('was told where parcel 415226 is');

tellTalks(
  'parcel-desk',
  'en',
  {},
  {
    'on its way': { lines: [...number, found('on_the_way', 'tomorrow'), 'No, thank you.'], verdict: told, slots: { parcel_number: '415226', state: 'on_the_way', day: 'tomorrow' }, last: /Thank you for calling/ },
    'by the keypad': { lines: ['#415226', '#1', found('delivered', 'yesterday'), 'No.'], verdict: told },
    lost: { lines: [...number, found('lost', 'never'), ''], verdict: handoff('parcel-search', 'parcel 415226 is lost') },
    'the lookup fails': { lines: [...number, '='], verdict: handoff('service', 'the parcel could not be looked up'), last: /cannot look that up/ },
    'the lookup lacks the day': { lines: [...number, '={"parcel.state": "on_the_way"}'], verdict: handoff('service', 'the parcel could not be looked up') },
    'asks what the facts know': { lines: [...number, found('on_the_way', 'tomorrow'), 'How long do you keep it?', 'No.'], verdict: told },
    'asks something else': { lines: [...number, found('on_the_way', 'tomorrow'), 'Does your driver have a dog with him in the van?'], verdict: undefined, last: /Anything else/ },
    'has no number': { lines: ["I don't have the number."], verdict: undefined, last: /What is your parcel number/ },
    'speaks Chinese, and nobody there does': { lines: ['Do you speak Chinese?', '!!'], verdict: handoff('service', 'caller wants to talk to a person') },
  },
  {},
  'Welcome to Swift Parcel. I am the automated assistant.',
);

/** The last output after these lines, and the dialogue. */
function after(lines: readonly string[], language: 'en' | 'zh') {
  const dialogue = compileExampleIn('parcel-desk', language).flow.start({});
  let outputs: readonly DialogueOutput[] = dialogue.next({ type: 'start' });
  for (const text of lines) outputs = dialogue.next(text.startsWith('#') ? { type: 'dtmf', digits: text.slice(1) } : { type: 'utterance', text });
  return { dialogue, last: outputs.at(-1), said: outputs.flatMap((output) => (output.type === 'say' ? output.prompt.text : [])) };
}

t.test('the lookup is asked for the number, with a filler; its answer goes on', (t) => {
  const { dialogue, last } = after(['#415226', '#1'], 'en');
  t.match(last, { type: 'effect', id: 1, effect: { kind: 'lookup', name: 'parcel', input: { number: '415226' } }, filler: { text: 'One moment, I am looking it up.' }, deadlineMs: 4000 });
  t.match(dialogue.next({ type: 'effect', id: 1, outcome: { ok: true, values: { 'parcel.state': 'delivered', 'parcel.day': 'yesterday' } } }), [{ type: 'say', prompt: { text: 'Your parcel was delivered yesterday.' } }, { type: 'say' }, { type: 'listen', node: 'questions' }]);
  t.end();
});

t.test('a question that no fact was written for is worded by the model, from all facts, and the talk goes on', (t) => {
  const { dialogue } = after(['#415226', '#1'], 'en');
  dialogue.next({ type: 'effect', id: 1, outcome: { ok: true, values: { 'parcel.state': 'on_the_way', 'parcel.day': 'tomorrow' } } });
  const asked = dialogue.next({ type: 'utterance', text: 'Does your driver have a dog with him in the van?' }).at(-1);
  t.match(asked, { type: 'effect', id: 2, bargeIn: true, effect: { kind: 'generate', scripted: { text: /cannot say that for sure/ }, grounds: { facts: { length: 3 }, callerWords: /dog/ } } });
  t.match(dialogue.next({ type: 'effect', id: 2, outcome: { ok: true, said: 'We deliver between nine and six.' } }), [{ type: 'say', prompt: { text: 'Anything else?' } }, { type: 'listen', node: 'questions' }]);
  t.equal(dialogue.lastDecision, 'generated');
  t.same(dialogue.next({ type: 'effect', id: 2, outcome: { ok: true, said: 'again' } }), [], 'an outcome counts once');
  t.end();
});

t.test('what the model is told before every talk is known ahead', (t) => {
  t.match(compileExampleIn('parcel-desk', 'en').flow.modelPrefixes, [/Facts:\n- We deliver between nine/]);
  t.end();
});

t.test('another language: the call goes on in the other flow', (t) => {
  t.match(after(['Can we speak Chinese?'], 'en').last, { type: 'switch', flow: 'parcel-desk-zh' });
  t.match(after(['可以说英语吗'], 'zh').last, { type: 'switch', flow: 'parcel-desk' });
  t.end();
});
