import t from 'tap';
import { say } from '../contract/mouth.js';
import { joinClips, silence } from '../support/audio-clips.js';
import { Listener, play, startEar } from '../support/ear-workers.js';
import { startMouth } from '../support/speech-workers.js';

/** What is written, and the words of it that the recogniser must write again (it has its own mind about figures). */
const SENTENCES: [written: string, heard: RegExp[]][] = [
  ['Good morning, this is the water company calling about your appointment.', [/good morning/, /water company/, /appointment/]],
  ['Would Monday or Tuesday suit you better?', [/monday/, /tuesday/, /better/]],
  ['The visit costs $40 and takes about one hour.', [/visit costs/, /\$?(40|forty)/, /hour/]],
  ['Please call us back on Nov 22 at 2:30 pm.', [/call us back/, /november/, /22|twenty[- ]second/, /2[:.]?30|two[- ]thirty/, /p\.? ?m/]],
  ['Thank you very much, and have a nice day.', [/thank you/, /nice day/]],
];

t.test('the ear understands what the mouth says', async (t) => {
  const [speaking, hearing] = await Promise.all([startMouth(), startEar()]);
  t.teardown(async () => {
    await speaking.close();
    await hearing.close();
  });
  for (const [written, wanted] of SENTENCES) {
    const { samples } = await say(speaking.mouth, { text: written });
    const stream = await hearing.ear.open({ language: 'en-US', pauseMs: 400 });
    const listener = new Listener(stream);
    await play(stream, joinClips(silence(300), samples, silence(900)));
    const { text } = await listener.until('transcript');
    for (const word of wanted) t.match(text.toLowerCase(), word, written);
    stream.close();
  }
});
