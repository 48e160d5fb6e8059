import type { EarEvent } from '../ear.js';

type Pause = Extract<EarEvent, { type: 'pause' }>;

export interface HeardWords {
  readonly segment: number;
  readonly text: string;
  readonly confidence: number | undefined;
  /** Audio time at which the words arrived, ms. */
  readonly arrivedMs: number;
}

/**
 * What the ear has reported since the last `forget`: is somebody speaking, since
 * when, the open pause and the newest words. Words of segments from before the
 * `forget` are still on their way then, so they are told apart by segment number.
 */
export class Heard {
  /** Start of the first speech of this turn, ms. */
  turnStartMs: number | undefined;
  /** Start of the speech that goes on now, ms. */
  speechStartMs: number | undefined;
  pause: Pause | undefined;
  words: HeardWords | undefined;
  private newestSegment = -1;
  private forgottenSegment = -1;

  get speaking(): boolean {
    return this.speechStartMs !== undefined;
  }

  get anything(): boolean {
    return this.turnStartMs !== undefined;
  }

  onEar(event: EarEvent, nowMs: number): void {
    switch (event.type) {
      case 'speech':
        this.speechStartMs = event.atMs;
        this.turnStartMs ??= event.atMs;
        this.pause = undefined;
        return;
      case 'pause':
        // A pause without a start: the start belonged to a turn that was taken over its limit.
        this.turnStartMs ??= event.lastSpeechMs;
        this.speechStartMs = undefined;
        this.pause = event;
        this.newestSegment = Math.max(this.newestSegment, event.segment);
        return;
      case 'transcript':
        if (event.segment <= this.forgottenSegment) return;
        if (this.words !== undefined && this.words.segment > event.segment) return;
        this.words = { segment: event.segment, text: event.text, confidence: event.confidence, arrivedMs: nowMs };
        return;
      case 'lost':
        // The next stream numbers its segments anew.
        this.forget();
        this.speechStartMs = undefined;
        this.newestSegment = -1;
        this.forgottenSegment = -1;
        return;
    }
  }

  /** The words that were decoded at the open pause, if they are there. */
  finalWords(): HeardWords | undefined {
    return this.words !== undefined && this.pause !== undefined && this.words.segment >= this.pause.segment ? this.words : undefined;
  }

  /** Speech that goes on stays: its rest belongs to the next turn. */
  forget(): void {
    this.forgottenSegment = this.newestSegment;
    this.pause = undefined;
    this.words = undefined;
    this.turnStartMs = this.speechStartMs;
  }
}
