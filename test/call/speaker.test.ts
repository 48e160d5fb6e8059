import t from 'tap';
import { Speaker } from '../../src/call/speaker.js';
import type { Prompt } from '../../src/dialogue/dialogue.js';
import { silentLogger } from '../../src/kernel/log.js';
import { FakeMedia } from '../support/fake-media.js';
import { FakeMouth, marked } from '../support/fake-speech.js';
import { ManualClock } from '../support/manual-clock.js';

const RENDERED = new Map([
  ['Hello', marked(100, 1)],
  ['your balance is', marked(200, 2)],
  ['today.', marked(100, 3)],
  ['Sorry, one moment.', marked(300, 9)],
]);

function setUp() {
  const clock = new ManualClock();
  const media = new FakeMedia(clock);
  const mouth = new FakeMouth(() => 7);
  const speaker = new Speaker({ media, mouth, prompts: { get: (text) => RENDERED.get(text) }, clock, log: silentLogger, language: 'en-US', voice: undefined, apology: 'Sorry, one moment.' });
  return { clock, media, mouth, speaker };
}

const fixed = (text: string): Prompt => ({ text, parts: [{ kind: 'fixed', text }] });
const balance: Prompt = {
  text: 'your balance is 12 dollars today.',
  parts: [
    { kind: 'fixed', text: 'your balance is' },
    { kind: 'variable', text: '12 dollars' },
    { kind: 'fixed', text: 'today.' },
  ],
};
const values = (media: FakeMedia): number[] => media.played.map((audio) => audio.samples[0] ?? 0);

t.test('a rendered prompt is handed over in the same turn of the event loop', (t) => {
  const { media, speaker } = setUp();
  const spoken = speaker.say(fixed('Hello'));
  t.same(values(media), [1]);
  t.type(spoken.handedMs, 'number');
  t.end();
});

t.test('only the variable part is synthesised, and it plays between its neighbours', async (t) => {
  const { media, mouth, speaker } = setUp();
  mouth.held = true;
  const spoken = speaker.say(balance);
  t.same(values(media), [2], 'the words before it do not wait');
  mouth.release();
  await media.frames(500);
  await spoken.done;
  t.same(mouth.asked, ['12 dollars']);
  t.same(values(media), [2, 7, 3]);
  t.equal(await spoken.whole, true);
});

t.test('for a caller who has trouble following, all of it is spoken slower', async (t) => {
  const { media, mouth, speaker } = setUp();
  const spoken = speaker.say(balance, { slower: true });
  await media.frames(500);
  await spoken.done;
  t.same(mouth.asked, ['your balance is', '12 dollars', 'today.'], 'what was rendered is too fast');
  t.same(mouth.speeds, [0.8, 0.8, 0.8]);
  t.same(values(media), [7, 7, 7]);
});

t.test('a prompt never overtakes one that still waits for synthesis', async (t) => {
  const { media, mouth, speaker } = setUp();
  mouth.held = true;
  speaker.say(balance);
  const second = speaker.say(fixed('Hello'));
  await media.frames(100);
  t.same(values(media), [2]);
  mouth.release();
  await media.frames(700);
  await second.done;
  t.same(values(media), [2, 7, 3, 1]);
});

t.test('two rendered prompts are both queued at once, so that no gap can open', (t) => {
  const { media, speaker } = setUp();
  speaker.say(fixed('Hello'));
  speaker.say(fixed('today.'));
  t.same(values(media), [1, 3]);
  t.end();
});

t.test('speaking lasts until the last packet has left', async (t) => {
  const { media, speaker } = setUp();
  const spoken = speaker.say(fixed('Hello'));
  await media.frames(80);
  t.ok(speaker.speaking);
  await media.frames(40);
  await spoken.done;
  t.notOk(speaker.speaking);
});

t.test('stop flushes, forgets what waits for synthesis, and the next prompt is heard', async (t) => {
  const { media, mouth, speaker } = setUp();
  mouth.held = true;
  const first = speaker.say(balance);
  speaker.stop();
  mouth.release();
  await media.frames(100);
  await first.done;
  t.equal(await first.whole, false);
  t.equal(media.flushes, 1);
  t.notOk(speaker.speaking);
  const next = speaker.say(fixed('Hello'));
  await media.frames(120);
  await next.done;
  t.same(values(media), [2, 1]);
});

t.test('synthesis that fails is covered by the rendered apology and tried again', async (t) => {
  const { clock, media, mouth, speaker } = setUp();
  mouth.failures = 1;
  const spoken = speaker.say(balance);
  await clock.run(0);
  t.same(values(media), [2, 9, 7, 3], 'all of it is queued before any time has passed: nothing of it is silence');
  await media.frames(900);
  await spoken.done;
  t.same(values(media), [2, 9, 7, 3]);
});

t.test('synthesis that fails twice leaves its words out and the prompt goes on', async (t) => {
  const { media, mouth, speaker } = setUp();
  mouth.failures = 2;
  const spoken = speaker.say(balance);
  await media.frames(900);
  await spoken.done;
  t.same(values(media), [2, 9, 3]);
  t.equal(await spoken.whole, false, 'which is known');
});

t.test('a part whose worker died waits for the next worker, behind the apology', async (t) => {
  const { clock, media, mouth, speaker } = setUp();
  mouth.failures = 1;
  mouth.ready = false;
  const spoken = speaker.say(balance);
  await clock.run(0);
  t.same(values(media), [2, 9], 'the apology is queued before any time has passed');
  await clock.run(2000);
  t.same(values(media), [2, 9], 'it is not tried while nobody could make it');
  mouth.ready = true;
  await clock.run(100);
  t.same(values(media), [2, 9, 7, 3], 'and soon when somebody can');
  await media.frames(900);
  await spoken.done;
  t.same(values(media), [2, 9, 7, 3]);
});

t.test('a part whose worker stays away is left out after a while', async (t) => {
  const { clock, media, mouth, speaker } = setUp();
  mouth.failures = 2;
  mouth.ready = false;
  const spoken = speaker.say(balance);
  await clock.run(3499);
  t.same(values(media), [2, 9]);
  await clock.run(1);
  t.same(values(media), [2, 9, 3], 'it is silent no longer than that');
  await media.frames(900);
  await spoken.done;
  t.same(values(media), [2, 9, 3]);
});

t.test('an interruption ends the wait for a worker', async (t) => {
  const { clock, media, mouth, speaker } = setUp();
  mouth.failures = 1;
  mouth.ready = false;
  const spoken = speaker.say(balance);
  await clock.run(500);
  speaker.stop();
  await clock.run(0);
  await spoken.done;
  mouth.ready = true;
  await clock.run(4000);
  t.same(mouth.asked, ['12 dollars'], 'nothing more is asked for');
  t.same(values(media), [2, 9]);
});

t.test('parts that fail together apologise once', async (t) => {
  const { media, mouth, speaker } = setUp();
  mouth.failures = 2;
  const spoken = speaker.say({
    text: '12 dollars today. 13 dollars',
    parts: [
      { kind: 'variable', text: '12 dollars' },
      { kind: 'fixed', text: 'today.' },
      { kind: 'variable', text: '13 dollars' },
    ],
  });
  await media.frames(1500);
  await spoken.done;
  t.same(values(media).filter((value) => value === 9).length, 1);
  t.same(values(media).filter((value) => value === 7).length, 2, 'both are made in the end');
});
