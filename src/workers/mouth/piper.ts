import { readFile } from 'node:fs/promises';
import type { Clock } from '../../kernel/clock.js';
import { TrunklineError } from '../../kernel/errors.js';
import type { Random } from '../../kernel/random.js';
import { derivePiper } from '../../models/derive-piper.js';
import type { EngineVoice, Utterance, VoiceEngine } from './engine.js';
import { Espeak } from './espeak.js';
import { Leveler, gainFor, speechLevel } from './level.js';
import { asEspeakReads, joinPhonemes, piperIds, splitSentences } from './phonemes.js';
import type { PhonemeIds } from './phonemes.js';
import { normalizeEnglish } from './text/normalize.js';
import { SilenceTrimmer, join } from './trim.js';
import type { PiperThreadData } from './voice-messages.js';
import { VoicePool } from './voice-pool.js';

export interface PiperOptions {
  /** Name under which the voice is asked for, e.g. `en_US-joe-medium`. */
  readonly name: string;
  readonly modelFile: string;
  /** The voice's own JSON. */
  readonly configFile: string;
  /** Of the model file; names what is derived from it. */
  readonly sha256: string;
  /** Where the parts of the model are kept. */
  readonly derivedDirectory: string;
  /** Threads that synthesise. */
  readonly threads: number;
  readonly clock: Clock;
  readonly random: Random;
}

/** What is used of the voice's JSON. */
interface PiperConfig {
  readonly audio: { readonly sample_rate: number };
  readonly espeak: { readonly voice: string };
  readonly phoneme_id_map: PhonemeIds;
}

/** Spoken once at start: warms the model up and shows how loud the voice is. */
const CALIBRATION = 'The quick brown fox jumps over the lazy dog, and nobody minds.';
/** Silence left after the last sound, ms: the end of a sentence breathes, a join must not be heard. */
const AFTER_END_MS = 60;
const AFTER_JOIN_MS = 25;

async function readConfig(file: string): Promise<PiperConfig> {
  try {
    const parsed = JSON.parse(await readFile(file, 'utf8')) as PiperConfig;
    if (parsed.audio.sample_rate !== 22050 && parsed.audio.sample_rate !== 16000) throw new Error('sample rate');
    if (typeof parsed.espeak.voice !== 'string' || typeof parsed.phoneme_id_map !== 'object') throw new Error('phonemes');
    return parsed;
  } catch (cause) {
    throw new TrunklineError('TRK_MODEL_CORRUPT', { params: { file }, cause });
  }
}

/** A Piper voice: espeak-ng for the sounds of words, encoder and flow once a sentence, the decoder in chunks. */
export class PiperEngine implements VoiceEngine {
  readonly voice: EngineVoice;
  readonly #config: PiperConfig;
  readonly #espeak: Espeak;
  readonly #pool: VoicePool;
  #gain = 1;

  private constructor(voice: EngineVoice, config: PiperConfig, espeak: Espeak, pool: VoicePool) {
    this.voice = voice;
    this.#config = config;
    this.#espeak = espeak;
    this.#pool = pool;
  }

  /** Loads the voice and has it say one sentence to itself. TRK_MODEL_CORRUPT, TRK_WORKER_LOST (espeak-ng is not installed). */
  static async start(options: PiperOptions): Promise<PiperEngine> {
    const config = await readConfig(options.configFile);
    const parts = await derivePiper({ modelFile: options.modelFile, sha256: options.sha256, directory: options.derivedDirectory, random: options.random });
    const data: PiperThreadData = { parts };
    const pool = await VoicePool.start({ entry: new URL('./piper-thread.js', import.meta.url), name: 'piper', data, modelFile: options.modelFile }, options.threads);
    const espeak = new Espeak({ voice: config.espeak.voice, clock: options.clock });
    const voice: EngineVoice = {
      name: options.name,
      languages: [config.espeak.voice.split('-')[0]!],
      sampleRate: config.audio.sample_rate as 16000 | 22050,
    };
    const engine = new PiperEngine(voice, config, espeak, pool);
    try {
      await engine.#calibrate();
    } catch (error) {
      await engine.close();
      throw error;
    }
    return engine;
  }

  async #calibrate(): Promise<void> {
    const pieces: Float32Array[] = [];
    for await (const piece of this.#raw(CALIBRATION, 'en-US', 1, false, new AbortController().signal)) pieces.push(piece);
    const level = speechLevel(join(pieces), this.voice.sampleRate);
    this.#gain = level === undefined ? 1 : gainFor(level);
  }

  async *speak(utterance: Utterance): AsyncGenerator<Float32Array> {
    const leveler = new Leveler(this.#gain, this.voice.sampleRate);
    const trimmer = new SilenceTrimmer({ sampleRate: this.voice.sampleRate, keepAfterMs: utterance.joinsAfter ? AFTER_JOIN_MS : AFTER_END_MS });
    for await (const raw of this.#raw(utterance.text, utterance.language, utterance.speed, utterance.joinsAfter, utterance.signal)) {
      const piece = trimmer.push(leveler.push(raw));
      if (piece.length > 0) yield piece;
    }
    if (utterance.signal.aborted) return;
    const tail = join([trimmer.push(leveler.flush()), trimmer.flush()]);
    if (tail.length > 0) yield tail;
  }

  async *#raw(text: string, language: string, speed: number, open: boolean, signal: AbortSignal): AsyncGenerator<Float32Array> {
    const sentences = splitSentences(normalizeEnglish(text, language), open);
    const clauses = sentences.flatMap((sentence) => sentence.clauses.map((clause) => asEspeakReads(clause.text)));
    const spoken = clauses.length === 0 ? [] : await this.#espeak.phonemes(clauses);
    const ids: number[][] = [];
    let at = 0;
    for (const sentence of sentences) {
      const phonemes = joinPhonemes(sentence, spoken.slice(at, at + sentence.clauses.length));
      at += sentence.clauses.length;
      if (phonemes !== '') ids.push(piperIds(phonemes, this.#config.phoneme_id_map));
    }
    if (ids.length === 0) throw new TrunklineError('TRK_SPEECH_REQUEST', { params: { worker: 'mouth', reason: 'the text has nothing to say' } });
    yield* this.#pool.run(ids, 1 / speed, signal);
  }

  async close(): Promise<void> {
    await this.#espeak.close();
    await this.#pool.close();
  }
}
