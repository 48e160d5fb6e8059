import type { MediaEngine } from '../media/media-session.js';
import type { Ear } from '../speech/ear.js';
import type { Mouth } from '../speech/mouth.js';
import type { Reservation } from './call-service.js';

/** Callers speak most of the time, so one synthesis slot serves several calls. */
const CALLS_PER_MOUTH_SLOT = 4;

/**
 * Only what can be served is dialled: a call takes a media port, an ear stream and
 * its share of a mouth before its INVITE leaves, and holds them until it has ended.
 */
export class Capacity {
  readonly #media: MediaEngine;
  readonly #ear: Ear;
  readonly #mouth: Mouth;
  #taken = 0;

  constructor(parts: { media: MediaEngine; ear: Ear; mouth: Mouth }) {
    this.#media = parts.media;
    this.#ear = parts.ear;
    this.#mouth = parts.mouth;
  }

  /** Calls that hold a reservation. */
  get taken(): number {
    return this.#taken;
  }

  reserve(): Reservation | undefined {
    if (!this.#ear.ready || !this.#mouth.ready) return undefined;
    // Calls that are already up have their port and stream, so they count once, here.
    const ports = this.#media.freePorts + this.#media.sessions;
    const limit = Math.min(ports, this.#ear.capacity.total, this.#mouth.capacity.total * CALLS_PER_MOUTH_SLOT);
    if (this.#taken >= limit) return undefined;
    this.#taken += 1;
    let held = true;
    return {
      release: () => {
        if (held) this.#taken -= 1;
        held = false;
      },
    };
  }
}
