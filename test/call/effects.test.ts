import t from 'tap';
import { runEffect } from '../../src/call/effects.js';
import type { EffectParts } from '../../src/call/effects.js';
import type { LookupValues } from '../../src/call/lookups.js';
import type { DialogueEffect, DialogueOutput, EffectOutcome, Prompt } from '../../src/dialogue/dialogue.js';
import { TrunklineError } from '../../src/kernel/errors.js';
import { silentLogger } from '../../src/kernel/log.js';
import type { Mind, MindRequest } from '../../src/speech/mind.js';
import { ManualClock } from '../support/manual-clock.js';

type Wanted = Extract<DialogueOutput, { type: 'effect' }>;
const prompt = (text: string): Prompt => ({ text, parts: [{ kind: 'fixed', text }] });
const LOOKUP: DialogueEffect = { kind: 'lookup', name: 'balance', input: { id: 7 } };
const GENERATE: DialogueEffect = {
  kind: 'generate',
  instruction: 'Answer the question about the card.',
  grounds: { language: 'en', facts: ['The card costs 60 dollars a year.'], slots: {}, callerWords: ['what does it cost'], names: [] },
  lastTurns: [{ who: 'caller', text: 'what does it cost' }],
  scripted: prompt('Let me send you the prices.'),
};
const wanted = (effect: DialogueEffect): Wanted => ({ type: 'effect', node: 'n', id: 1, effect, filler: prompt('One moment please.'), deadlineMs: 1500 });

/** A model that says what the test says, when it says so. */
function mindOf(pieces: AsyncIterable<string> | Iterable<string>, requests: MindRequest[] = []): Mind {
  return {
    async *generate(request) {
      requests.push(request);
      for await (const piece of pieces) {
        if (request.signal?.aborted === true) throw new TrunklineError('TRK_SPEECH_DEADLINE', { params: { worker: 'mind' } });
        yield piece;
      }
    },
    score: () => Promise.resolve([]),
    prepare: () => Promise.resolve(),
    capacity: { total: 1, used: 0 },
    ready: true,
    close: () => Promise.resolve(),
  };
}

function setUp(over: Partial<EffectParts> = {}): { clock: ManualClock; said: string[]; run: (effect: DialogueEffect, signal?: AbortSignal, interrupted?: AbortSignal) => Promise<EffectOutcome> } {
  const clock = new ManualClock(0);
  const said: string[] = [];
  const parts: EffectParts = { clock, log: silentLogger, lookups: undefined, mind: undefined, say: (one) => void said.push(one.text), ...over };
  return { clock, said, run: (effect, signal = new AbortController().signal, interrupted) => runEffect(parts, wanted(effect), signal, interrupted) };
}

t.test('a quick lookup says nothing; a slow one says its filler once', async (t) => {
  let answer: (values: LookupValues) => void = () => undefined;
  const lookups = { run: () => new Promise<LookupValues>((resolve) => (answer = resolve)) };
  const quick = setUp({ lookups });
  const first = quick.run(LOOKUP);
  answer({ balance: 3 });
  t.same(await first, { ok: true, values: { balance: 3 } });
  t.same(quick.said, []);
  const slow = setUp({ lookups });
  const second = slow.run(LOOKUP);
  slow.clock.advance(700);
  slow.clock.advance(700);
  answer({ balance: 4 });
  t.same(await second, { ok: true, values: { balance: 4 } });
  t.same(slow.said, ['One moment please.']);
});

t.test('a lookup that fails says why, by its code', async (t) => {
  const failing = setUp({ lookups: { run: () => Promise.reject(new TrunklineError('TRK_LOOKUP_DEADLINE', { params: { lookup: 'balance' } })) } });
  t.same(await failing.run(LOOKUP), { ok: false, reason: 'TRK_LOOKUP_DEADLINE' });
  t.same(await setUp().run(LOOKUP), { ok: false, reason: 'TRK_LOOKUP_UNKNOWN' });
});

t.test('words that stand in the facts go out clause by clause', async (t) => {
  const requests: MindRequest[] = [];
  const { said, run } = setUp({ mind: mindOf(['The card ', 'costs 60 dollars', ' a year. Would ', 'you like one?'], requests) });
  t.same(await run(GENERATE), { ok: true, said: 'The card costs 60 dollars a year. Would you like one?' });
  t.same(said, ['The card costs 60 dollars a year.', 'Would you like one?']);
  t.match(requests[0]?.prefix, /Facts:\n- The card costs 60 dollars a year\.$/);
  t.match(requests[0]?.prompt, /Caller: what does it cost/);
});

t.test('what goes on behind a comma is judged with what was said before it', async (t) => {
  const effect = { ...GENERATE, grounds: { ...GENERATE.grounds, facts: ['The clinic is on the second floor, above the bakery.'] } };
  const { said, run } = setUp({ mind: mindOf(['The clinic is on the second floor, ', 'above the bakery. ']) });
  t.same(await run(effect), { ok: true, said: 'The clinic is on the second floor, above the bakery.' });
  t.same(said, ['The clinic is on the second floor,', 'above the bakery.']);
  const wrong = setUp({ mind: mindOf(['The clinic is on the second floor, ', 'below the bakery. ']) });
  await wrong.run(effect);
  t.same(wrong.said, ['The clinic is on the second floor,', 'Let me send you the prices.']);
});

t.test('the first invented clause stops the model; what was true stays said', async (t) => {
  const { said, run } = setUp({ mind: mindOf(['The card costs 60 dollars a year. ', 'It has 5 percent cash back. ', 'And it is free for ever.']) });
  t.same(await run(GENERATE), { ok: true, said: 'The card costs 60 dollars a year.' });
  t.same(said, ['The card costs 60 dollars a year.']);
});

t.test('a reply that breaks off before it has told a fact, or inside a sentence, ends in the scripted words', async (t) => {
  const tries: [string, readonly string[], readonly string[]][] = [
    ['no fact yet', ['I understand your question. ', 'It has 5 percent cash back. '], ['I understand your question.', 'Let me send you the prices.']],
    ['half a sentence', ['I understand your question about it, ', 'it has 5 percent cash back. '], ['I understand your question about it,', 'Let me send you the prices.']],
    ['round in circles', ['Thank you for asking. ', 'Thank you for asking. '], ['Thank you for asking.', 'Let me send you the prices.']],
    ['cut by its length', ['The card costs 60 dollars a year, ', 'and'], ['The card costs 60 dollars a year,', 'Let me send you the prices.']],
    ['a fact, then an invention', ['Thank you for asking. ', 'The card costs 60 dollars a year. ', 'It has 5 percent cash back. '], ['Thank you for asking.', 'The card costs 60 dollars a year.']],
    ['no fact, but all that it wanted to say', ['Thank you for asking.'], ['Thank you for asking.']],
  ];
  for (const [name, words, heard] of tries) {
    const { said, run } = setUp({ mind: mindOf(words) });
    t.same(await run(GENERATE), { ok: true, said: heard.join(' ') }, name);
    t.same(said, heard, name);
  }
});

t.test('nothing true, nothing at all, garbage, half a sentence, no model: the scripted words', async (t) => {
  const tries: [string, Mind | undefined, string][] = [
    ['invented', mindOf(['It costs 10 dollars.']), 'amount'],
    ['nothing', mindOf([]), 'nothing was worded'],
    ['garbage', mindOf(['{"a": [1,2', ',3]}. ']), 'form'],
    ['half', mindOf(['The card costs']), 'nothing was worded'],
    ['no model', undefined, 'no model'],
  ];
  for (const [name, mind, reason] of tries) {
    const { said, run } = setUp({ mind });
    t.same(await run(GENERATE), { ok: false, reason }, name);
    t.same(said, ['Let me send you the prices.'], name);
  }
});

t.test('a model that never ends is ended, and one that never begins is late', async (t) => {
  const endless = (function* () {
    for (;;) yield 'The card costs 60 dollars a year. ';
  })();
  const { said, run } = setUp({ mind: mindOf((function* () { for (let i = 0; i < 100; i++) yield endless.next().value; })()) });
  t.match(await run(GENERATE), { ok: true });
  t.ok(said.length <= 8, `${said.length} clauses`);
  let release: () => void = () => undefined;
  const blocked = (async function* () {
    await new Promise<void>((resolve) => (release = resolve));
    yield 'The card costs 60 dollars a year.';
  })();
  const late = setUp({ mind: mindOf(blocked) });
  const outcome = late.run(GENERATE);
  late.clock.advance(1500);
  await Promise.resolve();
  release();
  t.same(await outcome, { ok: false, reason: 'TRK_SPEECH_DEADLINE' });
  t.same(late.said, ['Let me send you the prices.']);
});

t.test('who hangs up hears nothing more', async (t) => {
  const stop = new AbortController();
  const { said, run } = setUp({ mind: mindOf((function* () { yield 'The card '; stop.abort(); yield 'costs 60 dollars a year. '; })()) });
  t.same(await run(GENERATE, stop.signal), { ok: false, reason: 'cancelled' });
  t.same(said, []);
});

t.test('who speaks over a reply ends it: the model is stopped, and what was said so far counts', async (t) => {
  const stop = new AbortController();
  const requests: MindRequest[] = [];
  const { said, run } = setUp({ mind: mindOf((function* () { yield 'The card costs 60 dollars a year. '; stop.abort(); yield 'The card costs 60 dollars a year. '; })(), requests) });
  t.same(await run(GENERATE, undefined, stop.signal), { ok: true, said: 'The card costs 60 dollars a year.', interrupted: true });
  t.same(said, ['The card costs 60 dollars a year.'], 'nothing is said over the caller, not even the scripted words');
  t.equal(requests[0]?.signal?.aborted, true);
});

t.test('more facts than the context holds: those that the question is about, and each talk is cut to its room', async (t) => {
  const requests: MindRequest[] = [];
  const { run } = setUp({ mind: mindOf([], requests) });
  const many = Array.from({ length: 200 }, (_, at) => `Fact number ${at} is about something that nobody has asked for in this call.`);
  const facts = [...many.slice(0, 150), 'The card costs 60 dollars a year.', ...many.slice(150)];
  await run({ ...GENERATE, grounds: { ...GENERATE.grounds, facts }, lastTurns: [{ who: 'bot', text: 'x'.repeat(5000) }, { who: 'caller', text: `what does the card cost a year ${'and '.repeat(1000)}` }] });
  const [{ prefix, prompt }] = requests as [MindRequest];
  t.match(prefix, /The card costs 60 dollars a year\./);
  t.ok(prefix.length < 2_400 && prompt.length < 600, `${prefix.length} and ${prompt.length} characters`);
  t.match(prompt, /^Caller: what does the card cost/);
});
