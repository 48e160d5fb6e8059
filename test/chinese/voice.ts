import t from 'tap';
import { peak, rmsDbfs } from '../../src/audio/level.js';
import { mouthContract, say } from '../contract/mouth.js';
import { readPieces } from '../support/read-pieces.js';
import { startMouth } from '../support/speech-workers.js';
import { SAMPLE_RATE, longestSilenceMs, pitchOf } from './sound.js';

/**
 * The Chinese voices, with the real model: 98 MB that only `npm run test:zh` brings,
 * because its minutes of synthesis and its size are too much for each `npm test`. What
 * is read, and how, is held by test/workers/mouth/zh.
 */
const CAPACITY = 2;
const VOICE = 'zf_xiaoxiao';
t.setTimeout(600_000);

mouthContract(
  'Kokoro in a worker process',
  async () => {
    const { mouth, close } = await startMouth(CAPACITY, VOICE);
    return { mouth, capacity: CAPACITY, close };
  },
  {
    language: 'zh-CN',
    sentence: '您好,您的快递今天下午三点到五点之间会送到您的家里,请您保持电话畅通,注意查收,谢谢您的配合。',
    seconds: [6, 13],
    short: '请您稍等,我马上为您查询一下。',
    joined: '您的余额是',
    figures: '一共是12.5元。',
    words: '一共是十二元五角。',
    caller: (number) => `您是第${number}位来电的客户。`,
  },
);

t.test('each voice speaks: loud as the English one, unclipped, with a voice of its own pitch', async (t) => {
  const text = '您好,这里是客户服务中心,请问有什么可以帮您?';
  for (const [voice, low, high] of [['zf_xiaoxiao', 160, 380], ['zm_yunxi', 80, 250]] as const) {
    const { mouth, close } = await startMouth(CAPACITY, voice);
    try {
      const { samples } = await say(mouth, { text, language: 'zh-CN' });
      const seconds = samples.length / SAMPLE_RATE;
      t.ok(seconds > 2.5 && seconds < 7, `${voice}: ${seconds} s for 20 characters`);
      const level = rmsDbfs(samples);
      t.ok(level > -26 && level < -17, `${voice}: ${level} dBFS`);
      t.ok(peak(samples) < 32_000, `${voice}: peak ${peak(samples)}`);
      const { hz, voicedShare } = pitchOf(samples);
      t.ok(hz > low && hz < high, `${voice}: ${hz} Hz`);
      t.ok(voicedShare > 0.35, `${voice}: ${voicedShare} of the frames are voiced`);
      // The model alone leaves 430 to 1070 ms after each run.
      const silence = longestSilenceMs(samples);
      t.ok(silence < 700, `${voice}: ${silence} ms of silence inside`);
    } finally {
      await close();
    }
  }
});

t.test('a long text comes in several runs, and the first sound long before the last', async (t) => {
  const { mouth, close } = await startMouth(CAPACITY, VOICE);
  t.teardown(close);
  const text = '您好,请问是王先生吗?我是银行的智能客服,想和您确认一下本月的账单,金额是2,300元,请您在11月28日之前还款,谢谢您。';
  const started = performance.now();
  let first = 0;
  await readPieces(mouth.speak({ text, language: 'zh-CN', deadlineMs: 20_000 }), () => {
    first ||= performance.now() - started;
  });
  const whole = performance.now() - started;
  t.ok(first < whole * 0.6, `${first} of ${whole} ms`);
});

t.test('English words inside are said', async (t) => {
  const { mouth, close } = await startMouth(CAPACITY, VOICE);
  t.teardown(close);
  const without = (await say(mouth, { text: '请您下载我们的应用。', language: 'zh-CN' })).samples.length;
  const withWords = (await say(mouth, { text: '请您下载我们的iPhone online APP应用。', language: 'zh-CN' })).samples.length;
  t.ok(withWords > without + 0.8 * SAMPLE_RATE, `${without} and ${withWords} samples`);
  t.ok(rmsDbfs((await say(mouth, { text: 'OK', language: 'zh-CN' })).samples) > -30, 'an English word alone');
});
