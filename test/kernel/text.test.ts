import t from 'tap';
import { cut, isStorable, storable } from '../../src/kernel/text.js';

t.test('what no database takes', (t) => {
  for (const text of ['', 'Zoë 王 🎉', '\u0001\uffff']) t.ok(isStorable(text) && storable(text) === text, JSON.stringify(text));
  for (const text of ['a\0', '\ud83c', 'a\udf89b', '\udf89\ud83c', '🎉\ud83c']) t.notOk(isStorable(text), JSON.stringify(text));
  t.equal(storable('\0a\ud83c🎉\0'), '\ufffda\ufffd🎉\ufffd');
  t.end();
});

t.test('a cut leaves characters whole', (t) => {
  t.same([0, 1, 2, 3, 4, 5].map((units) => cut('a🎉🎉', units)), ['', 'a', 'a', 'a🎉', 'a🎉', 'a🎉🎉']);
  t.equal(cut('ab', 9), 'ab');
  t.end();
});
