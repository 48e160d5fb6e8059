import t from 'tap';
import { StopFilter } from '../../../src/workers/mind/stop-filter.js';

function run(stops: string[], pieces: string[]): { out: string[]; found: string | undefined } {
  const filter = new StopFilter(stops);
  const out = pieces.map((piece) => filter.push(piece));
  out.push(filter.flush());
  return { out, found: filter.found };
}

t.test('text is held back only while it may begin a stop string', async (t) => {
  t.same(run([], ['a', 'b']), { out: ['a', 'b', ''], found: undefined });
  t.same(run(['END'], ['abE', 'Nx', 'y']), { out: ['ab', 'ENx', 'y', ''], found: undefined });
  t.same(run(['END'], ['ab', 'EN']), { out: ['ab', '', 'EN'], found: undefined });
});

t.test('the first stop string ends the text, however the pieces fall', async (t) => {
  for (const pieces of [['abEND', 'cd'], ['ab', 'E', 'N', 'D', 'cd'], ['abENDcd'], ['a', 'bEN', 'Dcd']]) {
    const { out, found } = run(['END'], pieces);
    t.equal(out.join(''), 'ab', pieces.join('|'));
    t.equal(found, 'END');
  }
  t.same(run(['\n\n', 'b'], ['ab\n\n']), { out: ['a', ''], found: 'b' }, 'the earlier one counts');
  t.same(run(['', 'x'], ['ax']), { out: ['a', ''], found: 'x' }, 'an empty stop string is none');
});
