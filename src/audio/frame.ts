/** Rates (Hz) that audio has inside trunkline: 8000 on the telephone side, 16000 for models, 22050 and 24000 from voices. */
export type SampleRate = 8000 | 16000 | 22050 | 24000 | 48000;

/**
 * Mono 16-bit linear PCM that knows its own rate; no function takes a bare
 * sample array.
 */
export interface Audio {
  readonly sampleRate: SampleRate;
  /** Samples, full scale +-32767. */
  readonly samples: Int16Array;
}

/** Length of every frame that crosses a room wall, ms. */
export const FRAME_MS = 20;

export function durationMs(audio: Audio): number {
  return (audio.samples.length * 1000) / audio.sampleRate;
}

export function samplesFor(ms: number, sampleRate: SampleRate): number {
  return Math.round((ms * sampleRate) / 1000);
}
