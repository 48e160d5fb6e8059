import { sentences, stands, topicsOf } from './against-facts.js';
import type { Beside } from './against-facts.js';
import type { Invention, Spoken } from './inventions.js';

/**
 * What holds only sometimes, told as if it always held: "you pay none" of "you pay none
 * if you pay your bill in full each month", "there is no parking" of "... in front of the
 * house". And what is free of one thing, told of another.
 */
const SPANS = {
  en: /\b(?:if|unless|until|within|after|before|up to|with|over|under|in front|in full|in the first|for the first|only|at least|at most)\b[^,.;]*|\bthat (?:no|some|any|every)body \w+/gi,
  zh: /[^，。；]+?(?=就|才)|如果[^，。]*|[^，。；]+(?=的话)|[^，。；]{0,6}之内|没[^，。；]{1,3}的|[^，。；]{0,8}(?:通过|下单)后|满[^免送打减，。]+(?=[免送打减])|最多[^，。]*|首年|前[一二三四五六七八九十]+个月|凭[^打，。]*|提前[^可，。]*|部分|楼[前后]面|[^，。]{0,4}以[上下]/g,
} as const;
/** They make more, or less, of a fact than it says. */
const WIDENS = { en: /\b(?:all|every|everyone|everything|always|never|any(?:one|time| time| day)|only|at least|at most|up to|more than|less than|even|must|have to|has to|about|around|some|most)\b/gi, zh: /所有|全部|每[年月天周次个]|都|总是|从不|任何|随时|只有?|至少|最多|不到|超过|多于|低于|必须|大约|左右|部分/g } as const;
const FREE = { en: /\b(?:free|complimentary|costs? nothing|no charge)\b/i, zh: /免费|白送|不要钱|不收[钱费]|免单/ } as const;
const WORDS_BETWEEN = /^(?:unless|until|your|they|this|that|with|each|every|from|zero|three|four|five|seven|eight|nine|eleven|twelve)$/;
const WEAK = /^(?:cost|costs|fee|fees|charg|free|nothi|get|gives|give|years?|that)$/;

export function unconditional(beside: Beside): Invention[] {
  const { language, said, facts } = beside;
  const known = facts.flatMap((fact) => fact.split(/(?<=[.!?])\s+|(?<=[。！？；])/)).filter((one) => /\p{L}/u.test(one));
  const found: Invention[] = [];
  for (const spoken of sentences(said.replace(/第一年/g, '首年'))) {
    const topics = topicsOf(spoken, language);
    // "It is paid this month": a condition, told as a fact.
    if (language === 'en' && !/\b(?:if|unless)\b/.test(spoken) && !/\d/.test(spoken) && known.some((fact) => /\b(?:if|unless) (.*)/.exec(fact)?.[1]?.replace(/[.,].*/, '').toLowerCase() === spoken.replace(/[.!]/, '').toLowerCase())) found.push({ what: 'unconditional', text: spoken, parroted: false });
    if (topics.length === 0 || /[?？]$|you said|you mentioned|您说|您提到|介绍|说明|吗$/i.test(spoken)) continue;
    // A value of the call has no conditions.
    if (beside.figuresIn(spoken).some(({ value }) => value !== 1 && !known.some((fact) => beside.figuresIn(fact).some((one) => one.value === value)))) continue;
    const shared = known.map((fact) => topics.filter((topic) => stands(topic, fact, language)).length);
    const most = Math.max(0, ...shared);
    const nearest = known.filter((_, index) => shared[index] === most);
    if (most > 0 && most / topics.length >= (language === 'en' ? 2 / 3 : 1 / 2) && nearest.every((fact) => dropsCondition(spoken, fact, beside))) found.push({ what: 'unconditional', text: spoken, parroted: false });
    const widened = (spoken.match(WIDENS[language]) ?? []).find((word) => !known.some((fact) => alike(fact).includes(alike(word))));
    if (widened !== undefined && most > 0) found.push({ what: 'unconditional', text: `${widened}: ${spoken}`, parroted: false });
    if (partsOf(spoken, language).some((part) => FREE[language].test(part) && isFreeOfAnother(topicsOf(part, language), known, language))) found.push({ what: 'misplaced', text: `free: ${spoken}`, parroted: false });
  }
  return found;
}

/** "Every month" is "each month", "you have to bring" is "please bring". */
function alike(text: string): string {
  return text.toLowerCase().replace(/\bevery\b/g, 'each').replace(/\b(?:must|have to|has to)\b/g, 'please').replace(/每个/g, '每');
}

/** The part of the fact that is told is the one between commas with most of its words. */
function dropsCondition(spoken: string, fact: string, { language, figuresIn }: Beside): boolean {
  const parts = fact.split(language === 'en' ? /,? (?:and|but) / : /(?<!的话)[，；](?!就|才|每月最多|最多)/);
  const topics = topicsOf(spoken, language);
  const shared = (part: string): number => topics.filter((topic) => stands(topic, part, language)).length;
  const most = Math.max(...parts.map(shared));
  return parts.filter((part) => shared(part) === most).every((part) => (part.match(SPANS[language]) ?? []).some((span) => !holds(spoken, span, language, figuresIn)));
}

function holds(spoken: string, span: string, language: Spoken['language'], figuresIn: Beside['figuresIn']): boolean {
  if (language === 'zh') {
    const plain = (text: string): string => text.replace(/[的了您我们就才会可以要会之个]/g, '').replace(/百分之[^，。]*|[零一二两三四五六七八九十百千万点\d]+/g, '');
    return [...plain(span)].filter((one) => /\p{Script=Han}/u.test(one) && !/[元块钱收付为是到达]/.test(one)).every((one) => spoken.includes(one));
  }
  // "If it is paid": a condition is its verb, however common the word.
  if (/^(?:if|unless|until)\b/i.test(span) && (span.toLowerCase().match(/[a-z]{4,}/g) ?? []).some((word) => !WORDS_BETWEEN.test(word) && !stands(word.slice(0, 5), spoken, 'en'))) return false;
  return topicsOf(span, 'en').filter((topic) => !WEAK.test(topic)).every((topic) => stands(topic, spoken, 'en')) && figuresIn(span).every(({ value }) => figuresIn(spoken).some((one) => one.value === value)) && (!/\bin full\b/.test(span) || /\bin full\b/.test(spoken));
}

function partsOf(text: string, language: Spoken['language']): string[] {
  return text.split(language === 'en' ? /,|\band\b|\bbut\b/ : /[，；]/);
}

function isFreeOfAnother(topics: readonly string[], known: readonly string[], language: Spoken['language']): boolean {
  const of = topics.filter((topic) => !WEAK.test(topic) && !/免费|费[^用]?|白送|不收|收钱|要钱/.test(topic));
  if (of.length === 0) return false;
  const free = known.flatMap((fact) => partsOf(fact, language)).filter((part) => FREE[language].test(part) || (language === 'zh' && /免/.test(part)));
  return free.length > 0 && free.every((part) => of.filter((topic) => stands(topic, part, language)).length < of.length / 2);
}
