import t from 'tap';
import { asEspeakReads, joinPhonemes, piperIds, splitSentences } from '../../../src/workers/mouth/phonemes.js';

const shape = (text: string, open = false): string[] => splitSentences(text, open).map(({ clauses }) => clauses.map(({ text, mark }) => `${text}${mark}`).join('|'));

t.test('a text becomes sentences of clauses', async (t) => {
  t.same(shape('Hello. How are you, Sir? Fine!'), ['Hello.', 'How are you,|Sir?', 'Fine!']);
  t.same(shape('no mark at the end'), ['no mark at the end.']);
  t.same(shape('Your balance is', true), ['Your balance is,'], 'what goes on keeps the voice up');
  t.same(shape('Done.', true), ['Done.'], 'but a full stop is a full stop');
  t.same(shape(''), []);
  t.same(shape('...'), []);
});

t.test('no run of the model is long: clauses and sentences have limits', async (t) => {
  const words = 'word '.repeat(199);
  for (const sentence of splitSentences(words, false)) {
    t.ok(sentence.clauses.reduce((sum, clause) => sum + clause.text.length, 0) <= 240);
  }
  t.equal(splitSentences(words, false).flatMap(({ clauses }) => clauses.map(({ text }) => text)).join(' '), words.trim(), 'nothing is lost');
  t.equal(splitSentences('x'.repeat(1000), false).flatMap(({ clauses }) => clauses.map(({ text }) => text)).join(''), 'x'.repeat(1000), 'not even without a space');
});

t.test('a lone A is a letter between letters and the article elsewhere', async (t) => {
  t.equal(asEspeakReads('ten A M'), "ten [['eI]] M");
  t.equal(asEspeakReads('B A C'), "B [['eI]] C");
  t.equal(asEspeakReads('vitamin A'), "vitamin [['eI]]");
  t.equal(asEspeakReads('A dog'), 'A dog');
});

t.test('phonemes become ids with pads, marks kept, unknown symbols left out', async (t) => {
  const ids = { _: [0], '^': [1], $: [2], a: [10], b: [11], '\u0303': [12], ',': [8], ' ': [3] };
  t.same(piperIds('ab', ids), [1, 0, 10, 0, 11, 0, 2]);
  t.same(piperIds('ã', ids), [1, 0, 10, 0, 12, 0, 2], 'decomposed');
  t.same(piperIds('a?b', ids), [1, 0, 10, 0, 11, 0, 2]);
  const sentence = splitSentences('one, two. ', false)[0]!;
  t.equal(joinPhonemes(sentence, ['wʌn', 'tuː']), 'wʌn, tuː.');
  t.equal(joinPhonemes(sentence, ['', 'tuː']), 'tuː.', 'a clause without sound leaves no mark');
});
