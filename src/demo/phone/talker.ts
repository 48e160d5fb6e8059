import { firstSampleAbove, lastSampleAbove, magnitudeAt } from '../../audio/level.js';
import { BotSpeech } from './bot-speech.js';
import type { Outgoing, TalkEvent, TalkScript, TalkStep } from './talk-script.js';

const FRAME = 160;
const FRAME_MS = 20;
/** A digit lasts 100 ms, its end is sent three times (RFC 4733 2.5.1.4), and 80 ms of silence follow. */
const DIGIT_PACKETS = 5;
const DIGIT_ENDS = 3;
const DIGIT_GAP_MS = 80;
/** So long a quiet means that the bot has stopped for the caller. */
const YIELD_QUIET_MS = 300;
const YIELD_LIMIT_MS = 3000;
/** The bot is heard now if its last loud packet is not older than this. */
const AUDIBLE_MS = 60;

interface Clip {
  readonly samples: Int16Array;
  readonly firstSpeech: number;
  readonly lastSpeech: number;
}

type Doing =
  | { readonly kind: 'wait' }
  | { readonly kind: 'say'; readonly clip: Clip; position: number; spoiled: boolean }
  | { readonly kind: 'press'; readonly digits: readonly string[]; index: number; packet: number; gapMs: number }
  | { readonly kind: 'done' };

/**
 * One caller in one call: hears the bot by its energy, speaks its clips when it is its
 * turn, and measures. No clock of its own; every call says when it is.
 */
export class Talker {
  readonly #script: TalkScript;
  readonly #emit: (event: TalkEvent) => void;
  readonly #bot: BotSpeech;
  #doing: Doing = { kind: 'wait' };
  #step = 0;
  #establishedAt: number | undefined;
  #greeted = false;
  /** The present wait counts from here. */
  #waitFrom = 0;
  #saidStart: number | undefined;
  #replyFrom: { at: number; step: number } | undefined;
  #bargeFrom: { at: number; step: number } | undefined;
  #hungUp = false;
  #noise = 1;

  constructor(script: TalkScript, emit: (event: TalkEvent) => void) {
    this.#script = script;
    this.#emit = emit;
    this.#bot = new BotSpeech(script.botThresholdDbfs, script.botSilenceMs);
  }

  /** The call stands: its ACK was sent or received. */
  established(atMs: number): void {
    if (this.#establishedAt !== undefined) return;
    this.#establishedAt = atMs;
    this.#waitFrom = atMs;
    // Media may overtake the ACK; such a greeting took no time at all.
    if (this.#bot.speaking) this.#greeting(atMs, 0);
  }

  /** A packet of the bot's audio. */
  heard(samples: Int16Array, atMs: number): void {
    const change = this.#bot.heard(samples, atMs);
    if (change === undefined) return;
    if (change === 'start') this.#emit({ event: 'bot_speech_start', atMs });
    if (!this.#greeted && this.#establishedAt !== undefined) this.#greeting(atMs, atMs - this.#establishedAt);
    const begins = change !== 'more';
    // A bot that is being interrupted has not replied yet, nor has it spoken out of turn.
    if (!begins && this.#bargeFrom !== undefined) return;
    if (this.#replyFrom !== undefined) {
      const { at, step } = this.#replyFrom;
      this.#replyFrom = undefined;
      if (begins) this.#emit({ event: 'reply', atMs, ms: atMs - at, step, label: this.#label(step) });
      else this.#emit({ event: 'talked_over', atMs, step, label: this.#label(step) });
    } else if (begins && this.#doing.kind === 'say' && this.#saidStart !== undefined && !this.#doing.spoiled) {
      this.#doing.spoiled = true;
      this.#emit({ event: 'talked_over', atMs, step: this.#step, label: this.#label(this.#step) });
    }
  }

  /** The next 20 ms, about to be sent. */
  next(atMs: number): Outgoing {
    this.#observe(atMs);
    if (this.#establishedAt === undefined || this.#hungUp) return this.#room();
    if (atMs - this.#establishedAt >= this.#script.maxCallMs) this.#hangUp(atMs, 'too_long');
    const step = this.#script.steps[this.#step];
    if (this.#doing.kind === 'wait' && step !== undefined && this.#mayBegin(step, atMs)) this.#begin(step);
    if (step === undefined && this.#mayHangUp(atMs)) this.#hangUp(atMs, 'script');
    if (this.#doing.kind === 'say') return this.#say(this.#doing, atMs);
    if (this.#doing.kind === 'press') return this.#press(this.#doing, atMs);
    return this.#room();
  }

  #greeting(atMs: number, ms: number): void {
    this.#greeted = true;
    this.#emit({ event: 'greeting', atMs, ms });
  }

  #observe(atMs: number): void {
    if (this.#bargeFrom !== undefined) {
      const { at, step } = this.#bargeFrom;
      const quiet = atMs - this.#bot.loudAt >= YIELD_QUIET_MS;
      if (quiet || atMs - at >= YIELD_LIMIT_MS) {
        this.#bargeFrom = undefined;
        const ms = quiet ? Math.max(0, this.#bot.loudAt - at) : undefined;
        this.#emit({ event: 'barge_in', atMs, ms, step, label: this.#label(step) });
      }
    }
    if (this.#bot.ended(atMs)) this.#emit({ event: 'bot_speech_end', atMs: this.#bot.loudAt });
  }

  #mayBegin(step: TalkStep, atMs: number): boolean {
    const waited = atMs - this.#waitFrom;
    if (step.bargeInAfterMs !== undefined && this.#bot.speaking) {
      // Not in a pause between two sentences: silence that is there already measures nothing.
      const audible = atMs - this.#bot.loudAt <= AUDIBLE_MS;
      if (audible && atMs - Math.max(this.#bot.startedAt, this.#waitFrom) >= step.bargeInAfterMs) return true;
    } else if (typeof step.after === 'number') {
      return waited >= step.after;
    } else if (this.#botFinished() && step.bargeInAfterMs === undefined) {
      return atMs - this.#bot.loudAt >= step.thinkMs;
    }
    if (this.#bot.speaking || waited < step.timeoutMs) return false;
    this.#replyFrom = undefined;
    this.#emit({ event: 'no_reply', atMs, step: this.#step, label: step.label });
    return true;
  }

  /** The bot has spoken since the caller's turn, and is silent. */
  #botFinished(): boolean {
    return !this.#bot.speaking && this.#bot.loudAt > this.#waitFrom;
  }

  #begin(step: TalkStep): void {
    this.#saidStart = undefined;
    if (step.clip === undefined) {
      this.#doing = pressing(step);
      return;
    }
    const firstSpeech = firstSampleAbove(step.clip, this.#script.speechThresholdDbfs) ?? 0;
    const lastSpeech = lastSampleAbove(step.clip, this.#script.speechThresholdDbfs) ?? step.clip.length - 1;
    this.#doing = { kind: 'say', clip: { samples: step.clip, firstSpeech, lastSpeech }, position: 0, spoiled: false };
  }

  #say(saying: Doing & { kind: 'say' }, atMs: number): Outgoing {
    const { clip, position } = saying;
    const samples = this.#room().samples;
    const piece = clip.samples.subarray(position, position + FRAME);
    piece.forEach((sample, index) => (samples[index] = Math.max(-32768, Math.min(32767, samples[index]! + sample))));
    const holds = (sample: number): boolean => sample >= position && sample < position + FRAME;
    const step = this.#step;
    if (holds(clip.firstSpeech)) {
      this.#saidStart = atMs;
      this.#emit({ event: 'caller_speech_start', atMs, step, label: this.#label(step) });
      if (this.#bot.speaking && this.#script.steps[step]?.bargeInAfterMs !== undefined) this.#bargeFrom = { at: atMs, step };
    }
    if (holds(clip.lastSpeech)) {
      this.#waitFrom = atMs;
      this.#emit({ event: 'caller_speech_end', atMs, step, label: this.#label(step) });
      if (!saying.spoiled && this.#script.steps[step]?.dtmf === '') this.#replyFrom = { at: atMs, step };
    }
    saying.position += FRAME;
    if (saying.position >= clip.samples.length) this.#afterClip();
    return { kind: 'audio', samples };
  }

  #afterClip(): void {
    const step = this.#script.steps[this.#step]!;
    if (step.dtmf === '') this.#advance();
    else this.#doing = pressing(step);
  }

  #press(pressing: Doing & { kind: 'press' }, atMs: number): Outgoing {
    if (pressing.gapMs > 0) {
      pressing.gapMs -= FRAME_MS;
      if (pressing.index >= pressing.digits.length && pressing.gapMs <= 0) {
        this.#waitFrom = atMs - DIGIT_GAP_MS;
        this.#emit({ event: 'dtmf_sent', atMs, step: this.#step, label: this.#label(this.#step) });
        this.#advance();
      }
      return this.#room();
    }
    const digit = pressing.digits[pressing.index]!;
    const elapsed = ++pressing.packet;
    if (elapsed >= DIGIT_PACKETS + DIGIT_ENDS - 1) {
      pressing.index++;
      // The answer to keys is counted from the end of the last one.
      if (pressing.index >= pressing.digits.length) this.#replyFrom = { at: atMs, step: this.#step };
      pressing.packet = 0;
      pressing.gapMs = DIGIT_GAP_MS;
    }
    return { kind: 'digit', digit, elapsed: Math.min(elapsed, DIGIT_PACKETS), end: elapsed >= DIGIT_PACKETS };
  }

  #advance(): void {
    this.#step++;
    this.#doing = this.#step < this.#script.steps.length ? { kind: 'wait' } : { kind: 'done' };
  }

  #mayHangUp(atMs: number): boolean {
    const { hangupAfter } = this.#script;
    if (hangupAfter === 'never') return false;
    if (typeof hangupAfter === 'number') return atMs - this.#waitFrom >= hangupAfter;
    return this.#botFinished();
  }

  #hangUp(atMs: number, reason: 'script' | 'too_long'): void {
    if (this.#hungUp) return;
    this.#hungUp = true;
    if (this.#bargeFrom !== undefined) {
      const { step } = this.#bargeFrom;
      this.#emit({ event: 'barge_in', atMs, ms: undefined, step, label: this.#label(step) });
    }
    this.#emit({ event: 'hangup', atMs, reason });
  }

  /** 20 ms of the caller's room: silence, or its noise by a small generator so that runs repeat. */
  #room(): { kind: 'audio'; samples: Int16Array } {
    const samples = new Int16Array(FRAME);
    if (this.#script.noiseDbfs === undefined) return { kind: 'audio', samples };
    // A uniform value has an RMS of its limit over the root of three.
    const limit = magnitudeAt(this.#script.noiseDbfs) * Math.sqrt(3);
    for (let index = 0; index < FRAME; index++) {
      this.#noise = (Math.imul(this.#noise, 1_664_525) + 1_013_904_223) >>> 0;
      samples[index] = Math.round((this.#noise / 2 ** 31 - 1) * limit);
    }
    return { kind: 'audio', samples };
  }

  #label(step: number): string {
    return this.#script.steps[step]?.label ?? '';
  }
}

function pressing(step: TalkStep): Doing {
  return { kind: 'press', digits: [...step.dtmf], index: 0, packet: 0, gapMs: 0 };
}
