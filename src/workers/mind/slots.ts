import type { LlamaContext, LlamaContextSequence, Token } from 'node-llama-cpp';
import type { Clock } from '../../kernel/clock.js';
import { TrunklineError } from '../../kernel/errors.js';
import type { PrefixCache } from './prefix-cache.js';
import type { PromptTokens } from './prompt-format.js';

/** Tokens that are computed at a stretch: a cancel, and the next token of another call, wait no longer than this takes. */
const PIECE_TOKENS = 32;

/** A cancel may arrive behind the request that it makes room for: that one waits so long for a slot, ms. */
const ROOM_WAIT_MS = 100;

export interface Slot {
  readonly sequence: LlamaContextSequence;
  /** Of the request that it works for; undefined when it is free. */
  signal: AbortSignal | undefined;
}

/** One context with a sequence for each request at once; the model's runs of all of them are batched. */
export class Slots {
  readonly #slots: Slot[];
  readonly #cache: PrefixCache;
  readonly #clock: Clock;
  /** Requests that wait for a slot to become free. */
  readonly #waiting: (() => void)[] = [];

  constructor(context: LlamaContext, cache: PrefixCache, clock: Clock) {
    this.#cache = cache;
    this.#clock = clock;
    this.#slots = Array.from({ length: context.totalSequences }, () => ({ sequence: context.getSequence(), signal: undefined }));
  }

  get total(): number {
    return this.#slots.length;
  }

  get used(): number {
    return this.#slots.filter((slot) => slot.signal !== undefined).length;
  }

  /**
   * The free slot whose state has most in common with the tokens. A slot whose
   * request was cancelled is waited for: it is free at its next token.
   * TRK_WORKER_BUSY if none becomes free soon.
   */
  async take(tokens: PromptTokens, signal: AbortSignal): Promise<Slot> {
    for (let waited = false; ; ) {
      const free = this.#closest([...tokens.prefix, ...tokens.rest]);
      if (free !== undefined) {
        free.signal = signal;
        return free;
      }
      const leaving = this.#slots.filter((slot) => slot.signal?.aborted === true).length;
      if (leaving <= this.#waiting.length) {
        if (waited) throw new TrunklineError('TRK_WORKER_BUSY', { params: { worker: 'mind' } });
        waited = true;
        await this.#room();
        continue;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Resolves when a slot becomes free, or there has been time enough for it. */
  #room(): Promise<void> {
    return new Promise<void>((resolve) => {
      const free = (): void => {
        limit.cancel();
        resolve();
      };
      const limit = this.#clock.after(ROOM_WAIT_MS, () => {
        const at = this.#waiting.indexOf(free);
        if (at >= 0) this.#waiting.splice(at, 1);
        resolve();
      });
      this.#waiting.push(free);
    });
  }

  release(slot: Slot): void {
    slot.signal = undefined;
    this.#waiting.shift()?.();
  }

  #closest(wanted: Token[]): Slot | undefined {
    let best: Slot | undefined;
    let most = -1;
    for (const slot of this.#slots) {
      if (slot.signal !== undefined) continue;
      const common = slot.sequence.compareContextTokens(wanted).firstDifferentIndex;
      if (common > most) [best, most] = [slot, common];
    }
    return best;
  }

  /**
   * Brings the slot to the state after all tokens but the last one, which the
   * caller evaluates itself because it wants what follows. Answers how many tokens
   * came from the cache; undefined if the signal was aborted meanwhile.
   */
  async load(slot: Slot, tokens: PromptTokens, signal: AbortSignal): Promise<{ cached: number; last: Token } | undefined> {
    const { sequence } = slot;
    const head = [...tokens.prefix, ...tokens.rest];
    const last = head.pop()!;
    // A saved state beats what the slot holds only if it reaches further.
    let common = sequence.compareContextTokens(head).firstDifferentIndex;
    if (common < tokens.prefix.length && tokens.prefix.length <= head.length) {
      common = await this.#loadPrefix(slot, tokens.prefix, common, signal);
      if (common < 0) return undefined;
    }
    // Trims the state; without context shift what stays is an exact prefix.
    await sequence.adaptStateToTokens(head, false);
    if (!(await this.#evaluate(slot, head.slice(sequence.nextTokenIndex), signal))) return undefined;
    return { cached: Math.min(common, head.length), last };
  }

  /** From the cache, or computed and put there. How many tokens needed no computing; -1 if aborted. */
  async #loadPrefix(slot: Slot, prefix: Token[], common: number, signal: AbortSignal): Promise<number> {
    const { sequence } = slot;
    const file = await this.#cache.find(prefix);
    if (signal.aborted) return -1;
    if (file !== undefined) {
      try {
        // The file was written by this process from this model, so it fits.
        await sequence.loadStateFromFile(file, { acceptRisk: true });
        return prefix.length;
      } catch {
        await this.#cache.forget(prefix);
      }
    }
    const claim = this.#cache.claim(prefix);
    await sequence.adaptStateToTokens(prefix, false);
    const start = sequence.nextTokenIndex;
    let done = false;
    try {
      done = await this.#evaluate(slot, prefix.slice(start), signal);
    } finally {
      if (!done) claim?.drop();
    }
    if (!done) return -1;
    await claim?.save(async (path) => (await sequence.saveStateToFile(path)).fileSize);
    return Math.min(common, start);
  }

  /** False if the signal was aborted before the end. */
  async #evaluate(slot: Slot, tokens: Token[], signal: AbortSignal): Promise<boolean> {
    for (let at = 0; at < tokens.length; at += PIECE_TOKENS) {
      if (signal.aborted) return false;
      await slot.sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(at, at + PIECE_TOKENS));
    }
    return !signal.aborted;
  }
}
