import type { TranscriptLine, TurnTimings } from '../store/store.js';

/** What was known of a turn when it was decided; all times ms on the monotonic clock. */
export interface TurnMoments {
  readonly node: string;
  readonly lastSpeechMs?: number;
  readonly pauseSeenMs?: number;
  readonly finalTextMs?: number;
  readonly decisionMs: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Words and timings of one call, in ms since it was answered. The audio times of
 * a turn are filled in when they happen, so the log is read after the call.
 */
export class TurnLog {
  readonly #originMs: number;
  readonly transcript: TranscriptLine[] = [];
  readonly #turns: Mutable<TurnTimings>[] = [];

  /** `originMs`: when the call was answered, monotonic ms. */
  constructor(originMs: number) {
    this.#originMs = originMs;
  }

  get turns(): readonly TurnTimings[] {
    return this.#turns;
  }

  line(speaker: TranscriptLine['speaker'], text: string, atMs: number): TranscriptLine {
    const line: TranscriptLine = { speaker, text, atMs: this.#relative(atMs) ?? 0 };
    this.transcript.push(line);
    return line;
  }

  /** Opens a turn; the returned functions note when its answer was handed over and when its first packet left. */
  turn(moments: TurnMoments): { handed(atMs: number | undefined): void; sent(atMs: number | undefined): void; replyMs(): number | undefined } {
    const entry: Mutable<TurnTimings> = {
      turn: this.#turns.length + 1,
      node: moments.node,
      lastSpeechMs: this.#relative(moments.lastSpeechMs),
      pauseSeenMs: this.#relative(moments.pauseSeenMs),
      finalTextMs: this.#relative(moments.finalTextMs),
      decisionMs: this.#relative(moments.decisionMs),
      audioHandedMs: undefined,
      firstPacketMs: undefined,
    };
    this.#turns.push(entry);
    return {
      handed: (atMs) => (entry.audioHandedMs ??= this.#relative(atMs)),
      sent: (atMs) => (entry.firstPacketMs ??= this.#relative(atMs)),
      replyMs: () => (entry.firstPacketMs === undefined || entry.lastSpeechMs === undefined ? undefined : Math.round(entry.firstPacketMs - entry.lastSpeechMs)),
    };
  }

  #relative(atMs: number | undefined): number | undefined {
    return atMs === undefined ? undefined : Math.round(atMs - this.#originMs);
  }
}
