import { characters, contentWords } from './words.js';
import type { ReadClaim, Reading } from './reading.js';
import type { Source } from './sources.js';

/**
 * What a clause leaves out of the sentence that it tells. A part of a sentence may be
 * told by itself ("repairs cost 20 dollars in the shop"), but whole: without "if you pay
 * your bill in full each month" or "in front of the house" it is another statement. So
 * every word and figure of each part that the clause draws on must be in it, and of each
 * part that another hangs on. Left out may be: what the sentence is about, where a
 * pronoun or our name stands for it; the hours of a day that is told.
 */
export interface Pair {
  readonly mine: ReadClaim;
  readonly its: ReadClaim;
}

/** Where the subject of an English sentence ends. */
const VERB_EN = /\b(?:is|are|was|were|be|has|have|had|do|does|did|will|can|may|must|should|could|would|need|needs|free|not|no|costs?|comes?|arrives?|takes?|gets?|gives?|goes|go|depends?|owes?|includes?|ends?|starts?|opens?|closes?|stays?|sees?|stands?|delivers?|receives?|brings?|pays?|works?|lasts?)\b|#/;
/** The same of a Chinese one: what stands before its first figure or one of these. */
const VERB_ZH = /[#首免收为是在可会能不没有取送返需要请每最还就才]/;
/** What an English part begins with that another part hangs on, before or after it. */
const LEADS_EN = /^[\s,;:]*(?:(?:and|but) )?(?:if|when|while|unless|once|after|before|with|without|for|on|in|at|during|until|by|as|provided|only|except|from|since|under|over|above|below|depending|subject|any|every)\b/;
const LIMITS_EN = /^[\s,;:]*(?:(?:and|but) )?(?:up to|at most|at least|if|when|unless|only|except|excluding|provided|as long|while|whereas|for|with|without|until|till|after|before|within|subject|depending|limited|plus)\b|^[\s,;:]*(?:not|no)\b/;
const BUT = /^[\s,;]*but\b/;
const CONDITION_ZH = /(?:后|前|时|的话|内|起|以上|以下|情况下?|为限|除外|满|到期|过期)[，,、；;]?\s*$|^[，,、；;]?(?:如|若|只|除|凡|满|仅|限|须|当|要是|假如|一旦|按|持|对于|针对|凭|为了|不过?满)/;
const LIMITS_ZH = /^[，,、；;]?(?:但|不过|除|仅|只|限|须|必须|前提|条件|且(?!#)|而且要|每[^，]{0,2}最[多少高低])|最[多少高低]|至[多少]|^[，,]?每[^，]*#|为限|除外|而定/;
/** A Chinese part that begins so follows from the one before; 还 and 也 may only add to it. */
const FOLLOWS_ZH = /^[，,、；;]?(?:就|才|便|则|即|可|能|会|不|没|免|送|赠|返|退|减|都|将|要|需|收|加|打|给|享|有)/;
const ADDS_ZH = /^[，,、；;]?(?:还|也|又|另)/;
/** Chinese words for ourselves and our house, at the beginning of a sentence. */
const OURSELVES_ZH = /^(?:我们|我行|本行|本店|网点|门店|诊所|公司|办公室|营业厅|酒店|商店|书店|店里?|客服)/;
const OURSELVES_EN = /^\W*(?:we|our)\b/;
const PRONOUN_EN = /\b(?:it|they|that|this|these)\b/;
const THERE_EN = /\bthere (?:is|are)\b|\bthere\b(?!$)/;
/** They say nothing that the rest of the statement does not. */
const OPTIONAL_ZH = /[#钱费价服务个共计于从至间]/;
/** Where a price or a day is told. */
const WITH_FIGURE_ZH = /[收付到要]/;
const OPTIONAL_EN = /^(?:cost|fee|is|get|open|together)$/;

export function leavesOut(clause: Reading, source: Source, matched: readonly Pair[], needed: ReadonlySet<number>, about: { names: ReadonlySet<string>; rivals: readonly Reading[] }): boolean {
  const { reading } = source;
  return clause.language === 'zh' ? lacksCharacters(clause, reading, needed, matched.length > 0, about.names) || lacksClaims(clause, reading, matched, needed) : lacksWords(clause, reading, needed, matched, about) || lacksClaims(clause, reading, matched, needed);
}

/** The parts of the sentence that each part of the clause is told from; undefined where a part of the clause mixes several. */
export function partsTold(clause: Reading, source: Source, matched: readonly Pair[], names: ReadonlySet<string>): ReadonlySet<number> | undefined {
  const { reading } = source;
  const zh = clause.language === 'zh';
  const wordsOf = (text: string, words: readonly string[]): readonly string[] => (zh ? characters(text) : words);
  const subject = new Set(wordsOf(subjectText(reading), contentWords(subjectText(reading), clause.language)));
  // What a pronoun of the sentence stands for may be named.
  const own = new Set(wordsOf(reading.text, reading.words));
  const earlier = [...source.known].filter((word) => !own.has(word));
  const used = new Set<number>();
  for (const [index, mine] of clause.pieces.entries()) {
    const claimed = new Set(matched.filter((pair) => pair.mine.piece === index).map(({ its }) => its.piece));
    const said = wordsOf(mine.text, mine.words).filter((word) => !subject.has(word) && !earlier.includes(word) && !names.has(word) && (zh ? !OPTIONAL_ZH.test(word) : !OPTIONAL_EN.test(word)));
    const holds = reading.pieces.map((piece) => {
      const its = new Set(wordsOf(piece.text, piece.words));
      return said.filter((word) => its.has(word)).length;
    });
    if (claimed.size > 0) {
      for (const piece of claimed) used.add(piece);
      const rest = said.filter((word) => ![...claimed].some((piece) => wordsOf(reading.pieces[piece]?.text ?? '', reading.pieces[piece]?.words ?? []).includes(word)) && own.has(word));
      // "Sheets 3 dollars" draws on two parts at once.
      if (rest.length > 0) return undefined;
      continue;
    }
    if (said.length === 0) {
      if (wordsOf(mine.text, mine.words).some((word) => subject.has(word))) used.add(0);
      continue;
    }
    const most = Math.max(...holds);
    if (most === 0) continue;
    const best = reading.pieces.filter((_, at) => holds[at] === most);
    if (said.some((word) => own.has(word) && !best.some((piece) => wordsOf(piece.text, piece.words).includes(word)))) return undefined;
    // "You may park" of a sentence that says where one may and where one may not: neither by itself.
    for (const [at, held] of holds.entries()) if (held === most) used.add(at);
  }
  return used;
}

/** With those that the told ones hang on. */
export function neededParts({ pieces, language }: Reading, used: ReadonlySet<number>, clause: Reading): ReadonlySet<number> {
  const needed = new Set(used);
  const first = Math.min(...used);
  const denies = clause.negators > 0 || clause.pieces.some(({ free }) => free);
  for (const [index, piece] of pieces.entries()) {
    if (used.has(index)) {
      // "Up to 300 dollars a month" says nothing without what it limits, nor does "if you pay late".
      if (index > 0 && (language === 'zh' ? LIMITS_ZH : LIMITS_EN).test(piece.text)) needed.add(index - 1);
      const next = pieces[index + 1];
      if (language === 'zh' && next !== undefined && FOLLOWS_ZH.test(next.text) && !/^[，,]不[用需]/.test(next.text) && !/[是为有无在免没]/.test(piece.text)) needed.add(index + 1);
      continue;
    }
    if (language === 'zh') {
      const next = pieces[first];
      const before = index < first;
      const states = /#[，,、；;]?\s*$/.test(piece.text) && piece.conditions.length === 0;
      if (before && (CONDITION_ZH.test(piece.text) || !/[#是为有无在不免没]/.test(piece.text) || (next !== undefined && (FOLLOWS_ZH.test(next.text) || (ADDS_ZH.test(next.text) && !states))))) needed.add(index);
      if (!before && LIMITS_ZH.test(piece.text) && !(/^[，,]?但/.test(piece.text) && piece.text.includes('#'))) needed.add(index);
      continue;
    }
    if (index < first && (LEADS_EN.test(piece.text) || piece.conditions.length > 0)) needed.add(index);
    if (index > first && (LIMITS_EN.test(piece.text) || (BUT.test(piece.text) && !piece.text.includes('#')) || (denies && !/^[\s,]*(?:and|but)\b/.test(piece.text)))) needed.add(index);
  }
  return needed;
}

function lacksWords(clause: Reading, source: Reading, needed: ReadonlySet<number>, matched: readonly Pair[], { names, rivals }: { names: ReadonlySet<string>; rivals: readonly Reading[] }): boolean {
  const said = new Set(clause.words);
  const subject = contentWords(subjectText(source), 'en');
  const words = [...needed].sort((left, right) => left - right).flatMap((index) => (source.pieces[index]?.words ?? []).slice(index === 0 ? subject.length : 0));
  const hasFigure = matched.length > 0;
  const isThere = (word: string): boolean => said.has(word) || word === 'between' || (word === 'may' && /\bcan\b/.test(clause.text)) || (word === 'cost' && (hasFigure || said.has('fee'))) || (word === 'fee' && hasFigure && said.has('cost')) || (hasFigure && /^(?:get|add|come|take)$/.test(word) && matched.every(({ its }) => its.what !== 'date'));
  const missing = words.filter((word, index) => !isThere(word) || (word !== 'cost' && count(words.slice(0, index + 1), word) > Math.max(1, count(clause.words, word))));
  if (missing.length > 0 && !isOnlyWhere(missing, clause, source)) return true;
  if (!needed.has(0) && [...needed].every((index) => hasOwnSubject(source.pieces[index]?.text ?? ''))) return false;
  return lacksSubject(clause, source, subject.filter((word) => !isThere(word)), subject, names, rivals);
}

function count(words: readonly string[], one: string): number {
  return words.filter((word) => word === one).length;
}

/** "Towels cost 3 dollars, sheets 5 dollars". */
function hasOwnSubject(text: string): boolean {
  const plain = text.replace(/^[\s,;:]*(?:(?:and|but|while|whereas) )?/, '');
  return contentWords(plain.slice(0, Math.max(0, plain.search(VERB_EN))), 'en').length > 0;
}

/** "There is free parking behind the house": that there is free parking stays true. */
function isOnlyWhere(missing: readonly string[], clause: Reading, source: Reading): boolean {
  if (!THERE_EN.test(source.text) || clause.negators > 0 || source.negators > 0 || source.pieces.length > 1 || source.conditions.length > 0) return false;
  const where = /\b(?:behind|above|beside|opposite|near|next to) [^,.;#]+$/.exec(source.text.replace(/[.!]$/, ''))?.[0];
  return where !== undefined && contentWords(where, 'en').every((word) => missing.includes(word)) && missing.length === contentWords(where, 'en').length && /^\W*(?:the|there)\b/.test(clause.text);
}

function lacksSubject(clause: Reading, source: Reading, missing: readonly string[], subject: readonly string[], names: ReadonlySet<string>, rivals: readonly Reading[]): boolean {
  if (missing.length === 0) return false;
  // "We" are our office, "you get" is "it gives you".
  if (OURSELVES_EN.test(source.text) && /\b(?:we|our)\b/.test(clause.text)) return missing.length < subject.length;
  if (rivals.length > 0) return true;
  const isProper = names.has(subject[0] ?? '');
  if (missing.length === subject.length || isProper) return !(PRONOUN_EN.test(clause.text) || THERE_EN.test(clause.text) || isProper);
  return !(PRONOUN_EN.test(clause.text) && missing.every((word, index) => word === subject[index]));
}

function lacksClaims(clause: Reading, source: Reading, matched: readonly Pair[], needed: ReadonlySet<number>): boolean {
  const missing = source.claims.filter((claim) => needed.has(claim.piece) && !matched.some(({ its }) => its === claim));
  // The hours may be left out where the day is told and nothing is denied.
  const isDay = (claim: ReadClaim): boolean => claim.what === 'date' && !/^\d+:\d\d$|^part /.test(claim.key);
  const daysTold = clause.negators === 0 && matched.some(({ its }) => isDay(its)) && matched.every(({ its }) => isDay(its));
  return missing.some((claim) => !(daysTold && claim.what === 'date' && !isDay(claim)) && !(clause.language === 'zh' && isDay(claim) && claim.key.startsWith('part') && matched.some(({ its }) => its.key.includes(':'))));
}

function lacksCharacters(clause: Reading, source: Reading, needed: ReadonlySet<number>, hasFigure: boolean, names: ReadonlySet<string>): boolean {
  const said = new Set(characters(clause.text));
  const told = [...needed].map((index) => source.pieces[index]?.text.replace(/^[，,、；;]?(?:就|才|便|则|还|也|另|但|而|不过)/, '') ?? '');
  const missing = told.flatMap((text) => characters(text.replace(/[就才便](?=[^#])/g, ''))).filter((one) => !said.has(one) && !OPTIONAL_ZH.test(one) && !(hasFigure && WITH_FIGURE_ZH.test(one)));
  if (missing.length === 0) return false;
  const subject = subjectText(source);
  const ours = OURSELVES_ZH.exec(subject)?.[0] ?? (characters(subject).slice(0, 2).every((one) => names.has(one)) ? subject : '');
  return !missing.every((one) => ours.includes(one));
}

/** What the sentence is about. */
function subjectText({ text, language }: Reading): string {
  const end = text.search(language === 'zh' ? VERB_ZH : VERB_EN);
  const cut = text.search(language === 'zh' ? /[，、；;,]/ : /[,;:]/);
  const at = end < 0 ? 0 : cut >= 0 && cut < end ? 0 : end;
  return text.slice(0, at);
}
