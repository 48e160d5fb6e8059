import { claimsOf } from './claims.js';
import { contentWords, plainly } from './words.js';
import type { Claim } from './claims.js';
import type { SlotLanguage } from '../slots/slot-type.js';

/** A sentence taken apart, so that two can be laid side by side. */
export interface Reading {
  readonly language: SlotLanguage;
  /** Made alike (see words.ts), in lower case, with `#` for each character of a claim. */
  readonly text: string;
  readonly claims: readonly ReadClaim[];
  readonly words: readonly string[];
  readonly pieces: readonly Piece[];
  readonly negators: number;
  /** What makes it hold only sometimes. */
  readonly conditions: readonly string[];
  /** `weekday 1 > weekday 5`: two claims that are the ends of one range, in their order. */
  readonly ranges: readonly string[];
  /** Whom it speaks of first: us (1) or the caller (2). */
  readonly person: 1 | 2 | undefined;
  /** 您收, where 收您 and 每年收 are said of us: it is the caller who gets something. */
  readonly collects: boolean;
}

export interface ReadClaim extends Claim {
  /** The piece in which it stands. */
  readonly piece: number;
  /** It is an end of a range. */
  readonly isEnd: boolean;
}

/** What stands between commas, "and" and "but". */
export interface Piece {
  readonly from: number;
  /** As in `Reading.text`, with the mark or conjunction that it begins with. */
  readonly text: string;
  readonly words: readonly string[];
  /** Of the first piece the words after its first claim: those before it may be said of all of the sentence. */
  readonly tail: readonly string[];
  readonly negators: number;
  /** Says that something is not charged. */
  readonly free: boolean;
  readonly conditions: readonly string[];
}

const NEGATOR: Record<SlotLanguage, RegExp> = {
  en: /\b(?:no|not|never|without|none|nothing|nobody|neither|nor|hardly|barely|unable|impossible)\b/gi,
  // 不客气 denies nothing, nor does 是不是 (see negatorsIn).
  zh: /[不没未别勿莫](?!客气|好意思|过|错|仅|然)|无(?!论|限)|非(?!常)/g,
};
const FREE: Record<SlotLanguage, RegExp> = { en: /\bfree\b/i, zh: /免/ };
/** What makes a fact hold only sometimes: leaving it out makes it a lie, and so does putting one in. */
const CONDITION: Record<SlotLanguage, RegExp> = {
  en: /\b(?:if|only|unless|until|up to|at least|at most|subject to|depend(?:s|ing)?|provided|first|within|from|after|before|by|(?<!you )may|might|can be|usually|some|selected|except|with|starting|minimum|maximum|(?:over|under|above|below)(?=\s*#)|every|all|any)(?![a-z])/gi,
  zh: /如果|只有|只要|仅|除非|直到|最多|最少|至少|取决于|视.{0,6}而定|首.|[之]?内(?!容|科)|[之]?后(?!面|门|天)|[之]?前(?!面|台|天|往)|可能|通常|部分|除外|凭|持有|起(?!来)|以上|以下|超过|不到|须|满|所有|全部|任何|都/g,
};
const PERSON: Record<SlotLanguage, readonly [us: RegExp, caller: RegExp]> = {
  en: [/\b(?:we|us|our|ours|i|me|my)\b/i, /\b(?:you|your|yours)\b/i],
  zh: [/我们|我行|本行|我司|本公司|我(?!来|帮|给|为|想)/, /您|你/],
};
const RANGE = /^\s*(?:to|and|until|till|through|[-–—~到至])\s*(?:#?)\s*$/i;

export function read(sentence: string, language: SlotLanguage): Reading {
  const plain = plainly(sentence, language);
  const claims = claimsOf(plain, language);
  const blanked = blank(plain, claims);
  const lower = blanked.toLowerCase();
  const cuts = cutsOf(lower, language);
  const texts = [...cuts, lower.length].map((to, index) => lower.slice(index === 0 ? 0 : (cuts[index - 1] ?? 0), to));
  return {
    language,
    text: lower,
    claims: claims.map((claim, index) => ({ ...claim, piece: cuts.filter((cut) => cut <= claim.from).length, isEnd: isRange(plain, claims[index - 1], claim) || isRange(plain, claim, claims[index + 1]) })),
    words: contentWords(lower, language),
    pieces: texts.map((text, index) => ({ from: index === 0 ? 0 : (cuts[index - 1] ?? 0), text, words: contentWords(text, language), tail: contentWords(index === 0 ? text.slice(text.lastIndexOf('#') + 1) : text, language), negators: negatorsIn(text, language), free: FREE[language].test(text), conditions: conditionsIn(text, language) })),
    negators: negatorsIn(lower, language),
    conditions: conditionsIn(lower, language),
    ranges: claims.slice(1).flatMap((claim, index) => {
      const before = claims[index];
      return isRange(plain, before, claim) ? [`${before?.key ?? ''} > ${claim.key}`] : [];
    }),
    person: personOf(lower, language),
    // Of the sentence as it was said: made alike, 付 is 收, too.
    collects: /[您你](?!的)[^，。收]{0,6}收/.test(sentence),
  };
}

function isRange(text: string, from: Claim | undefined, to: Claim | undefined): boolean {
  return from !== undefined && to !== undefined && RANGE.test(text.slice(from.to, to.from));
}

/** Each claim becomes as many `#` as it has characters, so that places stay what they are. */
function blank(text: string, claims: readonly Claim[]): string {
  let blanked = text;
  // The word of a first or second is a condition, too, and stays.
  for (const { from, to, key } of claims) if (!key.startsWith('ordinal')) blanked = blanked.slice(0, from) + '#'.repeat(to - from) + blanked.slice(to);
  return blanked;
}

/** Commas and conjunctions, but not "between 2 and 6" or "9, 10". */
function cutsOf(text: string, language: SlotLanguage): number[] {
  const marks = language === 'zh' ? /[，、；;,]|(?=但|而(?!定)|不过)/g : /[,;:]|\b(?:and|but|while|whereas|however)\b/g;
  return [...text.matchAll(marks)].filter((match) => match.index > 0 && !(/#\s*$/.test(text.slice(0, match.index)) && /^\s*#/.test(text.slice(match.index + match[0].length)))).map((match) => match.index);
}

function conditionsIn(text: string, language: SlotLanguage): string[] {
  return [...new Set((text.match(CONDITION[language]) ?? []).map((one) => one.toLowerCase().replace(/^之/, '').replace(/ing$/, 's')))];
}

function negatorsIn(text: string, language: SlotLanguage): number {
  const alternatives = language === 'zh' ? text.replace(/(.)[不没]\1/g, '$1') : text;
  return alternatives.match(NEGATOR[language])?.length ?? 0;
}

function personOf(text: string, language: SlotLanguage): 1 | 2 | undefined {
  const [us, caller] = PERSON[language].map((pattern) => text.search(pattern)) as [number, number];
  if (us < 0 && caller < 0) return undefined;
  return caller < 0 || (us >= 0 && us < caller) ? 1 : 2;
}
