import type { DecodePool } from './decode-pool.js';
import type { Recognition, Recognizer, RecognizerEngine } from './engine.js';

const RATE = 8_000;
/** Words older than this are decoded once and kept as text: the model was made for short audio, and the work stays bounded. */
const LONGEST_SAMPLES = 15 * RATE;
/** Of such texts so many are kept, about ten minutes: nobody's single turn is longer. */
const LONGEST_FRONT = 40;
/** The cut is made in the quietest 30 ms of this last stretch before the limit. */
const CUT_STRETCH_SAMPLES = 4 * RATE;
const CUT_SAMPLES = 0.03 * RATE;

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

  open(): Recognizer {
    return new MoonshineRecognizer(this.#pool);
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

class MoonshineRecognizer implements Recognizer {
  readonly #pool: DecodePool;
  #buffer = new Int16Array(4 * RATE);
  #length = 0;
  /** Texts of what was cut off the front, in order, as they come. */
  #front: Promise<string>[] = [];
  #frontAbort = new AbortController();

  constructor(pool: DecodePool) {
    this.#pool = pool;
  }

  feed(samples: Int16Array): void {
    if (this.#length + samples.length > this.#buffer.length) {
      const larger = new Int16Array(Math.min(2 * (this.#length + samples.length), LONGEST_SAMPLES + 2 * RATE));
      larger.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = larger;
    }
    this.#buffer.set(samples, this.#length);
    this.#length += samples.length;
    if (this.#length >= LONGEST_SAMPLES) this.#cutFront();
  }

  async recognize(signal: AbortSignal): Promise<Recognition> {
    const rest = this.#length === 0 ? '' : this.#pool.decode(this.#buffer.slice(0, this.#length), signal);
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
    const cut = quietest(this.#buffer, this.#length - CUT_STRETCH_SAMPLES, this.#length);
    const text = this.#pool.decode(this.#buffer.slice(0, cut), this.#frontAbort.signal);
    // It is awaited by the next `recognize`; until then nobody else handles its failure.
    text.catch(() => undefined);
    this.#front.push(text);
    if (this.#front.length > LONGEST_FRONT) void this.#front.shift();
    this.#buffer.copyWithin(0, cut, this.#length);
    this.#length -= cut;
  }
}

/** Middle of the quietest stretch, so that the cut goes through a gap between words and not through a word. */
function quietest(samples: Int16Array, from: number, to: number): number {
  let best = to;
  let least = Infinity;
  for (let start = from; start + CUT_SAMPLES <= to; start += CUT_SAMPLES) {
    let sum = 0;
    for (let at = start; at < start + CUT_SAMPLES; at++) sum += Math.abs(samples[at] ?? 0);
    if (sum >= least) continue;
    least = sum;
    best = start + CUT_SAMPLES / 2;
  }
  return best;
}
