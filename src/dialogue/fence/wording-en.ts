import { claimsOf } from './claims.js';
import type { Claim } from './claims.js';

/**
 * An English sentence as a row of words, made alike whatever way it is put: contractions
 * written out, articles and endings gone, each figure or day one word (`#60_USD`,
 * `#weekday_1>weekday_5`), "costs nothing" as "free". Every other word stays where it is:
 * a pronoun, a preposition, a "not" or a "some" more or less is another sentence.
 */
const HOURS = 'one two three four five six seven eight nine ten eleven twelve'.split(' ');
const PLAIN: readonly (readonly [RegExp, string | ((whole: string, ...groups: string[]) => string)])[] = [
  [/[’‘]/g, "'"],
  [/\b(?:can't|cannot)\b/gi, 'can not'],
  [/\bwon't\b/gi, 'will not'],
  [/n't\b/gi, ' not'],
  [/\b(there|it|that|here)'s\b/gi, '$1 is'],
  [/'re\b/gi, ' are'],
  [/'ll\b/gi, ' will'],
  [/'ve\b/gi, ' have'],
  [/\bi'm\b/gi, 'i am'],
  // "Six pm" and "6 pm" are one hour, and so is "six in the evening".
  [new RegExp(`\\b(${HOURS.join('|')})(?=\\s*(?:(?:to|and|until|till)\\s+(?:${HOURS.join('|')}|\\d+)\\s*)?(?:[ap]\\.?m\\b|o'?clock))`, 'gi'), (hour) => figureOf(hour)],
  [new RegExp(`\\b(${HOURS.join('|')}|\\d{1,2})(?: o'?clock)? in the morning\\b`, 'gi'), (_, hour) => `${figureOf(hour)} am`],
  [new RegExp(`\\b(${HOURS.join('|')}|\\d{1,2})(?: o'?clock)? (?:in the (?:afternoon|evening)|at night)\\b`, 'gi'), (_, hour) => `${figureOf(hour)} pm`],
  [/\bcosts? nothing\b|\b(?:does|do) not cost (?:you )?(?:anything|a thing|a cent)\b/gi, 'is free'],
  [/\b(?:for free|free of charge|at no (?:cost|charge)|for nothing)\b/gi, 'free'],
  [/(?<!\b(?:to|will|can|may|does|do|not) )\bcost(?= (?:[a-z]+ )?(?:[$€£]?\d|\p{L}+))/giu, 'bcost'],
  [/\b(is|are) located (?=(?:on|in|at|above|behind|near|opposite)\b)/gi, '$1 '],
  // Goods are paid by the night or the month: "60 dollars a year", "each month".
  [/\b(?:every|each) (?=(?:night|day|week|month|year)\b)/gi, 'each '],
];
const SAME = new Map(Object.entries({ is: 'be', are: 'be', am: 'be', has: 'have', does: 'do', annual: 'yearly', annually: 'yearly', receive: 'get', receives: 'get', arrive: 'come', arrives: 'come', overseas: 'abroad' }));
const ARTICLES = new Set(['a', 'an', 'the']);
/** "A few" is more than "few". */
const QUANTITY = /^(?:few|little|bit|lot)$/;
const RANGE = /^\s*(?:to|until|till|through|[-–])\s*$/i;
const TOKEN = /§\d+§|[\p{L}]+|\d+|[,;:]/gu;

function figureOf(hour: string): string {
  const index = HOURS.indexOf(hour.toLowerCase());
  return index < 0 ? hour : String(index + 1);
}

/** "It cost" was: where a fact says "costs", that is another statement. */
export const BARE_COST = 'bcost';

/** The words of a sentence, with commas. */
export function wordsIn(sentence: string): string[] {
  let text = sentence.normalize('NFKC').replaceAll('§', ' ').trim();
  for (const [from, to] of PLAIN) text = text.replace(from, to as string);
  const claims = claimsOf(text, 'en');
  const marks: string[] = [];
  let marked = '';
  let at = 0;
  for (let index = 0; index < claims.length; index++) {
    const claim = claims[index];
    if (claim === undefined || claim.from < at) continue;
    const next = claims[index + 1];
    const isRange = next !== undefined && isRangeIn(text, claim, next);
    let before = text.slice(at, claim.from);
    // "On Thursday" and "Thursday", "from 9 to 6", "between 9 and 6" and "9 to 6".
    if (isRange) before = before.replace(/\b(?:from|between|on)\s*$/i, ' ');
    else if (isDay(claim)) before = before.replace(/\bon(?: the)?\s*$/i, ' ');
    marked += `${before} §${marks.length}§ `;
    marks.push(isRange ? `${nameOf(claim)}>${nameOf(next)}` : nameOf(claim));
    at = isRange ? next.to : claim.to;
    if (isRange) index++;
  }
  marked += text.slice(at);
  // "60 dollars a year".
  marked = marked.replace(/(§\d+§\s+)(?:a|an|each|per) (minute|hour|day|night|week|month|year)\b/gi, '$1per $2');
  return (marked.toLowerCase().match(TOKEN) ?? []).flatMap((word, index, row) => {
    if (word.startsWith('§')) return `#${marks[Number(word.slice(1, -1))] ?? ''}`;
    return ARTICLES.has(word) && !QUANTITY.test(row[index + 1] ?? '') ? [] : (SAME.get(word) ?? singular(word));
  }).join(' ').replace(/\byou may\b|\bmay(?= not\b)/g, (may) => may.replace('may', 'can')).replace(/\bbe free\b/g, 'free').split(' ').filter(Boolean);
}

/** "Comes" and "come", "cards" and "card"; what was, or is being, stays so. */
function singular(word: string): string {
  if (word.length < 4 || !word.endsWith('s') || /(?:ss|us|is|ways)$/.test(word)) return word;
  return word.replace(/(?<=.)ies$/, 'y').replace(/(?<=ch|sh|ss|x|o)es$/, '').replace(/s$/, '');
}

function isRangeIn(text: string, from: Claim, to: Claim): boolean {
  const between = text.slice(from.to, to.from);
  const plain = (claim: Claim): boolean => claim.what === 'date' || (claim.what === 'number' && claim.noun === undefined);
  if (!plain(from) || !plain(to)) return false;
  return RANGE.test(between) || (/^\s*and\s*$/i.test(between) && /\bbetween\s*$/i.test(text.slice(0, from.from)));
}

function isDay({ what, key }: Claim): boolean {
  return what === 'date' && !/^\d+:\d\d$|^part /.test(key);
}

function nameOf({ key, noun }: Claim): string {
  return `${key}${noun === undefined ? '' : ` ${noun}`}`.replace(/ /g, '_');
}

/** Of a row of words how the figures of it are named that are amounts or shares. */
export const PRICE = /^#[\d.]+_(?:[A-Z]{3}|cent|%)$/;

/**
 * The rows that a clause may be read as: as it is, and as the plain form of the ways to
 * put a price, a duty or a denial. Each says the same or less.
 */
const PRICED = String.raw`(#[\d.]+_(?:[A-Z]{3}|cent|%)(?: per \w+)?)`;
const FRAMES: readonly (readonly [RegExp, string])[] = [
  // "Gift wrapping is 2 dollars", "the delivery fee is ...", "the fee for a purchase abroad is ...".
  [new RegExp(String.raw`^(.+) be ${PRICED}`), '$1 cost $2'],
  [new RegExp(String.raw`^(.+) (?:fee|price|charge) be ${PRICED}`), '$1 cost $2'],
  [new RegExp(String.raw`^(?:fee|price|charge|cost) (?:for|of) (.+) be ${PRICED}`), '$1 cost $2'],
  // "It costs 40 dollars for the first visit", "we charge ...".
  [new RegExp(String.raw`^(?:it (?:cost|be)|we charge) ${PRICED} for (.+)$`), '$2 cost $1'],
  [new RegExp(String.raw`\byou pay ${PRICED}`), 'it cost $1'],
  [/^there be no (?:fee|charge|cost) for (.+)$/, '$1 free'],
  [/^you (?:do )?not pay (?:any )?(\w+ fee\b)/, 'there be no $1'],
  [/^(\w+ fee) be waived\b/, 'there be no $1'],
  [/^delivery free for (.+)$/, '$1 be delivered free'],
  [/^(.+) be not accepted$/, 'we do not accept $1'],
  [/^changing (\w+)/, 'change of $1'],
  [/^you (?:need to|have to|must) (?!not)(.+)$/, 'please $1'],
  [/^((?:bring|call|wait|show|send)\b.*)$/, 'please $1'],
  // What will be so, is so: "your parcel will come".
  [/^((?!you\b|we\b|i\b|they\b|it\b).+?) will (be(?! (?:free|no)\b)|come|cost|take|depend|end|start|open|close|stay|work|last)\b/, '$1 $2'],
];
const FRAMES_AT_ONCE = 3;

export function formsOf(words: readonly string[]): Set<string> {
  const forms = new Set([plain(words)]);
  for (let round = 0; round < FRAMES_AT_ONCE; round++) {
    for (const form of [...forms]) for (const [from, to] of FRAMES) if (from.test(form)) forms.add(form.replace(from, to).replace(/\bbe free\b/, 'free'));
  }
  return forms;
}

/** Without the marks, which part nothing here. */
export function plain(words: readonly string[]): string {
  return words.filter((word) => !/^[,;:]$/.test(word)).join(' ');
}
