import type { Config } from '../config/schema.js';
import type { CompiledFlow, Dialogue, DialogueInput, DialogueOutput } from '../dialogue/dialogue.js';
import { FRAME_MS } from '../audio/frame.js';
import type { Clock } from '../kernel/clock.js';
import { delay } from '../kernel/clock.js';
import { TrunklineError, asTrunklineError } from '../kernel/errors.js';
import type { Logger } from '../kernel/log.js';
import type { MediaSession } from '../media/media-session.js';
import type { Ear, EarEvent, EarStream } from '../speech/ear.js';
import type { Mouth } from '../speech/mouth.js';
import { TurnTaker } from '../speech/turn/turn-taker.js';
import type { TurnEvent, TurnHooks } from '../speech/turn/turn-taker.js';
import type { TranscriptLine, Verdict } from '../store/store.js';
import { Keypad } from './keypad.js';
import { Speaker } from './speaker.js';
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
}

export interface ConversationEnd {
  /** Undefined when the call was over before the flow had decided. */
  readonly verdict: Verdict | undefined;
  /** Why the conversation could not go on, if it could not. */
  readonly error: TrunklineError | undefined;
}

type Listen = Extract<DialogueOutput, { type: 'listen' }>;

/** A caller who cannot be heard yet is told so after this much silence, ms. */
const QUIET_MS = 1000;
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
  /** What the flow has decided; it stands even if the caller does not hear the last words out. */
  #verdict: Verdict | undefined;
  #settle: (end: ConversationEnd) => void = () => undefined;

  constructor(parts: ConversationParts) {
    this.#parts = parts;
    this.log = new TurnLog(parts.answeredMs);
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
    this.#parts.media.onFrame((samples, atMs) => this.#onFrame(samples, atMs));
    this.#parts.media.onDtmf((event) => this.#onKey(event.digit));
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

  #newTurnTaker(): TurnTaker {
    return new TurnTaker(this.#parts.turn, { isComplete: this.#parts.isComplete, forget: () => this.#stream?.reset() });
  }

  /** `told`: the caller has already heard that there is trouble. */
  async #openEar(told: boolean): Promise<void> {
    const { ear, clock, flow, turn, recoverMs, log } = this.#parts;
    const giveUpAt = clock.monotonic() + recoverMs;
    let quietSince = clock.monotonic();
    while (!this.#abort.signal.aborted) {
      try {
        const stream = await ear.open({ language: flow.language, pauseMs: turn.pause_ms });
        if (this.#abort.signal.aborted) return stream.close();
        this.#audioMs = 0;
        this.#turns = this.#newTurnTaker();
        this.#stream = stream;
        stream.onEvent((event) => this.#onEar(event, stream));
        this.#armListening();
        return;
      } catch (error) {
        const coded = asTrunklineError(error);
        if (clock.monotonic() >= giveUpAt) {
          log.error({ code: coded.code }, 'no ear for this call');
          return this.#settle({ verdict: this.#verdict, error: coded });
        }
        if (this.#speaker.speaking) quietSince = clock.monotonic();
        else if (!told && clock.monotonic() - quietSince >= QUIET_MS) {
          told = true;
          this.#decide({ type: 'trouble' }, undefined);
        }
        await delay(clock, REOPEN_MS, this.#abort.signal).catch(() => undefined);
      }
    }
  }

  #onFrame(samples: Int16Array, atMs: number): void {
    const stream = this.#stream;
    if (!stream) return;
    stream.write(samples);
    this.#audioMs += FRAME_MS;
    this.#lastFrameAtMs = atMs;
    const botSpeaks = this.#speaker.speaking;
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
      this.#decide({ type: 'trouble' }, undefined);
      return;
    }
    this.#onTurns(this.#turns.onEar(event));
  }

  #onTurns(events: readonly TurnEvent[]): void {
    for (const event of events) {
      if (event.type === 'barge_in') {
        this.#speaker.stop();
      } else if (event.type === 'silence') {
        this.#decide({ type: 'silence' }, undefined);
      } else {
        const moments: TurnMoments = {
          node: this.#parts.dialogue.node,
          lastSpeechMs: this.#monotonic(event.lastSpeechMs),
          pauseSeenMs: this.#monotonic(event.pauseSeenMs),
          finalTextMs: this.#monotonic(event.finalTextMs),
          decisionMs: this.#parts.clock.monotonic(),
        };
        const input: DialogueInput = { type: 'utterance', text: event.text, ...(event.confidence === undefined ? {} : { confidence: event.confidence }) };
        this.#hear(input, moments, event.text);
      }
    }
  }

  #onKey(key: string): void {
    if (this.#listen?.bargeIn === false && this.#speaker.speaking) return;
    if (this.#keypad.press(key)) this.#speaker.stop();
  }

  /** Something the caller said or keyed: noted, then decided on. */
  #hear(input: DialogueInput, moments: TurnMoments, words: string): void {
    const line = this.log.line('caller', words, moments.lastSpeechMs ?? moments.decisionMs);
    this.#decide(input, moments, (decision) => this.#parts.onLine(line, decision, undefined));
  }

  #decide(input: DialogueInput, moments: TurnMoments | undefined, decided?: (decision: string | undefined) => void): void {
    if (this.#abort.signal.aborted) return;
    this.#listen = undefined;
    this.#turns.stopListening();
    const outputs = this.#parts.dialogue.next(input);
    const turn = this.log.turn(moments ?? { node: this.#parts.dialogue.node, decisionMs: this.#parts.clock.monotonic() });
    const spoken: Promise<void>[] = [];
    const says = outputs.filter((output) => output.type === 'say');
    for (const [index, say] of says.entries()) {
      const result = this.#speaker.say(say.prompt);
      spoken.push(result.done);
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
    } else if (final?.type === 'end') {
      this.#keypad.expect(undefined);
      this.#verdict = final.verdict;
      void Promise.all(spoken).then(() => this.#settle({ verdict: final.verdict, error: undefined }));
    }
  }

  #armListening(): void {
    const listen = this.#listen;
    if (!listen || !this.#stream) return;
    this.#turns.listen({ kind: listen.kind, silenceMs: listen.silenceMs, bargeIn: listen.bargeIn, atMs: this.#audioMs, digits: listen.kind === 'digits' ? listen.dtmf : undefined });
  }

  /** Audio time of the present stream as monotonic ms. */
  #monotonic(audioMs: number): number {
    return this.#lastFrameAtMs - (this.#audioMs - audioMs);
  }
}
