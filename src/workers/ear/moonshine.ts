import type { DecodePool } from './decode-pool.js';
import type { EarRate, Recognition, Recognizer, RecognizerEngine } from './engine.js';

/** Words older than this are decoded once and kept as text: the model was made for short audio, and the work stays bounded. */
const LONGEST_S = 15;
/** Of such texts so many are kept, about ten minutes: nobody's single turn is longer. */
const LONGEST_FRONT = 40;
/** The cut is made in the quietest 30 ms of this last stretch before the limit. */
const CUT_STRETCH_S = 4;
const CUT_S = 0.03;

/** English by Moonshine: the whole turn is decoded at each pause, which costs about 20 ms per second of speech. */
export class MoonshineEngine implements RecognizerEngine {
  readonly name = 'moonshine';
  readonly languages = ['en'];
  readonly model: string;
  readonly #pool: DecodePool;

  constructor(pool: DecodePool, model: string) {
    this.#pool = pool;
    this.model = model;
  }

  open(sampleRate: EarRate): Recognizer {
    return new MoonshineRecognizer(this.#pool, sampleRate);
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

class MoonshineRecognizer implements Recognizer {
  readonly #pool: DecodePool;
  readonly #rate: EarRate;
  #buffer: Int16Array;
  #length = 0;
  /** Texts of what was cut off the front, in order, as they come. */
  #front: Promise<string>[] = [];
  #frontAbort = new AbortController();

  constructor(pool: DecodePool, sampleRate: EarRate) {
    this.#pool = pool;
    this.#rate = sampleRate;
    this.#buffer = new Int16Array(4 * sampleRate);
  }

  feed(samples: Int16Array): void {
    if (this.#length + samples.length > this.#buffer.length) {
      const larger = new Int16Array(Math.min(2 * (this.#length + samples.length), (LONGEST_S + 2) * this.#rate));
      larger.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = larger;
    }
    this.#buffer.set(samples, this.#length);
    this.#length += samples.length;
    if (this.#length >= LONGEST_S * this.#rate) this.#cutFront();
  }

  async recognize(signal: AbortSignal): Promise<Recognition> {
    const rest = this.#length === 0 ? '' : this.#pool.decode(this.#buffer.slice(0, this.#length), this.#rate, signal);
    const texts = await Promise.all<string>([...this.#front, rest]);
    signal.throwIfAborted();
    return { text: texts.filter((text) => text !== '').join(' '), confidence: undefined };
  }

  reset(keep: number): void {
    this.#frontAbort.abort(new Error('reset'));
    this.#frontAbort = new AbortController();
    this.#front = [];
    const kept = Math.min(keep, this.#length);
    this.#buffer.copyWithin(0, this.#length - kept, this.#length);
    this.#length = kept;
  }

  close(): void {
    this.reset(0);
  }

  #cutFront(): void {
    const cut = quietest(this.#buffer, this.#length - CUT_STRETCH_S * this.#rate, this.#length, CUT_S * this.#rate);
    const text = this.#pool.decode(this.#buffer.slice(0, cut), this.#rate, this.#frontAbort.signal);
    // It is awaited by the next `recognize`; until then nobody else handles its failure.
    text.catch(() => undefined);
    this.#front.push(text);
    if (this.#front.length > LONGEST_FRONT) void this.#front.shift();
    this.#buffer.copyWithin(0, cut, this.#length);
    this.#length -= cut;
  }
}

/** Middle of the quietest stretch, so that the cut goes through a gap between words and not through a word. */
function quietest(samples: Int16Array, from: number, to: number, length: number): number {
  let best = to;
  let least = Infinity;
  for (let start = from; start + length <= to; start += length) {
    let sum = 0;
    for (let at = start; at < start + length; at++) sum += Math.abs(samples[at] ?? 0);
    if (sum >= least) continue;
    least = sum;
    best = start + length / 2;
  }
  return best;
}
