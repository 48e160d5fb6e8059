import { readFileSync } from 'node:fs';
import t from 'tap';
import { parse } from 'yaml';
import { defaultNumbers } from '../../src/dialogue/flow/built-in.js';
import { intentModel } from '../../src/dialogue/nlu/model-cache.js';
import { normalise } from '../../src/dialogue/nlu/normalise.js';
import { backgroundEn, universalEn } from '../../src/dialogue/nlu/universal/en.js';

const heldOut = parse(readFileSync(new URL('held-out-en.yaml', import.meta.url), 'utf8')) as Record<string, string[]>;
const labels = Object.keys(heldOut).filter((label) => label !== 'none');
const ofLibrary = (names: readonly string[]): Map<string, readonly string[]> => new Map(names.map((name) => [name, []]));

t.test('held-out utterances', (t) => {
  const model = intentModel(ofLibrary(labels));
  let right = 0;
  let wrong = 0;
  let all = 0;
  for (const [label, utterances] of Object.entries(heldOut)) {
    for (const utterance of utterances) {
      const best = model.classify(utterance)[0];
      const decided = best !== undefined && best.score >= defaultNumbers.accept ? best.label : 'none';
      all++;
      if (decided === label) right++;
      else if (decided !== 'none') {
        wrong++;
        t.comment(`wrong action: ${utterance} taken for ${decided}, is ${label}`);
      }
    }
  }
  t.comment(`accuracy ${((100 * right) / all).toFixed(1)} %, wrong action ${((100 * wrong) / all).toFixed(1)} % of ${all}`);
  t.ok(all >= 60 && labels.length >= 8);
  t.ok(right / all >= 0.85, 'accuracy at least 85 %');
  t.ok(wrong / all <= 0.03, 'wrong action at most 3 %');
  t.end();
});

t.test('no held-out utterance was trained on', (t) => {
  const trained = new Set([...[...universalEn.values()].flat(), ...backgroundEn].map(normalise));
  for (const utterance of Object.values(heldOut).flat()) t.notOk(trained.has(normalise(utterance)), utterance);
  t.end();
});

t.test('the library: enough phrases, and none with two meanings', (t) => {
  const seen = new Map<string, string>();
  for (const [label, phrases] of universalEn) {
    t.ok(phrases.length >= 50, `${label} has ${phrases.length}`);
    for (const phrase of phrases) {
      const plain = normalise(phrase);
      t.not(plain, '', `${label}: ${phrase}`);
      const other = seen.get(plain);
      t.ok(other === undefined || other === label, `${phrase}: ${other} and ${label}`);
      seen.set(plain, label);
    }
  }
  for (const phrase of backgroundEn) t.notOk(seen.has(normalise(phrase)), `background: ${phrase}`);
  t.end();
});

t.test('the same phrases give the same model', (t) => {
  const once = intentModel(new Map([['a', ['send a parcel', 'post a box']], ['b', ['fetch my mail', 'collect letters']]]));
  const again = intentModel(new Map([['a', ['send a parcel', 'post a box', 'mail it']], ['b', ['fetch my mail', 'collect letters']]]));
  t.not(once, again, 'other phrases, another model');
  const guesses = once.classify('please send this parcel');
  t.equal(guesses[0]?.label, 'a');
  t.same(guesses, intentModel(new Map([['a', ['send a parcel', 'post a box']], ['b', ['fetch my mail', 'collect letters']]])).classify('please send this parcel'));
  t.end();
});

t.test("a flow's own phrase wins over the library", (t) => {
  const model = intentModel(new Map([['interested', []], ['hear_it', ['tell me more']]]));
  t.match(model.classify('Tell me more.')[0], { label: 'hear_it', score: 1 });
  t.end();
});

t.test('words that nobody taught mean nothing', (t) => {
  const model = intentModel(ofLibrary(labels));
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
