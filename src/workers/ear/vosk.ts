import { joinSamples } from '../../audio/join-samples.js';
import { TrunklineError } from '../../kernel/errors.js';
import type { EarRate, Recognition, Recognizer, RecognizerEngine } from './engine.js';
import type { EngineOptions } from './options.js';
import { loadVoskLibrary } from './vosk-library.js';
import type { VoskLibrary, VoskPointer } from './vosk-library.js';

/** What can be fed again after a reset in the middle of speech. */
const LONGEST_REPLAY_S = 15;
/** More unprocessed audio than this means that the engine is too slow for its streams. */
const LONGEST_BACKLOG_S = 30;

type VoskOptions = Extract<EngineOptions, { engine: 'vosk' }>;

/** Streaming recognition by Vosk: it works while the caller speaks, so a pause only has to collect the words. */
export class VoskEngine implements RecognizerEngine {
  readonly name = 'vosk';
  readonly model: string;
  readonly languages: readonly string[];
  readonly #library: VoskLibrary;
  readonly #model: VoskPointer;
  readonly #open = new Set<VoskRecognizer>();

  private constructor(library: VoskLibrary, model: VoskPointer, options: VoskOptions) {
    this.#library = library;
    this.#model = model;
    this.model = options.model;
    this.languages = options.languages;
  }

  /** TRK_MODEL_CORRUPT if the library or the model cannot be loaded. */
  static async load(options: VoskOptions): Promise<VoskEngine> {
    const corrupt = (file: string, cause?: unknown): TrunklineError => new TrunklineError('TRK_MODEL_CORRUPT', { params: { file }, ...(cause === undefined ? {} : { cause }) });
    let library: VoskLibrary;
    try {
      library = loadVoskLibrary(options.library_file);
    } catch (cause) {
      throw corrupt(options.library_file, cause);
    }
    const model = await library.modelNew(options.directory);
    if (model === null) throw corrupt(options.directory);
    return new VoskEngine(library, model, options);
  }

  /** Telephone audio goes in as it is: the models are trained for it too. */
  open(sampleRate: EarRate): Recognizer {
    const recognizer = new VoskRecognizer(this.#library, this.#model, sampleRate, () => this.#open.delete(recognizer));
    this.#open.add(recognizer);
    return recognizer;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map((recognizer) => recognizer.ended()));
    this.#library.modelFree(this.#model);
  }
}

class VoskRecognizer implements Recognizer {
  readonly #library: VoskLibrary;
  readonly #rate: EarRate;
  readonly #pointer: Promise<VoskPointer>;
  readonly #onClosed: () => void;
  /** Calls on one recogniser must not overlap: each waits for the one before. */
  #last: Promise<unknown>;
  /** Fed but not yet accepted. Pieces gather while a call is under way, so a busy machine makes fewer, longer calls. */
  #backlog: Int16Array[] = [];
  #backlogSamples = 0;
  #accepting = false;
  /** Of the speech since the last recognition. */
  #replay: Int16Array = new Int16Array(0);
  #texts: { text: string; confidence: number; words: number }[] = [];
  #generation = 0;
  #failure: Error | undefined;

  constructor(library: VoskLibrary, model: VoskPointer, sampleRate: EarRate, onClosed: () => void) {
    this.#library = library;
    this.#rate = sampleRate;
    this.#onClosed = onClosed;
    this.#pointer = library.recognizerNew(model, sampleRate).then(async (pointer) => {
      if (pointer === null) throw new TrunklineError('TRK_INTERNAL', { params: { reason: 'Vosk gave no recogniser' } });
      await library.setWords(pointer, 1);
      return pointer;
    });
    this.#last = this.#pointer;
    this.#last.catch(() => undefined);
  }

  feed(samples: Int16Array): void {
    if (this.#backlogSamples + samples.length > LONGEST_BACKLOG_S * this.#rate) {
      this.#failure = new TrunklineError('TRK_WORKER_BUSY', { params: { worker: 'ear' } });
      return;
    }
    this.#backlog.push(samples);
    this.#backlogSamples += samples.length;
    this.#replay = lastOf(joinSamples([this.#replay, samples]), LONGEST_REPLAY_S * this.#rate);
    if (!this.#accepting) this.#accept();
  }

  async recognize(signal: AbortSignal): Promise<Recognition> {
    const generation = this.#generation;
    this.#accept();
    // Once asked, the final result is kept even if it is no longer wanted now: the engine has forgotten those words.
    const done = this.#then(async (pointer) => this.#keep(await this.#library.finalResult(pointer), generation));
    this.#replay = new Int16Array(0);
    await done;
    signal.throwIfAborted();
    if (this.#failure !== undefined) throw this.#failure;
    const words = this.#texts.reduce((sum, part) => sum + part.words, 0);
    return {
      text: this.#texts.map((part) => part.text).join(' '),
      confidence: words === 0 ? undefined : this.#texts.reduce((sum, part) => sum + part.confidence * part.words, 0) / words,
    };
  }

  reset(keep: number): void {
    this.#generation++;
    this.#texts = [];
    this.#failure = undefined;
    this.#backlog = [];
    this.#backlogSamples = 0;
    const again = lastOf(this.#replay, keep);
    this.#replay = new Int16Array(0);
    this.#then((pointer) => this.#library.reset(pointer)).catch(() => undefined);
    if (again.length > 0) this.feed(again);
  }

  close(): void {
    this.#backlog = [];
    this.#backlogSamples = 0;
    this.#then((pointer) => this.#library.recognizerFree(pointer)).then(this.#onClosed, this.#onClosed);
  }

  /** Resolves when every call has returned. */
  ended(): Promise<unknown> {
    return this.#last.catch(() => undefined);
  }

  #accept(): void {
    this.#accepting = true;
    const generation = this.#generation;
    this.#then(async (pointer) => {
      while (this.#backlog.length > 0 && generation === this.#generation) {
        const samples = joinSamples(this.#backlog.splice(0));
        this.#backlogSamples = 0;
        const ended = await this.#library.accept(pointer, samples, samples.length);
        if (ended === 1) this.#keep(await this.#library.result(pointer), generation);
      }
    })
      .catch((error: unknown) => (this.#failure = error as Error))
      .finally(() => {
        if (generation === this.#generation) this.#accepting = false;
      });
  }

  #then<T>(call: (pointer: VoskPointer) => Promise<T>): Promise<T> {
    const next = this.#last.then(async () => call(await this.#pointer));
    this.#last = next.catch(() => undefined);
    return next;
  }

  #keep(json: string, generation: number): void {
    if (generation !== this.#generation) return;
    const parsed = JSON.parse(json) as { text?: string; result?: readonly { conf?: number }[] };
    if (parsed.text === undefined || parsed.text === '') return;
    const confidences = (parsed.result ?? []).map((word) => word.conf ?? 0);
    const words = Math.max(1, confidences.length);
    this.#texts.push({ text: parsed.text, confidence: confidences.reduce((sum, one) => sum + one, 0) / words, words });
  }
}

function lastOf(samples: Int16Array, count: number): Int16Array {
  return count >= samples.length ? samples : samples.slice(samples.length - count);
}
