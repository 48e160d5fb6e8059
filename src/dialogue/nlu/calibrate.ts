import { FINAL_INTENTS, IntentModel, USUAL_THRESHOLDS } from './intent-model.js';
import type { Threshold, Thresholds, TrainingSet } from './intent-model.js';
import { QuestionModel } from './question-model.js';

/** A third of the phrases is asked of a model that never saw it. */
const FOLDS = 3;
/** A wrong action is as bad as this many right ones that were not dared: it is hard to take back, and asking again is not. */
const COST_OF_WRONG = 4.5;
/** And one that ends the call as many as this. */
const COST_OF_WRONG_END = 8;
/** Too few to learn from. */
const FEWEST = 30;
/** Bounds of the raw threshold: the model is neither believed blindly nor silenced. */
const LOWEST = 0.35;
const HIGHEST = 0.7;
const NEARLY = 0.98;
/** Of one fold: enough to find a threshold; each costs a millisecond. */
const MOST = 700;

interface Trial {
  readonly score: number;
  readonly right: boolean;
  readonly final: boolean;
}

/**
 * Finds by leaving phrases out from which score on it pays to believe a guess. Curated
 * phrases are chosen to differ, so that callers' words are nearer to one of them than
 * they are to each other: callers are understood better than what was left out. By words
 * alone every phrase is asked once; with sentence vectors, where a training costs four
 * times as much, one third must do.
 */
export function calibrate(set: TrainingSet): Thresholds {
  if (set.phrases.length < FOLDS * FEWEST) return USUAL_THRESHOLDS;
  const folds = set.phrases.some(({ vector }) => vector !== undefined) ? [1] : Array.from({ length: FOLDS }, (_, fold) => fold);
  const trials = folds.map((fold) => trialsOf(set, fold));
  return { words: thresholdOf(trials.flatMap(({ words }) => words)), meaning: thresholdOf(trials.flatMap(({ meaning }) => meaning)) };
}

/** What a model that was trained on the other phrases says of those of one fold. */
function trialsOf(set: TrainingSet, fold: number): { readonly words: readonly Trial[]; readonly meaning: readonly Trial[] } {
  const leftOut = set.phrases.filter((_, at) => at % FOLDS === fold);
  const step = Math.max(1, Math.ceil(leftOut.length / MOST));
  const asked = leftOut.filter((_, at) => at % step === 0);
  const labels = set.classes.map(({ label }) => label);
  const whole = IntentModel.restore(IntentModel.train({ ...set, phrases: set.phrases.filter((_, at) => at % FOLDS !== fold) }));
  const model = new QuestionModel(whole, new Map(labels.map((label) => [label, []])));
  const trials = (useMeaning: boolean): Trial[] =>
    asked.flatMap(({ text, label, vector }) => {
      const scores = model.scores(text, useMeaning ? vector : undefined);
      const best = scores.reduce((top, score, at) => (score > (scores[top] ?? 0) ? at : top), 0);
      return best === 0 ? [] : [{ score: scores[best] ?? 0, right: best === label, final: FINAL_INTENTS.has(labels[best - 1] ?? '') }];
    });
  const words = trials(false);
  return { words, meaning: asked.some(({ vector }) => vector !== undefined) ? trials(true) : words };
}

function thresholdOf(trials: readonly Trial[]): Threshold {
  const usual = payingFrom(trials, COST_OF_WRONG);
  const final = trials.filter((trial) => trial.final);
  return { usual, final: final.length < FEWEST ? usual : Math.max(usual, payingFrom(final, COST_OF_WRONG_END)) };
}

/** The middle of the thresholds that pay nearly as well as the best one: the best itself is an accident. */
function payingFrom(trials: readonly Trial[], costOfWrong: number): number {
  const sorted = [...trials].sort((left, right) => right.score - left.score);
  let gain = 0;
  const steps = sorted.map(({ score, right }) => ({ score, gain: (gain += right ? 1 : -costOfWrong) }));
  const best = steps.reduce((most, one) => Math.max(most, one.gain), 0);
  const good = steps.filter((one) => one.gain >= NEARLY * best);
  const middle = ((good[0]?.score ?? HIGHEST) + (good.at(-1)?.score ?? HIGHEST)) / 2;
  return Math.min(HIGHEST, Math.max(LOWEST, middle));
}
