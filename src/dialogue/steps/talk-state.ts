import type { Clock } from '../../kernel/clock.js';
import type { AnswerKind, DialogueContext, DialogueOutput } from '../dialogue.js';
import { spokenTime } from '../answers/time.js';
import type { Moment } from '../answers/understand.js';
import { fillText, renderPrompt } from '../flow/prompt.js';
import type { Template } from '../flow/prompt.js';
import type { Value, Values } from '../flow/conditions.js';
import { createMoodTracker } from '../mood/tracker.js';
import type { MoodTracker } from '../mood/mood.js';
import type { Meanings } from '../nlu/meanings.js';
import type { Listening, Program } from '../program.js';
import { hanziDigits } from '../slots/number-words-zh.js';
import { datetime } from '../slots/when.js';
import type { SlotContext, SlotSettings, SlotValue } from '../slots/slot-type.js';

export type Say = Extract<DialogueOutput, { type: 'say' }>;
type Listen = Extract<DialogueOutput, { type: 'listen' }>;

/** Where the talk goes after a step: to a node (or `back`), or nowhere until the next input. */
export type Move = { readonly go: string } | 'wait';

export const WAIT = 'wait';
export const go = (node: string): Exclude<Move, 'wait'> => ({ go: node });

/** How far a form is. */
export interface FormState {
  readonly node: string;
  /** Slot that is asked for. */
  slot: string;
  stage: 'ask' | 'confirm' | 'which';
  /** Heard, and to be confirmed; or half of it. */
  pending: SlotValue | undefined;
  /** Halves of it that were heard, one after the other. */
  parts: number;
  options: readonly SlotValue[];
  /** Slots that are asked for although they have a value: the caller was led back to change it. */
  readonly anew: Set<string>;
  /** Words in which a value of a later slot may stand; the newest first. */
  readonly heard: HeardWords[];
}

/** Words that may answer a question before it is asked. */
export interface HeardWords {
  readonly words: string;
  /** They led into the form; others were said at another of its slots. */
  readonly led: boolean;
  /** Kinds of slot that they have answered: not a second of the same kind. */
  readonly kinds: Set<string>;
}

/** A question that was left for a while, and how far it was. */
export interface LeftQuestion {
  readonly question: string;
  readonly failures: number;
  readonly form: FormState | undefined;
  readonly returns: readonly string[];
  readonly correction: OpenCorrection | undefined;
  /** By what may be said at any question, or by a mood: the question itself does not lead on there. */
  readonly shared: boolean;
}

/** A value that would replace the last one, once the caller has said yes to it. */
export interface OpenCorrection {
  readonly slot: string;
  readonly value: SlotValue;
}

/** A final no that may have been said, and is asked about: "Shall we stop calling you?" */
export interface OpenFinal {
  readonly label: string;
  /** In words that may be the wish, or by a clear score: it counts also where no answer is understood. */
  readonly isLikely: boolean;
  /** What was said beside it, to be heard when it is denied. */
  readonly rest: string;
  failures: number;
}

/** Questions that may wait at a time; of more the oldest is forgotten. */
const MAX_LEFT = 8;
/** Turns that a model may see. */
const LAST_TURNS = 6;

/** All that a conversation remembers; the steps change it and fill `outputs`. */
export class TalkState {
  at: string;
  started = false;
  ended = false;
  /** Why the talk was led to the flow's way out: too many turns, or a circle. */
  stopped: string | undefined;
  /** The question that is open, or was last. */
  question: string | undefined;
  /** Questions that digressions interrupted, the innermost last: `back` comes back to them. */
  readonly left: LeftQuestion[] = [];
  /** Questions that were asked in this talk. */
  readonly asked = new Set<string>();
  /** What the caller said in this turn. */
  heard: string | undefined;
  /** How sure the ear is of it, 0 to 1. */
  confidence = 1;
  /** What in this turn leads on from the open question; `no` and intents lead back into forms that are filled. */
  led: 'intent' | 'no' | 'choice' | undefined;
  failures = 0;
  allFailures = 0;
  turns = 0;
  unsureLabel: string | undefined;
  /** Two labels between which the caller was asked to choose. */
  between: readonly [string, string] | undefined;
  /** Two options between which the caller was asked to choose. */
  offered: readonly SlotValue[] = [];
  /** What led up to the open question, for `repeat`. */
  lastSaid: readonly Say[] = [];
  decision: string | undefined;
  /** Where to go if the caller cannot be handed over, to somebody else or to another flow. */
  openTransfer: string | undefined;
  openEffect: { readonly id: number; readonly node: string } | undefined;
  effects = 0;
  /** Where sub-flows return to, the innermost last. */
  returns: string[] = [];
  /** Labels that were acted on, in order. */
  readonly intents: string[] = [];
  form: FormState | undefined;
  /** The slot that was filled last, and may be corrected until the caller says something else. */
  lastFilled: string | undefined;
  correction: OpenCorrection | undefined;
  finalAsked: OpenFinal | undefined;
  /** How often each of them was meant by nobody. */
  readonly finalsDenied = new Map<string, number>();
  /** The caller said only that there is a question, and was told to go on. */
  invited = false;
  slower = false;
  /** The caller asked us to wait, and has said nothing since. */
  held = false;
  readonly firedMoodRules = new Set<number>();
  outputs: DialogueOutput[] = [];
  readonly values: Record<string, Value>;
  readonly filled: Record<string, Value> = {};
  readonly mood: MoodTracker;
  readonly lastTurns: { readonly who: 'caller' | 'bot'; readonly text: string }[] = [];

  constructor(
    readonly program: Program,
    private readonly given: Values,
    readonly clock: Clock,
    readonly context: DialogueContext,
    private readonly meanings: Meanings | undefined,
  ) {
    this.at = program.start;
    this.values = { ...program.defaults, ...given };
    this.mood = createMoodTracker();
  }

  say(templates: readonly Template[], bargeIn: boolean): void {
    this.outputs.push({ type: 'say', node: this.at, prompt: renderPrompt(templates, this.render), bargeIn });
  }

  /** Says what `templates` hold with values that only the engine has, such as `{value}`. */
  sayWith(templates: readonly Template[], own: Values, bargeIn: boolean): void {
    const render = (name: string): string => (Object.hasOwn(own, name) ? String(own[name]) : this.render(name));
    this.outputs.push({ type: 'say', node: this.at, prompt: renderPrompt(templates, render), bargeIn });
  }

  listen(listening: Pick<Listening, 'silenceMs' | 'bargeIn'>, kind: AnswerKind, dtmf: Listen['dtmf'], patient = false): void {
    this.at = this.question ?? this.at;
    this.outputs.push({ type: 'listen', node: this.at, kind, silenceMs: listening.silenceMs, bargeIn: listening.bargeIn, dtmf, ...(patient || this.slower ? { patient: true } : {}) });
  }

  /** What was said since the last input is the question, for `repeat`. */
  markQuestion(): void {
    this.lastSaid = this.outputs.filter((output): output is Say => output.type === 'say');
  }

  remember(who: 'caller' | 'bot', text: string): void {
    if (text === '') return;
    this.lastTurns.push({ who, text });
    if (this.lastTurns.length > LAST_TURNS) this.lastTurns.shift();
  }

  fill(name: string, value: Value): void {
    this.values[name] = value;
    this.filled[name] = value;
  }

  /** The caller or the task has said it; what a flow has by default is no answer. */
  isKnown(name: string): boolean {
    return (Object.hasOwn(this.filled, name) || Object.hasOwn(this.given, name)) && this.values[name] !== undefined && this.values[name] !== '';
  }

  /** The open question waits until `back` comes back to it. */
  leave(shared: boolean): void {
    if (this.question === undefined) return;
    this.left.push({ question: this.question, failures: this.failures, form: this.form, returns: [...this.returns], correction: this.correction, shared });
    if (this.left.length > MAX_LEFT) this.left.shift();
  }

  /** The question that was left last, as it was left; the open one if none was. */
  comeBack(): string | undefined {
    const left = this.left.pop();
    if (left === undefined) return this.question;
    this.question = left.question;
    this.failures = left.failures;
    this.form = left.form;
    this.returns = [...left.returns];
    this.correction = left.correction;
    return left.question;
  }

  forget(name: string): void {
    delete this.values[name];
    delete this.filled[name];
  }

  fillAll(values: Values): void {
    for (const [name, value] of Object.entries(values)) this.fill(name, typeof value === 'string' ? fillText(value, this.render) : value);
  }

  /** What an utterance is understood against. */
  moment(): Moment {
    return { nowMs: this.clock.now(), timeZone: this.program.timeZone, language: this.program.language, asTaught: this.asTaught, meaningOf: (text) => this.meanings?.get(text) };
  }

  /** Models are taught phrases without the names of a call. */
  readonly asTaught = (text: string): string => this.program.standIns.said(text, this.render);

  text(template: string): string {
    return fillText(template, this.render);
  }

  slotContext(settings: SlotSettings, previous: SlotValue | undefined): SlotContext {
    return { language: this.program.language, nowMs: this.clock.now(), timeZone: this.program.timeZone, settings, previous };
  }

  readonly render = (name: string): string => {
    const value = Object.hasOwn(this.values, name) ? this.values[name] : undefined;
    if (value === undefined) return '';
    const { language } = this.program;
    const slot = this.program.slots.get(name);
    if (slot !== undefined) return slot.type.readBack(value, this.slotContext(slot.settings, undefined));
    if (typeof value === 'boolean') return language === 'zh' ? (value ? '是' : '否') : value ? 'yes' : 'no';
    switch (this.program.spokenAs.get(name)) {
      case 'digits':
        return language === 'zh' ? hanziDigits(String(value)) : [...String(value)].join(' ');
      case 'time':
        return language === 'zh' ? datetime.readBack(String(value), this.slotContext({}, undefined)) : spokenTime(String(value), this.clock.now(), this.program.timeZone);
      case undefined:
        return String(value);
    }
  };
}
