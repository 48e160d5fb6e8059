import type { MediaEngine } from '../media/media-session.js';
import type { Ear } from '../speech/ear.js';
import type { Mind } from '../speech/mind.js';
import type { Mouth } from '../speech/mouth.js';
import type { CallNeeds, Reservation, ServiceLoad } from './call-service.js';

/** Callers speak most of the time, so one synthesis slot serves several calls. */
const CALLS_PER_MOUTH_SLOT = 4;
/** A turn asks the language model once at most, and most turns need none. */
const CALLS_PER_MIND_SLOT = 8;

/** What hears and speaks in a call. */
export interface CallSpeech {
  readonly ear: Ear;
  readonly mouth: Mouth;
}

/**
 * Only what can be served is dialled: a call takes a media port, an ear stream, its share
 * of a mouth and of a mind, and a person of each queue that it may be transferred to, before
 * its INVITE leaves, and holds them until it has ended. Ports and minds are for all calls,
 * ears and mouths for those in their language: a language whose workers are full or down
 * holds up no other.
 */
export class Capacity {
  readonly #media: MediaEngine;
  readonly #speech: (language: string | undefined) => CallSpeech;
  readonly #all: () => readonly CallSpeech[];
  readonly #mind: Mind | undefined;
  /** Calls that hold a reservation, by ear. */
  readonly #byEar = new Map<Ear, number>();
  /** Persons of each queue; one that is not named does not limit. */
  readonly #people: Readonly<Record<string, number>>;
  readonly #byQueue = new Map<string, number>();
  #taken = 0;

  /** `speech`: the ear and the mouth of a language, always the same ones for it; `all` of them. `people`: how many persons a queue has. */
  constructor(parts: { media: MediaEngine; speech: (language: string | undefined) => CallSpeech; all?: () => readonly CallSpeech[]; mind?: Mind | undefined; people?: Readonly<Record<string, number>> }) {
    this.#people = parts.people ?? {};
    this.#media = parts.media;
    this.#speech = parts.speech;
    this.#all = parts.all ?? (() => [parts.speech(undefined)]);
    this.#mind = parts.mind;
  }

  /** Calls that hold a reservation. */
  get taken(): number {
    return this.#taken;
  }

  /** Calls that are already up have their port and stream, so they count once, here. */
  get #ports(): number {
    return this.#media.freePorts + this.#media.sessions;
  }

  /** Flows go on without a model that is lost: their scripted words stand in for it. */
  get #minds(): number | undefined {
    return this.#mind?.ready === true ? this.#mind.capacity.total * CALLS_PER_MIND_SLOT : undefined;
  }

  get load(): ServiceLoad {
    const all = this.#all();
    const sum = (of: (one: CallSpeech) => number): number => all.reduce((total, one) => total + of(one), 0);
    const pools = [...all.map(({ mouth }) => mouth.capacity), ...(this.#mind === undefined ? [] : [this.#mind.capacity])];
    return {
      limits: { media: this.#ports, ears: sum(({ ear }) => ear.capacity.total), mouths: sum(({ mouth }) => mouth.capacity.total) * CALLS_PER_MOUTH_SLOT, minds: this.#minds },
      busyPercent: Math.max(0, ...pools.map(({ total, used }) => (total === 0 ? 0 : (used / total) * 100))),
    };
  }

  /** All that a call with these needs takes is free now. */
  serves({ language, people = [] }: CallNeeds): boolean {
    const { ear, mouth } = this.#speech(language);
    if (!ear.ready || !mouth.ready) return false;
    const alike = this.#byEar.get(ear) ?? 0;
    if (this.#taken >= Math.min(this.#ports, this.#minds ?? Infinity) || alike >= Math.min(ear.capacity.total, mouth.capacity.total * CALLS_PER_MOUTH_SLOT)) return false;
    return people.every((queue) => (this.#byQueue.get(queue) ?? 0) < (this.#people[queue] ?? Infinity));
  }

  /** Undefined: one of its parts is not free. */
  reserve(needs: CallNeeds = {}): Reservation | undefined {
    if (!this.serves(needs)) return undefined;
    const { ear } = this.#speech(needs.language);
    const people = needs.people ?? [];
    this.#count(ear, people, 1);
    let held = true;
    return {
      release: () => {
        if (held) this.#count(ear, people, -1);
        held = false;
      },
    };
  }

  #count(ear: Ear, people: readonly string[], by: 1 | -1): void {
    this.#taken += by;
    this.#byEar.set(ear, (this.#byEar.get(ear) ?? 0) + by);
    for (const queue of people) this.#byQueue.set(queue, (this.#byQueue.get(queue) ?? 0) + by);
  }
}
