import { sentenceMood } from './classifier.js';
import { touchesOf } from './lexicon.js';
import type { Mood, MoodLabel, MoodTracker, MoodTurn, VoiceCues } from './mood.js';

/** Evidence of so many units, of two kinds, from two turns or in two phrases, moves the label. */
const ENOUGH = 2;
/** Turns that still count. */
const WINDOW = 3;
/** Against the caller's own baseline. */
const LOUDER_DB = 6;
const HIGHER_SEMITONES = 3;
const FASTER = 1.35;
/** By which the pitch moves more. Short turns and slips of an octave widen it by chance: it counts beside another cue only. */
const LIVELIER_SEMITONES = 4;
/** The baseline is the first turns, and moves slowly after. */
const BASELINE_TURNS = 2;
const BASELINE_SHARE = 0.15;

const VALENCE: Record<Exclude<MoodLabel, 'neutral'>, number> = { angry: -1, annoyed: -0.6, worried: -0.4, confused: -0.3, pleased: 0.7 };
const AROUSAL: Record<Exclude<MoodLabel, 'neutral'>, number> = { angry: 0.9, annoyed: 0.5, worried: 0.5, confused: 0.3, pleased: 0.3 };
type Feeling = keyof typeof VALENCE;

interface Turn {
  readonly units: ReadonlyMap<Feeling, number>;
  readonly kinds: number;
  readonly valence: number;
}

/** Weighs words, whole sentences, voice, failures and interruptions of the last turns. Pure; bounded. */
export function createMoodTracker(): MoodTracker {
  const baseline = new Baseline();
  const turns: Turn[] = [];
  let failedInRow = 0;
  let mood: Mood = { label: 'neutral', valence: 0, arousal: 0, trend: 0, evidence: [] };

  function add(turn: MoodTurn): Mood {
    const touches = touchesOf(turn.text, turn.language);
    const units = new Map<Feeling, number>();
    const evidence: string[] = [];
    const count = (feeling: Feeling, unit: number, why: string): void => {
      units.set(feeling, (units.get(feeling) ?? 0) + unit);
      if (!evidence.includes(why)) evidence.push(why);
    };
    for (const { feeling } of touches) count(feeling, 1, `words:${feeling}`);
    const sentence = sentenceMood(turn.text, touches.map(({ phrase }) => phrase), turn.language);
    if (sentence !== 'neutral') count(sentence, 1, `sentence:${sentence}`);
    failedInRow = turn.failed ? failedInRow + 1 : 0;
    if (failedInRow > 1) count('annoyed', 0.5, `failed:${failedInRow}`);
    if (turn.interrupted) count('annoyed', 0.5, 'interrupted');
    const agitation = baseline.compare(turn.voice);
    // A raised voice alone is a bad line or a noisy room: it only adds to what words or failures say.
    const strongest = [...units].sort((left, right) => right[1] - left[1])[0]?.[0];
    if (strongest !== undefined && agitation.length > 0) for (const cue of agitation) count(strongest === 'annoyed' ? 'angry' : strongest, 0.75, `voice:${cue}`);
    const kinds = new Set(evidence.map((one) => one.split(':')[0])).size;
    const valence = clamp([...units].reduce((sum, [feeling, unit]) => sum + VALENCE[feeling] * Math.min(unit, 2) * 0.5, 0), -1, 1);
    turns.push({ units, kinds, valence });
    if (turns.length > WINDOW + 1) turns.shift();
    const label = labelOf(turns.slice(-WINDOW));
    const before = turns.slice(-WINDOW - 1, -1);
    const trend = before.length === 0 ? 0 : valence - before.reduce((sum, one) => sum + one.valence, 0) / before.length;
    const arousal = clamp((label === 'neutral' ? 0 : AROUSAL[label]) * 0.7 + agitation.length * 0.2, 0, 1);
    mood = { label, valence, arousal, trend: clamp(trend, -1, 1), evidence };
    return mood;
  }

  return {
    add,
    get mood() {
      return mood;
    },
  };
}

function labelOf(turns: readonly Turn[]): MoodLabel {
  const sums = new Map<Feeling, number>();
  // The last turn counts whole, earlier ones fade.
  turns.forEach((turn, index) => {
    const share = 1 / (turns.length - index);
    for (const [feeling, unit] of turn.units) sums.set(feeling, (sums.get(feeling) ?? 0) + unit * Math.max(share, 0.5));
  });
  // Anger and annoyance are one direction: together they are evidence for the stronger.
  const cross = (sums.get('angry') ?? 0) + (sums.get('annoyed') ?? 0);
  const last = turns.at(-1);
  if (cross >= ENOUGH * 0.75 && (turns.length > 1 || (last?.kinds ?? 0) > 1 || units(last) >= ENOUGH)) {
    if (units(last) > 0 || turns.length < 2) return (sums.get('angry') ?? 0) >= 1 ? 'angry' : 'annoyed';
  }
  const best = [...sums].filter(([feeling]) => feeling !== 'angry' && feeling !== 'annoyed').sort((left, right) => right[1] - left[1])[0];
  return best !== undefined && best[1] >= ENOUGH * 0.75 ? best[0] : 'neutral';
}

function units(turn: Turn | undefined): number {
  return [...(turn?.units ?? [])].filter(([feeling]) => feeling === 'angry' || feeling === 'annoyed').reduce((sum, [, unit]) => sum + unit, 0);
}

type VoiceCue = 'louder' | 'higher' | 'faster' | 'livelier';

/** How this caller speaks when nothing is wrong. */
class Baseline {
  #seen = 0;
  #loudnessDb: number | undefined;
  #pitchHz: number | undefined;
  #rate: number | undefined;
  #rangeSemitones: number | undefined;

  /** What is raised in this turn; the turn then moves the baseline. */
  compare(voice: VoiceCues | undefined): VoiceCue[] {
    if (voice === undefined) return [];
    const raised: VoiceCue[] = [];
    if (this.#seen >= BASELINE_TURNS) {
      if (this.#loudnessDb !== undefined && voice.loudnessDb !== undefined && voice.loudnessDb - this.#loudnessDb >= LOUDER_DB) raised.push('louder');
      if (this.#pitchHz !== undefined && voice.pitchHz !== undefined && 12 * Math.log2(voice.pitchHz / this.#pitchHz) >= HIGHER_SEMITONES) raised.push('higher');
      if (this.#rate !== undefined && voice.syllablesPerSecond !== undefined && voice.syllablesPerSecond >= this.#rate * FASTER) raised.push('faster');
      if (raised.length > 0 && this.#rangeSemitones !== undefined && voice.pitchRangeSemitones !== undefined && voice.pitchRangeSemitones - this.#rangeSemitones >= LIVELIER_SEMITONES) raised.push('livelier');
    }
    this.#seen++;
    const share = this.#seen <= BASELINE_TURNS ? 1 / this.#seen : BASELINE_SHARE;
    this.#loudnessDb = moved(this.#loudnessDb, voice.loudnessDb, share);
    this.#pitchHz = moved(this.#pitchHz, voice.pitchHz, share);
    this.#rate = moved(this.#rate, voice.syllablesPerSecond, share);
    this.#rangeSemitones = moved(this.#rangeSemitones, voice.pitchRangeSemitones, share);
    return raised;
  }
}

function moved(before: number | undefined, now: number | undefined, share: number): number | undefined {
  if (now === undefined) return before;
  return before === undefined ? now : before + (now - before) * share;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
