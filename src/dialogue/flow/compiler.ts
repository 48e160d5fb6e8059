import { TrunklineError } from '../../kernel/errors.js';
import type { PromptMark } from '../dialogue.js';
import { ExpressionReader, isProblem } from '../expression.js';
import type { Expression } from '../expression.js';
import type { OwnPhrases } from '../nlu/own-phrases.js';
import type { QuestionModel } from '../nlu/question-model.js';
import { SOMEBODY_ELSE } from '../nlu/stand-ins.js';
import type { StandIns } from '../nlu/stand-ins.js';
import type { Listening, Program, ProgramAction, ProgramAsk, ProgramNode, ProgramSlot, ProgramWords } from '../program.js';
import type { SlotLanguage } from '../slots/slot-type.js';
import { factLabel } from '../steps/answer.js';
import { verdictRules } from '../verdict/rules.js';
import { builtIn, defaultNumbers, defaultTexts, defaultWords, languageOf } from './built-in.js';
import { compileScheduledEnd, compileSlot, compileVersion2, scheduledEnd } from './compile-v2.js';
import type { Value } from './conditions.js';
import { handoffNode, kinded } from './graph.js';
import { examplesOf, standInsOf } from './phrases.js';
import { template, variablesOf } from './prompt.js';
import type { Template } from './prompt.js';
import { BACK } from './schema.js';
import type { AskNode, EndNode, FlowAction, FlowFile } from './schema.js';
import type { AnswerNode, ChooseNode, CollectNode, ScheduleNode } from './schema-v2.js';
import { expressionKinds, valueNames } from './values.js';

export type ModelOf = (own: OwnPhrases) => QuestionModel | undefined;

/** A node that waits for the caller, as it stands in the file. */
export type ListeningNode = AskNode | CollectNode | ChooseNode | AnswerNode | ScheduleNode;

/** Texts of a question, as `listening` needs them. */
export interface QuestionTexts {
  readonly prompt: readonly Template[];
  readonly again: readonly Template[];
  /** Labels of the node itself beside its intents: yes and no, names of options. */
  readonly labels?: ReadonlyMap<string, readonly string[]>;
  readonly outcomes?: ReadonlyMap<string, string>;
}

/** Turns a checked file into a program. All texts go through `text`, so that none is missing among those rendered ahead. */
export class Compiler {
  readonly language: SlotLanguage;
  private readonly templates = new Map<string, Template>();
  private readonly expressions: ExpressionReader;
  private readonly standIns: StandIns;

  constructor(
    readonly flow: FlowFile,
    private readonly timeZone: string,
    private readonly modelOf: ModelOf,
  ) {
    this.language = languageOf(flow.language);
    this.expressions = new ExpressionReader(expressionKinds(flow));
    this.standIns = standInsOf(flow);
  }

  compile(): { program: Program; templates: Iterable<Template> } {
    const { flow } = this;
    const nodes = new Map(Object.keys(flow.nodes).map((name) => [name, this.node(name)]));
    for (const [name, node] of Object.entries(flow.nodes)) {
      const one = kinded(node);
      if (one.kind === 'schedule') nodes.set(scheduledEnd(name), compileScheduledEnd(this, one.node));
    }
    const defaults: Record<string, Value> = {};
    const required: string[] = [];
    for (const [name, variable] of Object.entries(flow.variables ?? {})) {
      if (variable.default !== undefined) defaults[name] = variable.default;
      if (variable.required ?? variable.default === undefined) required.push(name);
    }
    const program: Program = {
      language: this.language,
      start: flow.start,
      nodes,
      apology: this.text(flow.apology ?? defaultTexts[this.language].apology),
      defaults,
      required,
      spokenAs: this.spokenAs(),
      slots: new Map(Object.keys(flow.slots ?? {}).map((name) => [name, this.slot(name)])),
      maxTurns: flow.defaults?.max_turns ?? defaultNumbers.maxTurns,
      wayOut: flow.fallback,
      maxFailures: flow.trunkline === 1 ? 2 : 3,
      timeZone: this.timeZone,
      words: this.words(),
      yesNo: flow.slots === undefined ? undefined : this.modelOf(new Map((['yes', 'no'] as const).map((label) => [label, this.phrases(flow.intents?.[label]?.examples ?? [])] as const))),
      standIns: this.standIns,
      facts: new Map(Object.entries(flow.facts ?? {}).map(([id, fact]) => [id, { id, say: this.text(fact.say), text: fact.say }])),
      mood: (flow.mood ?? []).map((rule) => ({ when: this.expression(rule.when), say: rule.say === undefined ? undefined : this.text(rule.say), goto: rule.goto, slower: rule.slower ?? false })),
      verdicts: flow.verdicts === undefined ? undefined : verdictRules(flow.verdicts, valueNames(flow), flow.calling_hours),
      callingHours: flow.calling_hours,
    };
    return { program, templates: this.templates.values() };
  }

  text(text: string): Template {
    const disclosed = text.replaceAll('{disclosure}', this.flow.disclosure ?? '');
    const whole = disclosed.replaceAll('{opt_out}', this.flow.opt_out ?? '');
    const marks: PromptMark[] = [];
    if (disclosed !== text) marks.push('disclosure');
    if (whole !== disclosed) marks.push('opt_out');
    const key = `${marks.join()} ${whole}`;
    let made = this.templates.get(key);
    if (made === undefined) this.templates.set(key, (made = template(whole, this.language, marks)));
    return made;
  }

  slot(name: string): ProgramSlot {
    return compileSlot(this, name);
  }

  expression(text: string): Expression {
    const read = this.expressions.read(text);
    if (isProblem(read)) throw new TrunklineError('TRK_FLOW_INVALID', { params: { reason: read.reason }, field: 'when' });
    return read;
  }

  /** The re-prompt of a node is the whole text; the general one is followed by the question. */
  own(text: string | undefined, general: string, again: readonly Template[]): readonly Template[] {
    return text === undefined ? [this.text(general), ...again] : [this.text(text)];
  }

  listening(node: ListeningNode, texts: QuestionTexts): Listening {
    const defaults = this.flow.defaults ?? {};
    const words = defaultTexts[this.language];
    const actions = this.actions(node);
    const labels = new Map<string, readonly string[]>();
    for (const label of actions.keys()) labels.set(label, this.phrases(this.examples(node, label)));
    for (const [label, examples] of texts.labels ?? []) labels.set(label, this.phrases(examples));
    return {
      prompt: texts.prompt,
      again: texts.again,
      reprompt: this.own(node.reprompt, defaults.reprompt ?? words.reprompt, texts.again),
      help: node.help === undefined ? undefined : [this.text(node.help)],
      silenceReprompt: this.own(node.silence_reprompt, defaults.silence_reprompt ?? words.silenceReprompt, texts.again),
      bargeIn: node.barge_in ?? defaults.barge_in ?? true,
      silenceMs: node.silence_ms ?? defaults.silence_ms ?? defaultNumbers.silenceMs,
      accept: node.accept ?? defaults.accept ?? defaultNumbers.accept,
      askAgain: node.ask_again ?? defaults.ask_again ?? defaultNumbers.askAgain,
      actions,
      own: new Set(Object.keys(node.intents ?? {})),
      outcomes: texts.outcomes ?? new Map([...actions].map(([label, action]) => [label, JSON.stringify(action)])),
      called: this.called(node),
      model: labels.size === 0 ? undefined : this.modelOf(labels),
      fallback: ('fallback' in node ? node.fallback : undefined) ?? this.flow.fallback ?? this.flow.start,
    };
  }

  private node(name: string): ProgramNode {
    const source = this.flow.nodes[name];
    if (source === undefined) throw new TrunklineError('TRK_INTERNAL', { params: { reason: 'a node vanished' } });
    const one = kinded(source);
    switch (one.kind) {
      case 'say':
        return { kind: 'say', prompt: this.text(one.node.say), bargeIn: one.node.barge_in ?? this.flow.defaults?.barge_in ?? true, next: one.node.next };
      case 'branch':
        return { kind: 'branch', arms: one.node.branch.map(({ when, goto }) => ({ when: typeof when === 'string' ? this.expression(when) : when, goto })), otherwise: one.node.otherwise };
      case 'set':
        return { kind: 'set', values: one.node.set, next: one.node.next };
      case 'transfer':
        return { kind: 'transfer', say: one.node.say === undefined ? undefined : this.text(one.node.say), transfer: one.node };
      case 'end':
        return this.ending(one.node.say, one.node);
      case 'ask':
        return this.ask(one.node);
      default:
        return compileVersion2(this, name, one);
    }
  }

  /** The words of a promise to call again are said only if it can be kept. */
  ending(say: string | undefined, end: EndNode): ProgramNode {
    if (say === undefined) return { kind: 'end', say: undefined, end };
    const goodbye = builtIn.get('bye')?.say[this.language] ?? '';
    return { kind: 'end', say: this.text(say), ...(end.end === 'redial_at' ? { instead: this.text(goodbye) } : {}), end };
  }

  private ask(ask: AskNode): ProgramAsk {
    const prompt = this.text(ask.ask);
    // Words that only fit the first time ("Good. May we ...") belong to `ask`; `again` is the question by itself.
    const again = ask.again === undefined ? prompt : this.text(ask.again);
    const labels = new Map(ask.kind === 'yes_no' ? (['yes', 'no'] as const).map((label) => [label, this.examples(ask, label)] as const) : []);
    const listening = this.listening(ask, { prompt: [prompt], again: [again], labels });
    return {
      ...listening,
      kind: 'ask',
      answer: ask.kind,
      slot: ask.slot,
      digits: ask.max_digits === undefined ? undefined : { minDigits: ask.min_digits ?? ask.max_digits, maxDigits: ask.max_digits },
      outcomes: outcomesOf(ask, listening.actions),
      yes: ask.yes,
      no: ask.no,
      next: ask.next,
      otherwise: ask.otherwise,
      anew: this.flow.trunkline === 1 || ask.anew === true,
      asksWho: asksWho(ask),
      afterAll: this.afterAll(ask),
    };
  }

  private afterAll(ask: AskNode): string | undefined {
    return Object.entries(ask.intents ?? {}).find(([, action]) => {
      const target = action === true || action.goto === undefined || !isByName(action) ? undefined : this.flow.nodes[action.goto];
      const one = target === undefined ? undefined : kinded(target);
      return one?.kind === 'ask' && one.node !== ask && asksWho(one.node);
    })?.[0];
  }

  /** The node's own intents come first: they win over universal ones of the same name, and both over questions for facts. */
  private actions(node: ListeningNode): Map<string, ProgramAction> {
    const actions = new Map<string, ProgramAction>();
    for (const [label, action] of Object.entries(node.intents ?? {})) actions.set(label, this.action(label, action));
    if (node.universal === false) return actions;
    for (const [label, action] of Object.entries(this.flow.universal ?? {})) if (!actions.has(label)) actions.set(label, this.action(label, action));
    for (const [id, fact] of Object.entries(this.flow.facts ?? {})) actions.set(factLabel(id), { do: 'go', say: this.text(fact.say), set: {}, goto: BACK });
    return actions;
  }

  private action(label: string, action: FlowAction | true): ProgramAction {
    if (action === true) return this.builtInAction(label);
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
    const say = standard?.say[this.language] ?? '';
    if (label === 'repeat') return { do: 'repeat' };
    if (label === 'slower') return { do: 'slower' };
    if (label === 'hold_on') return { do: 'hold', say: this.text(say) };
    if (label === 'person') return { do: 'go', say: undefined, set: {}, goto: handoffNode(this.flow) ?? this.flow.start };
    return { do: 'end', say: this.text(say), set: standard?.slot === undefined ? {} : { [standard.slot]: true }, verdict: { kind: 'end', reason: standard?.ends ?? label } };
  }

  /** The flow's own phrases; the library's come with the label's name. */
  examples(node: ListeningNode, label: string): readonly string[] {
    const own = examplesOf(node.intents?.[label] ?? true);
    const shared = examplesOf(this.flow.universal?.[label] ?? true);
    const declared = this.flow.intents?.[label]?.examples ?? [];
    const fact = label.startsWith('fact_') ? (this.flow.facts?.[label.slice('fact_'.length)]?.questions ?? []) : [];
    return [...own, ...shared, ...declared, ...fact];
  }

  /** As models are trained on them. */
  private phrases(examples: readonly string[]): readonly string[] {
    return examples.map((example) => this.standIns.phrase(example));
  }

  private called(node: ListeningNode): Map<string, string> {
    const names = new Map<string, string>();
    const add = (label: string, name: string | undefined): void => void (name !== undefined && names.set(label, name));
    for (const [label, intent] of Object.entries(this.flow.intents ?? {})) add(label, intent.called);
    for (const [id, fact] of Object.entries(this.flow.facts ?? {})) add(factLabel(id), fact.called);
    for (const [label, action] of Object.entries(this.flow.universal ?? {})) if (action !== true) add(label, action.called);
    for (const [label, action] of Object.entries(node.intents ?? {})) if (action !== true) add(label, action.called);
    return names;
  }

  private words(): ProgramWords {
    const own = this.flow.words ?? {};
    const standard = defaultWords[this.language];
    const word = (key: keyof typeof standard): Template => this.text(own[key] ?? standard[key]);
    return {
      resume: own.resume === undefined ? undefined : this.text(own.resume),
      didYouMean: word('did_you_mean'),
      confirm: word('confirm'),
      noted: word('noted'),
      goOn: word('go_on'),
      tooShort: word('too_short'),
      tooLong: word('too_long'),
      wrong: word('wrong'),
      past: word('past'),
      sorry: word('sorry'),
      stopCalling: word('stop_calling'),
      wrongNumber: word('wrong_number'),
    };
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

/** Who says the name goes where a yes does: the yes must be that of the one who is asked for. */
function asksWho(ask: AskNode): boolean {
  return ask.kind === 'yes_no' && Object.values(ask.intents ?? {}).some((action) => action !== true && action.goto === ask.yes && isByName(action));
}

function isByName(action: FlowAction | true): boolean {
  return examplesOf(action).some((example) => variablesOf(example).some((name) => name !== SOMEBODY_ELSE));
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
