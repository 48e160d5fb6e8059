import type { Config } from '../../config/schema.js';
import type { EarEvent } from '../ear.js';
import { isBargeIn } from './barge-in.js';
import { endDelayMs } from './end-delay.js';
import { Heard } from './heard.js';
import { SilenceTimer } from './silence-timer.js';
import type { ListenSpec, TurnEvent, TurnHooks } from './types.js';

export type { DigitRange, ListenSpec, TurnEvent, TurnHooks, TurnKind } from './types.js';

/** Words that are late are waited for this long after the end-of-turn delay, ms. */
export const LATE_WORDS_MS = 1_500;
/** A turn that is longer is taken as it is, ms. */
export const MAX_TURN_MS = 30_000;
/** Speech that is shorter and gave no words was a cough or a knock, ms. */
const NOISE_MS = 400;

interface Listening {
  readonly spec: ListenSpec;
  readonly silence: SilenceTimer;
  bargedIn: boolean;
  /** Speech that ends after this counts; undefined while the prompt is heard. */
  openMs: number | undefined;
}

/**
 * Decides when the caller's turn is over, in audio time only: a late worker or a
 * busy event loop moves the moment of the decision, never what counts as silence.
 *
 * Feed it every ear event and a tick with every frame. `botSpeaking` must be true
 * from the moment a prompt is due until its last sample is played. After `turn_end`
 * or `silence` it listens no more until the next `listen`.
 */
export class TurnTaker {
  private readonly heard = new Heard();
  private listening: Listening | undefined;
  private nowMs = 0;

  constructor(
    private readonly config: Config['turn'],
    private readonly hooks: TurnHooks = {},
  ) {}

  listen(spec: ListenSpec): void {
    this.nowMs = Math.max(this.nowMs, spec.atMs);
    this.listening = { spec, silence: new SilenceTimer(spec.silenceMs, spec.atMs), bargedIn: false, openMs: undefined };
  }

  stopListening(): void {
    this.listening = undefined;
  }

  /** Speech is going on now, whether listened to or not. */
  get callerSpeaking(): boolean {
    return this.heard.speaking;
  }

  onEar(event: EarEvent): TurnEvent[] {
    if (event.type === 'speech') this.nowMs = Math.max(this.nowMs, event.atMs);
    if (event.type === 'pause') this.nowMs = Math.max(this.nowMs, event.detectedMs);
    const speechStartMs = this.heard.speechStartMs;
    this.heard.onEar(event, this.nowMs);
    if (this.listening === undefined) return [];
    const events: TurnEvent[] = [];
    if (event.type === 'pause') {
      // A short word can begin and end between two ticks.
      if (speechStartMs !== undefined) this.tryBargeIn(this.listening, speechStartMs, event.lastSpeechMs, events);
      this.dropSpeechInsidePrompt(this.listening);
    }
    this.tryEndTurn(this.listening, events);
    return events;
  }

  /** `audioMs`: end of the newest frame that was written to the ear. */
  tick(audioMs: number, botSpeaking: boolean): TurnEvent[] {
    this.nowMs = Math.max(this.nowMs, audioMs);
    const listening = this.listening;
    if (listening === undefined) return [];
    const events: TurnEvent[] = [];
    if (botSpeaking && !listening.bargedIn) {
      listening.openMs = undefined;
      if (this.heard.speechStartMs !== undefined) this.tryBargeIn(listening, this.heard.speechStartMs, this.nowMs, events);
    } else if (listening.openMs === undefined) {
      this.open(listening, this.nowMs);
    }
    this.tryEndTurn(listening, events);
    if (this.listening !== undefined) this.trySilence(listening, botSpeaking, events);
    return events;
  }

  /** The prompt is over: what was said inside it is gone, what goes on counts. */
  private open(listening: Listening, atMs: number): void {
    listening.openMs = atMs;
    if (this.heard.anything && !this.heard.speaking) this.forget();
  }

  private tryBargeIn(listening: Listening, startMs: number, endMs: number, events: TurnEvent[]): void {
    // Once the prompt is over there is nothing left to interrupt.
    if (!listening.spec.bargeIn || listening.bargedIn || listening.openMs !== undefined) return;
    if (!isBargeIn(this.config.barge_in_speech_ms, startMs, endMs)) return;
    listening.bargedIn = true;
    listening.openMs = startMs;
    events.push({ type: 'barge_in', atMs: this.nowMs });
  }

  private dropSpeechInsidePrompt(listening: Listening): void {
    const pause = this.heard.pause;
    if (pause === undefined || (listening.openMs !== undefined && pause.lastSpeechMs > listening.openMs)) return;
    this.forget();
  }

  private tryEndTurn(listening: Listening, events: TurnEvent[]): void {
    if (listening.openMs === undefined) return;
    const turnStartMs = this.heard.turnStartMs;
    if (turnStartMs === undefined) return;
    if (this.nowMs - turnStartMs >= MAX_TURN_MS) return this.endTurn(events);
    const pause = this.heard.pause;
    if (pause === undefined) return;
    const words = this.heard.finalWords();
    const { kind, digits, patient = false } = listening.spec;
    const complete = words !== undefined && (this.hooks.isComplete?.(words.text, kind, digits) ?? false);
    const dueMs = pause.lastSpeechMs + endDelayMs(this.config, { kind, complete, patient });
    if (this.nowMs < dueMs) return;
    if (words === undefined && this.nowMs < dueMs + (this.hooks.lateWordsMs ?? LATE_WORDS_MS)) return;
    if (words !== undefined && words.text.trim() === '' && pause.lastSpeechMs - turnStartMs < NOISE_MS) return this.forget();
    this.endTurn(events);
  }

  private endTurn(events: TurnEvent[]): void {
    const pause = this.heard.pause;
    const words = this.heard.finalWords() ?? this.heard.words;
    events.push({
      type: 'turn_end',
      text: words?.text ?? '',
      confidence: words?.confidence,
      lastSpeechMs: pause?.lastSpeechMs ?? this.nowMs,
      pauseSeenMs: pause?.detectedMs ?? this.nowMs,
      finalTextMs: words?.arrivedMs ?? this.nowMs,
      decidedMs: this.nowMs,
    });
    this.listening = undefined;
    this.forget();
    // Over the limit: what is said from here on is a turn of its own.
    if (this.heard.speaking) this.heard.turnStartMs = this.nowMs;
  }

  private trySilence(listening: Listening, botSpeaking: boolean, events: TurnEvent[]): void {
    const busy = this.heard.speaking || this.heard.pause !== undefined;
    if (!listening.silence.expired(this.nowMs, botSpeaking && !listening.bargedIn, busy)) return;
    events.push({ type: 'silence', atMs: this.nowMs });
    this.listening = undefined;
  }

  private forget(): void {
    this.heard.forget();
    this.hooks.forget?.();
  }
}
