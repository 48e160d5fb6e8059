import '../no-telemetry.js';
import { Tensor } from 'onnxruntime-node';
import type { InferenceSession } from 'onnxruntime-node';
import { toDbfs } from '../../audio/level.js';
import { loadSession } from './onnx.js';

/** Samples at 8 kHz that one probability is about: 32 ms. */
export const WINDOW_SAMPLES = 256;
export const WINDOW_MS = 32;
/** The model wants the end of the previous window in front of each; without it, it answers nonsense and says nothing. */
const CONTEXT_SAMPLES = 32;
const INPUT_SAMPLES = CONTEXT_SAMPLES + WINDOW_SAMPLES;
/** Two layers of recurrent state of this size for each stream. */
const STATE_SIZE = 128;
/** One batch takes at most so many streams: 16 cost 0.4 ms, during which nothing else runs. */
const LARGEST_BATCH = 16;

/** A window is measured in this many parts of 8 ms, so that the end of speech is known better than to a window. */
export const PARTS = 4;

/** What is known about 32 ms of audio. */
export interface VadWindow {
  /** That a person speaks, 0 to 1. */
  readonly probability: number;
  /** RMS level of each part, dBFS. */
  readonly levels: readonly number[];
}

/** One stream's place in the model. */
export interface VadStream {
  /** Each window that these samples complete goes to `onWindow`, in order. */
  push(samples: Int16Array): void;
  close(): void;
}

interface Place {
  /** Context, then the samples of the window that is being filled. */
  readonly input: Float32Array;
  filled: number;
  readonly state: Float32Array;
  /** Whole windows (with context) that wait for the model. */
  readonly ready: Float32Array[];
  readonly onWindow: (window: VadWindow) => void;
  closed: boolean;
}

/**
 * Silero VAD v5 at 8 kHz for many streams on one session. Windows that are ready
 * at the same moment go through the model as one batch: sixteen streams together
 * cost a third of sixteen alone.
 */
export class SileroVad {
  readonly #session: InferenceSession;
  readonly #rate = new Tensor('int64', BigInt64Array.of(8000n), []);
  readonly #waiting = new Set<Place>();
  #running = false;

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  static async load(modelFile: string): Promise<SileroVad> {
    return new SileroVad(await loadSession(modelFile));
  }

  /** `onError` is called at most once, when the model failed; the stream is of no more use then. */
  open(onWindow: (window: VadWindow) => void, onError: (error: Error) => void): VadStream {
    const place: Place = { input: new Float32Array(INPUT_SAMPLES), filled: 0, state: new Float32Array(2 * STATE_SIZE), ready: [], onWindow, closed: false };
    return {
      push: (samples) => {
        collect(place, samples);
        if (place.ready.length === 0) return;
        this.#waiting.add(place);
        this.#run().catch((error: unknown) => {
          if (!place.closed) onError(error as Error);
        });
      },
      close: () => {
        place.closed = true;
        this.#waiting.delete(place);
      },
    };
  }

  async close(): Promise<void> {
    await this.#session.release();
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      while (this.#waiting.size > 0) {
        // onnxruntime defers by one setImmediate: frames of other streams that lie in the same poll come before it, so take them then.
        await new Promise<void>((resolve) => void setImmediate(resolve));
        await this.#batch([...this.#waiting].slice(0, LARGEST_BATCH));
      }
    } finally {
      this.#running = false;
    }
  }

  async #batch(places: readonly Place[]): Promise<void> {
    const count = places.length;
    if (count === 0) return;
    const input = new Float32Array(count * INPUT_SAMPLES);
    const state = new Float32Array(2 * count * STATE_SIZE);
    const windows = places.map((place) => place.ready.shift() ?? place.input);
    places.forEach((place, index) => {
      input.set(windows[index] ?? place.input, index * INPUT_SAMPLES);
      if (place.ready.length === 0) this.#waiting.delete(place);
      for (const layer of [0, 1]) state.set(place.state.subarray(layer * STATE_SIZE, (layer + 1) * STATE_SIZE), (layer * count + index) * STATE_SIZE);
    });
    const result = await this.#session.run({
      input: new Tensor('float32', input, [count, INPUT_SAMPLES]),
      state: new Tensor('float32', state, [2, count, STATE_SIZE]),
      sr: this.#rate,
    });
    const probabilities = result['output']?.data as Float32Array;
    const after = result['stateN']?.data as Float32Array;
    places.forEach((place, index) => {
      for (const layer of [0, 1]) {
        const from = (layer * count + index) * STATE_SIZE;
        place.state.set(after.subarray(from, from + STATE_SIZE), layer * STATE_SIZE);
      }
      if (!place.closed) place.onWindow({ probability: probabilities[index] ?? 0, levels: levelsOf(windows[index] ?? place.input) });
    });
  }
}

function collect(place: Place, samples: Int16Array): void {
  for (const sample of samples) {
    place.input[CONTEXT_SAMPLES + place.filled++] = sample / 32768;
    if (place.filled < WINDOW_SAMPLES) continue;
    place.ready.push(place.input.slice());
    place.input.copyWithin(0, WINDOW_SAMPLES);
    place.filled = 0;
  }
}

function levelsOf(window: Float32Array): number[] {
  const length = WINDOW_SAMPLES / PARTS;
  return Array.from({ length: PARTS }, (_, part) => {
    const start = CONTEXT_SAMPLES + part * length;
    let sum = 0;
    for (let at = start; at < start + length; at++) sum += (window[at] ?? 0) ** 2;
    return toDbfs(Math.sqrt(sum / length) * 32768);
  });
}
