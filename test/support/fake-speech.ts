import type { Audio } from '../../src/audio/frame.js';
import { TrunklineError } from '../../src/kernel/errors.js';
import type { Ear, EarEvent, EarStream } from '../../src/speech/ear.js';
import type { Mouth, SpeakRequest } from '../../src/speech/mouth.js';

/** Audio that can be told from other audio: `ms` of the constant `value`. */
export function marked(ms: number, value: number): Audio {
  return { sampleRate: 8000, samples: new Int16Array(ms * 8).fill(value) };
}

/** An ear whose words the test speaks. */
export class FakeEar implements Ear {
  ready = true;
  /** Opening fails while true. */
  down = false;
  readonly capacity = { total: 4, used: 0 };
  readonly streams: FakeEarStream[] = [];
  #segment = 0;

  open(): Promise<EarStream> {
    if (this.down) return Promise.reject(new TrunklineError('TRK_WORKER_LOST', { params: { worker: 'ear' } }));
    const stream = new FakeEarStream();
    this.streams.push(stream);
    return Promise.resolve(stream);
  }

  get stream(): FakeEarStream {
    const stream = this.streams.at(-1);
    if (!stream) throw new Error('no ear stream was opened');
    return stream;
  }

  /** Somebody spoke from `startMs` to `endMs` (audio time) and was understood. */
  heard(text: string, startMs: number, endMs: number): void {
    const segment = (this.#segment += 1);
    this.stream.emit({ type: 'speech', atMs: startMs });
    this.stream.emit({ type: 'pause', segment, lastSpeechMs: endMs, detectedMs: endMs + 120 });
    this.stream.emit({ type: 'transcript', segment, text, confidence: 0.9, startMs, endMs, decodeMs: 30 });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export class FakeEarStream implements EarStream {
  frames = 0;
  resets = 0;
  closed = false;
  #listener: (event: EarEvent) => void = () => undefined;
  write(): void {
    this.frames += 1;
  }
  reset(): void {
    this.resets += 1;
  }
  onEvent(listener: (event: EarEvent) => void): void {
    this.#listener = listener;
  }
  emit(event: EarEvent): void {
    this.#listener(event);
  }
  close(): void {
    this.closed = true;
  }
}

/** A mouth that says every text as 100 ms of the value that `valueOf` gives it. */
export class FakeMouth implements Mouth {
  ready = true;
  readonly capacity = { total: 4, used: 0 };
  readonly asked: string[] = [];
  readonly speeds: number[] = [];
  /** That many requests fail before one succeeds. */
  failures = 0;
  /** Requests wait until the test calls `release`. */
  held = false;
  #release: () => void = () => undefined;
  readonly #valueOf: (text: string) => number;

  constructor(valueOf: (text: string) => number = () => 1000) {
    this.#valueOf = valueOf;
  }

  release(): void {
    this.held = false;
    this.#release();
  }

  async *speak(request: SpeakRequest): AsyncIterable<Audio> {
    this.asked.push(request.text);
    this.speeds.push(request.speed ?? 1);
    if (this.held) await new Promise<void>((resolve) => (this.#release = resolve));
    if (this.failures > 0) {
      this.failures -= 1;
      throw new TrunklineError('TRK_WORKER_LOST', { params: { worker: 'mouth' } });
    }
    yield marked(100, this.#valueOf(request.text));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
