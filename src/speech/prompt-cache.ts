import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Audio } from '../audio/frame.js';
import { joinSamples } from '../audio/join-samples.js';
import { decodeWav, encodeWav } from '../audio/wav.js';
import type { Clock } from '../kernel/clock.js';
import { delay } from '../kernel/clock.js';
import { TrunklineError, asTrunklineError } from '../kernel/errors.js';
import type { Logger } from '../kernel/log.js';
import { hex } from '../kernel/random.js';
import type { Random } from '../kernel/random.js';
import type { Mouth, SpeakRequest } from './mouth.js';

/** How a fixed text is said; every part of it changes the sound. */
export type PromptStyle = Pick<SpeakRequest, 'language' | 'voice' | 'speed' | 'join'>;

export interface PromptCacheOptions {
  /** Undefined keeps rendered audio in memory only. */
  readonly directory?: string;
  /** Of the voice model and of the engine that reads it: another voice never gets this one's audio. */
  readonly fingerprint: string;
  readonly mouth: Mouth;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Audio kept in memory, bytes. Default 64 MiB: 70 minutes. */
  readonly maxBytes?: number;
  /** Sentences that are rendered at once. Default 2, so that calls keep the rest of the mouth. */
  readonly parallel?: number;
}

export interface PrepareOptions extends PromptStyle {
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;
/** A worker that is being replaced is back within a second or two. */
const ATTEMPTS = 5;
const RETRY_MS = 500;
const RENDER_DEADLINE_MS = 120_000;

/**
 * Everything that a flow can say without a variable, as audio: rendered once when
 * the flow is published, kept on disk across restarts, handed out at once.
 */
export class PromptCache {
  readonly #options: PromptCacheOptions;
  readonly #maxBytes: number;
  /** Insertion order is age of use. */
  readonly #clips = new Map<string, Audio>();
  readonly #making = new Map<string, Promise<Audio>>();
  #bytes = 0;

  constructor(options: PromptCacheOptions) {
    this.#options = options;
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  }

  /** Audio bytes in memory. */
  get bytes(): number {
    return this.#bytes;
  }

  /** At once, from memory; undefined if it was not prepared (or has been pushed out). */
  get(text: string, style: PromptStyle): Audio | undefined {
    const key = this.#key(text, style);
    const clip = this.#clips.get(key);
    if (clip !== undefined) {
      this.#clips.delete(key);
      this.#clips.set(key, clip);
    }
    return clip;
  }

  /** From memory, from disk, or rendered now. Errors as `Mouth.speak`. */
  load(text: string, style: PromptStyle): Promise<Audio> {
    const clip = this.get(text, style);
    if (clip !== undefined) return Promise.resolve(clip);
    const key = this.#key(text, style);
    const running = this.#making.get(key);
    if (running !== undefined) return running;
    const making = this.#make(key, text, style).finally(() => this.#making.delete(key));
    this.#making.set(key, making);
    return making;
  }

  /** Has all texts ready. Each is rendered at most once ever; the first that cannot be said ends it with its error. */
  async prepare(texts: readonly string[], options: PrepareOptions): Promise<void> {
    const waiting = [...new Set(texts)];
    const total = waiting.length;
    let done = 0;
    const work = async (): Promise<void> => {
      for (let text = waiting.shift(); text !== undefined; text = waiting.shift()) {
        options.signal?.throwIfAborted();
        await this.load(text, options);
        options.onProgress?.(++done, total);
      }
    };
    try {
      await Promise.all(Array.from({ length: this.#options.parallel ?? 2 }, work));
    } catch (error) {
      waiting.length = 0;
      throw error;
    }
  }

  async #make(key: string, text: string, style: PromptStyle): Promise<Audio> {
    const stored = await this.#read(key);
    const clip = stored ?? (await this.#render(text, style));
    if (stored === undefined) await this.#write(key, clip);
    this.#keep(key, clip);
    return clip;
  }

  async #render(text: string, style: PromptStyle): Promise<Audio> {
    for (let attempt = 1; ; attempt++) {
      try {
        const pieces: Int16Array[] = [];
        const request: SpeakRequest = {
          text,
          language: style.language,
          ...(style.voice === undefined ? {} : { voice: style.voice }),
          ...(style.speed === undefined ? {} : { speed: style.speed }),
          ...(style.join === undefined ? {} : { join: style.join }),
          deadlineMs: RENDER_DEADLINE_MS,
        };
        for await (const audio of this.#options.mouth.speak(request)) pieces.push(audio.samples);
        if (pieces.length === 0) throw new TrunklineError('TRK_WORKER_LOST', { params: { worker: 'mouth' } });
        return { sampleRate: 8000, samples: joinSamples(pieces) };
      } catch (thrown) {
        const error = asTrunklineError(thrown);
        if (!error.retryable || attempt >= ATTEMPTS) throw error;
        this.#options.log.warn({ code: error.code, attempt }, 'prompt is rendered again');
        await delay(this.#options.clock, RETRY_MS * attempt);
      }
    }
  }

  #key(text: string, style: PromptStyle): string {
    const parts = [this.#options.fingerprint, style.language, style.voice ?? '', String(style.speed ?? 1), String(style.join?.before ?? false), String(style.join?.after ?? false), '8000', text];
    return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  }

  #keep(key: string, clip: Audio): void {
    this.#clips.set(key, clip);
    this.#bytes += clip.samples.byteLength;
    for (const [oldest, old] of this.#clips) {
      if (this.#bytes <= this.#maxBytes || oldest === key) return;
      this.#clips.delete(oldest);
      this.#bytes -= old.samples.byteLength;
    }
  }

  #file(key: string): string | undefined {
    return this.#options.directory === undefined ? undefined : join(this.#options.directory, key.slice(0, 2), `${key}.wav`);
  }

  /** A file that is no WAV of ours (cut off, another rate) is rendered anew. */
  async #read(key: string): Promise<Audio | undefined> {
    const file = this.#file(key);
    if (file === undefined) return undefined;
    try {
      const wav = decodeWav(await readFile(file));
      const samples = wav.channels[0];
      return wav.sampleRate === 8000 && samples !== undefined && samples.length > 0 ? { sampleRate: 8000, samples } : undefined;
    } catch {
      return undefined;
    }
  }

  /** Whole or not at all. A disk that is full costs time after a restart, not this call. */
  async #write(key: string, clip: Audio): Promise<void> {
    const file = this.#file(key);
    if (file === undefined) return;
    const partial = `${file}.${hex(this.#options.random, 6)}.part`;
    try {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(partial, encodeWav({ sampleRate: 8000, channels: [clip.samples] }));
      await rename(partial, file);
    } catch (error) {
      this.#options.log.warn({ err: error }, 'rendered prompt could not be kept on disk');
      await rm(partial, { force: true }).catch(() => undefined);
    }
  }
}
