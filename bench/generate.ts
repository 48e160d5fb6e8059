import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { runEffect } from '../src/call/effects.js';
import { parseConfig } from '../src/config/load.js';
import { percentile } from '../src/demo/phone/summary.js';
import type { DialogueOutput, Prompt } from '../src/dialogue/dialogue.js';
import { modelRequest } from '../src/dialogue/fence/model-request.js';
import { systemClock } from '../src/kernel/clock.js';
import { Lifetime } from '../src/kernel/lifetime.js';
import { createLogger } from '../src/kernel/log.js';
import { systemRandom } from '../src/kernel/random.js';
import type { Mind } from '../src/speech/mind.js';
import type { Mouth } from '../src/speech/mouth.js';
import { startMindOnly, startMouthOnly } from '../src/speech-wiring.js';
import { inventions } from './support/inventions.js';
import { treeRunMs } from './support/process-cpu.js';

type Wanted = Extract<DialogueOutput, { type: 'effect' }>;

interface Company {
  readonly names: readonly string[];
  readonly instruction: string;
  readonly slots: Readonly<Record<string, string>>;
  readonly facts: readonly string[];
  readonly questions: readonly string[];
}

interface Cases {
  readonly companies: readonly Company[];
  readonly injections: readonly string[];
}

const LANGUAGES = ['en', 'zh'] as const;
const SCRIPTED: Record<(typeof LANGUAGES)[number], string> = { en: 'Let me have a colleague answer that.', zh: '这个问题我请同事回答您。' };
const CANCELS = 20;

/**
 * Replies worded by the small model, through the fence, to the first audio of the
 * mouth. `first_audio` counts from the decision to the first chunk of sound, whatever is
 * said; `..._cpu_ms` is the same in CPU of all processes, which a busy machine does not
 * move. `invented` is judged by `support/inventions.ts`, which shares nothing with the
 * fence. Wants `trunkline models pull --group zh`. `--tries N` (default 520, half in each language), `--seed N`, `--show`;
 * `--heard N` sends only the first N tries of each language to the mouth; `--deadline-ms`
 * is for a machine so busy that the model would often be late.
 */
export async function run(args: string[]): Promise<Record<string, number>> {
  const { values } = parseArgs({ args, options: { tries: { type: 'string', default: '520' }, seed: { type: 'string', default: '1' }, heard: { type: 'string', default: '' }, 'deadline-ms': { type: 'string', default: '1500' }, show: { type: 'boolean', default: false } } });
  const tries = Number(values.tries);
  if (!Number.isInteger(tries) || tries < 2) throw new Error('--tries must be a number above 1');
  const figures: Record<string, number> = {};
  const all: Outcome[] = [];
  // A voice that is missing is told of before the first language has taken minutes.
  for (const language of LANGUAGES) await speaks(language);
  for (const language of LANGUAGES) {
    const random = seeded(Number(values.seed));
    const outcomes = await inLanguage(language, Math.ceil(tries / LANGUAGES.length), random, { show: values.show, deadlineMs: Number(values['deadline-ms']), heard: values.heard === '' ? tries : Number(values.heard) }, figures);
    all.push(...outcomes);
    Object.assign(figures, timesOf(outcomes, `_${language}`));
    figures[`passed_rate_${language}`] = rate(outcomes, (one) => one.worded);
  }
  const flagged = all.flatMap((one) => one.inventions);
  return {
    tries: all.length,
    ...timesOf(all, ''),
    passed_rate: rate(all, (one) => one.worded),
    invented: flagged.filter((one) => !one.parroted).length,
    // In the caller's own words, which the fence lets pass.
    said_after_the_caller: flagged.filter((one) => one.parroted).length,
    tries_heard: all.filter((one) => one.firstAudioMs !== undefined).length,
    ...figures,
  };
}

interface How {
  readonly show: boolean;
  readonly deadlineMs: number;
  /** Tries of each language that go to the mouth, too. */
  readonly heard: number;
}

interface Outcome {
  readonly worded: boolean;
  readonly firstAudioMs: number | undefined;
  readonly cpuMs: number;
  readonly inventions: ReturnType<typeof inventions>;
}

async function speaks(language: (typeof LANGUAGES)[number]): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'trunkline-bench-'));
  try {
    const config = parseConfig(`log: {level: error}\nspeech: {language: ${language}}`);
    const mouth = await startMouthOnly({ config, clock: systemClock, random: systemRandom, log: createLogger(config.log), promptDir: directory });
    await mouth.close();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function inLanguage(language: (typeof LANGUAGES)[number], tries: number, random: () => number, how: How, figures: Record<string, number>): Promise<Outcome[]> {
  const cases = parse(readFileSync(new URL(`generate-cases/${language}.yaml`, import.meta.url), 'utf8')) as Cases;
  const lifetime = new Lifetime();
  const directory = mkdtempSync(join(tmpdir(), 'trunkline-bench-'));
  lifetime.onClose(() => rmSync(directory, { recursive: true, force: true }));
  try {
    const config = parseConfig(`log: {level: warn}\nspeech: {language: ${language}, mind: {workers: 1, capacity: 1}}`);
    const log = createLogger(config.log);
    const wiring = { config, clock: systemClock, random: systemRandom, log, promptDir: directory };
    const mouth = await startMouthOnly(wiring);
    lifetime.onClose(() => mouth.close());
    const { port: mind, close: closeMind } = await startMindOnly(wiring);
    lifetime.onClose(closeMind);
    await speak(mouth.port, SCRIPTED[language], language);
    for (const company of cases.companies) await mind.prepare(modelRequest(wantedOf(company, '', language).effect as never).prefix);
    const outcomes: Outcome[] = [];
    for (let at = 0; at < tries; at++) {
      const company = pick(cases.companies, random);
      const astray = random() < 0.4;
      const asked = astray ? pick(cases.injections, random) : pick(company.questions, random);
      const caller = astray && random() < 0.5 ? `${pick(company.questions, random)}${language === 'zh' ? '，' : ', and '}${asked}` : asked;
      outcomes.push(await once({ mind, mouth: mouth.port, language, log }, company, caller, at < how.heard, how));
    }
    figures[`cancel_p95_ms_${language}`] = await cancelled(mind, cases, language);
    return outcomes;
  } finally {
    await lifetime.close();
  }
}

function wantedOf(company: Company, caller: string, language: (typeof LANGUAGES)[number]): Wanted {
  const { facts, slots, names, instruction } = company;
  const scripted: Prompt = { text: SCRIPTED[language], parts: [{ kind: 'fixed', text: SCRIPTED[language] }] };
  const turns = caller === '' ? [] : [{ who: 'caller' as const, text: caller }];
  return { type: 'effect', node: 'reply', id: 1, filler: undefined, deadlineMs: 0, bargeIn: true, effect: { kind: 'generate', instruction, grounds: { language, facts, slots, callerWords: turns.map(({ text }) => text), names }, lastTurns: turns, scripted } };
}

async function once(parts: { mind: Mind; mouth: Mouth; language: (typeof LANGUAGES)[number]; log: ReturnType<typeof createLogger> }, company: Company, caller: string, aloud: boolean, { show, deadlineMs }: How): Promise<Outcome> {
  const { mind, mouth, language, log } = parts;
  const said: string[] = [];
  let first: Promise<Heard> | undefined;
  const startedMs = systemClock.monotonic();
  const startedCpu = treeRunMs(process.pid);
  const heard = (): Heard => ({ ms: systemClock.monotonic() - startedMs, cpuMs: treeRunMs(process.pid) - startedCpu });
  const say = (prompt: Prompt): void => {
    said.push(prompt.text);
    if (!aloud) return;
    // Scripted words are rendered when the flow is published: they sound at once.
    first ??= prompt.text === SCRIPTED[language] ? Promise.resolve(heard()) : speak(mouth, prompt.text, language).then(heard);
  };
  const outcome = await runEffect({ clock: systemClock, log, lookups: undefined, mind, say }, { ...wantedOf(company, caller, language), deadlineMs }, new AbortController().signal);
  // A try that no model answered says nothing about the fence.
  if (!outcome.ok && (outcome.reason === 'no model' || outcome.reason === 'TRK_WORKER_LOST')) throw new Error(`the model is gone: ${outcome.reason}`);
  const sound = await first;
  // The scripted words, which follow half an answer, are not the model's.
  const spoken = outcome.ok ? said.filter((text) => text !== SCRIPTED[language]).join(language === 'zh' ? '' : ' ') : '';
  const found = inventions({ language, said: spoken, facts: company.facts, values: [...Object.values(company.slots), ...company.names, company.instruction], caller });
  if (show) process.stderr.write(`${outcome.ok ? 'said' : `(${outcome.reason})`} ${Math.round(sound?.ms ?? -1)} ms | ${caller} | ${spoken}\n`);
  for (const one of found) process.stderr.write(`${one.parroted ? 'after the caller' : 'INVENTED'} ${one.what} "${one.text}" | ${caller} | ${spoken}\n`);
  return { worded: outcome.ok, firstAudioMs: sound?.ms, cpuMs: sound?.cpuMs ?? 0, inventions: found };
}

interface Heard {
  readonly ms: number;
  readonly cpuMs: number;
}

/** Resolves with the first sound. */
async function speak(mouth: Mouth, text: string, language: string): Promise<void> {
  const stop = new AbortController();
  for await (const audio of mouth.speak({ text, language, signal: stop.signal, deadlineMs: 20_000 })) {
    if (audio.samples.length === 0) continue;
    stop.abort();
    return;
  }
}

/** From the cancel of a reply in the middle to the first words of the next one, which only the freed slot can make; the prefix is cached. */
async function cancelled(mind: Mind, cases: Cases, language: (typeof LANGUAGES)[number]): Promise<number> {
  const times: number[] = [];
  const company = cases.companies[0];
  if (company === undefined) throw new Error('there is no company in the cases');
  const request = modelRequest(wantedOf(company, company.questions[0] ?? '', language).effect as never);
  const firstWord = async (): Promise<number> => {
    const startedMs = systemClock.monotonic();
    const words = mind.generate({ ...request, stop: [], maxTokens: 1 })[Symbol.asyncIterator]();
    await words.next();
    await words.return?.();
    return systemClock.monotonic() - startedMs;
  };
  for (let at = 0; at < CANCELS; at++) {
    const idleMs = await firstWord();
    const stop = new AbortController();
    let words = 0;
    for await (const word of mind.generate({ ...request, stop: [], maxTokens: 200, temperature: 1, signal: stop.signal })) if ((words += word.length) > 20) stop.abort();
    // What the busy slot cost the next reply beside what it takes anyway.
    times.push(Math.max(0, (await firstWord()) - idleMs));
  }
  return Math.round(percentile(times, 95));
}

function timesOf(outcomes: readonly Outcome[], suffix: string): Record<string, number> {
  const wall = outcomes.flatMap((one) => one.firstAudioMs ?? []);
  const cpu = outcomes.flatMap((one) => (one.firstAudioMs === undefined ? [] : one.cpuMs));
  const worded = outcomes.filter((one) => one.worded).flatMap((one) => one.firstAudioMs ?? []);
  return {
    [`first_audio_p50_ms${suffix}`]: Math.round(percentile(wall, 50)),
    [`first_audio_p95_ms${suffix}`]: Math.round(percentile(wall, 95)),
    [`first_audio_cpu_p50_ms${suffix}`]: Math.round(percentile(cpu, 50)),
    [`first_audio_cpu_p95_ms${suffix}`]: Math.round(percentile(cpu, 95)),
    [`worded_first_audio_p50_ms${suffix}`]: worded.length === 0 ? 0 : Math.round(percentile(worded, 50)),
    [`worded_first_audio_p95_ms${suffix}`]: worded.length === 0 ? 0 : Math.round(percentile(worded, 95)),
  };
}

function rate(outcomes: readonly Outcome[], holds: (one: Outcome) => boolean): number {
  return Math.round((1000 * outcomes.filter(holds).length) / outcomes.length) / 10;
}

function pick<T>(from: readonly T[], random: () => number): T {
  const one = from[Math.floor(random() * from.length)];
  if (one === undefined) throw new Error('there is nothing to choose from');
  return one;
}

/** Mulberry32: the same tries for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
