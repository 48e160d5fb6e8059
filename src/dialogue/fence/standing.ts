import { leavesOut, neededParts, partsTold } from './left-out.js';
import { changesManner, tellsOfThePast } from './manner.js';
import { REFERS } from './sources.js';
import { beyondCourtesy, characters, contentWords, fills, withoutCourtesy } from './words.js';
import type { Pair } from './left-out.js';
import type { Piece, ReadClaim, Reading } from './reading.js';
import type { Source } from './sources.js';

/** What else decides whether a clause stands in a source. */
export interface Circumstances {
  /** Words (Chinese: characters) of values that are names: the caller's. */
  readonly names: ReadonlySet<string>;
  /** The same of the company, which stand for "we". */
  readonly ourNames: ReadonlySet<string>;
  /** What the caller said last, which "it" may stand for. */
  readonly asked: Reading | undefined;
  /** Words of names that the clause speaks as names: "Corner Books", not "your books". */
  readonly spoken: ReadonlySet<string>;
  /** Names in the clause, in lower case. */
  readonly named: readonly string[];
  /** No word may be new: it binds. */
  readonly binds: boolean;
  /** The sentences of all facts. */
  readonly facts: readonly Reading[];
}

/** One new word is let pass in so many, where nothing hangs on a condition. */
const WORDS_TO_ONE_NEW = 7;
/** So many of the pairs of characters must be the source's, too: characters alone can be put together to anything. */
const PAIRS = 0.5;
/** Never new: they change what is said, however few they are. */
const NEVER_NEW = { en: /^(?:year|month|week|day|hour|minute|free|all|always|ever|every|everyth|any|only|more|less|most|least|half|double|triple|twice|than|whole|complete|full|total|extra|also|too|clos|open|start|end|stop|cancel|near|next|last|soon|now|later|early|late|get|give|owe|send|cost|need|must)$/, zh: /[退返还赔送赠奖折减免半双倍全都每年月周季天日时分秒不没无未非多少高低大小前后内外上下开关早晚先只仅永终欠得给]/ } as const;
const FREE = /^free$|免/;
/** "The fee is 40 dollars" and "it costs 40 dollars" say the same, but only a fee is a thing of its own. */
const ALIKE = new Map([['fee', 'cost'], ['cost', 'fee']]);
/** They do not say what a statement is about. */
const WEAK = { en: /^(?:cost|take|get|come|is|year|month|week|day|hour|minute|dollar|need|after|befor|within|before|until|between|about|first|second|only|up|most|least|that|time|good|new|free)$/, zh: /^(?:免费|费用|[免年月周天日时每元块钱收价后前内最多少高低要需约大概到共首次为从一之]+)$/ } as const;
/** What stands after these (Chinese also: before these) cannot change places with what stands on their other side. */
const HINGES = { en: /\b(?:depends? on|after|before|than|above|below|behind|under|over|owes?|instead of|next to|opposite|to|into|with|by|from)\b/g, zhAfter: /取决于|根据|有|带|高于|低于|多于|少于|比|欠/g, zhBefore: /(?<=[^#])(?:之?后(?!面)|之?前(?!面)|楼上|楼下|后面|前面|旁边|对面)/g } as const;

/** Says the clause nothing but what the source says: the same figures of the same thing, as surely, under the same conditions? */
export function standsIn(clause: Reading, source: Source, about: Circumstances): boolean {
  const { reading } = source;
  const claims = clause.claims.map((claim) => [claim, reading.claims.find((one) => isSame(claim, one, source))] as const);
  const matched = claims.flatMap(([mine, its]) => (its === undefined ? [] : [{ mine, its }]));
  if (matched.length < claims.length || new Set(matched.map(({ its }) => its)).size < matched.length) return false;
  return (
    isCovered(clause, source, about) &&
    isLabelled(clause, source) &&
    (source.kind !== 'slot' || (tellsValue(clause, source, matched) && !tellsOfThePast(clause, reading, source.known))) &&
    (source.kind !== 'fact' || (isWhole(clause, source, matched, about) && !isMirrored(clause, reading))) &&
    isAsSure(clause, source, matched) &&
    hasSameRanges(clause, reading, matched) &&
    matched.every((pair) => isOfItsThing(clause, reading, pair)) &&
    (source.kind !== 'fact' || (!matched.some(({ its }) => broadens(clause, reading, its, new Set([...about.names, ...about.ourNames]))) && saysOfWhat(clause, source, about)))
  );
}

export function isSame(claim: ReadClaim, other: ReadClaim, source: Source): boolean {
  // "7 points" does not stand in "within 7 days"; a slot `people` counts people.
  if (claim.key === other.key) return claim.noun === undefined || claim.noun === other.noun || (source.kind === 'slot' && other.noun === undefined && contentWords(claim.noun, 'en').some((noun) => source.known.has(noun)));
  // "Between nine and six" are the hours of "between 9 am and 6 pm".
  if (claim.isEnd && other.isEnd && claim.what === 'number' && claim.noun === undefined && /^\d+:00$/.test(other.key) && claim.value !== undefined && claim.value <= 12) return claim.value % 12 === Number(other.key.split(':')[0]) % 12;
  // A bare "25" may be the 25 of "25 dollars"; "25 percent" never is.
  return claim.what === 'number' && claim.noun === undefined && claim.value !== undefined && other.what === 'amount' && claim.value === other.value;
}

function isCovered(clause: Reading, { known, pairs, reading, kind }: Source, about: Circumstances): boolean {
  const { named, binds } = about;
  const names = namesFor(reading, about);
  if (named.some((name) => !reading.text.includes(name) && ![...names].some((one) => name.includes(one) || one.includes(name)))) return false;
  const zh = clause.language === 'zh';
  const plain = zh ? withoutCourtesy(clause.text) : '';
  const topics = zh ? characters(plain) : clause.words.filter((word) => !fills(word));
  const isFree = !zh && clause.pieces.some(({ free }) => free) && reading.pieces.some(({ free }) => free);
  const fresh = topics.filter((topic) => !known.has(topic) && !(isFree && ALIKE.has(topic)) && !names.has(topic) && !known.has(ALIKE.get(topic) ?? ''));
  if (fresh.length > (binds || clause.conditions.length > 0 ? 0 : Math.floor(topics.length / WORDS_TO_ONE_NEW))) return false;
  if (fresh.some((topic) => NEVER_NEW[clause.language].test(topic))) return false;
  if (!zh || kind === 'slot') return true;
  return plain.split(/[，、；;,]/).every((piece) => {
    const said = contentWords(piece, 'zh').filter((pair) => ![...pair].every((one) => names.has(one)));
    return said.length < 2 || said.filter((pair) => pairs.has(pair)).length / said.length >= PAIRS;
  });
}

/** "The amount is due" says nothing of how much it is. */
function tellsValue(clause: Reading, { reading }: Source, matched: readonly Pair[]): boolean {
  if (reading.claims.length > 0) return matched.length > 0;
  return reading.words.length > 0 ? reading.words.every((word) => clause.words.includes(word)) : clause.text.includes(reading.text);
}

function isLabelled(clause: Reading, { labels, kind }: Source): boolean {
  if (kind !== 'slot') return true;
  // Of "four people" the people are a part of the claim.
  const words = [...clause.words, ...clause.claims.flatMap(({ noun }) => contentWords(noun ?? '', 'en'))];
  return labels.every((names) => names.some((name) => (clause.language === 'zh' ? clause.text.includes(name) : words.includes(name))));
}

/** Whole parts of the sentence, with all that they hang on, in the same manner. */
function isWhole(clause: Reading, source: Source, matched: readonly Pair[], about: Circumstances): boolean {
  const { reading } = source;
  // Our name may be left out anyway; where it may stand, isCovered says.
  const names = new Set([...about.names, ...about.ourNames]);
  const used = partsTold(clause, source, matched, names);
  if (used === undefined || used.size === 0) return false;
  const needed = neededParts(reading, used, clause);
  if (!hasSameConditions(clause, [...needed].flatMap((index) => reading.pieces[index]?.conditions ?? []))) return false;
  return !leavesOut(clause, source, matched, needed, { names, rivals: rivalsOf(clause, reading, about) }) && !changesManner(clause, reading, needed);
}

function hasSameConditions(clause: Reading, its: readonly string[]): boolean {
  return clause.conditions.every((one) => its.includes(one)) && its.every((one) => clause.conditions.includes(one));
}

/** Sentences that say the same of something else: then it must be named. */
function rivalsOf(clause: Reading, source: Reading, { facts }: Circumstances): Reading[] {
  const said = strong(clause.words, clause.language).filter((word) => source.words.includes(word));
  return facts.filter((fact) => fact !== source && said.length > 0 && said.every((word) => fact.words.includes(word)));
}

/** "Between 2 and 6 pm" is not "at 2 pm"; "open on Tuesday" stands in "Monday to Friday" only by its ends. */
function hasSameRanges(clause: Reading, source: Reading, matched: readonly Pair[]): boolean {
  const told = (key: string): string => matched.find(({ mine }) => mine.key === key)?.its.key ?? key;
  if (!clause.ranges.every((range) => source.ranges.includes(range.split(' > ').map(told).join(' > ')))) return false;
  return source.ranges.filter((range) => !/^weekday/.test(range) && matched.some(({ its }) => range.split(' > ').includes(its.key))).every((range) => clause.ranges.some((one) => one.split(' > ').map(told).join(' > ') === range));
}

/** As much is denied, as much is free, and it is said of the same: "you owe us" is not "we owe you". */
function isAsSure(clause: Reading, { reading, kind }: Source, matched: readonly Pair[]): boolean {
  const pairs = clause.pieces.flatMap((mine, index) => counterparts(mine, matched.filter((pair) => pair.mine.piece === index), reading).map((its) => ({ mine, its })));
  const used = [...new Set(pairs.map(({ its }) => its))];
  const denied = used.reduce((sum, piece) => sum + piece.negators, 0);
  if (clause.negators !== denied && clause.negators !== reading.negators) return false;
  const denying = (its: Piece): number => pairs.filter((pair) => pair.its === its).reduce((sum, { mine }) => sum + mine.negators, 0);
  if (used.some((its) => denying(its) > 0 !== its.negators > 0)) return false;
  const free = clause.pieces.some((piece) => piece.free);
  if (free && !reading.pieces.some((piece) => piece.free)) return false;
  if (matched.some(({ mine, its }) => clause.pieces[mine.piece]?.free === true && reading.pieces[its.piece]?.free !== true)) return false;
  const charges = clause.language === 'zh' ? /费|收|钱/.test(clause.text.replace(/消费/g, '')) : clause.words.some((word) => ALIKE.has(word));
  if (!free && charges && used.some((piece) => piece.free)) return false;
  return kind !== 'fact' || clause.person === undefined || reading.person === undefined || clause.person === reading.person;
}

/** The parts of a sentence that a part of the clause tells again: where its figures stand or, without figures, most of its words. */
function counterparts(mine: Piece, matched: readonly Pair[], { pieces, language }: Reading): Piece[] {
  if (matched.length > 0) return matched.flatMap(({ its }) => pieces[its.piece] ?? []);
  const words = strong(mine.words, language);
  const shared = pieces.map((piece) => words.filter((word) => piece.words.includes(word)).length);
  const most = Math.max(...shared);
  return most === 0 ? [] : pieces.filter((_, index) => shared[index] === most);
}

/** In "3 percent abroad, 2 at home" the 2 is of "at home": the clause names that, or nothing that another part of the sentence is about. */
function isOfItsThing(clause: Reading, source: Reading, { mine, its }: Pair): boolean {
  const own = strong(source.pieces[its.piece]?.words ?? [], source.language);
  if (own.length === 0) return true;
  const said = new Set(strong(clause.pieces[mine.piece]?.words ?? [], clause.language));
  const rivals = source.claims.filter((claim) => claim.piece !== its.piece && claim.what === its.what);
  if (rivals.some(({ piece }) => strong(source.pieces[piece]?.tail ?? [], source.language).some((word) => said.has(word) && !own.includes(word)))) return false;
  if (own.some((word) => said.has(word))) return true;
  return !source.pieces.some((piece, index) => index !== its.piece && strong(piece.words, source.language).some((word) => said.has(word)));
}

/** "Purchases cost 1.5 percent" is more than "purchases abroad"; but "it" and "we" may stand for what comes first. Chinese leaves that out where it is clear, of what costs nothing. */
function broadens(clause: Reading, source: Reading, { what, key, piece }: ReadClaim, names: ReadonlySet<string>): boolean {
  // In "the first year" the figure only says when.
  if (key.startsWith('ordinal')) return false;
  const own = strong(source.pieces[piece]?.words ?? [], source.language);
  if (clause.language === 'zh') {
    const said = new Set(clause.text);
    return (what === 'amount' || what === 'percentage') && own.some((pair) => [...pair].some((one) => !said.has(one) && !names.has(one)));
  }
  const missing = own.filter((word) => !clause.words.includes(word) && !names.has(word));
  const stands = source.person === 1 ? /\b(?:it|they|that|this|these|we)\b/ : /\b(?:it|they|that|this|these)\b/;
  return missing.length > 0 && !(stands.test(clause.text) && missing.every((word, index) => word === own.filter((one) => !names.has(one))[index]));
}

/** "It costs 2 dollars" says nothing of what, unless the fact does not, either, or the caller has just asked for it. */
function saysOfWhat(clause: Reading, { known, reading, only }: Source, about: Circumstances): boolean {
  const { asked } = about;
  const names = namesFor(reading, about);
  const zh = clause.language === 'zh';
  const knows = (word: string): boolean => (zh ? [...word].every((one) => known.has(one)) : known.has(word));
  const isNamed = (word: string): boolean => (zh ? [...word].every((one) => names.has(one)) : names.has(word));
  const named = strong(clause.words, clause.language).filter((word) => knows(word) || isNamed(word));
  // "It is included" is said of what "it" is, whatever else is included.
  if (named.length > (REFERS[clause.language].test(clause.text) && !REFERS[clause.language].test(reading.text) ? 1 : 0)) return true;
  const topics = strong(reading.words, clause.language);
  if (topics.length === 0) return (zh ? characters(clause.text) : clause.words).some((word) => knows(word));
  const theirs = asked === undefined ? [] : strong(zh ? contentWords(withoutCourtesy(asked.text), 'zh') : beyondCourtesy(asked.text, asked.words, 'en'), asked.language);
  // "When does it come?" names nothing: "it" is what alone comes.
  return theirs.some((word) => knows(word)) || (theirs.length === 0 && asked !== undefined && clause.words.some((word) => only.has(word) && !FREE.test(word)));
}

/** A fact about us may be told of the company by its name. */
function namesFor(reading: Reading, { names, ourNames, spoken }: Circumstances): ReadonlySet<string> {
  return new Set([...(reading.person === 1 ? ourNames : []), ...names].filter((word) => spoken.has(word)));
}

function strong(words: readonly string[], language: Reading['language']): string[] {
  return words.filter((word) => !WEAK[language].test(word));
}

/** "Approval depends on a check" is not "a check depends on approval". */
function isMirrored(clause: Reading, source: Reading): boolean {
  if (clause.language === 'en') {
    return [...clause.text.matchAll(HINGES.en)].some((match) => {
      const next = after(clause.text, match);
      const there = [...source.text.matchAll(HINGES.en)].filter((one) => one[0].replace(/s\b/, '') === match[0].replace(/s\b/, '')).flatMap((one) => after(source.text, one).slice(0, 1));
      return there.length > 0 && next[0] !== undefined && !there.includes(next[0]);
    });
  }
  const beside = (text: string, hinges: RegExp, side: (text: string, match: RegExpMatchArray) => string): Map<string, string> => new Map([...text.matchAll(hinges)].map((match) => [match[0].replace('之', ''), side(text, match)]));
  const differs = (mine: Map<string, string>, its: Map<string, string>): boolean => [...mine].some(([hinge, words]) => words !== '' && (its.get(hinge) ?? '') !== '' && ![...words].some((one) => its.get(hinge)?.includes(one)));
  const right = (text: string, match: RegExpMatchArray): string => text.slice((match.index ?? 0) + match[0].length).replace(/[是否您你我们的]/g, '').replace(/#+/g, '#').slice(0, 2);
  const left = (text: string, match: RegExpMatchArray): string => text.slice(0, match.index).replace(/的/g, '').replace(/#+/g, '#').slice(-2);
  return differs(beside(clause.text, HINGES.zhAfter, right), beside(source.text, HINGES.zhAfter, right)) || differs(beside(clause.text, HINGES.zhBefore, left), beside(source.text, HINGES.zhBefore, left)) || clause.collects !== source.collects;
}

const ARTICLE = /^(?:a|an|the|our|your|my|us|you|we|me|for|at|in|on|of)$/;

/** The words after a hinge, in its piece; a figure is `#`. */
function after(text: string, match: RegExpMatchArray): string[] {
  const rest = text.slice((match.index ?? 0) + match[0].length).split(/[,;.!?]/)[0] ?? '';
  return (rest.match(/[a-z]+|#+/g) ?? []).filter((word) => !ARTICLE.test(word)).map((word) => word.replace(/#+/, '#'));
}
