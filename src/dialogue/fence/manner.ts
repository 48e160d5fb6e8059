import { contentWords } from './words.js';
import type { Reading } from './reading.js';

/**
 * The same words in another manner are another statement: "you have to pay by card" for
 * "you can", "was delivered" for "is delivered", "about a week" for "a week", "and" for
 * "or", "dogs can bring guests" for "guests can bring dogs".
 */
export function changesManner(clause: Reading, source: Reading, needed: ReadonlySet<number>): boolean {
  const told = [...needed].map((index) => source.pieces[index]?.text ?? '').join(' ');
  return changesDuty(clause, source.text) || (SINGULAR[clause.language].test(clause.text) && !SINGULAR[clause.language].test(source.text)) || tellsOfThePast(clause, source) || isPlacedAnew(clause, source, told) || changesMeasure(clause, told) || changesLink(clause, source) || (clause.language === 'en' && isReordered(clause, source));
}

const SINGULAR = { en: /\b(?:i|me|my)\b/, zh: /我(?!们|行|司|来|想)/ } as const;
const DUTY = {
  en: /\bplease\b|\b(?:must|need to|needs to|have to|has to|had to|should|shall|ought)\b(?! not)|^\W*(?:bring|pay|send|sign|call|come|move|park|take|use|show|give|keep|ask|wait|cancel|order|book)\b/,
  zh: /请|必须|务必|须|应该|应当|得去|一定要|只能/,
} as const;
const MAY = { en: /\b(?:can|may|could|might|possible|able|allowed)\b/, zh: /可以|可(?=[在以凭用])|能(?!力)/ } as const;
/** It says that something has been: of a sentence in the present that is news. */
const PAST = {
  en: /(?<!\b(?:is|are|be|being) )\b(?:was|were|did|had|been|came|got|gave|went|took|sent|paid|kept|brought|said|told|made|put|seen|given|gone|taken|come(?<=(?:has|have|had|'s) come))\b|(?<!\b(?:is|are|be|am|being|not|get|gets|all|now|also|or|and|yet|the|a|an|your|our|for) )\b[a-z]{2,}(?<!ne)ed\b/g,
  zh: /(?<!除|为)了(?!解)|(?<![经通超不])过(?!期|后|程|来|去|于)|已/g,
} as const;
const ABOUT = { en: /\b(?:about|around|roughly|approximately|almost|nearly|some(?=\W*#))\b/, zh: /大约|大概|左右|约(?=[#])|差不多|将近|上下/ } as const;
const OR = { en: /\b(?:or|either)\b/, zh: /或|还是/ } as const;

function changesDuty({ text, language }: Reading, source: string): boolean {
  if (DUTY[language].test(text) && !DUTY[language].test(source)) return true;
  // Of "please bring" and "you must" it is not true that one may; of "you may" not that one does.
  if (DUTY[language].test(source) && MAY[language].test(text) && !MAY[language].test(source)) return true;
  return language === 'en' && /\byou (?:can|may|could)\b/.test(source) && /\b(?:you|i|we)\b(?! (?:can|may|could))/.test(text) && !MAY.en.test(text);
}

/** Where the source does not. */
export function tellsOfThePast(clause: Reading, source: Reading, known: ReadonlySet<string> = new Set()): boolean {
  // "It cost" was, "it costs" is.
  if (clause.language === 'en' && /(?<!\b(?:to|will|can|may|does|do|not) )\bcost\b/.test(clause.text) && /\bcosts\b/.test(source.text) && !/\bcost\b/.test(source.text)) return true;
  const pattern = PAST[clause.language];
  const there = new Set(source.text.match(pattern) ?? []);
  return (clause.text.match(pattern) ?? []).some((one) => !there.has(one) && !contentWords(one, 'en').some((word) => known.has(word)));
}

/** 面包店楼上 says where something is, 面包店在楼上 where the bakery is. */
function isPlacedAnew(clause: Reading, source: Reading, told: string): boolean {
  return clause.language === 'zh' && clause.text.includes('在') && source.text.includes('在') && !told.includes('在');
}

/** "About" belongs to the part that is told. */
function changesMeasure({ text, language }: Reading, told: string): boolean {
  return ABOUT[language].test(text.replace(/\b(?:tell|ask|know|question|hear|more)\w* about\b/g, '')) !== ABOUT[language].test(told);
}

function changesLink(clause: Reading, source: Reading): boolean {
  const or = OR[clause.language];
  return or.test(clause.text) !== or.test(source.text) && (or.test(clause.text) || clause.text.split(/\b(?:and)\b|[和与及跟]/).length > source.text.split(/\b(?:and)\b|[和与及跟]/).length);
}

/** Between these two words stand beside each other by chance. */
const BREAK = /^(?:is|are|be|am|was|were|of|to|in|on|for|with|at|by|as|that|these|those|which|who|it|they|you|we|us|them|there|and|or|but|if|while|from|behind|above|below|under|over|after|before|than|within|until|between|when|so|then|up|least|most|cost|costs|charge|fee|not|no|free|do|does|has|have|can|may|will)$/;

/** Two words that stand side by side in the clause stand so in the sentence, in that order. */
function isReordered(clause: Reading, source: Reading): boolean {
  const [first, ...others] = source.pieces.map(({ text }) => text);
  const subject = pairsOf(`${(first ?? '').split('#')[0] ?? ''} end`, false)[0]?.split(' ')[0];
  // "The pool opens at 7 and closes at 9."
  const joined = subject === undefined ? [] : others.flatMap((text) => pairsOf(`${subject} ${text.replace(/^[\s,;:]*/, '')}`, false)[0] ?? []);
  const beside = new Set([...pairsOf(source.text, false), ...joined]);
  return pairsOf(clause.text, true).some((pair) => !beside.has(pair) && isKnown(pair, source));
}

function isKnown(pair: string, source: Reading): boolean {
  return pair.split(' ').every((word) => word === '#' || source.words.includes(word));
}

function pairsOf(text: string, breaks: boolean): string[] {
  const pairs: string[] = [];
  let last: string | undefined;
  for (const [token] of text.matchAll(/[a-z]+|#+|[,;:.!?]/g)) {
    // "On Monday the courts ...": another phrase begins.
    if (breaks && last === '#' && /^(?:the|an?|our|your|my)$/.test(token)) last = undefined;
    if (/^[,;:.!?]$/.test(token) || BREAK.test(token)) {
      if (breaks && !/^(?:not|no|do|does|has|have|can|may|will)$/.test(token)) last = undefined;
      continue;
    }
    const word = token.startsWith('#') ? '#' : contentWords(token, 'en')[0];
    if (word === undefined) continue;
    if (word === 'cost') {
      if (breaks) last = undefined;
      continue;
    }
    if (last !== undefined) pairs.push(`${last} ${word}`);
    last = word;
  }
  return pairs;
}
