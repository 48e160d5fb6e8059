import type { Clock } from '../../kernel/clock.js';
import { TrunklineError } from '../../kernel/errors.js';
import type { EngineVoice, Utterance, VoiceEngine } from './engine.js';
import { Espeak } from './espeak.js';
import { kokoroUnits } from './kokoro-units.js';
import type { Unit } from './kokoro-units.js';
import { kokoroIds } from './kokoro-vocabulary.js';
import { Leveler, gainFor, speechLevel } from './level.js';
import { normalizeChinese } from './text/zh/normalize.js';
import { SilenceTrimmer, join } from './trim.js';
import type { KokoroThreadData } from './voice-messages.js';
import { VoicePool } from './voice-pool.js';

export interface KokoroOptions {
  readonly modelFile: string;
  /** Name under which each voice is asked for, e.g. `zf_xiaoxiao`, and the file of its styles. */
  readonly voices: Readonly<Record<string, string>>;
  /** Threads that synthesise, each with the model of its own. */
  readonly threads: number;
  readonly clock: Clock;
}

const SAMPLE_RATE = 24000;
/** Spoken once at start: warms the model up and shows how loud the voice is. */
const CALIBRATION = '您好,今天天气很好,祝您生活愉快。';
/** Silence left after the last sound, ms: the end of a sentence breathes, a join must not be heard. */
const AFTER_END_MS = 60;
const AFTER_JOIN_MS = 25;

/** What the voices of one model have together. */
interface Shared {
  readonly espeak: Espeak;
  readonly pool: VoicePool;
  users: number;
}

/**
 * A Chinese voice of Kokoro: our own reading of Chinese, espeak-ng for the English
 * words in it, one run of the model for a few clauses. The first run is short; the
 * others are made while it is heard.
 */
export class KokoroEngine implements VoiceEngine {
  readonly voice: EngineVoice;
  readonly #shared: Shared;
  #gain = 1;
  #calibrated: Promise<void> | undefined;

  private constructor(voice: EngineVoice, shared: Shared) {
    this.voice = voice;
    this.#shared = shared;
    shared.users += 1;
  }

  /** Loads the model once for all voices and has the first say a sentence to itself; the others do when they are first wanted. TRK_MODEL_CORRUPT. */
  static async start(options: KokoroOptions): Promise<KokoroEngine[]> {
    const { modelFile, voices } = options;
    const data: KokoroThreadData = { modelFile, voices };
    const pool = await VoicePool.start({ entry: new URL('./kokoro-thread.js', import.meta.url), name: 'kokoro', data, modelFile }, options.threads);
    const shared: Shared = { espeak: new Espeak({ voice: 'en-us', clock: options.clock }), pool, users: 0 };
    const engines = Object.keys(voices).map((name) => new KokoroEngine({ name, languages: ['zh'], sampleRate: SAMPLE_RATE }, shared));
    try {
      for (const first of engines.slice(0, 1)) await first.#ready();
    } catch (error) {
      for (const engine of engines) await engine.close();
      throw error;
    }
    return engines;
  }

  #ready(): Promise<void> {
    return (this.#calibrated ??= this.#calibrate());
  }

  async #calibrate(): Promise<void> {
    const pieces: Float32Array[] = [];
    for (const unit of await this.#read(CALIBRATION, false)) {
      for await (const piece of this.#run(unit, 1, new AbortController().signal)) pieces.push(piece);
    }
    const level = speechLevel(join(pieces), SAMPLE_RATE);
    this.#gain = level === undefined ? 1 : gainFor(level);
  }

  async *speak(utterance: Utterance): AsyncGenerator<Float32Array> {
    await this.#ready();
    const units = await this.#read(utterance.text, utterance.joinsAfter);
    if (units.length === 0) throw new TrunklineError('TRK_SPEECH_REQUEST', { params: { worker: 'mouth', reason: 'the text has nothing to say' } });
    const end = utterance.joinsAfter ? AFTER_JOIN_MS : AFTER_END_MS;
    for (const [index, unit] of units.entries()) {
      if (utterance.signal.aborted) return;
      yield* this.#say(unit, index === units.length - 1 ? end : unit.pauseMs, utterance);
    }
  }

  /** Samples of one run at the telephone's level, without the silence that the model puts around them. */
  async *#say(unit: Unit, pauseMs: number, utterance: Utterance): AsyncGenerator<Float32Array> {
    const leveler = new Leveler(this.#gain, SAMPLE_RATE);
    const trimmer = new SilenceTrimmer({ sampleRate: SAMPLE_RATE, keepAfterMs: pauseMs });
    for await (const raw of this.#run(unit, utterance.speed, utterance.signal)) {
      const sound = join([trimmer.push(leveler.push(raw)), trimmer.push(leveler.flush()), trimmer.flush()]);
      yield* inPieces(sound);
    }
  }

  #run(unit: Unit, speed: number, signal: AbortSignal): AsyncGenerator<Float32Array> {
    return this.#shared.pool.run([kokoroIds(unit.phonemes)], 1 / speed, signal, this.voice.name);
  }

  #read(text: string, open: boolean): Promise<Unit[]> {
    return kokoroUnits(normalizeChinese(text), open, (words) => this.#shared.espeak.phonemes(words));
  }

  /** The last voice takes the model with it. */
  async close(): Promise<void> {
    this.#shared.users -= 1;
    if (this.#shared.users > 0) return;
    await this.#shared.espeak.close();
    await this.#shared.pool.close();
  }
}

/** A run gives seconds at once; messages to the caller's side stay small. */
function* inPieces(sound: Float32Array): Generator<Float32Array> {
  const size = SAMPLE_RATE / 5;
  for (let at = 0; at < sound.length; at += size) yield sound.subarray(at, at + size);
}
