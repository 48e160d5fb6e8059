import type { FrameRate, MediaSession } from '../media/media-session.js';

/** Hears what is said before the answer, such as \"this number is not in service\". */
export interface EarlyListener {
  /** 20 ms; `samples` is valid only during the call. */
  frame(samples: Int16Array, atMs: number, sampleRate: FrameRate): void;
  /** The call was answered, or is over. */
  over(answered: boolean): void;
}

/** Frames between two looks at whether audio has come at all. */
const LOOK_EVERY = 5;

/** The audio of one INVITE before its answer: delivered and measured. No dialogue runs yet. */
export class EarlyMedia {
  readonly #listener: EarlyListener | undefined;
  #media: MediaSession | undefined;
  #frames = 0;
  #firstMs: number | undefined;
  #lastMs = 0;

  constructor(listener: EarlyListener | undefined) {
    this.#listener = listener;
  }

  /** The far end has described early media; again for each branch. */
  begin(media: MediaSession): void {
    if (this.#media === media) return;
    this.#media = media;
    media.onFrame((samples, atMs, sampleRate) => {
      if (this.#media === media) this.#onFrame(media, samples, atMs, sampleRate);
    });
  }

  /** How long audio came before the answer or the end, ms; undefined if none came. */
  get ms(): number | undefined {
    return this.#firstMs === undefined ? undefined : Math.round(this.#lastMs - this.#firstMs);
  }

  end(answered: boolean): void {
    this.#media = undefined;
    this.#listener?.over(answered);
  }

  #onFrame(media: MediaSession, samples: Int16Array, atMs: number, sampleRate: FrameRate): void {
    this.#frames += 1;
    if (this.#firstMs === undefined) {
      // Frames come from the first moment on, silent until there is a packet.
      if (this.#frames % LOOK_EVERY !== 1 || media.stats().packetsReceived === 0) return;
      this.#firstMs = atMs;
    }
    this.#lastMs = atMs;
    this.#listener?.frame(samples, atMs, sampleRate);
  }
}
