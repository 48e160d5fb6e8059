import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../src/config/load.js';
import { delay, systemClock } from '../src/kernel/clock.js';
import { silentLogger } from '../src/kernel/log.js';
import { systemRandom } from '../src/kernel/random.js';
import type { EarEvent } from '../src/speech/ear.js';
import { startSpeech } from '../src/speech-wiring.js';
import type { SpeechParts } from '../src/speech-wiring.js';
import { percentile } from '../src/demo/phone/summary.js';

/** Sentences of 3, 10 and 25 words. */
const SENTENCES = {
  '3_words': 'Thank you, goodbye.',
  '10_words': 'Your next payment is due on the first of March.',
  '25_words': 'We have looked at your request, and we are glad to tell you that the new card will be sent to your address within five days.',
};
const REPEATS = 7;
const FRAME_SAMPLES = 160;
/** Silence behind the words, so that the pause is seen, ms. */
const TAIL_MS = 800;

/**
 * The speech workers by themselves, through gRPC as a call uses them: time to the
 * first audio of a sentence, and time that hearing the same sentence takes to decode.
 */
export async function run(): Promise<Record<string, number>> {
  const directory = mkdtempSync(join(tmpdir(), 'trunkline-bench-'));
  const speech = await startSpeech({ config: parseConfig('log: {level: silent}', process.env), clock: systemClock, random: systemRandom, log: silentLogger, promptDir: directory });
  try {
    const figures: Record<string, number> = {};
    for (const [name, text] of Object.entries(SENTENCES)) {
      const first: number[] = [];
      const total: number[] = [];
      let samples = new Int16Array(0);
      for (let repeat = 0; repeat < REPEATS; repeat++) {
        const spoken = await speakOnce(speech, text);
        first.push(spoken.firstMs);
        total.push(spoken.totalMs);
        samples = spoken.samples;
      }
      figures[`mouth_first_audio_ms_${name}`] = round(percentile(first, 50));
      figures[`mouth_total_ms_${name}`] = round(percentile(total, 50));
      figures[`audio_ms_${name}`] = Math.round(samples.length / 8);
      const decoded: number[] = [];
      for (let repeat = 0; repeat < 3; repeat++) decoded.push(await decodeMs(speech, samples));
      figures[`ear_decode_ms_${name}`] = round(percentile(decoded, 50));
    }
    return figures;
  } finally {
    await speech.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function speakOnce(speech: SpeechParts, text: string): Promise<{ firstMs: number; totalMs: number; samples: Int16Array<ArrayBuffer> }> {
  const begin = systemClock.monotonic();
  let firstMs = 0;
  const parts: Int16Array[] = [];
  for await (const audio of speech.in('en-US').mouth.speak({ text, language: 'en-US' })) {
    if (parts.length === 0) firstMs = systemClock.monotonic() - begin;
    parts.push(audio.samples);
  }
  const totalMs = systemClock.monotonic() - begin;
  return { firstMs, totalMs, samples: Int16Array.from(parts.flatMap((part) => [...part])) };
}

/** Longest decode of the stream: that of the whole sentence. Audio is written at the pace of a call. */
async function decodeMs(speech: SpeechParts, samples: Int16Array): Promise<number> {
  const stream = await speech.in('en-US').ear.open({ language: 'en-US' });
  let longest = 0;
  stream.onEvent((event: EarEvent) => {
    if (event.type === 'transcript') longest = Math.max(longest, event.decodeMs);
  });
  const padded = new Int16Array(samples.length + TAIL_MS * 8);
  padded.set(samples);
  const begin = systemClock.monotonic();
  for (let at = 0; at + FRAME_SAMPLES <= padded.length; at += FRAME_SAMPLES) {
    stream.write(padded.subarray(at, at + FRAME_SAMPLES));
    const dueMs = begin + at / 8 + 20;
    await delay(systemClock, Math.max(0, dueMs - systemClock.monotonic()));
  }
  stream.close();
  return longest;
}

const round = (value: number): number => Math.round(value * 10) / 10;
