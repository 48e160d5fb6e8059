import { samplesFor } from '../audio/frame.js';
import type { MediaSession } from '../media/media-session.js';

/** Audio that waits beyond this is dropped: after a stall of ours two people must not talk with its delay for ever, ms. */
const MOST_WAITING_MS = 120;
/** Silence put before the first frame, and after each gap, so that a late frame does not make the next one, ms. */
const HEAD_START_MS = 40;

/**
 * Two far ends hear each other through us: each frame of one is played to the other.
 * Both sessions have one engine's clock, so nothing drifts.
 */
export class Bridge {
  #open = true;

  constructor(left: MediaSession, right: MediaSession) {
    for (const session of [left, right]) session.flush();
    this.#pipe(left, right);
    this.#pipe(right, left);
  }

  close(): void {
    this.#open = false;
  }

  #pipe(from: MediaSession, to: MediaSession): void {
    from.onFrame((samples, _atMs, sampleRate) => {
      if (!this.#open) return;
      const waiting = to.queuedMs;
      if (waiting > MOST_WAITING_MS) return;
      if (waiting === 0) to.play({ sampleRate, samples: new Int16Array(samplesFor(HEAD_START_MS, sampleRate)) });
      to.play({ sampleRate, samples: samples.slice() });
    });
  }
}
