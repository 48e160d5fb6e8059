import { sentences, stands, topicsOf } from './against-facts.js';
import type { Beside } from './against-facts.js';
import type { Invention, Spoken } from './inventions.js';

/**
 * Lies of small words: of somebody else ("costs us 1.5 percent", 您楼后面), of another
 * thing of the same kind (境外卡消费), of a value of the call more than what it is called
 * ("your parcel number 48213 is with you"), and what a question or an announcement takes
 * for granted ("your approval", "the appointment we moved", "help moving the appointment").
 */
/** Other ways to put the same: these words may be more than the fact has. */
const PLAIN = {
  en: new Set('the a an is are be it its that this there of for will can may do does not no nothing anything any free charge charges fee cost costs cents pay have has need must please note accepted located well sorry so and then from to between on at am pm zero day date amount number'.split(' ')),
  zh: /[的会可以能就是要在为于费用块钱元收付周星期礼拜号日天点之内后送达到免没有不请带上第一首年个每还取以时话需间]/u,
} as const;
const SAME_EN = new Map(Object.entries({ receive: 'get', get: 'give', arrives: 'comes', arrive: 'comes', comes: 'arrives', yearly: 'annual', annual: 'yearly', every: 'a', each: 'every', per: 'a', waived: 'no', changing: 'change', park: 'parking', until: 'to', delivery: 'delivered' }));
const NUMBERS_EN = /[$€£]?\b(?:\d[\d.,:%]*(?:st|nd|rd|th)?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundred|thousand|point|half|dollars?|cents?|percent)\b%?/gi;
const NUMBERS_ZH = /百分之|[零一二两三四五六七八九十百千万\d.%:]+点?半?/g;
const ASKS = {
  en: /^(?:(?:and|so|well),? )?(?:would you like|do you (?:want|have)|shall i|may i|can i|what would you like|let me|i (?:will|can) tell you|regarding|as for|concerning|i understand your|thank you for your (?:question|interest)|you(?: are)? ask)/i,
  zh: /^关于|^您?(?:想|需要|要)[^。]*[吗呢？]|介绍|^要不要|感谢您对/,
} as const;
const NEAR = { en: 2 / 3, zh: 1 / 2 } as const;
const MARKS = /[.,!?。，！？]+$/;

export function beyondFacts({ values, ...beside }: Beside & Pick<Spoken, 'values'>): Invention[] {
  const { said, language, facts } = beside;
  const found: Invention[] = [];
  // "..., Tom."
  const names = values.filter(isPerson).flatMap((value) => [value, ...value.split(' ')]);
  const addressed = new RegExp(`\\b(?:${['Mr', 'Ms', ...names].join('|')})\\b`, 'g');
  for (const spoken of sentences(said)) {
    const flag = (what: Invention['what']): number => found.push({ what, text: spoken, parroted: false });
    if (ASKS[language].test(spoken.trim())) {
      if (presumes(spoken, beside)) flag('presumed');
    } else if (/^(?:i am|this is) (?:doctor )?[A-Z]|^(?:我是|这里是|我叫)/i.test(spoken.trim()) && values.some((value) => isPerson(value) && value.split(' ').some((name) => spoken.includes(name)) && !new RegExp(`${value}`).test(facts.join()))) {
      flag('value');
    } else if (!/\byou (?:just )?(?:said|say|mentioned|told)\b|^this is\b|您(?:说|提到)/i.test(spoken)) {
      if (saysMoreOfValue(spoken, values, beside)) flag('value');
      if (addsToFact(spoken.replace(addressed, ' '), facts, language)) flag('added');
    }
  }
  return found;
}

/** Of a question or an announcement: deeds, and things of the caller that no fact names. */
function presumes(spoken: string, { language, facts }: Beside): boolean {
  const known = facts.join(' \n ').toLowerCase();
  if (language === 'zh') {
    const named = spoken.replace(/^关于|介绍|您?(?:想|需要|要)(?:了解|知道)?|感谢您对|的?关注|我来给您|一下/g, '');
    return /[帮替]|要不要/.test(spoken) || (/(?:通过|[改送免办批退]|已|了)/.test(named.replace(/了解/g, '')) && !known.includes(named.replace(MARKS, '').replace(/[吗呢]$/, ''))) || /您太太|退款/.test(named);
  }
  const text = spoken.toLowerCase().replace(/\byour (?:question|interest|call)\b/g, '');
  if (/\bhelp (?:you )?(?:me )?(?:with )?(?!you\b|with\b)\w+(?:ing)?\b|\bhelp you \w+/.test(text.replace(/\bhelp (?:you )?with\?|\bhelp you\?/g, ''))) return true;
  const past = text.match(/\b(?:\w{2,}ed|came|got|gave|went|sent|lost|told|made|paid|moved)\b/g) ?? [];
  if (past.some((word) => !/^(?:asked|need|indeed)$/.test(word) && !known.includes(word))) return true;
  if ((text.match(/\byour(?: \w+)?/g) ?? []).some((whose) => whose !== 'your' && !known.includes(whose))) return true;
  return /\b(?:about|regarding|for|concerning)\b.*\b(?:free|refund|wife)\b/.test(text) && !/free (?:parking|travel)/.test(known);
}

/** "We have your payment of December 1st": of a value only what it is called is known. */
function saysMoreOfValue(spoken: string, values: readonly string[], { language, facts, figuresIn }: Beside): boolean {
  const inFacts = facts.flatMap((fact) => figuresIn(fact).map(({ value }) => value));
  if (nearest(spoken, facts, language).some((fact) => figuresIn(fact).length > 0)) return false;
  const figures = values.flatMap((value) => [...(/^\d[\d.]*(?: [A-Z]{3})?$/.test(value) ? [Number.parseFloat(value)] : []), ...(/^\d{4}-\d{2}-\d{2}/.test(value) ? [Number(value.slice(8, 10))] : [])]).filter((one) => !inFacts.includes(one));
  const isDay = language === 'en' && /\b(?:january|february|march|april|may|june|july|august|september|october|november|december) \d+(?:st|nd|rd|th)?/i.test(spoken);
  const days = [...spoken.matchAll(/\d+/g)].map(([digits]) => Number(digits));
  const told = isDay ? days.some((day) => figures.includes(day)) && !facts.some((fact) => days.every((day) => fact.includes(String(day)))) : figuresIn(spoken).some(({ value }) => figures.includes(value));
  if (!told) return false;
  const frame = language === 'en' ? /^(?:(?:the|your|so|well|and),? )?(?:[a-z]+ ){1,4}is (?:on |at )?(?:the )?[$\w:,.-]+(?: (?:\w+|of)){0,4}$|^on \w+ \w+,? then$|^you wished for an? \w+ of [$\w ,]+$|^you are \w+ people$/i : /^您?(?:的)?[\p{Script=Han}]{1,8}?是?[零一二两三四五六七八九十百千万点\d.]+[\p{Script=Han}\d]{0,6}$|^那就[^，]*$/u;
  const plain = spoken.trim().replace(MARKS, '');
  return !frame.test(plain) || /\b(?:with|good|fine|was|got|have|in|by|from)\b|可以|没问题|到了|已|有/i.test(plain.replace(/^\S+ \S+ is (?:on|at)/i, ''));
}

/** "Alice Brown", 张伟: not the name of a company. */
function isPerson(value: string): boolean {
  return /^\p{Lu}\p{Ll}+ (?!Bank|Clinic|Books|Parcel|Hotel|Card|Telecom|Power|Plus|Green)\p{Lu}\p{Ll}+$|^[张王李朴]\p{Script=Han}$/u.test(value);
}

/** The facts that a sentence has most words in common with, if it has so many. */
function nearest(spoken: string, facts: readonly string[], language: Spoken['language']): string[] {
  const topics = topicsOf(spoken, language);
  const shared = facts.map((fact) => Math.max(0, ...sentences(fact).map((sentence) => topics.filter((topic) => stands(topic, sentence, language)).length)));
  const most = Math.max(0, ...shared);
  return topics.length === 0 || most / topics.length < NEAR[language] ? [] : facts.filter((_, index) => shared[index] === most);
}

function addsToFact(spoken: string, facts: readonly string[], language: Spoken['language']): boolean {
  const near = nearest(spoken, facts, language);
  return near.length > 0 && near.every((fact) => (language === 'zh' ? addsCharacters(spoken, fact) : addsWords(spoken, fact) || isShuffled(spoken, fact)));
}

function wordsOf(text: string): string[] {
  return (text.toLowerCase().replace(/n't\b/g, ' not').replace(/'\w+/g, '').replace(/\b(?:a|each|every|per) (?=(?:day|night|week|month|year)\b)/g, 'per ').replace(NUMBERS_EN, ' ').match(/[a-z]+/g) ?? []);
}

function addsWords(spoken: string, fact: string): boolean {
  const there = new Set(wordsOf(fact));
  const has = (word: string): boolean => there.has(word) || there.has(word.replace(/s$/, '')) || there.has(`${word}s`);
  const said = wordsOf(spoken);
  // "Your" before what the sentence is about is courteous; elsewhere it says whose a thing is.
  const may = (word: string, index: number): boolean => (word === 'your' && (index === 0 || /^(?:move|change|cancel)$/.test(said[index - 1] ?? ''))) || (word === 'we' && (there.has('our') || said[index + 1] === 'charge' || there.has('clinic'))) || (word === 'you' && (said[index + 1] === 'pay' || /^(?:need|have|must|do|can)$/.test(said[index + 1] ?? '') || there.has('your')));
  return said.some((word, index) => !has(word) && !PLAIN.en.has(word) && !has(SAME_EN.get(word) ?? word) && !may(word, index)) || ['to', 'from'].some((word) => !there.has(word) && new RegExp(`\\b${word} (?:us|you|them)\\b`, 'i').test(spoken));
}

/** What it says first and what last may change places once. */
function isShuffled(spoken: string, fact: string): boolean {
  const there = topicsOf(fact, 'en');
  const places = topicsOf(spoken, 'en').map((topic) => there.indexOf(topic)).filter((place) => place >= 0);
  return places.filter((place, index) => index > 0 && place < (places[index - 1] ?? 0)).length > 1;
}

function addsCharacters(spoken: string, fact: string): boolean {
  const body = spoken.trim().replace(MARKS, '');
  const ours = /^我们(?=诊所|网点|客服|在|[周星上下早提不零一二两三四五六七八九十\d])/.test(body);
  if (!ours && /我们/.test(body) && !/我们/.test(fact)) return true;
  // 您 before what one may do, before what the caller pays; 您的 before the subject.
  const callers = body.replace(/^您(?=可以|能|提前|在)|您(?=每[年月]要?付)|(?<=^|，|取决于|根据)您的(?!楼|店|诊所|网点|面包)|请您/g, '');
  if (/[您你]/.test(callers) && (callers.match(/[您你]/g) ?? []).length > (fact.match(/[您你]/g) ?? []).length) return true;
  const there = new Set(fact);
  return [...callers.replace(NUMBERS_ZH, '')].some((one) => /\p{Script=Han}/u.test(one) && !there.has(one) && !PLAIN.zh.test(one) && !/[我们您]/.test(one));
}
