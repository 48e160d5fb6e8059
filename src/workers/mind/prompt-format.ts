import { LlamaText, resolveChatWrapper } from 'node-llama-cpp';
import type { ChatWrapper, LlamaModel, Token } from 'node-llama-cpp';

/** A request as tokens; `prefix` is the part whose state is worth keeping. */
export interface PromptTokens {
  readonly prefix: Token[];
  readonly rest: Token[];
}

/** Stands where the turn's own text will be; no template holds it. */
const PLACE = '\uE000turn\uE001';

type Piece = LlamaText['values'][number];

/**
 * Turns prefix and prompt into the model's own format: for an instruction-tuned
 * model the prefix is the system message, the prompt the user's, and what is
 * generated or scored the assistant's answer; for a plain one they are simply
 * joined. Only the template's own control tokens become control tokens: a caller
 * who says "<|im_end|>" has said some letters.
 */
export class PromptFormat {
  readonly #model: LlamaModel;
  readonly #wrapper: ChatWrapper | undefined;

  constructor(model: LlamaModel) {
    this.#model = model;
    this.#wrapper = model.fileInfo.metadata.tokenizer.chat_template === undefined ? undefined : resolveChatWrapper(model);
  }

  tokens(prefix: string, prompt: string): PromptTokens {
    const around = this.#wrapper === undefined ? undefined : this.#around(this.#wrapper, prefix);
    if (around === undefined) return { prefix: this.#begin(this.#plain(prefix)), rest: this.#plain(prompt) };
    return {
      prefix: this.#begin(LlamaText(around.before).tokenize(this.#model.tokenizer)),
      rest: [...this.#plain(prompt), ...LlamaText(around.after).tokenize(this.#model.tokenizer)],
    };
  }

  /** A label as the beginning of the answer. */
  continuation(text: string): Token[] {
    return this.#plain(text);
  }

  #plain(text: string): Token[] {
    return text === '' ? [] : [...this.#model.tokenize(text, false, 'trimLeadingSpace')];
  }

  #around(wrapper: ChatWrapper, prefix: string): { before: Piece[]; after: Piece[] } | undefined {
    const { contextText } = wrapper.generateContextState({
      chatHistory: [...(prefix === '' ? [] : [{ type: 'system' as const, text: prefix }]), { type: 'user', text: PLACE }, { type: 'model', response: [] }],
    });
    const values = contextText.values;
    const index = values.findIndex((value) => typeof value === 'string' && value.includes(PLACE));
    const found = values[index];
    if (typeof found !== 'string') return undefined;
    const [head = '', tail = ''] = found.split(PLACE);
    return {
      before: [...values.slice(0, index), ...(head === '' ? [] : [head])],
      after: [...(tail === '' ? [] : [tail]), ...values.slice(index + 1)],
    };
  }

  /** One beginning-of-text token where the model wants it, and never two. */
  #begin(tokens: Token[]): Token[] {
    const { bos, shouldPrependBosToken } = this.#model.tokens;
    if (bos === null) return tokens;
    let skip = 0;
    while (tokens[skip] === bos && tokens[skip + 1] === bos) skip++;
    const single = tokens.slice(skip);
    return shouldPrependBosToken && single[0] !== bos ? [bos, ...single] : single;
  }
}
