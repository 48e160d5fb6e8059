import type { SlotLanguage } from '../slots/slot-type.js';

/**
 * PORT inside the room: how the caller feels, from words and voice. Pure and
 * incremental. Nothing is ever decided on one word alone: `label` only leaves
 * `neutral` when two kinds of evidence, two turns or two phrases agree.
 */

/** Of one turn, from the audio of the far end; each is undefined where it could not be measured. */
export interface VoiceCues {
  /** dBFS, speech frames only. */
  readonly loudnessDb: number | undefined;
  /** Median of voiced frames, Hz. */
  readonly pitchHz: number | undefined;
  /** 10th to 90th percentile of voiced frames, semitones. */
  readonly pitchRangeSemitones: number | undefined;
  /** Syllables, or hanzi, a second of speech. */
  readonly syllablesPerSecond: number | undefined;
}

export interface MoodTurn {
  readonly text: string;
  readonly language: SlotLanguage;
  readonly voice: VoiceCues | undefined;
  /** The caller spoke over us. */
  readonly interrupted: boolean;
  /** This turn was not understood, or had to be asked again. */
  readonly failed: boolean;
}

export type MoodLabel = 'neutral' | 'pleased' | 'annoyed' | 'angry' | 'worried' | 'confused';

export interface Mood {
  readonly label: MoodLabel;
  /** -1 (bad) to 1 (good), of the last turn. */
  readonly valence: number;
  /** 0 (calm) to 1 (agitated), of the last turn, against the caller's own baseline. */
  readonly arousal: number;
  /** Change of valence over the last turns, -1 to 1. */
  readonly trend: number;
  /** What it rests on, without the caller's words: e.g. `words:angry`, `sentence:annoyed`, `voice:louder`, `failed:2`. */
  readonly evidence: readonly string[];
}

export interface MoodTracker {
  add(turn: MoodTurn): Mood;
  readonly mood: Mood;
}
