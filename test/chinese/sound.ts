/** Of the telephone, Hz. */
export const SAMPLE_RATE = 8000;
const FRAME = 320;
const HOP = 80;
const LEAST_HZ = 70;
const MOST_HZ = 400;
/** Of the full scale of 16 bits: -45 dBFS. */
const SILENCE = 184;

/** Longest stretch of 10 ms frames below the threshold, ends not counted, ms. */
export function longestSilenceMs(samples: Int16Array): number {
  let longest = 0;
  let run = 0;
  for (let at = 0; at + HOP <= samples.length; at += HOP) {
    run = energy(samples, at, HOP) < SILENCE ** 2 ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest * 10;
}

function energy(samples: Int16Array, from: number, length: number): number {
  let sum = 0;
  for (let at = from; at < from + length; at++) sum += (samples[at] ?? 0) ** 2;
  return sum / length;
}

/** Pitch by autocorrelation over frames of 40 ms: the median of the voiced ones, Hz, and their share of all that is no silence. */
export function pitchOf(samples: Int16Array): { hz: number; voicedShare: number } {
  const found: number[] = [];
  let loud = 0;
  for (let at = 0; at + FRAME + SAMPLE_RATE / LEAST_HZ < samples.length; at += HOP) {
    if (energy(samples, at, FRAME) < (4 * SILENCE) ** 2) continue;
    loud += 1;
    const hz = framePitch(samples, at);
    if (hz !== undefined) found.push(hz);
  }
  return { hz: median(found), voicedShare: found.length / Math.max(1, loud) };
}

function framePitch(samples: Int16Array, from: number): number | undefined {
  let best = 0;
  let lag = 0;
  const own = energy(samples, from, FRAME);
  for (let shift = Math.floor(SAMPLE_RATE / MOST_HZ); shift <= SAMPLE_RATE / LEAST_HZ; shift++) {
    let sum = 0;
    for (let at = from; at < from + FRAME; at++) sum += (samples[at] ?? 0) * (samples[at + shift] ?? 0);
    const likeness = sum / FRAME / Math.sqrt(own * Math.max(1, energy(samples, from + shift, FRAME)));
    // Twice the period is nearly as alike; the shorter one is meant.
    if (likeness > best + 0.02) {
      best = likeness;
      lag = shift;
    }
  }
  return best > 0.6 ? SAMPLE_RATE / lag : undefined;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
