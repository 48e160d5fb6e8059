import type { Clock } from '../../kernel/clock.js';
import { TrunklineError } from '../../kernel/errors.js';
import { isTimeZone } from '../../kernel/time-zone.js';
import type { CompiledFlow } from '../dialogue.js';
import { fixedPrefix } from '../fence/model-request.js';
import { defaultTexts, languageOf } from './built-in.js';
import { inspectFlow } from './check.js';
import { Compiler } from './compiler.js';
import type { Values } from './conditions.js';
import { fixedTextsOf } from './prompt.js';
import type { FlowFile } from './schema.js';
import { MAX_VALUE } from './values.js';
import { Interpreter } from '../interpreter.js';
import { moodClassifier } from '../mood/classifier.js';
import { everydayWords } from '../nlu/everyday-words.js';
import type { IntentModel } from '../nlu/intent-model.js';
import { intentModel } from '../nlu/model-cache.js';
import type { Embedder } from '../nlu/meaning.js';
import { Meanings } from '../nlu/meanings.js';
import type { OwnPhrases } from '../nlu/own-phrases.js';
import { QuestionModel } from '../nlu/question-model.js';
import type { IntentTrainer } from '../nlu/trainer.js';
import type { Program } from '../program.js';

export { checkFlow } from './check.js';
export type { FlowProblem } from './check.js';

export interface CompileOptions {
  readonly clock: Clock;
  /** IANA name; what "at three" means. Default UTC. A task's variable `time_zone` wins. */
  readonly timezone?: string;
  /** Sentence vectors for a language that has them, for callers' words. */
  readonly embedder?: (language: string) => Embedder | undefined;
}

/**
 * Checks a flow and makes it ready to run: trains its intent models and splits its
 * prompts. Takes a second or two, in which nothing else runs. TRK_FLOW_INVALID names the first error.
 */
export function compileFlow(source: string, options: CompileOptions): CompiledFlow {
  const checked = checkedFlow(source, options);
  return compiled(checked, options, intentModel(checked.flow.language, questionsOf(checked)));
}

/** The same, with the training somewhere else: for programs that have calls meanwhile. TRK_FLOW_INVALID, and the trainer's errors. */
export async function compileFlowApart(source: string, options: CompileOptions & { readonly trainer: IntentTrainer }): Promise<CompiledFlow> {
  const checked = checkedFlow(source, options);
  return compiled(checked, options, await options.trainer.train(checked.flow.language, questionsOf(checked)));
}

/** What each question listens for: one model is trained for all of them. */
function questionsOf({ flow, timeZone }: CheckedFlow): readonly OwnPhrases[] {
  const questions: OwnPhrases[] = [];
  new Compiler(flow, timeZone, (own) => void questions.push(own)).compile();
  return questions;
}

interface CheckedFlow {
  readonly flow: FlowFile;
  readonly timeZone: string;
}

function checkedFlow(source: string, options: CompileOptions): CheckedFlow {
  const timeZone = options.timezone ?? 'UTC';
  if (!isTimeZone(timeZone)) throw new TrunklineError('TRK_CONFIG_INVALID', { params: { reason: `${timeZone} is not a time zone` }, field: 'timezone' });
  const { flow, problems } = inspectFlow(source);
  const error = problems.find((problem) => problem.severity === 'error');
  if (error !== undefined || flow === undefined) {
    const where = error?.node === undefined ? '' : ` node ${error.node},`;
    const reason = `${where} line ${error?.line ?? 1}: ${error?.field ?? ''} ${error?.reason ?? 'not a flow'}`.trim();
    throw new TrunklineError('TRK_FLOW_INVALID', { params: { reason }, field: error?.field ?? '' });
  }
  return { flow, timeZone };
}

function compiled({ flow, timeZone }: CheckedFlow, options: CompileOptions, model: IntentModel): CompiledFlow {
  const { program, templates } = new Compiler(flow, timeZone, (own) => new QuestionModel(model, own)).compile();
  // Learns now, not in the first call.
  moodClassifier(languageOf(flow.language));
  if (!program.standIns.isEmpty) everydayWords(flow.language);
  const meanings = new Meanings(options.embedder?.(flow.language), flow.language, options.clock);
  return {
    id: flow.id,
    language: flow.language,
    voice: flow.voice,
    requiredVariables: program.required,
    fixedTexts: fixedTextsOf(templates),
    modelPrefixes: modelPrefixes(program),
    apology: flow.apology ?? defaultTexts[languageOf(flow.language)].apology,
    start: (variables, context) => new Interpreter(zoned(program, variables), checked(program, variables), options.clock, context, meanings),
  };
}

function modelPrefixes(program: Program): string[] {
  const prefixes = new Set<string>();
  for (const node of program.nodes.values()) {
    if (node.kind !== 'generate') continue;
    const prefix = fixedPrefix(node.instruction, node.facts.flatMap((id) => program.facts.get(id)?.text ?? []), program.language);
    if (prefix !== undefined) prefixes.add(prefix);
  }
  return [...prefixes];
}

function checked(program: Program, variables: Values): Values {
  for (const name of program.required) {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (value === undefined || value === '') throw new TrunklineError('TRK_FLOW_VARIABLE', { params: { name }, field: `variables.${name}` });
  }
  for (const [name, value] of Object.entries(variables)) {
    if (typeof value === 'string' && value.length > MAX_VALUE) {
      throw new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: `variable ${name} is longer than ${MAX_VALUE} characters` }, field: `variables.${name}` });
    }
  }
  return variables;
}

function zoned(program: Program, variables: Values): Program {
  const zone = Object.hasOwn(variables, 'time_zone') ? variables['time_zone'] : undefined;
  return typeof zone === 'string' && isTimeZone(zone) ? { ...program, timeZone: zone } : program;
}
