import type { Clock } from '../kernel/clock.js';
import type { Verdict } from '../store/store.js';
import { fits, understand } from './answers/understand.js';
import type { Understood } from './answers/understand.js';
import { spokenTime } from './answers/time.js';
import type { AnswerKind, Dialogue, DialogueInput, DialogueOutput } from './dialogue.js';
import { holds } from './flow/conditions.js';
import type { Value, Values } from './flow/conditions.js';
import { fillText, renderPrompt } from './flow/prompt.js';
import type { Template } from './flow/prompt.js';
import { BACK } from './flow/schema.js';
import type { EndNode } from './flow/schema.js';
import type { Program, ProgramAction, ProgramAsk } from './program.js';

/** A flow that walks through more nodes than this without listening is caught in a circle. */
const MAX_STEPS = 50;
/** Longer utterances are cut, characters. */
const MAX_UTTERANCE = 2_000;
/** Patience after "hold on", ms. */
const HOLD_SILENCE_MS = 30_000;
/** The second failure at a question goes to its fallback. */
const MAX_FAILURES = 2;

type Say = Extract<DialogueOutput, { type: 'say' }>;

/** Walks a program. Its only state is here; nothing waits and nothing is read but the clock. */
export class Interpreter implements Dialogue {
  private at: string;
  private started = false;
  private ended = false;
  /** The question that is open, or was last. */
  private askName: string | undefined;
  private failures = 0;
  private turns = 0;
  private unsureLabel: string | undefined;
  /** What led up to the open question, for `repeat`. */
  private lastSaid: readonly Say[] = [];
  private readonly values: Record<string, Value>;
  private readonly filled: Record<string, Value> = {};
  private decision: string | undefined;

  constructor(
    private readonly program: Program,
    variables: Values,
    private readonly clock: Clock,
  ) {
    this.at = program.start;
    this.values = { ...program.defaults, ...variables };
  }

  get variables(): Values {
    return this.values;
  }

  get slots(): Values {
    return this.filled;
  }

  get node(): string {
    return this.at;
  }

  get lastDecision(): string | undefined {
    return this.decision;
  }

  next(input: DialogueInput): readonly DialogueOutput[] {
    if (this.ended) return [];
    if (input.type === 'start') {
      if (this.started) return [];
      this.started = true;
      return this.enter(this.program.start, []);
    }
    const ask = this.openAsk();
    if (ask === undefined) return [];
    this.turns++;
    if (this.turns > this.program.maxTurns) return this.stop('max_turns', []);
    switch (input.type) {
      case 'trouble':
        this.decision = 'trouble';
        return this.listenAgain(ask, [this.program.apology, ...ask.again]);
      case 'silence':
        this.decision = 'silence';
        return this.fail(ask, ask.silenceReprompt);
      case 'dtmf':
        return this.onDigits(ask, input.digits);
      case 'utterance':
        return this.onUtterance(ask, input.text.slice(0, MAX_UTTERANCE));
    }
  }

  private onUtterance(ask: ProgramAsk, text: string): DialogueOutput[] {
    const understood = understand(ask, text, { nowMs: this.clock.now(), timeZone: this.program.timeZone });
    this.decision = understood.note;
    return this.act(ask, understood, text);
  }

  private onDigits(ask: ProgramAsk, pressed: string): DialogueOutput[] {
    const digits = pressed.replace(/[^0-9]/g, '');
    this.decision = `dtmf ${digits.length}`;
    if (fits(ask, digits)) return this.act(ask, { type: 'answer', value: digits, note: '' }, '');
    return this.fail(ask, ask.reprompt);
  }

  private act(ask: ProgramAsk, understood: Understood, text: string): DialogueOutput[] {
    switch (understood.type) {
      case 'answer':
        return this.onAnswer(ask, understood.value, text);
      case 'intent':
        return this.onIntent(ask, understood.label);
      case 'unsure':
        if (this.unsureLabel === understood.label) {
          this.decision = `${understood.note} twice`;
          return ask.actions.has(understood.label) ? this.onIntent(ask, understood.label) : this.onAnswer(ask, understood.label === 'yes', text);
        }
        this.unsureLabel = understood.label;
        return this.fail(ask, ask.reprompt);
      case 'nothing':
        if (ask.otherwise !== undefined) return this.enter(ask.otherwise, []);
        return this.fail(ask, ask.reprompt);
    }
  }

  private onAnswer(ask: ProgramAsk, value: string | boolean, text: string): DialogueOutput[] {
    if (ask.slot !== undefined) {
      this.fill(ask.slot, value);
      // The words stay beside the time, so that a person can check what was understood.
      if (ask.answer === 'time') this.fill(`${ask.slot}_words`, text.trim());
    }
    const target = ask.answer === 'yes_no' ? (value === true ? ask.yes : ask.no) : ask.next;
    return this.enter(target ?? ask.fallback, []);
  }

  private onIntent(ask: ProgramAsk, label: string): DialogueOutput[] {
    const action = ask.actions.get(label);
    if (action === undefined) return this.fail(ask, ask.reprompt);
    if (ask.answer === 'intents' && ask.slot !== undefined && action.do === 'go' && action.goto !== BACK) this.fill(ask.slot, label);
    return this.perform(ask, action);
  }

  private perform(ask: ProgramAsk, action: ProgramAction): DialogueOutput[] {
    switch (action.do) {
      case 'repeat':
        return [...this.lastSaid, this.listen(ask)];
      case 'hold':
        return [this.say(action.say.pieces.length > 0 ? [action.say] : [], true), { ...this.listen(ask), silenceMs: HOLD_SILENCE_MS }];
      case 'end':
        this.fillAll(action.set);
        this.ended = true;
        return [this.say([action.say], false), { type: 'end', node: this.at, verdict: action.verdict }];
      case 'go':
        this.fillAll(action.set);
        return this.enter(action.goto, action.say === undefined ? [] : [this.say([action.say], ask.bargeIn)]);
    }
  }

  /** First failure: ask once more. Second: the flow's way out. */
  private fail(ask: ProgramAsk, reprompt: readonly Template[]): DialogueOutput[] {
    this.failures++;
    if (this.failures >= MAX_FAILURES) {
      this.decision = `${this.decision ?? ''} fallback`.trim();
      return this.enter(ask.fallback, []);
    }
    return this.listenAgain(ask, reprompt);
  }

  private listenAgain(ask: ProgramAsk, templates: readonly Template[]): DialogueOutput[] {
    return [this.say(templates, ask.bargeIn), this.listen(ask)];
  }

  private enter(target: string, said: DialogueOutput[]): DialogueOutput[] {
    const outputs = said;
    let name = target;
    for (let step = 0; step < MAX_STEPS; step++) {
      const back = name === BACK;
      if (back) name = this.askName ?? this.program.start;
      const node = this.program.nodes.get(name);
      if (node === undefined) return this.stop('missing_node', outputs);
      this.at = name;
      switch (node.kind) {
        case 'say':
          outputs.push(this.say([node.prompt], node.bargeIn));
          name = node.next;
          break;
        case 'set':
          this.fillAll(node.values);
          name = node.next;
          break;
        case 'branch':
          name = node.arms.find((arm) => holds(arm.when, this.values))?.goto ?? node.otherwise;
          break;
        case 'end':
          if (node.say !== undefined) outputs.push(this.say([node.say], false));
          this.ended = true;
          outputs.push({ type: 'end', node: name, verdict: this.verdict(node.end) });
          return outputs;
        case 'ask':
          this.failures = 0;
          this.unsureLabel = undefined;
          this.askName = name;
          outputs.push(this.say(back ? node.again : node.prompt, node.bargeIn));
          this.lastSaid = outputs.filter((output) => output.type === 'say');
          outputs.push(this.listen(node));
          return outputs;
      }
    }
    return this.stop('loop_guard', outputs);
  }

  private openAsk(): ProgramAsk | undefined {
    const node = this.askName === undefined ? undefined : this.program.nodes.get(this.askName);
    return node?.kind === 'ask' ? node : undefined;
  }

  private say(templates: readonly Template[], bargeIn: boolean): Say {
    return { type: 'say', node: this.at, prompt: renderPrompt(templates, this.render), bargeIn };
  }

  private listen(ask: ProgramAsk): Extract<DialogueOutput, { type: 'listen' }> {
    this.at = this.askName ?? this.at;
    const kind: AnswerKind = ask.answer === 'yes_no' || ask.answer === 'digits' ? ask.answer : 'open';
    return { type: 'listen', node: this.at, kind, silenceMs: ask.silenceMs, bargeIn: ask.bargeIn, dtmf: ask.digits };
  }

  private stop(reason: string, outputs: DialogueOutput[]): DialogueOutput[] {
    this.ended = true;
    this.decision = reason;
    return [...outputs, { type: 'end', node: this.at, verdict: { kind: 'end', reason } }];
  }

  private fill(name: string, value: Value): void {
    this.values[name] = value;
    this.filled[name] = value;
  }

  private fillAll(values: Values): void {
    for (const [name, value] of Object.entries(values)) this.fill(name, typeof value === 'string' ? fillText(value, this.render) : value);
  }

  private readonly render = (name: string): string => {
    const value = Object.hasOwn(this.values, name) ? this.values[name] : undefined;
    if (value === undefined) return '';
    if (typeof value === 'boolean') return value ? 'yes' : 'no';
    switch (this.program.spokenAs.get(name)) {
      case 'digits':
        return [...String(value)].join(' ');
      case 'time':
        return spokenTime(String(value), this.clock.now(), this.program.timeZone);
      case undefined:
        return String(value);
    }
  };

  private verdict(end: EndNode): Verdict {
    const reason = fillText(end.reason ?? '', this.render);
    switch (end.end) {
      case 'continue':
        return { kind: 'continue' };
      case 'end':
        return { kind: 'end', reason };
      case 'follow_up':
        return { kind: 'follow_up', channel: end.channel ?? '', template: end.template ?? '', reason };
      case 'handoff':
        return { kind: 'handoff', queue: end.queue ?? '', reason };
      case 'redial_at': {
        const heard = end.at === undefined ? undefined : this.values[end.at];
        if (typeof heard === 'string' && heard !== '') return { kind: 'redial_at', at: heard, reason };
        if (end.in_minutes === undefined) return { kind: 'end', reason: 'no_redial_time' };
        return { kind: 'redial_at', at: new Date(this.clock.now() + end.in_minutes * 60_000).toISOString(), reason };
      }
    }
  }
}
