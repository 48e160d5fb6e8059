import { parseConfig } from '../src/config/load.js';
import { calibrate } from '../src/dialogue/nlu/calibrate.js';
import { IntentModel } from '../src/dialogue/nlu/intent-model.js';
import { QuestionModel } from '../src/dialogue/nlu/question-model.js';
import type { TrainingSet } from '../src/dialogue/nlu/intent-model.js';
import { gatherPhrases } from '../src/dialogue/nlu/training.js';
import { libraryOf } from '../src/dialogue/nlu/universal/library.js';
import { systemClock } from '../src/kernel/clock.js';
import { Lifetime } from '../src/kernel/lifetime.js';
import { createLogger } from '../src/kernel/log.js';
import { defaultModelsDirectory } from '../src/models/cache.js';
import { loadManifest } from '../src/models/manifest.js';
import { startUnderstanding } from '../src/nlu-wiring.js';
import { LlamaEngine } from '../src/workers/mind/engine.js';
import { mindKeysFor } from '../src/workers/mind/from-models.js';

/** As at a question: two guesses this near are put to the caller. */
const CLOSE = 0.15;
const ACCEPT = 0.5;
/** One third of the phrases is asked of a model that never saw it. */
const FOLDS = 3;
/** Of a language; each is scored twice. */
const MOST = 200;
const MODEL = 'smollm2-135m-instruct';

interface Wording {
  readonly prefix: string;
  readonly ask: (said: string, first: string, second: string) => string;
  readonly labels: Readonly<Record<string, string>>;
}

const WORDINGS: Readonly<Record<string, Wording>> = {
  en: {
    prefix: 'You read what a caller says on the telephone and name what they mean.',
    ask: (said, first, second) => `Caller: "${said}"\nThe caller means one of: ${first}; ${second}. Which?`,
    labels: {
      yes: 'yes', no: 'no', interested: 'I am interested', not_interested: 'I am not interested', already_have: 'I already have it', busy_now: 'I am busy now', call_later: 'call me later', question_price: 'what does it cost', repeat: 'say that again', hold_on: 'wait a moment', who_is_this: 'who are you', are_you_a_robot: 'are you a robot', person: 'I want a person', wrong_number: 'wrong number', stop_calling: 'never call me again', machine: 'this is an answering machine', slower: 'speak slower', complaint: 'I have a complaint', angry: 'I am angry', thanks: 'thank you', bye: 'goodbye', other_language: 'another language please',
    },
  },
  zh: {
    prefix: '你会看来电者说的话，说出对方的意思。',
    ask: (said, first, second) => `来电者说：“${said}”\n意思是下面哪一个：${first}；${second}？`,
    labels: {
      yes: '是的', no: '不是', interested: '感兴趣', not_interested: '不感兴趣', already_have: '已经有了', busy_now: '现在忙', call_later: '晚点再打', question_price: '多少钱', repeat: '再说一遍', hold_on: '等一下', who_is_this: '你是谁', are_you_a_robot: '你是机器人吗', person: '转人工', wrong_number: '打错了', stop_calling: '不要再打了', machine: '电话留言机', slower: '说慢点', complaint: '我要投诉', angry: '我很生气', thanks: '谢谢', bye: '再见', other_language: '换一种语言',
    },
  },
};

/**
 * Near ties: phrases of the library that a model trained without them cannot decide, and
 * one of whose two best guesses is right. Does a small language model, by the likelihood
 * of the two labels (less their likelihood without the utterance), know better than the
 * first guess? What the answer was stands in docs/scoreboard.md.
 */
export async function run(args: string[]): Promise<Record<string, number>> {
  const only = args.includes('--language') ? args[args.indexOf('--language') + 1] : undefined;
  const lifetime = new Lifetime();
  try {
    const config = parseConfig('log: {level: warn}');
    const understanding = await startUnderstanding(config, createLogger(config.log), lifetime, false);
    const keys = await mindKeysFor({ manifest: loadManifest(), cache: defaultModelsDirectory(), model: MODEL, slots: 1, contextTokens: 1_024 });
    const engine = await LlamaEngine.start({ modelFile: keys.model_file, slots: 1, contextTokens: 1_024, threads: 1, prefixCacheBytes: keys.prefix_cache_bytes, clock: systemClock });
    lifetime.onClose(() => engine.close());
    const figures: Record<string, number> = {};
    for (const [language, wording] of Object.entries(WORDINGS)) {
      if (only !== undefined && only !== language) continue;
      const ties = await tiesOf(language, understanding.embedder(language));
      let first = 0;
      let byModel = 0;
      for (const { text, labels, right } of ties) {
        if (right === labels[0]) first++;
        const names = labels.map((label) => wording.labels[label] ?? label);
        const [one = '', two = ''] = names;
        const said = await engine.score(wording.prefix, wording.ask(text, one, two), names, new AbortController().signal);
        const unsaid = await engine.score(wording.prefix, wording.ask('...', one, two), names, new AbortController().signal);
        const gains = names.map((_, at) => (said?.[at] ?? 0) - (unsaid?.[at] ?? 0));
        if (right === labels[(gains[0] ?? 0) >= (gains[1] ?? 0) ? 0 : 1]) byModel++;
      }
      const percent = (count: number): number => Math.round((1000 * count) / Math.max(1, ties.length)) / 10;
      Object.assign(figures, { [`ties_${language}`]: ties.length, [`first_guess_right_${language}`]: percent(first), [`language_model_right_${language}`]: percent(byModel) });
    }
    return figures;
  } finally {
    await lifetime.close();
  }
}

interface Tie {
  readonly text: string;
  readonly labels: readonly [string, string];
  readonly right: string;
}

async function tiesOf(language: string, embedder: { embedAll(texts: readonly string[]): Promise<readonly Float32Array[]> } | undefined): Promise<Tie[]> {
  const labels = [...libraryOf(language).universal.keys()];
  const bare = gatherPhrases(language, []);
  const vectors = await embedder?.embedAll(bare.phrases.map(({ text }) => text));
  const set: TrainingSet = { ...bare, phrases: bare.phrases.map((phrase, at) => ({ ...phrase, vector: vectors?.[at] })) };
  const thresholds = calibrate(set);
  const trained = IntentModel.restore(IntentModel.train({ ...set, phrases: set.phrases.filter((_, at) => at % FOLDS !== 0) }, thresholds));
  const model = new QuestionModel(trained, new Map(labels.map((one) => [one, []])));
  const ties = set.phrases
    .filter((_, at) => at % FOLDS === 0)
    .flatMap(({ text, label, vector }): Tie[] => {
      const right = labels[label - 1];
      const [best, second] = model.classify(text, vector);
      if (right === undefined || best === undefined || second === undefined || best.score >= ACCEPT || best.score - second.score > CLOSE) return [];
      return right === best.label || right === second.label ? [{ text, labels: [best.label, second.label], right }] : [];
    });
  const step = Math.max(1, Math.ceil(ties.length / MOST));
  return ties.filter((_, at) => at % step === 0);
}
