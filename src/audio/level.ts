import type { Audio } from './frame.js';

/** dBFS of digital silence; nothing is quieter. */
export const SILENCE_DBFS = -96;

/** Root mean square, dB below full scale (32768); `SILENCE_DBFS` for nothing. */
export function rmsDbfs(samples: Int16Array): number {
  if (samples.length === 0) return SILENCE_DBFS;
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return toDbfs(Math.sqrt(sum / samples.length));
}

/** The largest magnitude, 0 to 32768. */
export function peak(samples: Int16Array): number {
  let largest = 0;
  for (const sample of samples) largest = Math.max(largest, Math.abs(sample));
  return largest;
}

/** Magnitude of a sample at a level. */
export function magnitudeAt(dbfs: number): number {
  return 32768 * 10 ** (dbfs / 20);
}

export function toDbfs(magnitude: number): number {
  return Math.max(SILENCE_DBFS, 20 * Math.log10(Math.max(magnitude, 1e-9) / 32768));
}

/** Index of the first sample whose magnitude is above `dbfs`; undefined if none is. */
export function firstSampleAbove(samples: Int16Array, dbfs: number): number | undefined {
  const limit = magnitudeAt(dbfs);
  const index = samples.findIndex((sample) => Math.abs(sample) > limit);
  return index < 0 ? undefined : index;
}

/** Index of the last sample whose magnitude is above `dbfs`; undefined if none is. */
export function lastSampleAbove(samples: Int16Array, dbfs: number): number | undefined {
  const limit = magnitudeAt(dbfs);
  const index = samples.findLastIndex((sample) => Math.abs(sample) > limit);
  return index < 0 ? undefined : index;
}

/** First and last moment (ms from the start) above `dbfs`; undefined for audio that never is. */
export function loudSpan(audio: Audio, dbfs: number): { startMs: number; endMs: number } | undefined {
  const first = firstSampleAbove(audio.samples, dbfs);
  const last = lastSampleAbove(audio.samples, dbfs);
  if (first === undefined || last === undefined) return undefined;
  return { startMs: (first * 1000) / audio.sampleRate, endMs: ((last + 1) * 1000) / audio.sampleRate };
}
