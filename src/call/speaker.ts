import type { Audio } from '../audio/frame.js';
import type { Prompt, PromptPart } from '../dialogue/dialogue.js';
import { delay } from '../kernel/clock.js';
import type { Clock } from '../kernel/clock.js';
import type { Logger } from '../kernel/log.js';
import { asTrunklineError } from '../kernel/errors.js';
import type { MediaSession, Playout } from '../media/media-session.js';
import type { Mouth } from '../speech/mouth.js';

/** Fixed words rendered ahead; `speech/prompt-cache.ts` is one. */
export interface RenderedPrompts {
  get(text: string): Audio | undefined;
}

/** What became of one prompt. */
export interface Spoken {
  /** When its first audio was handed to the engine, ms (monotonic). */
  readonly handedMs: number | undefined;
  /** When its first packet left, ms (monotonic). */
  readonly firstPacket: Promise<number | undefined>;
  /** Resolves when its last packet has left, or it was interrupted. */
  readonly done: Promise<void>;
  /** As `done`; false if not all of it was said. */
  readonly whole: Promise<boolean>;
}

/** Audio that is there, or that is being made. */
type Source = { readonly audio: Audio } | { readonly stream: AsyncIterable<Audio> };

/** Whether words stand before and after a part. */
type Join = { readonly before: boolean; readonly after: boolean };

/** What all parts of one prompt share. */
interface Manner {
  readonly signal: AbortSignal;
  readonly apology: () => Audio | undefined;
  /** A part could not be made and is left out. */
  readonly leftOut: () => void;
  /** 1 is normal. */
  readonly speed: number;
}

/** A variable part may be tried again on another worker before it is left out. */
const SYNTHESIS_TRIES = 2;
/**
 * How long a part that failed waits for a worker, ms. A killed worker is back in about
 * two seconds, and the apology fills most of that; longer, and the line would seem dead.
 */
const MOUTH_BACK_MS = 3500;
const MOUTH_LOOK_MS = 100;
/** Of the normal rate, for a caller who has trouble following. */
const SLOWER_SPEED = 0.8;

/**
 * Puts prompts into one call's playout queue, in order: rendered parts at once,
 * variable parts as their synthesis streams in. All variable parts of a prompt are
 * started together, so that the later ones are made while the first is heard.
 */
export class Speaker {
  readonly #media: MediaSession;
  readonly #mouth: Mouth;
  readonly #prompts: RenderedPrompts;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #language: string;
  readonly #voice: string | undefined;
  readonly #apology: string;
  #interrupt = new AbortController();
  /** Settles when every earlier prompt has been handed over. */
  #order: Promise<void> = Promise.resolve();
  /** Prompts that wait for synthesis, or for one that does. */
  #handing = 0;
  /** Prompts that are not over. */
  #speaking = 0;

  constructor(parts: { media: MediaSession; mouth: Mouth; prompts: RenderedPrompts; clock: Clock; log: Logger; language: string; voice: string | undefined; apology: string }) {
    this.#media = parts.media;
    this.#mouth = parts.mouth;
    this.#prompts = parts.prompts;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#language = parts.language;
    this.#voice = parts.voice;
    this.#apology = parts.apology;
  }

  /** Something is being said or waits to be. */
  get speaking(): boolean {
    return this.#speaking > 0;
  }

  /** Stops at the next packet; what was queued is forgotten. */
  stop(): void {
    this.#interrupt.abort(new Error('interrupted'));
    this.#interrupt = new AbortController();
    this.#media.flush();
  }

  /** `slower`: what is rendered is of no use, so that all parts are synthesised. */
  say(prompt: Prompt, options: { readonly slower?: boolean } = {}): Spoken {
    const signal = this.#interrupt.signal;
    this.#speaking += 1;
    let whole = true;
    const manner: Manner = { signal, apology: this.#apologyOnce(), leftOut: () => (whole = false), speed: options.slower === true ? SLOWER_SPEED : 1 };
    const sources = prompt.parts.map((part, index) => this.#source(part, { before: index > 0, after: index < prompt.parts.length - 1 }, manner));
    let handedMs: number | undefined;
    let first: (at: Promise<number | undefined>) => void = () => undefined;
    const firstPacket = new Promise<number | undefined>((resolve) => (first = resolve));
    const hand = (audio: Audio): Playout => {
      const playout = this.#media.play(audio);
      if (handedMs === undefined) {
        handedMs = this.#clock.monotonic();
        first(playout.started);
      }
      return playout;
    };
    let last: Playout | undefined;
    const handed = this.#hand(sources, signal, (audio) => (last = hand(audio)));
    const done = handed
      .then(() => last?.ended)
      .catch((error: unknown) => {
        whole = false;
        this.#log.warn({ code: asTrunklineError(error).code }, 'prompt was cut short');
      })
      .then(() => {
        this.#speaking -= 1;
        first(Promise.resolve(undefined));
      });
    return {
      get handedMs() {
        return handedMs;
      },
      firstPacket,
      done,
      whole: done.then(() => whole && !signal.aborted),
    };
  }

  /**
   * Hands one prompt's audio to the engine behind that of earlier prompts. What is
   * rendered and has nothing to wait for goes at once, not a promise turn later.
   */
  #hand(sources: readonly Source[], signal: AbortSignal, hand: (audio: Audio) => void): Promise<void> {
    let begun = 0;
    if (this.#handing === 0) {
      try {
        for (const source of sources) {
          if (!('audio' in source)) break;
          hand(source.audio);
          begun += 1;
        }
      } catch (error) {
        return Promise.reject(asTrunklineError(error));
      }
    }
    if (begun === sources.length) return Promise.resolve();
    this.#handing += 1;
    const handed = this.#order.then(async () => {
      for (const source of sources.slice(begun)) {
        if (signal.aborted) return;
        if ('audio' in source) hand(source.audio);
        else for await (const audio of source.stream) if (!signal.aborted) hand(audio);
      }
    });
    this.#order = handed.then(
      () => void (this.#handing -= 1),
      () => void (this.#handing -= 1),
    );
    return handed;
  }

  /** The parts of a prompt fail together when their worker dies; one apology is enough for all. */
  #apologyOnce(): () => Audio | undefined {
    let taken = false;
    return () => {
      if (taken) return undefined;
      taken = true;
      return this.#prompts.get(this.#apology);
    };
  }

  #source(part: PromptPart, join: Join, manner: Manner): Source {
    const rendered = part.kind === 'fixed' && manner.speed === 1 ? this.#prompts.get(part.text) : undefined;
    if (rendered) return { audio: rendered };
    return { stream: this.#synthesise(part.text, join, manner) };
  }

  /** Starts at once; what arrives is kept until its turn comes. */
  #synthesise(text: string, join: Join, manner: Manner): AsyncIterable<Audio> {
    const { signal } = manner;
    const chunks: Audio[] = [];
    let finished = false;
    let wake: () => void = () => undefined;
    void (async () => {
      try {
        await this.#speakWithRetry(text, join, manner, (audio) => {
          chunks.push(audio);
          wake();
        });
      } finally {
        finished = true;
        wake();
      }
    })();
    // A worker that hangs must not hold up what is said after an interruption.
    signal.addEventListener('abort', () => wake(), { once: true });
    return {
      async *[Symbol.asyncIterator]() {
        for (;;) {
          const next = chunks.shift();
          if (next) yield next;
          else if (finished || signal.aborted) return;
          else await new Promise<void>((resolve) => (wake = resolve));
        }
      },
    };
  }

  /**
   * A part that cannot be made is replaced by the flow's rendered apology and tried
   * again when there is a worker; after that it is left out, because a gap is better
   * than a dead line.
   */
  async #speakWithRetry(text: string, join: Join, { signal, apology, leftOut, speed }: Manner, emit: (audio: Audio) => void): Promise<void> {
    for (let attempt = 1; attempt <= SYNTHESIS_TRIES && !signal.aborted; attempt += 1) {
      try {
        const request = { text, language: this.#language, join, signal, speed, ...(this.#voice === undefined ? {} : { voice: this.#voice }) };
        for await (const audio of this.#mouth.speak(request)) emit(audio);
        return;
      } catch (error) {
        if (signal.aborted) return;
        this.#log.warn({ code: asTrunklineError(error).code, attempt }, 'synthesis failed');
        if (attempt === SYNTHESIS_TRIES) return leftOut();
        const words = apology();
        if (words) emit(words);
        await this.#untilMouthIsBack(signal);
      }
    }
  }

  async #untilMouthIsBack(signal: AbortSignal): Promise<void> {
    const giveUpAt = this.#clock.monotonic() + MOUTH_BACK_MS;
    while (!this.#mouth.ready && !signal.aborted && this.#clock.monotonic() < giveUpAt) {
      await delay(this.#clock, MOUTH_LOOK_MS, signal).catch(() => undefined);
    }
  }
}
