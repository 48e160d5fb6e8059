import { FINAL_INTENTS, IntentModel, USUAL_THRESHOLDS } from './intent-model.js';
import type { Threshold, Thresholds, TrainingSet } from './intent-model.js';

/** Every third phrase is asked of a model that never saw it. */
const FOLDS = 3;
/** A wrong action is as bad as this many right ones that were not dared: it is hard to take back, and asking again is not. */
const COST_OF_WRONG = 4;
/** And one that ends the call as many as this. */
const COST_OF_WRONG_END = 8;
/** Too few to learn from. */
const FEWEST = 30;
/** Bounds of the raw threshold: the model is neither believed blindly nor silenced. */
const LOWEST = 0.35;
const HIGHEST = 0.8;
const NEARLY = 0.98;
/** Enough to find a threshold; each costs a millisecond. */
const MOST = 700;

interface Trial {
  readonly score: number;
  readonly right: boolean;
  readonly final: boolean;
}

/**
 * Finds by one held-out third of the phrases from which score on it pays to believe a
 * guess. Curated phrases are chosen to
 * differ, so that callers' words are nearer to one of them than they are to each other:
 * callers are understood better than this third is. Costs two thirds of a training.
 */
export function calibrate(set: TrainingSet): Thresholds {
  const { phrases } = set;
  const leftOut = phrases.filter((_, at) => at % FOLDS === 1);
  const step = Math.max(1, Math.ceil(leftOut.length / MOST));
  const asked = leftOut.filter((_, at) => at % step === 0);
  if (asked.length < FEWEST) return USUAL_THRESHOLDS;
  const model = IntentModel.restore(IntentModel.train({ ...set, phrases: phrases.filter((_, at) => at % FOLDS !== 1) }));
  const trials = (useMeaning: boolean): Trial[] =>
    asked.flatMap(({ text, label, vector }) => {
      const scores = model.scores(text, useMeaning ? vector : undefined);
      const best = scores.reduce((top, score, at) => (score > (scores[top] ?? 0) ? at : top), 0);
      return best === 0 ? [] : [{ score: scores[best] ?? 0, right: best === label, final: FINAL_INTENTS.has(set.labels[best - 1] ?? '') }];
    });
  return { words: thresholdOf(trials(false)), meaning: thresholdOf(trials(true)) };
}

function thresholdOf(trials: readonly Trial[]): Threshold {
  const usual = payingFrom(trials, COST_OF_WRONG);
  const final = trials.filter((trial) => trial.final);
  return { usual, final: final.length < FEWEST ? usual : Math.max(usual, payingFrom(final, COST_OF_WRONG_END)) };
}

/** The middle of the thresholds that pay nearly as well as the best one: the best itself is an accident of the third. */
function payingFrom(trials: readonly Trial[], costOfWrong: number): number {
  const sorted = [...trials].sort((left, right) => right.score - left.score);
  let gain = 0;
  const steps = sorted.map(({ score, right }) => ({ score, gain: (gain += right ? 1 : -costOfWrong) }));
  const best = steps.reduce((most, one) => Math.max(most, one.gain), 0);
  const good = steps.filter((one) => one.gain >= NEARLY * best);
  const middle = ((good[0]?.score ?? HIGHEST) + (good.at(-1)?.score ?? HIGHEST)) / 2;
  return Math.min(HIGHEST, Math.max(LOWEST, middle));
}
