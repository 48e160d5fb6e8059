import { pinyin } from 'pinyin-pro';

import { cardinal } from '../src/workers/mouth/text/words.js';
import { plainChinese, speakAll } from '../test/chinese/clips.js';
import { joinClips, prompt, silence, words } from '../test/support/audio-clips.js';
import { startEar, startWhisper } from '../test/support/ear-workers.js';
import { REPLIES } from './support/chinese-replies.js';
import { errorRate, hear, inTurns } from './support/hearing.js';
import { treeCpuMs } from './support/process-cpu.js';
import { asteriskPrompts } from './support/transcripts.js';

const SHORT_S = 1.5;
const DIGIT_STRINGS = 60;
const DIGITS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const AT_ONCE = 3;

/**
 * What the ears write down, by real worker processes, of audio that went through mu-law:
 * in English the human prompts of Asterisk against their makers' list, in Chinese short
 * replies by our own voices (half of the blame is theirs). `--language L` only one,
 * `--sample N` every Nth prompt, `--show` prints what was heard wrongly.
 */
export async function run(args: string[]): Promise<Record<string, number>> {
  const option = (name: string): string | undefined => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  const only = option('--language');
  const sample = Number(option('--sample') ?? 1);
  const show = args.includes('--show');
  return { ...(only === 'zh' ? {} : await english(sample, show)), ...(only === 'en' ? {} : await chinese(show)) };
}

async function english(sample: number, show: boolean): Promise<Record<string, number>> {
  const { ear, fleet, close } = await startEar();
  try {
    const prompts = asteriskPrompts().filter((_, index) => index % sample === 0);
    const pid = fleet.children[0]?.pid ?? 0;
    const before = treeCpuMs(pid);
    const pairs = await inTurns(prompts, AT_ONCE, async ({ name, text }) => {
      const clip = prompt(name);
      return { seconds: clip.length / 8000, said: asWords(text), heard: asWords(await hear(ear, 'en-US', clip)) };
    });
    const cpu = (treeCpuMs(pid) - before) / prompts.length;
    if (show) for (const { said, heard } of pairs) if (said.join(' ') !== heard.join(' ')) process.stderr.write(`${said.join(' ')}: ${heard.join(' ')}\n`);
    const short = pairs.filter(({ seconds }) => seconds < SHORT_S);
    const strings = digitStrings();
    const right = await inTurns(strings, AT_ONCE, async (digits) => asDigits(await hear(ear, 'en-US', joinClips(...digits.flatMap((digit) => [prompt(`digits/${digit}`), silence(80)])))) === digits.join(''));
    return {
      prompts: prompts.length,
      wer: errorRate(pairs),
      prompts_short: short.length,
      wer_short: errorRate(short),
      digits_rate: Math.round((1000 * right.filter(Boolean).length) / strings.length) / 10,
      cpu_ms_per_utterance_en: Math.round(cpu),
    };
  } finally {
    await close();
  }
}

async function chinese(show: boolean): Promise<Record<string, number>> {
  const voices = ['zf_xiaoyi', 'zm_yunxi', 'zf_xiaoni'];
  const clips = (await Promise.all(voices.map((voice, index) => ({ voice, texts: REPLIES.filter((_, at) => at % voices.length === index) })).map(async ({ voice, texts }) => (await speakAll(texts, voice)).map((clip, at) => ({ clip, text: texts[at] ?? '' }))))).flat();
  const { ear, fleet, close } = await startWhisper({ language: 'zh-CN', capacity: 4 });
  try {
    const pid = fleet.children[0]?.pid ?? 0;
    const before = treeCpuMs(pid);
    const pairs = await inTurns(clips, 1, async ({ clip, text }) => ({ said: plainChinese(text), heard: plainChinese(await hear(ear, 'zh-CN', clip)) }));
    const cpu = (treeCpuMs(pid) - before) / clips.length;
    if (show) for (const { said, heard } of pairs) if (said !== heard) process.stderr.write(`${said}: ${heard}\n`);
    return {
      replies_zh: clips.length,
      cer_zh: errorRate(pairs.map(({ said, heard }) => ({ said: [...said], heard: [...heard] }))),
      syllable_error_rate_zh: errorRate(pairs.map(({ said, heard }) => ({ said: syllables(said), heard: syllables(heard) }))),
      cpu_ms_per_utterance_zh: Math.round(cpu),
    };
  } finally {
    await close();
  }
}

/** Four to six digits each, the same in every run (a linear congruential generator). */
function digitStrings(): number[][] {
  let seed = 7;
  const below = (limit: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * limit);
  };
  return Array.from({ length: DIGIT_STRINGS }, () => Array.from({ length: 4 + below(3) }, () => below(10)));
}

/** Numerals as words, because engines write them as they like. */
function asWords(text: string): string[] {
  return words(text.replace(/\d{1,9}/g, (digits) => ` ${cardinal(digits)} `).replaceAll('-', ' '));
}

function asDigits(text: string): string {
  return words(text.replaceAll('-', ' ')).map((word) => (/^\d+$/.test(word) ? word : String(DIGITS.indexOf(word === 'oh' ? 'zero' : word)))).join('');
}

/** Without tones: a homophone is no error to whoever compares by sound. */
function syllables(text: string): string[] {
  return pinyin(text, { toneType: 'none', type: 'array' });
}
