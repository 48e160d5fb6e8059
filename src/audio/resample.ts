import { TrunklineError } from '../kernel/errors.js';
import type { Audio, SampleRate } from './frame.js';

/** Zero crossings of the sinc on each side, at the lower of both rates. */
const CROSSINGS = 24;
/** Passband edge, as a part of the lower Nyquist frequency. */
const PASSBAND = 0.94;
/** Shape of the Kaiser window: 80 dB of stopband. */
const KAISER_BETA = 8;
/** A table has one row a phase; 22050 to 48000 needs 320. */
const MAX_PHASES = 1024;

interface PhaseTable {
  readonly phases: number;
  readonly step: number;
  /** Taps of a phase. */
  readonly taps: number;
  readonly weights: Float64Array;
}

/** Tables cost more than the audio of one sentence and depend on the two rates alone. */
const tables = new Map<string, PhaseTable>();

/**
 * Changes the sample rate of a stream, piece by piece: any cutting into pieces gives
 * the same samples. Windowed sinc, polyphase; the delay of the filter is taken out, so
 * that output sample k stands at the time of input sample k * from / to.
 *
 * Rates are whole Hz. TRK_AUDIO_FORMAT if their ratio needs too large a table.
 */
export class Resampler {
  readonly #table: PhaseTable;
  /** Input that later output still needs; starts with the silence before the first sample. */
  #pending: Float64Array;
  /** Position of the next output in `#pending`: whole samples and a phase. */
  #position = 0;
  #phase = 0;
  #taken = 0;
  #given = 0;

  constructor(from: number, to: number) {
    this.#table = tableFor(from, to);
    this.#pending = new Float64Array(this.#table.taps / 2 - 1);
  }

  /** Whatever output can be made so far. */
  push(samples: Int16Array): Int16Array {
    this.#taken += samples.length;
    return this.#run(samples);
  }

  /** The rest, as if silence followed. The resampler then begins a new stream. */
  flush(): Int16Array {
    const { phases, step, taps } = this.#table;
    const total = Math.ceil((this.#taken * phases) / step);
    const given = this.#given;
    const rest = this.#run(new Int16Array(taps)).subarray(0, Math.max(0, total - given));
    this.#pending = new Float64Array(taps / 2 - 1);
    this.#position = this.#phase = this.#taken = this.#given = 0;
    return rest;
  }

  #run(samples: Int16Array): Int16Array {
    const { phases, step, taps, weights } = this.#table;
    const input = new Float64Array(this.#pending.length + samples.length);
    input.set(this.#pending);
    input.set(samples, this.#pending.length);
    const output = new Int16Array(Math.max(0, Math.ceil(((input.length - taps - this.#position + 1) * phases) / step) + 1));
    let count = 0;
    let position = this.#position;
    let phase = this.#phase;
    while (position + taps <= input.length) {
      let sum = 0;
      const row = phase * taps;
      for (let tap = 0; tap < taps; tap++) sum += input[position + tap]! * weights[row + tap]!;
      output[count++] = Math.max(-32768, Math.min(32767, Math.round(sum)));
      phase += step;
      position += Math.floor(phase / phases);
      phase %= phases;
    }
    const used = Math.min(position, input.length);
    this.#pending = input.slice(used);
    this.#position = position - used;
    this.#phase = phase;
    this.#given += count;
    return output.subarray(0, count);
  }
}

/** A whole clip at another rate; the same object if it has that rate already. */
export function resample(audio: Audio, sampleRate: SampleRate): Audio {
  if (audio.sampleRate === sampleRate) return audio;
  return { sampleRate, samples: stretch(audio.samples, audio.sampleRate, sampleRate) };
}

/** `samples` taken as audio at `from` Hz, at `to` Hz. */
export function stretch(samples: Int16Array, from: number, to: number): Int16Array {
  const resampler = new Resampler(from, to);
  const head = resampler.push(samples);
  const tail = resampler.flush();
  const whole = new Int16Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole;
}

function tableFor(from: number, to: number): PhaseTable {
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 1 || to < 1) throw unsupported(`rates ${from} and ${to}`);
  const divisor = greatestCommonDivisor(from, to);
  const phases = to / divisor;
  const step = from / divisor;
  if (phases > MAX_PHASES || step > MAX_PHASES * 8 || step / phases > 16) throw unsupported(`ratio ${from} to ${to}`);
  const key = `${phases}/${step}`;
  let table = tables.get(key);
  if (table === undefined) tables.set(key, (table = buildTable(phases, step)));
  return table;
}

function buildTable(phases: number, step: number): PhaseTable {
  // Going down, the filter is widened so that nothing above the new Nyquist frequency folds back.
  const narrowing = Math.min(1, phases / step);
  const half = Math.ceil(CROSSINGS / narrowing);
  const taps = half * 2;
  const cutoff = narrowing * PASSBAND;
  const weights = new Float64Array(phases * taps);
  for (let phase = 0; phase < phases; phase++) {
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const distance = tap - (half - 1) - phase / phases;
      const weight = cutoff * sinc(cutoff * distance) * kaiser(distance / half);
      weights[phase * taps + tap] = weight;
      sum += weight;
    }
    // Each phase passes direct current unchanged, so that no tone at the phase rate is added.
    for (let tap = 0; tap < taps; tap++) weights[phase * taps + tap]! /= sum;
  }
  return { phases, step, taps, weights };
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function kaiser(x: number): number {
  return Math.abs(x) >= 1 ? 0 : bessel(KAISER_BETA * Math.sqrt(1 - x * x)) / bessel(KAISER_BETA);
}

/** Modified Bessel function of the first kind, order zero, by its series. */
function bessel(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(left: number, right: number): number {
  return right === 0 ? left : greatestCommonDivisor(right, left % right);
}

function unsupported(reason: string): TrunklineError {
  return new TrunklineError('TRK_AUDIO_FORMAT', { params: { reason } });
}
