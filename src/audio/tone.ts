import { samplesFor } from './frame.js';
import type { Audio, SampleRate } from './frame.js';
import { magnitudeAt, toDbfs } from './level.js';

/** Sines of equal strength; `dbfs` is the peak of each. */
export function tone(frequenciesHz: readonly number[], ms: number, sampleRate: SampleRate, dbfs = -12): Audio {
  const samples = new Int16Array(samplesFor(ms, sampleRate));
  const amplitude = magnitudeAt(dbfs);
  for (let index = 0; index < samples.length; index++) {
    let sum = 0;
    for (const frequency of frequenciesHz) sum += amplitude * Math.sin((2 * Math.PI * frequency * index) / sampleRate);
    samples[index] = Math.max(-32768, Math.min(32767, Math.round(sum)));
  }
  return { sampleRate, samples };
}

export function silence(ms: number, sampleRate: SampleRate): Audio {
  return { sampleRate, samples: new Int16Array(samplesFor(ms, sampleRate)) };
}

/** Pieces one after the other; all must have the rate of the first. */
export function concatenate(first: Audio, ...rest: readonly Audio[]): Audio {
  const pieces = [first, ...rest];
  if (pieces.some((piece) => piece.sampleRate !== first.sampleRate)) throw new RangeError('rates differ');
  const samples = new Int16Array(pieces.reduce((sum, piece) => sum + piece.samples.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    samples.set(piece.samples, offset);
    offset += piece.samples.length;
  }
  return { sampleRate: first.sampleRate, samples };
}

/** Peak level (dBFS) of one frequency within the audio, by Goertzel's recurrence. */
export function levelOfTone(audio: Audio, frequencyHz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / audio.sampleRate);
  let last = 0;
  let beforeLast = 0;
  for (const sample of audio.samples) {
    const next = sample + coefficient * last - beforeLast;
    beforeLast = last;
    last = next;
  }
  const power = last * last + beforeLast * beforeLast - coefficient * last * beforeLast;
  return toDbfs((2 * Math.sqrt(Math.max(0, power))) / Math.max(1, audio.samples.length));
}
