import { wordsOfTexts } from './everyday-words.js';
import { ModelCache } from './model-cache.js';
import { namesOfOthersEn } from './other-names-en.js';
import { namesOfOthersZh } from './other-names-zh.js';
import type { Place, SpokenName } from './spoken-names.js';
import { namesEn } from './spoken-names-en.js';
import { namesZh } from './spoken-names-zh.js';

/** In an example phrase: any name that is no value of the call. */
export const SOMEBODY_ELSE = 'somebody_else';

/** Names that nobody has, so that who says one means the variable. */
const NAMES = [
  ['Vell', 'orby'],
  ['Quin', 'drask'],
  ['Ombre', 'stel'],
  ['Taz', 'meron'],
  ['Hul', 'vanik'],
  ['Jor', 'peska'],
] as const;
const OTHER = 'Brathwick';
/** For what may be the name of the one who is asked for, and is not said so in full: no phrase has it. */
export const LIKELY_ONE = 'Ulmgate';
/** For what is rather another's name, after a yes. */
export const DOUBTFUL_ONE = 'Ostrevant';
const LEADING_NO = /^[\s\p{P}]*(?:no|nope|nah)\b|^[\s\p{P}]*不/iu;
const SAID_OF = /^(?:['\u2019]s\b|\s+(?:is|isn['\u2019]t|was|does|doesn['\u2019]t|has|moved|just)\b)/iu;
const LEADING_YES = { en: /^\W*(?:(?:hello|hi|hey|oh|um|uh|well|so)\W+)*(?:yes|yeah|yep|yup|sure|of course)\b/iu, zh: /^(?:喂|哎|诶|您好|你好|[\s，,。！!])*(?:是的?(?=[\s，,。！!啊呀]|我)|对|没错|嗯)/u } as const;
const VARIABLE = /\{([a-z][a-z0-9_]*)\}/g;
const HAN = /\p{Script=Han}/u;

interface NamedPlace extends Place {
  readonly name: string;
}

/**
 * One name for the value that a variable has in a call. It stands in the example phrases
 * that a model is trained on, and in what the caller said when that is compared with
 * them; so "{name} speaking" is understood whoever is called. Nothing else sees it.
 */
export class StandIns {
  readonly #chinese: boolean;
  readonly #names: ReadonlyMap<string, string>;
  readonly #own: () => ReadonlySet<string>;
  readonly #finders = new ModelCache<SpokenName>();

  /**
   * `variables`: those that stand in example phrases of the flow, SOMEBODY_ELSE among
   * them. `texts`: what the flow says itself; its words name nobody by themselves.
   */
  constructor(chinese: boolean, variables: readonly string[], texts: readonly string[] = []) {
    this.#chinese = chinese;
    this.#names = new Map(variables.map((variable, at) => [variable, variable === SOMEBODY_ELSE ? OTHER : nameOf(at)]));
    let own: ReadonlySet<string> | undefined;
    this.#own = () => (own ??= wordsOfTexts(chinese ? 'zh' : 'en', texts));
  }

  get isEmpty(): boolean {
    return this.#names.size === 0;
  }

  /** What values of the call are called in what models know. */
  get names(): readonly string[] {
    return [...this.#names].flatMap(([variable, name]) => (variable === SOMEBODY_ELSE ? [] : [name]));
  }

  /** An example phrase, as models know it. */
  phrase(text: string): string {
    return text.replace(VARIABLE, (whole, variable: string) => this.#names.get(variable) ?? whole);
  }

  /** What a caller said, as models know it. */
  said(text: string, valueOf: (variable: string) => string): string {
    const values = [...this.#names].filter(([variable]) => variable !== SOMEBODY_ELSE).flatMap(([variable, name]) => ({ name, spoken: this.#spoken(valueOf(variable).trim()) }));
    const places = values.flatMap(({ name, spoken }) => spoken?.find(text).map((place) => ({ ...place, name })) ?? []);
    // "Harbor Bank" is the bank, and not Mr Harbor: of what overlaps the longest is meant.
    const longest = places.sort((left, right) => right.to - right.from - (left.to - left.from)).filter((one, at, all) => !all.slice(0, at).some((other) => overlap(one, other)));
    const others = this.#others(text, values.map(({ spoken }) => spoken)).filter((one) => !longest.some((other) => overlap(one, other)));
    return [...longest, ...others].sort((left, right) => right.from - left.from).reduce((said, { from, to, name }) => said.slice(0, from) + name + said.slice(to), text);
  }

  #others(text: string, values: readonly (SpokenName | undefined)[]): readonly NamedPlace[] {
    if (!this.#names.has(SOMEBODY_ELSE)) return [];
    const find = this.#chinese ? namesOfOthersZh : namesOfOthersEn;
    return find(text).map((place) => {
      const likenesses = values.map((value) => value?.likeness(text.slice(place.from, place.to)));
      // "Anna Miller is not here" is said of somebody else than who speaks, and "no, I'm Anna" by somebody else.
      if (SAID_OF.test(text.slice(place.to)) || LEADING_NO.test(text)) return { ...place, name: OTHER };
      if (likenesses.includes('likely')) return { ...place, name: LIKELY_ONE };
      return { ...place, name: likenesses.includes('doubtful') && beginsWithYes(text, this.#chinese ? 'zh' : 'en') ? DOUBTFUL_ONE : OTHER };
    });
  }

  /** Undefined: the variable has no value. */
  #spoken(value: string): SpokenName | undefined {
    if (value === '') return undefined;
    return this.#finders.get(value, () => (this.#chinese && HAN.test(value) ? namesZh(value, this.#own()) : namesEn(value, this.#chinese ? new Set() : this.#own())));
  }
}

/** True if it begins with a yes, whatever follows. */
export function beginsWithYes(text: string, language: 'en' | 'zh'): boolean {
  return LEADING_YES[language].test(text);
}

function overlap(one: Place, other: Place): boolean {
  return one.from < other.to && other.from < one.to;
}

/** As many names as there are numbers. */
function nameOf(at: number): string {
  const round = Math.floor(at / NAMES.length);
  const [head] = NAMES[at % NAMES.length]!;
  const [, tail] = NAMES[(at + round) % NAMES.length]!;
  const more = Math.floor(round / NAMES.length);
  return head + tail + (more === 0 ? '' : nameOf(more - 1).toLowerCase());
}
