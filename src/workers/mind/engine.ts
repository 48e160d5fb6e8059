import { LlamaGrammarEvaluationState, LlamaLogLevel, getLlama } from 'node-llama-cpp';
import type { Llama, LlamaContext, LlamaModel, Token } from 'node-llama-cpp';
import type { Clock } from '../../kernel/clock.js';
import { TrunklineError } from '../../kernel/errors.js';
import type { Finish, GenerateMessage } from '../../proto/mind-messages.js';
import { seedOf } from '../seed-of.js';
import { Grammars } from './grammars.js';
import { PrefixCache } from './prefix-cache.js';
import { PromptFormat } from './prompt-format.js';
import type { PromptTokens } from './prompt-format.js';
import { refuse } from './refuse.js';
import { Slots } from './slots.js';
import { StopFilter } from './stop-filter.js';

const MAX_PROMPT_CHARS = 65_536;
const MAX_NEW_TOKENS = 4096;
const DEFAULT_NEW_TOKENS = 64;
const MAX_STOPS = 16;
const MAX_STOP_CHARS = 200;
const MAX_LABELS = 64;
const MAX_LABEL_CHARS = 500;
/** Bytes of one character that models spread over several tokens. */
const MAX_BROKEN_TOKENS = 4;

export interface EngineOptions {
  readonly modelFile: string;
  readonly slots: number;
  readonly contextTokens: number;
  readonly threads: number;
  readonly prefixCacheBytes: number;
  readonly clock: Clock;
}

export type Generated = { readonly text: string } | { readonly finish: Finish };

/** A language model on the CPU: llama.cpp computes on its own threads, so nothing here blocks the event loop. */
export class LlamaEngine {
  readonly #clock: Clock;
  readonly #model: LlamaModel;
  readonly #context: LlamaContext;
  readonly #llama: Llama;
  readonly #cache: PrefixCache;
  readonly #slots: Slots;
  readonly #grammars: Grammars;
  readonly #format: PromptFormat;

  private constructor(parts: { clock: Clock; llama: Llama; model: LlamaModel; context: LlamaContext; cache: PrefixCache }) {
    this.#clock = parts.clock;
    this.#llama = parts.llama;
    this.#model = parts.model;
    this.#context = parts.context;
    this.#cache = parts.cache;
    this.#slots = new Slots(parts.context, parts.cache, parts.clock);
    this.#grammars = new Grammars(parts.llama);
    this.#format = new PromptFormat(parts.model);
  }

  /** TRK_MODEL_CORRUPT if the file is no model that llama.cpp reads. */
  static async start(options: EngineOptions): Promise<LlamaEngine> {
    // The library's own messages repeat grammars and prompts, so they are not logged.
    const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, maxThreads: options.threads, logLevel: LlamaLogLevel.disabled, logger: () => undefined });
    try {
      const model = await llama.loadModel({ modelPath: options.modelFile });
      const context = await model.createContext({ sequences: options.slots, contextSize: options.contextTokens, threads: options.threads, batchSize: Math.min(128, options.contextTokens) });
      const cache = await PrefixCache.create(options.prefixCacheBytes);
      return new LlamaEngine({ clock: options.clock, llama, model, context, cache });
    } catch (cause) {
      await llama.dispose();
      throw new TrunklineError('TRK_MODEL_CORRUPT', { params: { file: options.modelFile }, cause });
    }
  }

  get slots(): { readonly total: number; readonly used: number } {
    return { total: this.#slots.total, used: this.#slots.used };
  }

  get contextTokens(): number {
    return this.#context.contextSize;
  }

  /**
   * Text as it is generated, then `finish`. Ends without one when the signal is
   * aborted. TRK_SPEECH_REQUEST, TRK_WORKER_BUSY.
   */
  async *generate(request: GenerateMessage, signal: AbortSignal): AsyncGenerator<Generated> {
    const started = this.#clock.monotonic();
    if (request.stop.length > MAX_STOPS || request.stop.some((stop) => stop.length > MAX_STOP_CHARS)) throw refuse('too many or too long stop strings');
    if (!(request.temperature >= 0 && request.temperature <= 5)) throw refuse('temperature must be 0 to 5');
    const grammar = await this.#grammars.compile(request.grammarGbnf, request.grammarJsonSchema);
    const tokens = this.#tokens(request.prefix, request.prompt);
    const promptTokens = tokens.prefix.length + tokens.rest.length;
    const room = this.#context.contextSize - promptTokens;
    const limit = Math.min(request.maxTokens === 0 ? DEFAULT_NEW_TOKENS : request.maxTokens, MAX_NEW_TOKENS, room);
    const slot = await this.#slots.take(tokens, signal);
    try {
      const loaded = await this.#slots.load(slot, tokens, signal);
      if (loaded === undefined) return;
      const filter = new StopFilter(grammar?.end === undefined ? request.stop : [...request.stop, grammar.end]);
      const words = new TokenText(this.#model);
      let count = 0;
      let firstTokenMs = 0;
      let reason = grammar === undefined ? 'stop' : 'grammar';
      const stream = slot.sequence.evaluate([loaded.last], {
        temperature: request.temperature,
        // Above temperature 0, too, the same request has the same answer.
        seed: seedOf([...tokens.prefix, ...tokens.rest]),
        ...(grammar === undefined ? {} : { grammarEvaluationState: new LlamaGrammarEvaluationState({ model: this.#model, grammar: grammar.grammar }) }),
      });
      for await (const token of stream) {
        if (signal.aborted) return;
        if (count++ === 0) firstTokenMs = this.#clock.monotonic() - started;
        const text = filter.push(words.push(token));
        if (text !== '') yield { text };
        if (filter.stopped) reason = filter.found === grammar?.end ? 'grammar' : 'stop';
        else if (count >= limit) reason = 'length';
        else continue;
        break;
      }
      if (signal.aborted) return;
      const tail = filter.push(words.flush()) + filter.flush();
      if (tail !== '') yield { text: tail };
      yield { finish: { reason, promptTokens, cachedTokens: loaded.cached, generatedTokens: count, firstTokenMs } };
    } finally {
      this.#slots.release(slot);
    }
  }

  /** Natural log-probability per token of each label; undefined if aborted. TRK_SPEECH_REQUEST, TRK_WORKER_BUSY. */
  async score(prefix: string, prompt: string, labels: readonly string[], signal: AbortSignal): Promise<number[] | undefined> {
    if (labels.length === 0 || labels.length > MAX_LABELS) throw refuse(`1 to ${MAX_LABELS} labels are needed`);
    if (labels.some((label) => label === '' || label.length > MAX_LABEL_CHARS)) throw refuse('a label is empty or too long');
    const tokens = this.#tokens(prefix, prompt);
    const continuations = labels.map((label) => this.#format.continuation(label));
    const longest = Math.max(...continuations.map((label) => label.length));
    if (tokens.prefix.length + tokens.rest.length + longest > this.#context.contextSize) throw refuse('the prompt is longer than the context');
    const slot = await this.#slots.take(tokens, signal);
    try {
      const loaded = await this.#slots.load(slot, tokens, signal);
      if (loaded === undefined) return undefined;
      const base = slot.sequence.contextTokens;
      const scores: number[] = [];
      for (const label of continuations) {
        if (signal.aborted) return undefined;
        await slot.sequence.adaptStateToTokens(base, false);
        scores.push(await this.#scoreOne(slot.sequence, loaded.last, label));
      }
      return scores;
    } finally {
      this.#slots.release(slot);
    }
  }

  /** Computes a prefix ahead of need; its length in tokens. */
  async prepare(prefix: string, signal: AbortSignal): Promise<number> {
    const tokens = this.#tokens(prefix, '');
    const slot = await this.#slots.take(tokens, signal);
    try {
      await this.#slots.load(slot, tokens, signal);
      return tokens.prefix.length;
    } finally {
      this.#slots.release(slot);
    }
  }

  async close(): Promise<void> {
    await this.#context.dispose();
    await this.#model.dispose();
    await this.#llama.dispose();
    await this.#cache.close();
  }

  #tokens(prefix: string, prompt: string): PromptTokens {
    if (prefix.length + prompt.length > MAX_PROMPT_CHARS) throw refuse('the prompt is longer than the context');
    const tokens = this.#format.tokens(prefix, prompt);
    const total = tokens.prefix.length + tokens.rest.length;
    if (total === 0) throw refuse('the prompt is empty');
    if (total >= this.#context.contextSize) throw refuse('the prompt is longer than the context');
    return tokens;
  }

  async #scoreOne(sequence: ReturnType<LlamaContext['getSequence']>, last: Token, label: readonly Token[]): Promise<number> {
    // The token before each label token predicts it. The library leaves the largest logit out of a
    // filtered answer (`includeMax`) when tokens are named; the first of the top ones is the same.
    const inputs = [last, ...label.slice(0, -1)];
    const outputs = await sequence.controlledEvaluate(
      inputs.map((token, index) => [token, { generateNext: { logits: { filter: { tokens: [label[index]!], includeTop: 1 } }, totalLogitWeight: true } }]),
    );
    let sum = 0;
    label.forEach((token, index) => {
      const next = outputs[index]?.next;
      const logit = next?.logits?.get(token);
      if (next?.logits === undefined || next.totalLogitWeight === undefined || logit === undefined) throw new TrunklineError('TRK_INTERNAL', { params: { reason: 'the model gave no logits' } });
      // log softmax: the weights are exp(logit - max).
      sum += logit - Math.max(...next.logits.values()) - Math.log(next.totalLogitWeight);
    });
    return sum / label.length;
  }
}

/** Tokens as text; a character that is spread over several tokens comes out whole. */
class TokenText {
  readonly #model: LlamaModel;
  #pending: Token[] = [];
  #previous: Token[] = [];

  constructor(model: LlamaModel) {
    this.#model = model;
  }

  push(token: Token): string {
    this.#pending.push(token);
    const text = this.#text();
    if (text.endsWith('\uFFFD') && this.#pending.length < MAX_BROKEN_TOKENS) return '';
    this.#previous = this.#pending;
    this.#pending = [];
    return text;
  }

  flush(): string {
    return this.#pending.length === 0 ? '' : this.#text().replace(/\uFFFD+$/, '');
  }

  #text(): string {
    return this.#model.detokenize(this.#pending, false, this.#previous);
  }
}
