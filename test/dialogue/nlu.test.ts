import { readFileSync } from 'node:fs';
import t from 'tap';
import type { Test } from 'tap';
import { parse } from 'yaml';
import { parseConfig } from '../../src/config/load.js';
import { defaultNumbers } from '../../src/dialogue/flow/built-in.js';
import { intentModel as modelOfFlow } from '../../src/dialogue/nlu/model-cache.js';
import { Meanings } from '../../src/dialogue/nlu/meanings.js';
import { normalise, normaliserOf } from '../../src/dialogue/nlu/normalise.js';
import type { OwnPhrases } from '../../src/dialogue/nlu/own-phrases.js';
import { QuestionModel } from '../../src/dialogue/nlu/question-model.js';
import { libraryOf } from '../../src/dialogue/nlu/universal/library.js';
import { Lifetime } from '../../src/kernel/lifetime.js';
import { createLogger } from '../../src/kernel/log.js';
import { startUnderstanding } from '../../src/nlu-wiring.js';
import { ManualClock } from '../support/manual-clock.js';

const read = (file: string): Record<string, string[]> => parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as Record<string, string[]>;
const labels = Object.keys(read('held-out-en.yaml')).filter((label) => label !== 'none');
/** Of a flow with this one question. */
const intentModel = (language: string, own: OwnPhrases): QuestionModel => new QuestionModel(modelOfFlow(language, [own]), own);

const ofLibrary = (names: readonly string[]): Map<string, readonly string[]> => new Map(names.map((name) => [name, []]));

const languages = [
  { language: 'en-US', files: ['held-out-en.yaml', 'held-out-more-en.yaml'], meaning: true },
  { language: 'zh-CN', files: ['held-out-zh.yaml'], meaning: false },
] as const;

function casesOf(files: readonly string[]): [label: string, utterance: string][] {
  return files.flatMap((file) => Object.entries(read(file)).flatMap(([label, utterances]) => utterances.map((utterance): [string, string] => [label, utterance])));
}

const lifetime = new Lifetime();
t.teardown(() => lifetime.close());
const config = parseConfig('log: {level: warn}');
const understanding = await startUnderstanding(config, createLogger(config.log), lifetime);

/** Shares of right decisions, of wrong actions, and of utterances whose first guess is right, with every universal intent active. */
async function judge(t: Test, language: string, files: readonly string[], meaning: boolean): Promise<{ right: number; wrong: number; first: number }> {
  const { universal } = libraryOf(language);
  const own = new Map([...universal.keys()].map((label) => [label, []]));
  const model = new QuestionModel(meaning ? await understanding.trainer.train(language, []) : modelOfFlow(language, []), own);
  const meanings = new Meanings(meaning ? understanding.embedder(language) : undefined, language, new ManualClock());
  t.equal(model.wantsMeaning, meaning);
  let right = 0;
  let wrong = 0;
  let first = 0;
  const cases = casesOf(files);
  for (const [wanted, utterance] of cases) {
    await meanings.prepare(utterance);
    const best = model.classify(utterance, meanings.get(utterance))[0];
    const decided = best !== undefined && best.score >= defaultNumbers.accept ? best.label : 'none';
    if (decided === wanted) right++;
    else if (decided !== 'none') {
      wrong++;
      t.comment(`wrong action: ${utterance} taken for ${decided}, is ${wanted}`);
    }
    if (decided === wanted || (decided === 'none' && best?.label === wanted)) first++;
  }
  const share = { right: right / cases.length, wrong: wrong / cases.length, first: first / cases.length };
  t.comment(`${language}: ${JSON.stringify(share)} of ${cases.length}`);
  return share;
}

for (const { language, files, meaning } of languages) {
  t.test(`held-out utterances: ${language}`, async (t) => {
    const { right, wrong, first } = await judge(t, language, files, meaning);
    t.ok(right >= 0.91, `${right} right`);
    t.ok(wrong <= 0.02, `${wrong} wrong actions`);
    t.ok(first >= 0.95, `${first} right, or right after asking back`);
  });

  t.test(`no held-out utterance was trained on: ${language}`, (t) => {
    const normalise = normaliserOf(language);
    const { universal, background } = libraryOf(language);
    const trained = new Set([...[...universal.values()].flat(), ...background].map(normalise));
    const cases = casesOf(files);
    for (const [, utterance] of cases) t.notOk(trained.has(normalise(utterance)), utterance);
    for (const label of universal.keys()) {
      const count = cases.filter(([one]) => one === label).length;
      t.ok(count >= 10, `${label}: ${count}`);
    }
    t.ok(cases.filter(([one]) => one === 'none').length >= 20, 'and what means nothing');
    t.end();
  });

  t.test(`utterances of the bench are not the library's but by chance: ${language}`, (t) => {
    const normalise = normaliserOf(language);
    const { universal, background } = libraryOf(language);
    const trained = new Set([...[...universal.values()].flat(), ...background].map(normalise));
    for (const set of ['open', 'closed']) {
      const { cases } = parse(readFileSync(new URL(`../../bench/intent-cases/${set}.${language.slice(0, 2)}.yaml`, import.meta.url), 'utf8')) as { cases: Record<string, string[]> };
      const all = Object.values(cases).flat();
      // Short ones are in every library; more than these would have been copied.
      t.ok(all.filter((one) => trained.has(normalise(one))).length <= 35, set);
      t.ok(all.length > 180, `${set}: ${all.length}`);
    }
    t.end();
  });

  t.test(`the library: enough phrases, and none with two meanings: ${language}`, (t) => {
    const normalise = normaliserOf(language);
    const { universal, background } = libraryOf(language);
    const seen = new Map<string, string>();
    for (const [label, phrases] of universal) {
      t.ok(phrases.length >= 45, `${label} has ${phrases.length}`);
      for (const phrase of phrases) {
        const plain = normalise(phrase);
        t.not(plain, '', `${label}: ${phrase}`);
        const other = seen.get(plain);
        t.ok(other === undefined || other === label, `${phrase}: ${other} and ${label}`);
        seen.set(plain, label);
      }
    }
    for (const phrase of background) t.notOk(seen.has(normalise(phrase)), `background: ${phrase}`);
    t.end();
  });
}

t.test('both languages know the same intents', (t) => {
  t.same([...libraryOf('zh').universal.keys()].sort(), [...libraryOf('en').universal.keys()].sort());
  t.end();
});

t.test('being called too often is a complaint; only who says so is never called again', async (t) => {
  for (const [language, angry, order] of [['en-US', 'you lot phone me every blessed morning', 'please stop phoning me every single morning'], ['zh-CN', '你们天天打天天打', '以后别再给我打了']] as const) {
    const model = intentModel(language, ofLibrary([...libraryOf(language).universal.keys()]));
    t.match(model.classify(angry)[0]?.label, /^(?:complaint|angry)$/, angry);
    t.ok((model.classify(angry).find(({ label }) => label === 'stop_calling')?.score ?? 0) < 0.25, angry);
    t.equal(model.classify(order)[0]?.label, 'stop_calling', order);
  }
});

t.test('without sentence vectors: by words alone, less often right and not more often wrong', async (t) => {
  const { right, wrong } = await judge(t, 'en-US', languages[0].files, false);
  t.ok(right >= 0.75, `${right} right`);
  t.ok(wrong <= 0.03, `${wrong} wrong actions`);
});

t.test('the same phrases give the same model', (t) => {
  const own = new Map([['a', ['send a parcel', 'post a box']], ['b', ['fetch my mail', 'collect letters']]]);
  t.not(modelOfFlow('en-US', [own]), modelOfFlow('en-US', [new Map([...own, ['a', ['send a parcel', 'post a box', 'mail it']]])]), 'other phrases, another model');
  t.equal(modelOfFlow('en-US', [own]), modelOfFlow('en-US', [new Map(own), new Map([['yes', []]])]), 'the same phrases, one model');
  const once = intentModel('en-US', own);
  const guesses = once.classify('please send this parcel');
  t.equal(guesses[0]?.label, 'a');
  t.same(guesses, intentModel('en-US', new Map([['a', ['send a parcel', 'post a box']], ['b', ['fetch my mail', 'collect letters']]])).classify('please send this parcel'));
  t.end();
});

t.test("a flow's own phrase wins over the library", (t) => {
  const model = intentModel('en-US', new Map([['interested', []], ['hear_it', ['tell me more']]]));
  t.match(model.classify('Tell me more.')[0], { label: 'hear_it', score: 1 });
  t.end();
});

t.test('questions of one flow share a model, and know nothing of what others bring', (t) => {
  const parcel = new Map([['yes', []], ['parcel', ['send the small parcel', 'the usual one please']]]);
  const letter = new Map([['no', []], ['letter', ['collect my letters', 'the usual one please']]]);
  const model = modelOfFlow('en-US', [parcel, letter]);
  const [one, other] = [new QuestionModel(model, parcel), new QuestionModel(model, letter)];
  t.match(one.classify('The usual one, please.')[0], { label: 'parcel', score: 1 }, 'the same words');
  t.match(other.classify('The usual one, please.')[0], { label: 'letter', score: 1 }, 'in another question');
  t.ok((one.classify('please send the small parcel')[0]?.score ?? 0) >= 0.5);
  t.same(other.classify('please send the small parcel').map(({ label }) => label).sort(), ['letter', 'no']);
  t.ok((other.classify('please send the small parcel')[0]?.score ?? 1) < 0.5, 'means nothing here');
  t.equal(one.classify('Yes.')[0]?.label, 'yes');
  t.ok((other.classify('Yes.')[0]?.score ?? 1) < 0.5, 'an intent of the library that is not listened for is none');
  t.end();
});

t.test('words that nobody taught mean nothing', (t) => {
  const model = intentModel('en-US', ofLibrary(labels));
  for (const text of ['', 'The', 'And you', 'I', '???', 'zxqv brrk plonk', 'Übermäßig große Äpfel', '你好', 'a'.repeat(2000)]) {
    const best = model.classify(text)[0];
    t.ok((best?.score ?? 0) < defaultNumbers.accept, `${text.slice(0, 20)}: ${best?.label} ${best?.score}`);
  }
  t.end();
});

t.test('one form for many ways to write', (t) => {
  t.equal(normalise("Um, I don't  WANT it!"), 'i do not want it');
  t.equal(normalise('I’m… uh, busy.'), 'i am busy');
  t.equal(normalise('Yep'), normalise('yeah.'));
  t.equal(normalise('Call 415 220'), 'call # #');
  t.end();
});
