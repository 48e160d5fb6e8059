import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { defaultModelsDirectory, modelDirectory } from '../../../src/models/cache.js';
import { loadManifest } from '../../../src/models/manifest.js';
import { mouthKeysFor } from '../../../src/workers/mouth/from-models.js';

const VOICE = 'en_US-joe-medium';

t.test('a cache in which nothing can be made says what to do', async (t) => {
  const manifest = loadManifest();
  const cache = t.testdir();
  const directory = modelDirectory(cache, VOICE);
  mkdirSync(directory);
  for (const { path } of manifest.models.find(({ name }) => name === VOICE)?.files ?? []) symlinkSync(join(modelDirectory(defaultModelsDirectory(), VOICE), path), join(directory, path));
  // No folder can be made where a file stands: also root may not.
  writeFileSync(join(directory, 'derived'), '');
  await t.rejects(mouthKeysFor({ manifest, cache, voices: [VOICE], capacity: 1 }), { code: 'TRK_MODEL_MISSING', message: new RegExp(`models pull ${VOICE}`) });
});

t.test('what is there is used as it is', async (t) => {
  const keys = await mouthKeysFor({ manifest: loadManifest(), cache: defaultModelsDirectory(), voices: [VOICE], capacity: 3 });
  t.match(keys, { capacity: 3, threads: 1, voices: [{ engine: 'piper', name: VOICE }] });
});
