import { read } from './reading.js';
import { characters, contentWords } from './words.js';
import type { Grounds } from './guard.js';
import type { Reading } from './reading.js';

/** A sentence in which a clause may stand. */
export interface Source {
  readonly kind: 'fact' | 'slot' | 'caller';
  readonly reading: Reading;
  /** Its words (Chinese: characters), with those of what its pronoun stands for. */
  readonly known: ReadonlySet<string>;
  /** Chinese: its pairs of characters. */
  readonly pairs: ReadonlySet<string>;
  /** Its words (Chinese: pairs) that stand in no other fact. */
  readonly only: ReadonlySet<string>;
  /** What a slot is called: of each name one word must be in the clause that tells its value. */
  readonly labels: readonly (readonly string[])[];
}

/** Begins with what an earlier sentence named. */
export const REFERS = { en: /^(?:it|its|this|that|these|those|they|there(?! (?:is|are)\b)|then|after that|before that)\b/i, zh: /^(?:它|这|那|其|之后|此后|另外|同时)/ } as const;
/** Slots are named in English: what they are called in a Chinese sentence. */
const IN_CHINESE: Readonly<Record<string, readonly string[]>> = {
  wish: ['希望', '想'], wished: ['希望', '想'], limit: ['额度', '限额'], visit: ['预约', '就诊', '来访', '到店', '看诊'], appointment: ['预约'], booking: ['预订', '预约'], order: ['订单'], date: ['日期', '号', '时间', '那天'], day: ['日期', '那天'], time: ['时间'], amount: ['金额'],
  debt: ['欠'], owed: ['欠'], due: ['应还', '到期'], balance: ['余额'], pay: ['付', '还款', '收'], paid: ['付', '收'], payment: ['付款', '还款', '收款'], fee: ['费'], price: ['价'], callback: ['回电', '电话'], call: ['电话'], people: ['位', '人'], number: ['号'], phone: ['电话', '号码', '手机'], delivery: ['送', '配送'], parcel: ['包裹'], card: ['卡'], code: ['码'], install: ['安装'],
};
/** They say of what kind a value is, not what it is of. */
const GENERIC = new Set('date day time at on amount number value name customer caller patient contact kind text answer'.split(' '));

export function sourcesOf(grounds: Grounds): Source[] {
  const { language, facts, slots, callerWords } = grounds;
  const sources: Source[] = [];
  for (const fact of facts) {
    let before: Source | undefined;
    for (const sentence of sentencesOf(fact)) {
      const source = sourceOf('fact', sentence, language, REFERS[language].test(sentence.trim()) ? before : undefined);
      sources.push(source);
      before = source;
    }
  }
  const uses = new Map<string, number>();
  for (const word of sources.flatMap(({ reading }) => [...new Set(reading.words)])) uses.set(word, (uses.get(word) ?? 0) + 1);
  for (const [index, source] of sources.entries()) sources[index] = { ...source, only: new Set(source.reading.words.filter((word) => uses.get(word) === 1)) };
  for (const [name, value] of Object.entries(slots)) sources.push({ ...sourceOf('slot', spoken(String(value), language), language, { known: namesOf(name, language), pairs: new Set() }), labels: labelsOf(name, language) });
  // "It is ten dollars, is it not?" denies nothing.
  for (const said of callerWords) sources.push(sourceOf('caller', language === 'zh' ? said.replace(/不是(?=.*吗)|是不是/g, '') : said.replace(/,? (?:is|are|does|do|will|can)(?:n't|n’t)? (?:it|they|you|we|i)(?: not)?\s*\??$/i, ''), language));
  return sources;
}

function sourceOf(kind: Source['kind'], sentence: string, language: Grounds['language'], also?: Pick<Source, 'known' | 'pairs'>): Source {
  const reading = read(sentence, language);
  const own = language === 'zh' ? characters(reading.text) : reading.words;
  return { kind, reading, known: new Set([...own, ...(also?.known ?? [])]), pairs: new Set(language === 'zh' ? [...reading.words, ...(also?.pairs ?? [])] : []), only: new Set(), labels: [] };
}

function namesOf(name: string, language: Grounds['language']): ReadonlySet<string> {
  const words = name.split('_');
  return new Set(language === 'zh' ? words.flatMap((word) => (IN_CHINESE[word] ?? []).flatMap((one) => [...one])) : contentWords(words.join(' '), 'en'));
}

function labelsOf(name: string, language: Grounds['language']): string[][] {
  const words = name.split('_');
  const telling = words.filter((word) => !GENERIC.has(word));
  const inLanguage = (word: string): readonly string[] => (language === 'zh' ? (IN_CHINESE[word] ?? [word]) : contentWords(word, 'en'));
  // A slot called `date` alone is called so in the clause.
  return telling.length > 0 ? telling.map((word) => [...inLanguage(word)]) : [words.flatMap(inLanguage)];
}

/** Slots are kept in canonical form: `520.50 USD` is said "520.50 dollars". */
function spoken(text: string, language: Grounds['language']): string {
  const names = language === 'zh' ? { USD: '美元', EUR: '欧元', GBP: '英镑', CNY: '元' } : { USD: 'dollars', EUR: 'euros', GBP: 'pounds', CNY: 'yuan' };
  return text.replace(/^(\d+(?:\.\d+)?) (USD|EUR|GBP|CNY)$/, (_, digits: string, code: keyof typeof names) => `${Number(digits)} ${names[code]}`);
}

function sentencesOf(text: string): string[] {
  // 之后 begins a statement of its own; any other comma may part a condition from what hangs on it.
  return text.split(/(?<=[.!?])\s+|(?<=[。！？；;])\s*|[，,](?=之后|此后|另外|同时)/).filter((sentence) => /[\p{L}\p{N}]/u.test(sentence));
}
