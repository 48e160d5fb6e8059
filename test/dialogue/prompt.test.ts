import t from 'tap';
import { fixedTextsOf, renderPrompt, template } from '../../src/dialogue/flow/prompt.js';
import { Chat } from '../../src/dialogue/chat.js';
import { NOW, compile, compileExample, hold } from './talk.js';

const parts = (text: string, values: Record<string, string> = {}): string[] => renderPrompt([template(text)], (name) => values[name] ?? '').parts.map((part) => `${part.kind[0]}:${part.text}`);

t.test('only the variable part is synthesised, with the marks that touch it', (t) => {
  t.same(parts('Good morning.'), ['f:Good morning.']);
  t.same(parts('Hello {name}, this is {bank}.', { name: 'Ann', bank: 'Harbor Bank' }), ['f:Hello', 'v:Ann,', 'f:this is', 'v:Harbor Bank.']);
  t.same(parts('You owe ${sum} today', { sum: '5' }), ['f:You owe', 'v:$5', 'f:today']);
  t.same(parts("{name}'s card", { name: 'Ann' }), ["v:Ann's", 'f:card']);
  t.same(parts('{a} {b}', { a: '1', b: '2' }), ['v:1', 'v:2']);
  t.same(parts('Hello {name}.', {}), ['f:Hello'], 'a variable without a value is left out');
  t.end();
});

t.test('the text of the parts is the text of the prompt', (t) => {
  t.equal(renderPrompt([template('Hello {name}. '), template('How  are you?')], () => 'Ann').text, 'Hello Ann. How are you?');
  t.end();
});

t.test('long runs are cut at ends of sentences', (t) => {
  const sentence = 'This sentence has some words in it to make it longer than short. ';
  const texts = fixedTextsOf([template(sentence.repeat(10))]);
  t.ok(texts.every((text) => text.length <= 300 && text.endsWith('.')));
  t.end();
});

t.test('everything fixed that a flow says is among its fixed texts', (t) => {
  for (const name of ['card-offer', 'appointment-reminder', 'inbound-digits']) {
    const flow = compileExample(name);
    const known = new Set(flow.fixedTexts);
    t.equal(known.size, flow.fixedTexts.length, 'no doubles');
    t.ok(known.has(flow.apology));
    const dialogue = flow.start({ name: 'Ann', when: 'on Tuesday' });
    const inputs = [{ type: 'start' }, { type: 'trouble' }, { type: 'silence' }, { type: 'utterance', text: 'Hold on.' }, { type: 'utterance', text: 'Are you a robot?' }, { type: 'utterance', text: 'Stop calling me.' }, { type: 'silence' }] as const;
    for (const input of inputs) {
      for (const output of dialogue.next(input)) {
        if (output.type !== 'say') continue;
        for (const part of output.prompt.parts) if (part.kind === 'fixed') t.ok(known.has(part.text), part.text);
      }
    }
  }
  t.end();
});

t.test('flow chat: silence, keys and trouble can be typed', (t) => {
  const flow = compile('trunkline: 1\nid: c\nlanguage: en\nstart: q\nfallback: z\napology: Oops.\nnodes:\n  q: { ask: Code?, kind: digits, slot: code, max_digits: 2, next: z }\n  z: { end: end, reason: x }\n');
  const held = hold(flow, {}, ['', '!', '#42']);
  t.same(held.said, ['Code?', 'Are you still there? Code?', 'Oops. Code?']);
  t.same(held.trace, [
    'listening for digits, 2-2 digits (silence after 6000 ms)',
    'q: silence > q',
    'listening for digits, 2-2 digits (silence after 6000 ms)',
    'q: trouble > q',
    'listening for digits, 2-2 digits (silence after 6000 ms)',
    'q: dtmf 2 > z',
    'kept code = 42',
    'verdict end: x',
    'slots {"code":"42"}',
  ]);
  t.end();
});

t.test('flow chat: each turn has its data, moods are told, and who hangs up is judged', (t) => {
  const flow = compile('trunkline: 2\nid: c\nlanguage: en\nstart: q\nfallback: z\nverdicts:\n  - { when: ended == "caller_hung_up", verdict: redial_at, in_minutes: 60, reason: hung up }\n  - { verdict: end, reason: x }\nnodes:\n  q: { ask: Code?, kind: text, slot: words, next: again }\n  again: { ask: And now?, kind: text, slot: more, next: z }\n  z: { verdict: rules }\n');
  const chat = new Chat(flow, {});
  chat.start();
  const lines = [...chat.line('this is ridiculous, I am fed up'), ...chat.line('shut up you idiots'), ...chat.hangUp()];
  t.match(lines[0], { who: 'trace', text: 'q: text > again', data: { from: 'q', node: 'again', slots: { words: /ridiculous/ }, mood: { label: String, valence: Number } } });
  t.ok(lines.some((line) => /^mood (?:annoyed|angry) \(.*words:/.test(line.text)), 'the mood and what it rests on');
  t.match(lines.find((line) => line.text.startsWith('verdict')), { text: 'verdict end: x', data: { verdict: { kind: 'end' } } });
  const gone = new Chat(flow, {});
  gone.start();
  t.same(gone.hangUp().map((line) => line.text), ['the caller hangs up', `verdict redial_at ${new Date(NOW + 3_600_000).toISOString().replace('.000', '')}: hung up`, 'slots {}']);
  t.same(gone.hangUp(), [], 'once');
  t.end();
});
