import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { systemRandom } from '../../src/kernel/random.js';
import { openRecordingFolder } from '../../src/recording/folder.js';

t.test('servers that share a folder agree on its id', async (t) => {
  const dir = t.testdir();
  const first = openRecordingFolder(dir, systemRandom);
  t.match(first.id, /^[0-9a-f]{16}$/);
  t.same(openRecordingFolder(dir, systemRandom), first);
  t.not(openRecordingFolder(t.testdir({ other: {} }), systemRandom).id, first.id);
});

t.test('files of another folder that were moved here bring its id along', async (t) => {
  const dir = t.testdir({ 'folder.ids': '00000000000000aa\n\n00000000000000bb\n' });
  t.same(openRecordingFolder(dir, systemRandom), { id: '00000000000000aa', ids: ['00000000000000aa', '00000000000000bb'] });
  for (const broken of ['', 'elsewhere\n']) {
    writeFileSync(join(dir, 'folder.ids'), broken);
    t.throws(() => openRecordingFolder(dir, systemRandom), { code: 'TRK_CONFIG_INVALID', field: 'data_dir' });
    t.equal(readFileSync(join(dir, 'folder.ids'), 'utf8'), broken, 'it is left as it is');
  }
});
