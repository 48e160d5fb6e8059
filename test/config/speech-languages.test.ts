import t from 'tap';
import { parseConfig } from '../../src/config/load.js';
import { languageFor, speechLanguages } from '../../src/config/speech-languages.js';

const spoken = (yaml: string) => speechLanguages(parseConfig(yaml).speech);

t.test('each language has the ear and the voice of its own unless others are named', async (t) => {
  const [english, ...none] = spoken('');
  t.match(english, { language: 'en-US', ear: { engine: 'moonshine', capacity: 16 }, mouth: { voice: 'en_US-joe-medium', voices: ['en_US-joe-medium'] } });
  t.same(none, []);
  const [, chinese] = spoken('{speech: {languages: [{language: zh-CN, mouth: {voices: [zm_yunxi, zf_xiaoxiao]}}]}}');
  t.match(chinese, { language: 'zh-CN', ear: { engine: 'whisper', capacity: 4, workers: 1 }, mouth: { voice: 'zf_xiaoxiao', voices: ['zf_xiaoxiao', 'zm_yunxi'] } });
  const [alone] = spoken('{speech: {language: zh-CN, ear: {engine: vosk, model: vosk-model-small-cn-0.22}}}');
  t.match(alone, { language: 'zh-CN', ear: { engine: 'vosk', model: 'vosk-model-small-cn-0.22', capacity: 16 }, mouth: { voice: 'zf_xiaoxiao' } });
});

t.test('a flow finds its language, or the same one from elsewhere', async (t) => {
  const languages = spoken('{speech: {languages: [{language: zh-CN}, {language: zh-TW}]}}');
  t.equal(languageFor(languages, 'zh-tw')?.language, 'zh-TW');
  t.equal(languageFor(languages, 'zh')?.language, 'zh-CN');
  t.equal(languageFor(languages, 'en-GB')?.language, 'en-US');
  t.equal(languageFor(languages, 'ko'), undefined);
});

t.test('a language twice, a tag that is none, a key that is none', async (t) => {
  t.throws(() => spoken('{speech: {languages: [{language: EN-us}]}}'), { code: 'TRK_CONFIG_INVALID', field: 'speech.languages.0.language' });
  t.throws(() => spoken('{speech: {languages: [{language: Chinese language}]}}'), { code: 'TRK_CONFIG_INVALID', field: 'speech.languages.0.language' });
  t.throws(() => spoken('{speech: {languages: [{language: zh-CN, voice: x}]}}'), { code: 'TRK_CONFIG_INVALID', field: 'speech.languages.0.voice' });
  t.throws(() => spoken('{speech: {languages: [{ear: {}}]}}'), { code: 'TRK_CONFIG_INVALID', field: 'speech.languages.0.language' });
});
