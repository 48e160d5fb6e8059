import type { Audio } from './frame.js';
import { samplesFor } from './frame.js';
import { stretch } from './resample.js';

/** Length of the pieces that are laid over each other, ms: two periods of a low voice. */
const PIECE_MS = 30;
/** How far the best place for a piece is looked for, ms: one period of a low voice. */
const SEARCH_MS = 10;

/**
 * The same words at the same speed by another voice: pitch and formants times `factor`
 * (0.6 to 1.6; above 1 is a higher voice). Good enough to make test callers that differ.
 */
export function shiftVoice(audio: Audio, factor: number): Audio {
  if (!(factor >= 0.6 && factor <= 1.6)) throw new RangeError('factor must be 0.6 to 1.6');
  // Whole percents keep the resampling table small.
  const percent = Math.round(factor * 100);
  if (percent === 100) return audio;
  const shifted = stretch(audio.samples, percent, 100);
  return { sampleRate: audio.sampleRate, samples: withLength({ sampleRate: audio.sampleRate, samples: shifted }, audio.samples.length) };
}

/**
 * Changes the length without changing the pitch: overlapping pieces are laid down at a
 * fixed step, each taken from where it best continues the one before (WSOLA).
 */
function withLength(audio: Audio, length: number): Int16Array {
  const source = audio.samples;
  const hop = samplesFor(PIECE_MS, audio.sampleRate) >> 1;
  const search = samplesFor(SEARCH_MS, audio.sampleRate);
  const output = new Float64Array(length + 2 * hop);
  const speed = source.length / Math.max(1, length);
  // Where the previous piece would go on by itself.
  let natural = 0;
  for (let at = 0; at < length; at += hop) {
    const wanted = Math.round(at * speed);
    const from = at === 0 ? 0 : bestStart(source, natural, wanted, search, hop);
    for (let index = 0; index < 2 * hop; index++) {
      // Two halves of a raised cosine add up to one.
      const weight = at === 0 && index < hop ? 1 : 0.5 - 0.5 * Math.cos((Math.PI * (index + 0.5)) / hop);
      output[at + index]! += weight * (source[from + index] ?? 0);
    }
    natural = from + hop;
  }
  return Int16Array.from(output.subarray(0, length), (sample) => Math.max(-32768, Math.min(32767, Math.round(sample))));
}

/** The start near `wanted` whose first half is most like what follows the previous piece. */
function bestStart(source: Int16Array, natural: number, wanted: number, search: number, hop: number): number {
  let best = Math.max(0, wanted);
  let bestScore = -Infinity;
  for (let start = Math.max(0, wanted - search); start <= wanted + search; start += 2) {
    let product = 0;
    let energy = 1;
    for (let index = 0; index < hop; index += 2) {
      const sample = source[start + index] ?? 0;
      product += sample * (source[natural + index] ?? 0);
      energy += sample * sample;
    }
    const score = product / Math.sqrt(energy);
    if (score > bestScore) {
      bestScore = score;
      best = start;
    }
  }
  return best;
}
