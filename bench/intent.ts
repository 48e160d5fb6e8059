import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { parseConfig } from '../src/config/load.js';
import { percentile } from '../src/demo/phone/summary.js';
import { Meanings } from '../src/dialogue/nlu/meanings.js';
import { normaliserOf } from '../src/dialogue/nlu/normalise.js';
import { QuestionModel } from '../src/dialogue/nlu/question-model.js';
import { libraryOf } from '../src/dialogue/nlu/universal/library.js';
import { systemClock } from '../src/kernel/clock.js';
import { Lifetime } from '../src/kernel/lifetime.js';
import { createLogger } from '../src/kernel/log.js';
import { startUnderstanding } from '../src/nlu-wiring.js';
import { treeCpuMs } from './support/process-cpu.js';

const SETS: Readonly<Record<string, readonly string[]>> = {
  open: ['intent-cases/open.en.yaml', 'intent-cases/open.zh.yaml'],
  closed: ['intent-cases/closed.en.yaml', 'intent-cases/closed.zh.yaml'],
};
const ACCEPT = 0.5;
const NONE = 'none';
/** CPU is counted in steps of 10 ms, so that each decision is made as often as this many utterances need. */
const CPU_DECISIONS = 600;

/** One language's utterances by what they mean; bench/intent-cases/README.md describes the file. */
interface Cases {
  readonly language: string;
  readonly cases: Readonly<Record<string, readonly string[]>>;
}

interface Tally {
  all: number;
  right: number;
  wrong: number;
  first: number;
}

/**
 * Understanding with every universal intent active at once, on utterances that nothing
 * was trained on. `--set open|closed` takes one of the sets beside this file, `--file F`
 * another file, `--language L` only that one; `--show` prints what was misunderstood.
 */
export async function run(args: string[]): Promise<Record<string, number>> {
  const option = (name: string): string | undefined => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  const only = option('--language');
  const suites = suitesOf(option('--file'), option('--set'), only).filter(({ language }) => only === undefined || language === only);
  const lifetime = new Lifetime();
  try {
    const config = parseConfig('log: {level: warn}');
    const understanding = await startUnderstanding(config, createLogger(config.log), lifetime, false);
    const figures: Record<string, number> = {};
    const whole: Tally = { all: 0, right: 0, wrong: 0, first: 0 };
    for (const language of new Set(suites.map((suite) => suite.language))) {
      const labels = [...libraryOf(language).universal.keys()];
      const started = performance.now();
      const model = new QuestionModel(await understanding.trainer.train(language, []), new Map(labels.map((label) => [label, []])));
      figures[`training_ms_${language}`] = Math.round(performance.now() - started);
      const embedder = understanding.embedder(language);
      const { cases: mine, known } = withoutKnown(suites.filter((suite) => suite.language === language), language);
      const { tally, times } = await judge(language, model, new Meanings(embedder, language, systemClock), mine, args.includes('--show'));
      for (const key of ['all', 'right', 'wrong', 'first'] as const) whole[key] += tally[key];
      Object.assign(figures, {
        [`utterances_${language}`]: tally.all,
        // Left out of all figures: they are phrases of the library, word for word.
        [`known_word_for_word_${language}`]: known,
        [`accuracy_${language}`]: percent(tally.right, tally.all),
        [`wrong_action_rate_${language}`]: percent(tally.wrong, tally.all),
        // Right, or right after asking "did you mean ...?".
        [`best_guess_right_${language}`]: percent(tally.first, tally.all),
        [`p50_ms_${language}`]: Math.round(10 * percentile(times, 50)) / 10,
        [`p95_ms_${language}`]: Math.round(10 * percentile(times, 95)) / 10,
        [`decision_cpu_ms_${language}`]: await decisionCpuMs(model, () => new Meanings(embedder, language, systemClock), mine),
      });
    }
    return { wrong_action_rate: percent(whole.wrong, whole.all), ...figures };
  } finally {
    await lifetime.close();
  }
}

function suitesOf(file: string | undefined, set: string | undefined, language: string | undefined): readonly Cases[] {
  if (file !== undefined) return readCases(file, language);
  const names = set === undefined ? Object.values(SETS).flat() : SETS[set];
  if (names === undefined) throw new RangeError(`--set: there is no set "${set}", but ${Object.keys(SETS).join(' and ')}`);
  return names.flatMap((name) => readCases(new URL(name, import.meta.url), undefined));
}

/** What the library has word for word is no test of understanding, whoever wrote it first. */
function withoutKnown(suites: readonly Cases[], language: string): { cases: Cases[]; known: number } {
  const normalise = normaliserOf(language);
  const { universal, background } = libraryOf(language);
  const phrases = new Set([...[...universal.values()].flat(), ...background].map(normalise));
  let known = 0;
  const cases = suites.map((suite) => ({
    ...suite,
    cases: Object.fromEntries(
      Object.entries(suite.cases).map(([label, utterances]) => {
        const fresh = utterances.filter((utterance) => !phrases.has(normalise(utterance)));
        known += utterances.length - fresh.length;
        return [label, fresh];
      }),
    ),
  }));
  return { cases, known };
}

async function judge(language: string, model: QuestionModel, meanings: Meanings, suites: readonly Cases[], show: boolean): Promise<{ tally: Tally; times: number[] }> {
  const known = new Set(libraryOf(language).universal.keys());
  const tally: Tally = { all: 0, right: 0, wrong: 0, first: 0 };
  const times: number[] = [];
  for (const [key, utterances] of suites.flatMap(({ cases }) => Object.entries(cases))) {
    const wanted = key.split('/').map((label) => (known.has(label) ? label : NONE));
    for (const utterance of utterances) {
      const started = performance.now();
      await meanings.prepare(utterance);
      const [best, second] = model.classify(utterance, meanings.get(utterance));
      times.push(performance.now() - started);
      const decided = best !== undefined && best.score >= ACCEPT ? best.label : NONE;
      const right = wanted.includes(decided);
      tally.all++;
      if (right) tally.right++;
      else if (decided !== NONE) tally.wrong++;
      if (right || (decided === NONE && best !== undefined && wanted.includes(best.label))) tally.first++;
      if (show && !right) process.stderr.write(`${decided === NONE ? 'missed' : 'WRONG '} ${utterance} | ${key} | ${best?.label} ${best?.score.toFixed(2)}, ${second?.label} ${second?.score.toFixed(2)}\n`);
    }
  }
  return { tally, times };
}

/** CPU of this process and of the one that embeds sentences, for one decision, from words to scores. */
async function decisionCpuMs(model: QuestionModel, fresh: () => Meanings, suites: readonly Cases[]): Promise<number> {
  const utterances = suites.flatMap(({ cases }) => Object.values(cases).flat());
  const rounds = Math.max(1, Math.ceil(CPU_DECISIONS / utterances.length));
  const before = treeCpuMs(process.pid);
  for (let round = 0; round < rounds; round++) {
    const meanings = fresh();
    for (const utterance of utterances) {
      await meanings.prepare(utterance);
      model.classify(utterance, meanings.get(utterance));
    }
  }
  return Math.round((100 * (treeCpuMs(process.pid) - before)) / (rounds * utterances.length)) / 100;
}

function readCases(file: URL | string, fallback: string | undefined): Cases[] {
  return parseAllDocuments(readFileSync(file, 'utf8')).map((document) => {
    const value = document.toJS() as Partial<Cases> | null;
    const language = value?.language ?? fallback;
    if (language === undefined) throw new RangeError(`${String(file)}: "language" is missing`);
    const cases = value?.cases;
    if (typeof cases !== 'object' || cases === null) throw new RangeError(`${String(file)}: "cases" is missing`);
    for (const [label, utterances] of Object.entries(cases)) {
      if (!Array.isArray(utterances) || utterances.some((one) => typeof one !== 'string')) throw new RangeError(`${String(file)}: cases.${label} is no list of utterances`);
    }
    return { language, cases };
  });
}

function percent(count: number, all: number): number {
  return all === 0 ? 0 : Math.round((1000 * count) / all) / 10;
}
