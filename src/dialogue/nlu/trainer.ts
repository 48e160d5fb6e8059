import type { Clock, Timer } from '../../kernel/clock.js';
import { TrunklineError, asTrunklineError } from '../../kernel/errors.js';
import type { HelperProcess } from '../../kernel/helper-process.js';
import { IntentModel } from './intent-model.js';
import type { IntentModelData } from './intent-model.js';
import type { Embedder } from './meaning.js';
import { ModelCache } from './model-cache.js';
import type { OwnPhrases } from './own-phrases.js';
import { readTrained } from './trained-files.js';
import type { TrainedFiles } from './trained-files.js';
import { primaryLanguage, trainingKey } from './training.js';

export type TrainingRequest =
  | { readonly type: 'train'; readonly id: number; readonly language: string; readonly questions: readonly OwnPhrases[]; readonly meaning: boolean; readonly save: string | undefined; readonly thresholdFile: string | undefined; readonly vectorFile: string | undefined }
  /** Answers `texts`; undefined: do without. */
  | { readonly type: 'vectors'; readonly id: number; readonly vectors: readonly Float32Array[] | undefined };

export type TrainingReply =
  | { readonly type: 'texts'; readonly id: number; readonly texts: readonly string[] }
  | { readonly type: 'model'; readonly id: number; readonly model: IntentModelData }
  | { readonly type: 'failed'; readonly id: number; readonly reason: string };

/** Makes intent models; the same phrases again cost nothing. */
export interface IntentTrainer {
  /** One model for all questions of a flow. TRK_INTERNAL if the training broke down, TRK_CLOSED after `close`. */
  train(language: string, questions: readonly OwnPhrases[]): Promise<IntentModel>;
}

export interface ProcessTrainerParts {
  /** A process that runs training-process. */
  readonly start: () => HelperProcess;
  readonly clock: Clock;
  /** Where models and vectors outlive the process; undefined: nowhere. */
  readonly files?: TrainedFiles | undefined;
  /** Names the sentence model and its version: models of one are nothing to another. */
  readonly sentences?: string | undefined;
  /** For a language that it knows; models of others are made of words alone. */
  readonly embedder?: (language: string) => Embedder | undefined;
  /** Sentence vectors could not be had: the model is made without them. */
  readonly onWithout?: (error: TrunklineError) => void;
}

interface Waiting {
  readonly language: string;
  readonly resolve: (model: IntentModel) => void;
  readonly reject: (error: TrunklineError) => void;
}

/** Publishing often goes by several versions; then the process and its memory go. */
const IDLE_MS = 15_000;

/**
 * Trains in a process of its own, one model after the other: a server that publishes a
 * flow goes on with its calls and keeps its size. The process starts with the first
 * model that is not in the files and ends when it has had nothing to do for a while;
 * one that dies fails what it was given, and the next job starts another.
 */
export class ProcessTrainer implements IntentTrainer {
  readonly #parts: ProcessTrainerParts;
  readonly #models = new ModelCache<Promise<IntentModel>>();
  readonly #waiting = new Map<number, Waiting>();
  #helper: HelperProcess | undefined;
  #idle: Timer | undefined;
  #nextId = 1;
  #closed = false;

  constructor(parts: ProcessTrainerParts) {
    this.#parts = parts;
  }

  async train(language: string, questions: readonly OwnPhrases[]): Promise<IntentModel> {
    if (this.#closed) throw new TrunklineError('TRK_CLOSED', { params: { what: 'The training of intents' } });
    const key = trainingKey(language, questions);
    const model = this.#models.get(key, () => this.#make(key, language, questions));
    // What failed once may work the next time.
    model.catch(() => this.#models.delete(key));
    return await model;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#failAll(new TrunklineError('TRK_CLOSED', { params: { what: 'The training of intents' } }));
    this.#idle?.cancel();
    await this.#helper?.terminate();
  }

  #make(key: string, language: string, questions: readonly OwnPhrases[]): Promise<IntentModel> {
    const meaning = this.#parts.embedder?.(language) !== undefined;
    const sentences = meaning ? (this.#parts.sentences ?? 'unnamed') : 'words';
    const save = this.#parts.files?.path('model', key, sentences);
    const kept = save === undefined ? undefined : readTrained(save, this.#parts.clock);
    if (kept !== undefined) return Promise.resolve(IntentModel.restore(kept as IntentModelData));
    return this.#send({ language, questions, meaning, save, thresholdFile: this.#parts.files?.path('thresholds', primaryLanguage(language), sentences), vectorFile: this.#parts.files?.path('vectors', sentences) });
  }

  #send(job: Omit<Extract<TrainingRequest, { type: 'train' }>, 'type' | 'id'>): Promise<IntentModel> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#idle?.cancel();
      this.#helper ??= this.#spawn();
      this.#waiting.set(id, { language: job.language, resolve, reject });
      this.#post({ type: 'train', id, ...job });
    });
  }

  #post(request: TrainingRequest): void {
    this.#helper?.post(request);
  }

  #spawn(): HelperProcess {
    const helper = this.#parts.start();
    helper.onMessage((message) => this.#onReply(message as TrainingReply));
    helper.onEnd((cause) => {
      if (this.#helper !== helper) return;
      this.#helper = undefined;
      this.#failAll(new TrunklineError('TRK_INTERNAL', { params: { reason: 'the training process ended' }, cause }));
    });
    return helper;
  }

  #endWhenIdle(): void {
    this.#idle = this.#parts.clock.after(
      IDLE_MS,
      () => {
        const helper = this.#helper;
        this.#helper = undefined;
        void helper?.terminate();
      },
      { keepAlive: false },
    );
  }

  #onReply(reply: TrainingReply): void {
    const waiting = this.#waiting.get(reply.id);
    if (waiting === undefined) return;
    if (reply.type === 'texts') return void this.#embed(reply.id, waiting.language, reply.texts);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0 && !this.#closed) this.#endWhenIdle();
    if (reply.type === 'model') waiting.resolve(IntentModel.restore(reply.model));
    else waiting.reject(new TrunklineError('TRK_INTERNAL', { params: { reason: `training: ${reply.reason}` } }));
  }

  async #embed(id: number, language: string, texts: readonly string[]): Promise<void> {
    try {
      this.#post({ type: 'vectors', id, vectors: await this.#parts.embedder?.(language)?.embedAll(texts) });
    } catch (error) {
      this.#parts.onWithout?.(asTrunklineError(error));
      this.#post({ type: 'vectors', id, vectors: undefined });
    }
  }

  #failAll(error: TrunklineError): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const one of waiting) one.reject(error);
  }
}
