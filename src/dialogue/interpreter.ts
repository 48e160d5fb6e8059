import type { Clock } from '../kernel/clock.js';
import type { Verdict } from '../store/store.js';
import { isBackAgain } from './answers/back-again.js';
import { joinedWords } from './answers/joined-words.js';
import { clausesOf } from './answers/several.js';
import type { Dialogue, DialogueContext, DialogueInput, DialogueOutput } from './dialogue.js';
import { holds } from './flow/conditions.js';
import type { Values } from './flow/conditions.js';
import { BACK, RETURN } from './flow/schema.js';
import type { Mood } from './mood/mood.js';
import type { Meanings } from './nlu/meanings.js';
import type { Program, ProgramArm, ProgramNode, ProgramQuestion } from './program.js';
import { answerStep } from './steps/answer.js';
import { askStep } from './steps/ask.js';
import { chooseStep } from './steps/choose.js';
import { collectStep } from './steps/collect.js';
import { correctLast, readBackStep } from './steps/correction.js';
import { onEffect, startEffect } from './steps/effects.js';
import { moodMove } from './steps/mood-rules.js';
import { finalQuestionStep, hearFinalAnswer, takeOpenFinal, unheardFinal } from './steps/final-question.js';
import { AGAIN, fail, listenAgain } from './steps/question.js';
import type { QuestionStep } from './steps/question.js';
import { TalkState, WAIT, go } from './steps/talk-state.js';
import type { Move } from './steps/talk-state.js';
import { hearAll, hearFinal } from './steps/utterance.js';
import { declaredVerdict, judged, verdictValues } from './steps/verdict.js';
import { forgetLeft, leadsToEnd } from './steps/ways.js';

/** A flow that walks through more nodes than this without listening is caught in a circle. */
const MAX_STEPS = 50;
/** Answers that the way out may still take when the talk was too long. */
const WAY_OUT_TURNS = 4;
/** Sub-flows inside sub-flows. */
const MAX_DEPTH = 20;
/** Longer utterances are cut, characters. */
const MAX_UTTERANCE = 2_000;

const QUESTIONS = new Set<ProgramNode['kind']>(['ask', 'collect', 'choose', 'answer']);

/** Walks a program. Its only state is a `TalkState`; nothing waits and nothing is read but the clock. */
export class Interpreter implements Dialogue {
  private readonly talk: TalkState;

  constructor(
    private readonly program: Program,
    variables: Values,
    clock: Clock,
    context: DialogueContext = {},
    private readonly meanings?: Meanings,
  ) {
    this.talk = new TalkState(program, variables, clock, context, meanings);
  }

  prepare(text: string): Promise<void> | undefined {
    if (this.talk.ended || this.openQuestion()?.model?.wantsMeaning !== true) return undefined;
    const said = joinedWords(text, this.program.language).slice(0, MAX_UTTERANCE);
    const lookups = [said, ...clausesOf(said, this.program.language)].flatMap((one) => this.meanings?.prepare(this.talk.asTaught(one)) ?? []);
    return lookups.length === 0 ? undefined : Promise.all(lookups).then(() => undefined);
  }

  get variables(): Values {
    return this.talk.values;
  }

  get slots(): Values {
    return this.talk.filled;
  }

  get node(): string {
    return this.talk.at;
  }

  get lastDecision(): string | undefined {
    return this.talk.decision;
  }

  get mood(): Mood {
    return this.talk.mood.mood;
  }

  judge(ended: string): Verdict | undefined {
    if (ended === 'caller_hung_up') takeOpenFinal(this.talk, this.openQuestion());
    return judged(this.talk, ended);
  }

  next(input: DialogueInput): readonly DialogueOutput[] {
    const { talk } = this;
    if (talk.ended) return [];
    talk.outputs = [];
    talk.heard = undefined;
    talk.led = undefined;
    talk.confidence = 1;
    const move = this.take(input);
    if (move !== WAIT) this.run(move);
    for (const output of talk.outputs) if (output.type === 'say') talk.remember('bot', output.prompt.text);
    return talk.slower ? talk.outputs.map((output) => (output.type === 'say' ? { ...output, slower: true } : output)) : talk.outputs;
  }

  private take(input: DialogueInput): Move {
    const { talk } = this;
    if (input.type === 'start') {
      if (talk.started) return WAIT;
      talk.started = true;
      return go(this.program.start);
    }
    if (input.type === 'transfer_failed') return this.onTransferFailed();
    if (input.type === 'effect') return this.onEffect(input);
    // While somebody is called, or something is looked up, nothing else counts.
    const question = talk.openTransfer === undefined && talk.openEffect === undefined ? this.openQuestion() : undefined;
    if (question === undefined) return WAIT;
    talk.turns++;
    // A way out that asks something ("shall we call you back?") may have its answer.
    if (talk.turns > this.program.maxTurns + (talk.stopped === undefined ? 0 : WAY_OUT_TURNS)) return this.stop('max_turns');
    return this.hear(question, input);
  }

  private hear(node: ProgramQuestion, input: Exclude<DialogueInput, { type: 'start' | 'transfer_failed' | 'effect' }>): Move {
    const { talk } = this;
    const step = this.openStep(node);
    const asked = step.asked(talk, node);
    switch (input.type) {
      case 'trouble':
        talk.decision = 'trouble';
        return listenAgain(talk, node, asked, [this.program.apology, ...asked.again]);
      case 'silence':
        talk.decision = 'silence';
        if (talk.finalAsked !== undefined) return unheardFinal(talk, node, talk.finalAsked);
        return fail(talk, node, asked, asked.silenceReprompt);
      case 'dtmf':
        return step.keys(talk, node, input.digits);
      case 'utterance': {
        const text = joinedWords(input.text, this.program.language).slice(0, MAX_UTTERANCE);
        talk.remember('caller', text);
        talk.heard = text;
        talk.confidence = input.confidence ?? 1;
        const failedBefore = talk.allFailures;
        const left = talk.left.length;
        const move = this.understood(step, node, text);
        const failed = talk.allFailures > failedBefore;
        talk.mood.add({ text, language: this.program.language, voice: input.voice, interrupted: input.interrupted ?? false, failed });
        return this.moodOr(move, !failed && this.isOver(move), left);
      }
    }
  }

  private understood(step: QuestionStep<ProgramQuestion>, node: ProgramQuestion, text: string): Move {
    const { talk } = this;
    const held = talk.held;
    talk.held = false;
    if (held && isBackAgain(text, this.program.language)) {
      talk.decision = 'back again';
      const asked = step.asked(talk, node);
      const { resume } = this.program.words;
      return listenAgain(talk, node, asked, resume === undefined ? asked.again : [resume, ...asked.again]);
    }
    if (talk.finalAsked !== undefined) {
      const question = this.questionStep(node);
      const settled = hearFinalAnswer(talk, node, question, talk.finalAsked, text);
      return 'move' in settled ? settled.move : this.heard(question, node, settled.heard);
    }
    return this.heard(step, node, text);
  }

  private heard(step: QuestionStep<ProgramQuestion>, node: ProgramQuestion, text: string): Move {
    const { talk } = this;
    const corrected = (): Move | undefined => (talk.correction === undefined ? this.corrected(step, node, text) : undefined);
    return hearFinal(talk, step, node, text) ?? corrected() ?? hearAll(talk, step, node, text);
  }

  /** In a form the slot that is open comes first: what answers it corrects nothing. */
  private corrected(step: QuestionStep<ProgramQuestion>, node: ProgramQuestion, text: string): Move | undefined {
    const { talk } = this;
    if (node.kind === 'collect' && (talk.form?.stage !== 'ask' || step.meaning(talk, node, text).type !== 'nothing')) {
      talk.lastFilled = undefined;
      return undefined;
    }
    return correctLast(talk, node, text);
  }

  /** Mood is judged after each turn: an angry caller is not asked the next question first. Who has said a clear no, or is done, is not held up (`over`). */
  private moodOr(move: Move, over: boolean, left: number): Move {
    const { talk } = this;
    if (talk.ended || this.program.mood.length === 0) return move;
    const said = talk.outputs;
    talk.outputs = [];
    const leftBy = talk.left.splice(left);
    const instead = moodMove(talk, !over);
    const apology = talk.outputs;
    talk.outputs = instead === undefined ? [...apology, ...said] : apology;
    if (instead === undefined) talk.left.push(...leftBy);
    else talk.led = undefined;
    return instead ?? move;
  }

  private isOver(move: Move): boolean {
    const { values } = this.talk;
    if (this.talk.finalAsked !== undefined || values['do_not_call'] === true || values['wrong_number'] === true) return true;
    return move !== WAIT && leadsToEnd(this.program.nodes, move.go, (node) => this.armOf(node));
  }

  private onTransferFailed(): Move {
    const { talk } = this;
    const failed = talk.openTransfer;
    if (failed === undefined) return WAIT;
    talk.openTransfer = undefined;
    talk.decision = 'transfer failed';
    return go(failed);
  }

  private onEffect(input: Extract<DialogueInput, { type: 'effect' }>): Move {
    const { talk } = this;
    const open = talk.openEffect;
    const node = open === undefined ? undefined : this.program.nodes.get(open.node);
    // An answer that comes after its deadline belongs to a question that is no longer asked.
    if (open?.id !== input.id || (node?.kind !== 'action' && node?.kind !== 'generate')) return WAIT;
    return onEffect(talk, node, input.outcome);
  }

  private run(from: Exclude<Move, 'wait'>): void {
    const { talk } = this;
    let move: Move = from;
    for (let step = 0; step < MAX_STEPS && !talk.ended; step++) {
      if (move === WAIT) return;
      if (step === MAX_STEPS - 1 && talk.stopped === undefined) {
        // What was said in the circle is not worth hearing.
        talk.outputs = [];
        move = this.stop('loop_guard');
        step = 0;
        if (move === WAIT) return;
      }
      while (move.go === RETURN) move = go(talk.returns.pop() ?? this.program.start);
      const back = move.go === BACK || move.go === AGAIN;
      const name = (move.go === BACK ? talk.comeBack() : move.go === AGAIN ? talk.question : move.go) ?? this.program.start;
      const node = this.program.nodes.get(name);
      if (node === undefined) move = this.stop('missing_node');
      else {
        talk.at = name;
        if (!back) forgetLeft(talk, name);
        move = this.enter(name, node, back);
      }
    }
    if (!talk.ended && move !== WAIT) this.stop(talk.stopped ?? 'loop_guard');
  }

  private enter(name: string, node: ProgramNode, back: boolean): Move {
    const { talk } = this;
    switch (node.kind) {
      case 'say':
        talk.say([node.prompt], node.bargeIn);
        return go(node.next);
      case 'set':
        talk.fillAll(node.values);
        return go(node.next);
      case 'branch':
        return go(this.armOf(node));
      case 'run':
        if (talk.returns.length >= MAX_DEPTH) return this.stop('loop_guard');
        talk.fillAll(node.set);
        talk.returns.push(node.next);
        // What several places run leads back into no form.
        talk.led = talk.led === undefined ? undefined : 'choice';
        return go(node.start);
      case 'action':
      case 'generate':
        return startEffect(talk, name, node);
      case 'transfer':
        if (node.say !== undefined) talk.say([node.say], false);
        talk.openTransfer = node.transfer.failed;
        talk.outputs.push({ type: 'transfer', node: name, to: talk.text(node.transfer.transfer), mode: node.transfer.mode ?? 'attended', verdict: { kind: 'handoff', queue: node.transfer.queue, reason: talk.text(node.transfer.reason) } });
        return WAIT;
      case 'switch':
        if (node.say !== undefined) talk.say([node.say], false);
        talk.openTransfer = node.failed;
        talk.outputs.push({ type: 'switch', node: name, flow: node.flow });
        return WAIT;
      case 'verdict': {
        const verdict = judged(talk, 'flow_end') ?? { kind: 'end', reason: 'flow_end' };
        return this.end(name, verdict, node.say.get(verdict.kind) ?? node.otherwise);
      }
      case 'end': {
        const verdict = declaredVerdict(talk, node.end);
        return this.end(name, verdict, verdict.kind === node.end.end ? node.say : node.instead);
      }
      case 'ask':
      case 'collect':
      case 'choose':
      case 'answer':
        return this.question(name, node, back);
    }
  }

  private question(name: string, node: ProgramQuestion, back: boolean): Move {
    const { talk } = this;
    // A digression that comes back does not wipe out what failed before it: that would be a way round the loop guard.
    if (!back || this.program.maxFailures <= 2) talk.failures = 0;
    talk.unsureLabel = undefined;
    talk.between = undefined;
    talk.offered = [];
    talk.invited = false;
    if (!back) {
      talk.correction = undefined;
      talk.finalAsked = undefined;
    }
    talk.question = name;
    return this.openStep(node).enter(talk, node, back);
  }

  private armOf(node: Extract<ProgramNode, { kind: 'branch' }>): string {
    return node.arms.find((arm) => this.holds(arm))?.goto ?? node.otherwise;
  }

  private holds({ when }: ProgramArm): boolean {
    return 'holds' in when ? when.holds(verdictValues(this.talk, 'running')) : holds(when, this.talk.values);
  }

  private end(name: string, verdict: Verdict, say: Parameters<TalkState['say']>[0][number] | undefined): Move {
    const { talk } = this;
    if (say !== undefined) talk.say([say], false);
    talk.ended = true;
    talk.outputs.push({ type: 'end', node: name, verdict: talk.stopped === undefined || !('reason' in verdict) ? verdict : { ...verdict, reason: `${verdict.reason} (${talk.stopped})` } });
    return WAIT;
  }

  /** While a final no is asked about, that is what is asked. */
  private openStep(node: ProgramQuestion): QuestionStep<ProgramQuestion> {
    const step = this.questionStep(node);
    return this.talk.finalAsked === undefined ? step : finalQuestionStep(step);
  }

  /** While a correction is read back, that is. */
  private questionStep(node: ProgramQuestion): QuestionStep<ProgramQuestion> {
    return this.talk.correction === undefined ? stepOf(node) : readBackStep(stepOf(node));
  }

  private openQuestion(): ProgramQuestion | undefined {
    const node = this.talk.question === undefined ? undefined : this.program.nodes.get(this.talk.question);
    return node !== undefined && QUESTIONS.has(node.kind) ? (node as ProgramQuestion) : undefined;
  }

  /** The talk goes nowhere: to the flow's way out, as after failures; where that goes nowhere either, the call ends, and says why. */
  private stop(reason: string): Move {
    const { talk } = this;
    talk.decision = reason;
    const wayOut = talk.stopped === undefined ? this.program.wayOut : undefined;
    talk.stopped ??= reason;
    if (wayOut !== undefined) return go(wayOut);
    talk.ended = true;
    talk.outputs.push({ type: 'end', node: talk.at, verdict: judged(talk, reason) ?? { kind: 'end', reason } });
    return WAIT;
  }
}

const STEPS = { ask: askStep, collect: collectStep, choose: chooseStep, answer: answerStep } as const;

/** The step of a kind only ever gets nodes of that kind, which the checker cannot see through the table. */
function stepOf(node: ProgramQuestion): QuestionStep<ProgramQuestion> {
  return STEPS[node.kind];
}
