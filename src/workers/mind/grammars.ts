import type { Llama, LlamaGrammar } from 'node-llama-cpp';
import { Ajv } from 'ajv';
import { refuse } from './refuse.js';

const MAX_GRAMMAR_CHARS = 16_384;
const MAX_KEPT = 64;
const MAX_SCHEMA_DEPTH = 12;

/** The library's JSON grammar ends in blank lines, which are no part of the answer. */
const JSON_END = '\n\n\n\n';

export interface Compiled {
  readonly grammar: LlamaGrammar;
  /** Text after which the answer is complete; undefined if only the model's own end says so. */
  readonly end: string | undefined;
}

type Schema = Parameters<Llama['createGrammarForJsonSchema']>[0];

/** Compiled grammars; the last used ones are kept, because a flow asks with the same one again and again. */
export class Grammars {
  readonly #llama: Llama;
  readonly #kept = new Map<string, Compiled>();
  /** Knows what a schema may look like; the library takes anything for "any JSON". */
  readonly #ajv = new Ajv({ strict: false, logger: false });

  constructor(llama: Llama) {
    this.#llama = llama;
  }

  /** Undefined if both are empty. TRK_SPEECH_REQUEST if both are given, too long, or do not compile. */
  async compile(gbnf: string, jsonSchema: string): Promise<Compiled | undefined> {
    if (gbnf === '' && jsonSchema === '') return undefined;
    if (gbnf !== '' && jsonSchema !== '') throw refuse('both a grammar and a schema are given');
    const text = gbnf + jsonSchema;
    if (text.length > MAX_GRAMMAR_CHARS) throw refuse(`the grammar is longer than ${MAX_GRAMMAR_CHARS} characters`);
    const key = `${gbnf === '' ? 'schema' : 'gbnf'}:${text}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      this.#kept.delete(key);
      this.#kept.set(key, kept);
      return kept;
    }
    const made = await this.#make(gbnf, jsonSchema);
    this.#kept.set(key, made);
    if (this.#kept.size > MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    return made;
  }

  async #make(gbnf: string, jsonSchema: string): Promise<Compiled> {
    try {
      if (gbnf !== '') return { grammar: await this.#llama.createGrammar({ grammar: gbnf }), end: undefined };
      const schema: unknown = JSON.parse(jsonSchema);
      if (typeof schema !== 'object' || schema === null || Array.isArray(schema) || depth(schema) > MAX_SCHEMA_DEPTH) throw new Error('not a schema');
      if (this.#ajv.validateSchema(schema) !== true) throw new Error('not a schema');
      return { grammar: await this.#llama.createGrammarForJsonSchema(schema as Schema), end: JSON_END };
    } catch {
      // The library's message repeats the grammar, which may hold names.
      throw refuse('the grammar does not compile');
    }
  }
}

function depth(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Object.values(value).reduce((most: number, inner) => Math.max(most, depth(inner)), 0);
}
