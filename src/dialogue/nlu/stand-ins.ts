import { ModelCache } from './model-cache.js';
import type { NameFinder, Place } from './spoken-names.js';
import { namesEn } from './spoken-names-en.js';
import { namesZh } from './spoken-names-zh.js';

/** Names that nobody has, so that who says one means the variable. With more variables than names some share one. */
const NAMES = ['Vellorby', 'Quindrask', 'Ombrestel', 'Tazmeron', 'Hulvanik', 'Jorpeska'] as const;
const VARIABLE = /\{([a-z][a-z0-9_]*)\}/g;
const HAN = /\p{Script=Han}/u;

/**
 * One name for the value that a variable has in a call. It stands in the example phrases
 * that a model is trained on, and in what the caller said when that is compared with
 * them; so "{name} speaking" is understood whoever is called. Nothing else sees it.
 */
export class StandIns {
  readonly #chinese: boolean;
  readonly #names: ReadonlyMap<string, string>;
  readonly #finders = new ModelCache<NameFinder>();

  /** `variables`: those that stand in example phrases of the flow. */
  constructor(chinese: boolean, variables: readonly string[]) {
    this.#chinese = chinese;
    this.#names = new Map(variables.map((variable, at) => [variable, NAMES[at % NAMES.length] ?? NAMES[0]]));
  }

  get isEmpty(): boolean {
    return this.#names.size === 0;
  }

  /** An example phrase, as models know it. */
  phrase(text: string): string {
    return text.replace(VARIABLE, (whole, variable: string) => this.#names.get(variable) ?? whole);
  }

  /** What a caller said, as models know it. */
  said(text: string, valueOf: (variable: string) => string): string {
    const places = [...this.#names].flatMap(([variable, name]) => this.#placesOf(valueOf(variable).trim(), text).map((place) => ({ ...place, name })));
    // "Harbor Bank" is the bank, and not Mr Harbor: of what overlaps the longest is meant.
    const longest = places.sort((left, right) => right.to - right.from - (left.to - left.from)).filter((one, at, all) => !all.slice(0, at).some((other) => one.from < other.to && other.from < one.to));
    return longest.sort((left, right) => right.from - left.from).reduce((said, { from, to, name }) => said.slice(0, from) + name + said.slice(to), text);
  }

  #placesOf(value: string, text: string): readonly Place[] {
    if (value === '') return [];
    const find = this.#finders.get(value, () => (this.#chinese && HAN.test(value) ? namesZh(value) : namesEn(value)));
    return find(text);
  }
}
