import type { Clock } from '../../kernel/clock.js';
import { TrunklineError } from '../../kernel/errors.js';
import type { CompiledFlow } from '../dialogue.js';
import { builtIn, defaultNumbers, defaultTexts } from './built-in.js';
import { inspectFlow } from './check.js';
import { handoffNode, kinded } from './graph.js';
import { fixedTextsOf, template } from './prompt.js';
import type { Template } from './prompt.js';
import type { Value, Values } from './conditions.js';
import { BACK } from './schema.js';
import type { AskNode, FlowAction, FlowFile } from './schema.js';
import { Interpreter } from '../interpreter.js';
import { intentModel } from '../nlu/model-cache.js';
import type { Program, ProgramAction, ProgramAsk, ProgramNode } from '../program.js';

export { checkFlow } from './check.js';
export type { FlowProblem } from './check.js';

export interface CompileOptions {
  readonly clock: Clock;
  /** IANA name; what "at three" means. Default UTC. A task's variable `time_zone` wins. */
  readonly timezone?: string;
}

/** Longer values cannot be spoken in one sentence, characters. */
const MAX_VALUE = 500;

/**
 * Checks a flow and makes it ready to run: trains its intent models and splits its
 * prompts. Takes up to a second. TRK_FLOW_INVALID names the first error.
 */
export function compileFlow(source: string, options: CompileOptions): CompiledFlow {
  const timeZone = options.timezone ?? 'UTC';
  if (!isTimeZone(timeZone)) throw new TrunklineError('TRK_CONFIG_INVALID', { params: { reason: `${timeZone} is not a time zone` }, field: 'timezone' });
  const { flow, problems } = inspectFlow(source);
  const error = problems.find((problem) => problem.severity === 'error');
  if (error !== undefined || flow === undefined) {
    const where = error?.node === undefined ? '' : ` node ${error.node},`;
    const reason = `${where} line ${error?.line ?? 1}: ${error?.field ?? ''} ${error?.reason ?? 'not a flow'}`.trim();
    throw new TrunklineError('TRK_FLOW_INVALID', { params: { reason }, field: error?.field ?? '' });
  }
  const { program, templates } = new Compiler(flow, timeZone).compile();
  return {
    id: flow.id,
    language: flow.language,
    voice: flow.voice,
    requiredVariables: program.required,
    fixedTexts: fixedTextsOf(templates),
    apology: flow.apology ?? defaultTexts.apology,
    start: (variables) => new Interpreter(zoned(program, variables), checked(program, variables), options.clock),
  };
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

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

class Compiler {
  private readonly templates = new Map<string, Template>();

  constructor(
    private readonly flow: FlowFile,
    private readonly timeZone: string,
  ) {}

  compile(): { program: Program; templates: Iterable<Template> } {
    const { flow } = this;
    const nodes = new Map(Object.keys(flow.nodes).map((name) => [name, this.node(name)]));
    const defaults: Record<string, Value> = {};
    const required: string[] = [];
    for (const [name, variable] of Object.entries(flow.variables ?? {})) {
      if (variable.default !== undefined) defaults[name] = variable.default;
      if (variable.required ?? variable.default === undefined) required.push(name);
    }
    const program: Program = {
      start: flow.start,
      nodes,
      apology: this.text(flow.apology ?? defaultTexts.apology),
      defaults,
      required,
      spokenAs: this.spokenAs(),
      maxTurns: flow.defaults?.max_turns ?? defaultNumbers.maxTurns,
      timeZone: this.timeZone,
    };
    return { program, templates: this.templates.values() };
  }

  /** Every text goes through here, so that none is missing among those rendered ahead. */
  private text(text: string): Template {
    let made = this.templates.get(text);
    if (made === undefined) this.templates.set(text, (made = template(text)));
    return made;
  }

  private node(name: string): ProgramNode {
    const source = this.flow.nodes[name];
    if (source === undefined) throw new TrunklineError('TRK_INTERNAL', { params: { reason: 'a node vanished' } });
    const one = kinded(source);
    switch (one.kind) {
      case 'say':
        return { kind: 'say', prompt: this.text(one.node.say), bargeIn: one.node.barge_in ?? this.flow.defaults?.barge_in ?? true, next: one.node.next };
      case 'branch':
        return { kind: 'branch', arms: one.node.branch, otherwise: one.node.otherwise };
      case 'set':
        return { kind: 'set', values: one.node.set, next: one.node.next };
      case 'end':
        return { kind: 'end', say: one.node.say === undefined ? undefined : this.text(one.node.say), end: one.node };
      case 'ask':
        return this.ask(one.node);
    }
  }

  private ask(ask: AskNode): ProgramAsk {
    const defaults = this.flow.defaults ?? {};
    const prompt = this.text(ask.ask);
    // Words that only fit the first time ("Good. May we ...") belong to `ask`; `again` is the question by itself.
    const again = ask.again === undefined ? prompt : this.text(ask.again);
    const own = (text: string | undefined, general: string): Template[] => (text === undefined ? [this.text(general), again] : [this.text(text)]);
    const actions = this.actions(ask);
    const labels = new Map<string, readonly string[]>();
    for (const label of [...actions.keys(), ...(ask.kind === 'yes_no' ? ['yes', 'no'] : [])]) labels.set(label, this.examples(ask, label));
    return {
      kind: 'ask',
      answer: ask.kind,
      slot: ask.slot,
      prompt: [prompt],
      again: [again],
      reprompt: own(ask.reprompt, defaults.reprompt ?? defaultTexts.reprompt),
      silenceReprompt: own(ask.silence_reprompt, defaults.silence_reprompt ?? defaultTexts.silenceReprompt),
      bargeIn: ask.barge_in ?? defaults.barge_in ?? true,
      silenceMs: ask.silence_ms ?? defaults.silence_ms ?? defaultNumbers.silenceMs,
      accept: ask.accept ?? defaults.accept ?? defaultNumbers.accept,
      askAgain: ask.ask_again ?? defaults.ask_again ?? defaultNumbers.askAgain,
      digits: ask.max_digits === undefined ? undefined : { minDigits: ask.min_digits ?? ask.max_digits, maxDigits: ask.max_digits },
      actions,
      outcomes: outcomesOf(ask, actions),
      model: labels.size === 0 ? undefined : intentModel(labels),
      yes: ask.yes,
      no: ask.no,
      next: ask.next,
      otherwise: ask.otherwise,
      fallback: ask.fallback ?? this.flow.fallback ?? this.flow.start,
    };
  }

  /** The node's own intents come first: they win over universal ones of the same name. */
  private actions(ask: AskNode): Map<string, ProgramAction> {
    const actions = new Map<string, ProgramAction>();
    for (const [label, action] of Object.entries(ask.intents ?? {})) actions.set(label, this.action(label, action));
    if (ask.universal === false) return actions;
    for (const [label, action] of Object.entries(this.flow.universal ?? {})) {
      if (!actions.has(label)) actions.set(label, action === true ? this.builtInAction(label) : this.action(label, action));
    }
    return actions;
  }

  private action(label: string, action: FlowAction): ProgramAction {
    const slot = builtIn.get(label)?.slot;
    return {
      do: 'go',
      say: action.say === undefined ? undefined : this.text(action.say),
      set: { ...(slot === undefined ? {} : { [slot]: true }), ...action.set },
      goto: action.goto ?? BACK,
    };
  }

  private builtInAction(label: string): ProgramAction {
    const standard = builtIn.get(label);
    if (label === 'repeat') return { do: 'repeat' };
    if (label === 'hold_on') return { do: 'hold', say: this.text(standard?.say ?? '') };
    if (label === 'person') return { do: 'go', say: undefined, set: {}, goto: handoffNode(this.flow) ?? this.flow.start };
    return {
      do: 'end',
      say: this.text(standard?.say ?? ''),
      set: standard?.slot === undefined ? {} : { [standard.slot]: true },
      verdict: { kind: 'end', reason: standard?.ends ?? label },
    };
  }

  /** The flow's own phrases; the library's come with the label's name. */
  private examples(ask: AskNode, label: string): readonly string[] {
    const universal = this.flow.universal?.[label];
    const node = ask.intents?.[label]?.examples ?? [];
    const shared = universal === undefined || universal === true ? [] : (universal.examples ?? []);
    return [...node, ...shared];
  }

  private spokenAs(): Map<string, 'digits' | 'time'> {
    const kinds = new Map<string, 'digits' | 'time'>();
    for (const node of Object.values(this.flow.nodes)) {
      const one = kinded(node);
      if (one.kind === 'ask' && one.node.slot !== undefined && (one.node.kind === 'digits' || one.node.kind === 'time')) kinds.set(one.node.slot, one.node.kind);
    }
    return kinds;
  }
}

function outcomesOf(ask: AskNode, actions: ReadonlyMap<string, ProgramAction>): Map<string, string> {
  const outcomes = new Map([...actions].map(([label, action]) => [label, JSON.stringify(action)]));
  // Where a slot keeps the answer, the label itself matters.
  if (ask.slot !== undefined) return ask.kind === 'intents' ? new Map<string, string>() : outcomes;
  for (const [label, target] of [['yes', ask.yes], ['no', ask.no]] as const) {
    const plain: ProgramAction = { do: 'go', say: undefined, set: {}, goto: target ?? '' };
    if (target !== undefined) outcomes.set(label, JSON.stringify(plain));
  }
  return outcomes;
}
