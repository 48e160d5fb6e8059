import type { Config } from '../config/schema.js';
import type { CompiledFlow, Dialogue, DialogueInput, DialogueOutput, Prompt, PromptMark } from '../dialogue/dialogue.js';
import { languageOf } from '../dialogue/flow/built-in.js';
import { FRAME_MS } from '../audio/frame.js';
import { VoiceMeasure } from '../audio/voice-measure.js';
import type { Clock } from '../kernel/clock.js';
import { delay } from '../kernel/clock.js';
import { TrunklineError, asTrunklineError } from '../kernel/errors.js';
import type { Logger } from '../kernel/log.js';
import type { FrameRate, MediaSession } from '../media/media-session.js';
import type { Ear, EarEvent, EarStream } from '../speech/ear.js';
import type { Mind } from '../speech/mind.js';
import type { Mouth } from '../speech/mouth.js';
import { TurnTaker } from '../speech/turn/turn-taker.js';
import type { TurnEvent, TurnHooks } from '../speech/turn/turn-taker.js';
import type { TranscriptLine, TransferRecord, Verdict } from '../store/store.js';
import type { TransferOrder } from './call-service.js';
import { answersLater } from './early-words.js';
import { runEffect } from './effects.js';
import { Keypad } from './keypad.js';
import type { Lookups } from './lookups.js';
import { OptOutWatch } from './opt-out.js';
import type { OptedOut } from './opt-out.js';
import { Speaker } from './speaker.js';
import { voiceCues } from './voice-cues.js';
import type { RenderedPrompts } from './speaker.js';
import { TurnLog } from './turn-log.js';
import type { TurnMoments } from './turn-log.js';

export interface ConversationParts {
  readonly flow: CompiledFlow;
  readonly dialogue: Dialogue;
  readonly media: MediaSession;
  readonly ear: Ear;
  readonly mouth: Mouth;
  readonly prompts: RenderedPrompts;
  readonly turn: Config['turn'];
  readonly recoverMs: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** When the call was answered, monotonic ms. */
  readonly answeredMs: number;
  readonly isComplete: NonNullable<TurnHooks['isComplete']>;
  readonly onLine: (line: TranscriptLine, decision: string | undefined, replyMs: number | undefined) => void;
  /** Systems that the flow may ask; undefined where none is configured. */
  readonly lookups?: Lookups | undefined;
  /** Undefined where no language model serves. */
  readonly mind?: Mind | undefined;
  /** The caller does not want to be called again; told while the call goes on. */
  readonly onOptOut?: ((said: OptedOut) => void) | undefined;
  /** Makes another flow ready, to go on with after this conversation; false if that cannot be. */
  readonly switchFlow?: ((flow: string) => Promise<boolean>) | undefined;
  /** Hands the caller to somebody else, where the flow wants that. */
  readonly transfer?: (order: TransferOrder) => Promise<TransferRecord>;
}

export interface ConversationEnd {
  /** Undefined when the call was over before the flow had decided. */
  readonly verdict: Verdict | undefined;
  /** Why the conversation could not go on, if it could not. */
  readonly error: TrunklineError | undefined;
}

type Listen = Extract<DialogueOutput, { type: 'listen' }>;
type Utterance = Extract<DialogueInput, { type: 'utterance' }>;

/** A caller who cannot be heard yet is told so after this much silence, ms. */
const QUIET_MS = 1000;
/** No reply is being worded for longer, ms. */
const WORDING_MS = 60_000;
/** Between two tries to open an ear stream, ms. */
const REOPEN_MS = 100;

/**
 * One conversation on an answered call: frames to the ear, its events to the turn
 * taker, turns to the dialogue, its sentences to the speaker.
 */
export class Conversation {
  readonly log: TurnLog;
  readonly #parts: ConversationParts;
  readonly #speaker: Speaker;
  readonly #keypad: Keypad;
  readonly #abort = new AbortController();
  #turns: TurnTaker;
  #stream: EarStream | undefined;
  /** Audio written to the present stream, ms. */
  #audioMs = 0;
  #lastFrameAtMs = 0;
  #listen: Listen | undefined;
  /** How the caller spoke in this turn; the mood is judged by it. */
  readonly #voice = new VoiceMeasure();
  #interrupted = false;
  /** A reply that a model is wording, and that the caller may speak over. */
  #wording: AbortController | undefined;
  /** What the caller said before such a reply was heard. */
  #early: Utterance | undefined;
  /** Counts what was decided, so that a decision that waited can tell that it is late. */
  #decisions = 0;
  /** When the callee had been told for the first time, ms since the answer. */
  readonly #told = new Map<PromptMark, number>();
  /** What the flow has decided; it stands even if the caller does not hear the last words out. */
  #verdict: Verdict | undefined;
  /** Nobody listens at either end: on hold, or in a transfer. The patience of a question stands still meanwhile. */
  #held = false;
  #transferring = false;
  readonly #optOut: OptOutWatch;
  #settle: (end: ConversationEnd) => void = () => undefined;

  constructor(parts: ConversationParts) {
    this.#parts = parts;
    this.log = new TurnLog(parts.answeredMs);
    this.#optOut = new OptOutWatch(parts.dialogue);
    this.#speaker = new Speaker({ ...parts, language: parts.flow.language, voice: parts.flow.voice, apology: parts.flow.apology });
    this.#keypad = new Keypad(parts.clock, (digits) => this.#hear({ type: 'dtmf', digits }, { node: parts.dialogue.node, decisionMs: parts.clock.monotonic() }, digits));
    this.#turns = this.#newTurnTaker();
  }

  /** Resolves when the flow has ended and its last word has left, or `signal` fires. Never rejects. */
  async run(signal: AbortSignal): Promise<ConversationEnd> {
    const ended = new Promise<ConversationEnd>((resolve) => (this.#settle = resolve));
    const onAbort = (): void => this.#settle({ verdict: this.#verdict, error: undefined });
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    this.#parts.media.onFrame((samples, atMs, sampleRate) => this.#onFrame(samples, atMs, sampleRate));
    void this.#openEar(false);
    // The greeting does not wait for the ear.
    this.#decide({ type: 'start' }, undefined);
    const end = await ended;
    this.#abort.abort(new TrunklineError('TRK_CLOSED', { params: { what: 'The conversation' } }));
    this.#keypad.close();
    this.#speaker.stop();
    this.#stream?.close();
    signal.removeEventListener('abort', onAbort);
    return end;
  }

  /** A key of the caller. */
  press(key: string): void {
    if (this.#deaf || (this.#listen?.bargeIn === false && this.#speaker.speaking)) return;
    if (this.#keypad.press(key)) this.#speaker.stop();
  }

  /** The far end put us on hold, or took us off it: what was being said goes on where it stopped. */
  hold(onHold: boolean): void {
    this.#held = onHold;
  }

  /** A transfer begins: silence at once. */
  pause(): void {
    this.#transferring = true;
    this.#speaker.stop();
    this.#turns.stopListening();
  }

  /** It failed. `ask`: the question that it interrupted is put again; else the flow goes on by itself. */
  resume(options: { ask: boolean }): void {
    this.#transferring = false;
    if (options.ask) this.#decide({ type: 'trouble' }, undefined);
  }

  /** The caller is somebody else's now. */
  finish(): void {
    this.#settle({ verdict: this.#verdict, error: undefined });
  }

  /** When the callee had heard it to its end, ms since the answer; undefined if that did not happen. */
  toldMs(mark: PromptMark): number | undefined {
    return this.#told.get(mark);
  }

  get #deaf(): boolean {
    return this.#held || this.#transferring || this.#abort.signal.aborted;
  }

  #newTurnTaker(): TurnTaker {
    return new TurnTaker(this.#parts.turn, { isComplete: this.#parts.isComplete, forget: () => this.#stream?.reset(), lateWordsMs: this.#parts.ear.wordsWithinMs });
  }

  /** `told`: the caller has already heard that there is trouble. */
  async #openEar(told: boolean): Promise<void> {
    const { ear, clock, flow, turn, recoverMs, log, media } = this.#parts;
    const giveUpAt = clock.monotonic() + recoverMs;
    let quietSince = clock.monotonic();
    while (!this.#abort.signal.aborted) {
      try {
        const stream = await ear.open({ language: flow.language, pauseMs: turn.pause_ms, sampleRate: media.sampleRate ?? 8000 });
        if (this.#abort.signal.aborted) return stream.close();
        this.#audioMs = 0;
        this.#turns = this.#newTurnTaker();
        this.#stream = stream;
        stream.onEvent((event) => this.#onEar(event, stream));
        if (this.#wording === undefined) this.#armListening();
        else this.#listenWhileWording();
        return;
      } catch (error) {
        const coded = asTrunklineError(error);
        if (clock.monotonic() >= giveUpAt && !this.#transferring) {
          log.error({ code: coded.code }, 'no ear for this call');
          return this.#settle({ verdict: this.#verdict, error: coded });
        }
        if (this.#speaker.speaking) quietSince = clock.monotonic();
        else if (!told && !this.#transferring && clock.monotonic() - quietSince >= QUIET_MS) {
          told = true;
          this.#decide({ type: 'trouble' }, undefined);
        }
        await delay(clock, REOPEN_MS, this.#abort.signal).catch(() => undefined);
      }
    }
  }

  #onFrame(samples: Int16Array, atMs: number, sampleRate: FrameRate): void {
    const stream = this.#stream;
    if (!stream || this.#deaf) return;
    stream.write(samples, sampleRate);
    this.#audioMs += FRAME_MS;
    this.#lastFrameAtMs = atMs;
    const botSpeaks = this.#speaker.speaking;
    if (!botSpeaks) this.#voice.add(samples, sampleRate);
    this.#onTurns(this.#turns.tick(this.#audioMs, botSpeaks));
  }

  #onEar(event: EarEvent, stream: EarStream): void {
    if (stream !== this.#stream) return;
    if (event.type === 'lost') {
      this.#parts.log.warn({ code: asTrunklineError(event.error).code }, 'ear stream lost');
      this.#stream = undefined;
      stream.close();
      this.#speaker.stop();
      void this.#openEar(true);
      // The caller hears a prepared sentence while the worker is replaced.
      if (!this.#transferring) this.#decide({ type: 'trouble' }, undefined);
      return;
    }
    // The decision comes some hundred ms later: what the words mean is known by then.
    if (event.type === 'transcript') void this.#parts.dialogue.prepare?.(event.text);
    if (!this.#transferring) this.#onTurns(this.#turns.onEar(event));
  }

  #onTurns(events: readonly TurnEvent[]): void {
    for (const event of events) {
      if (event.type === 'barge_in') {
        this.#speaker.stop();
        this.#interrupted = true;
        this.#wording?.abort(new Error('interrupted'));
      } else if (event.type === 'silence') {
        if (this.#wording === undefined) this.#decide({ type: 'silence' }, undefined);
        else this.#listenWhileWording();
      } else {
        const moments: TurnMoments = {
          node: this.#parts.dialogue.node,
          lastSpeechMs: this.#monotonic(event.lastSpeechMs),
          pauseSeenMs: this.#monotonic(event.pauseSeenMs),
          finalTextMs: this.#monotonic(event.finalTextMs),
          decisionMs: this.#parts.clock.monotonic(),
        };
        const measured = this.#voice.take();
        const heard = { ...(measured.speechMs > 0 ? { voice: voiceCues(measured, event.text) } : {}), ...(this.#interrupted ? { interrupted: true } : {}) };
        const input: Utterance = { type: 'utterance', text: event.text, ...heard, ...(event.confidence === undefined ? {} : { confidence: event.confidence }) };
        this.#interrupted = false;
        if (this.#wording === undefined) this.#hear(input, moments, event.text);
        else this.#hearEarly(input, moments);
      }
    }
  }

  /** Something the caller said or keyed: noted, then decided on. */
  #hear(input: DialogueInput, moments: TurnMoments, words: string): void {
    const line = this.log.line('caller', words, moments.lastSpeechMs ?? moments.decisionMs);
    this.#answer(input, moments, (decision) => this.#parts.onLine(line, decision, undefined));
  }

  /** Said into the pause before a reply that is being worded: noted, and the reply comes; the question that follows it gets the words. */
  #hearEarly(input: Utterance, { lastSpeechMs, decisionMs }: TurnMoments): void {
    this.#parts.onLine(this.log.line('caller', input.text, lastSpeechMs ?? decisionMs), undefined, undefined);
    const language = languageOf(this.#parts.flow.language);
    if (answersLater(input.text, language)) this.#early = this.#early === undefined ? input : { ...input, text: `${this.#early.text}${language === 'zh' ? '，' : ' '}${input.text}` };
    this.#listenWhileWording();
  }

  /** Words for a question that is open now. How long their answer took is not known: the reply lay between. */
  #answerEarly(): void {
    if (this.#early === undefined || this.#listen === undefined) return;
    const early = this.#early;
    this.#early = undefined;
    this.#answer(early, { node: this.#parts.dialogue.node, decisionMs: this.#parts.clock.monotonic() }, () => undefined);
  }

  #answer(input: DialogueInput, moments: TurnMoments, decided: (decision: string | undefined) => void): void {
    const decide = (): void => this.#decide(input, moments, decided);
    const preparing = input.type === 'utterance' ? this.#parts.dialogue.prepare?.(input.text) : undefined;
    if (preparing === undefined) return decide();
    this.#listen = undefined;
    this.#turns.stopListening();
    const decisions = this.#decisions;
    // A key or a loss that came meanwhile has been decided on: the words were for a question that is gone.
    void preparing.then(() => (decisions === this.#decisions ? decide() : decided(undefined)));
  }

  #decide(input: DialogueInput, moments: TurnMoments | undefined, decided?: (decision: string | undefined) => void): void {
    if (this.#abort.signal.aborted) return;
    this.#decisions++;
    this.#listen = undefined;
    this.#turns.stopListening();
    const outputs = this.#parts.dialogue.next(input);
    const optedOut = this.#optOut.after(input);
    if (optedOut !== undefined) this.#parts.onOptOut?.(optedOut);
    const turn = this.log.turn(moments ?? { node: this.#parts.dialogue.node, decisionMs: this.#parts.clock.monotonic() });
    const spoken: Promise<void>[] = [];
    const says = outputs.filter((output) => output.type === 'say');
    for (const [index, say] of says.entries()) {
      const result = this.#speaker.say(say.prompt, say);
      spoken.push(result.done);
      if (say.prompt.marks !== undefined) void this.#note(say.prompt.marks, result.whole);
      void result.firstPacket.then((atMs) => {
        if (index === 0) {
          turn.handed(result.handedMs);
          turn.sent(atMs);
        }
        if (atMs === undefined) return;
        const line = this.log.line('bot', say.prompt.text, atMs);
        this.#parts.onLine(line, undefined, index === 0 ? turn.replyMs() : undefined);
      });
    }
    decided?.(this.#parts.dialogue.lastDecision);
    const final = outputs.at(-1);
    if (final?.type === 'listen') {
      this.#listen = final;
      this.#keypad.expect(final.dtmf);
      this.#armListening();
    } else if (final?.type === 'effect') {
      this.#keypad.expect(undefined);
      void this.#effect(final);
    } else if (final?.type === 'transfer') {
      this.#keypad.expect(undefined);
      void Promise.all(spoken).then(() => this.#transfer(final));
    } else if (final?.type === 'switch') {
      this.#keypad.expect(undefined);
      void Promise.all(spoken).then(() => this.#switch(final.flow));
    } else if (final?.type === 'end') {
      this.#keypad.expect(undefined);
      this.#verdict = final.verdict;
      void Promise.all(spoken).then(() => this.#settle({ verdict: final.verdict, error: undefined }));
    }
  }

  /** Of what the law wants to be said, when it had been said to its end. */
  async #note(marks: readonly PromptMark[], whole: Promise<boolean>): Promise<void> {
    if (!(await whole)) return;
    const ms = Math.round(this.#parts.clock.monotonic() - this.#parts.answeredMs);
    for (const mark of marks) if (!this.#told.has(mark)) this.#told.set(mark, ms);
  }

  /** The answer comes within the deadline, and then the flow goes on; meanwhile the caller can at most interrupt. */
  async #effect(wanted: Extract<DialogueOutput, { type: 'effect' }>): Promise<void> {
    const { clock, log, lookups, mind } = this.#parts;
    const say = (prompt: Prompt): void => {
      void this.#speaker.say(prompt).firstPacket.then((atMs) => atMs !== undefined && this.#parts.onLine(this.log.line('bot', prompt.text, atMs), undefined, undefined));
    };
    if (wanted.bargeIn === true) {
      this.#wording = new AbortController();
      this.#listenWhileWording();
    }
    const outcome = await runEffect({ clock, log, lookups, mind, say }, wanted, this.#abort.signal, this.#wording?.signal);
    this.#wording = undefined;
    this.#decide({ type: 'effect', id: wanted.id, outcome }, undefined);
    this.#answerEarly();
  }

  /** To be interrupted, and to be told something: what the caller says is heard by the question that follows. */
  #listenWhileWording(): void {
    if (this.#stream) this.#turns.listen({ kind: 'open', silenceMs: WORDING_MS, bargeIn: true, atMs: this.#audioMs, patient: false, digits: undefined });
  }

  /** The conversation is over without a verdict: that of the other flow counts. */
  async #switch(flow: string): Promise<void> {
    if (this.#abort.signal.aborted) return;
    if ((await this.#parts.switchFlow?.(flow)) === true) return this.#settle({ verdict: undefined, error: undefined });
    this.#decide({ type: 'transfer_failed' }, undefined);
  }

  async #transfer(wanted: Extract<DialogueOutput, { type: 'transfer' }>): Promise<void> {
    if (this.#abort.signal.aborted) return;
    const { to, mode } = wanted;
    const record = await this.#parts.transfer?.({ to, mode }).catch((error: unknown) => this.#parts.log.warn({ code: asTrunklineError(error).code }, 'the flow wanted a transfer that could not begin'));
    if (record?.outcome === 'completed') return this.#settle({ verdict: wanted.verdict, error: undefined });
    this.resume({ ask: false });
    this.#decide({ type: 'transfer_failed' }, undefined);
  }

  #armListening(): void {
    const listen = this.#listen;
    if (!listen || !this.#stream) return;
    this.#turns.listen({ kind: listen.kind, silenceMs: listen.silenceMs, bargeIn: listen.bargeIn, atMs: this.#audioMs, patient: listen.patient ?? false, digits: listen.kind === 'digits' ? listen.dtmf : undefined });
  }

  /** Audio time of the present stream as monotonic ms. */
  #monotonic(audioMs: number): number {
    return this.#lastFrameAtMs - (this.#audioMs - audioMs);
  }
}
