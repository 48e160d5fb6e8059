import { isCourtesy } from './courtesies.js';
import { grants, isDeed } from './deeds.js';
import { createFounding } from './founding.js';
import { namesIn } from './names.js';
import { agrees, goesOn, isForbidden, isPromise, quoteIn, statesNothing, tellsAPrice, withoutLeadIn } from './promises.js';
import { read } from './reading.js';
import { sourcesOf } from './sources.js';
import { isSame, standsIn } from './standing.js';
import { characters, contentWords } from './words.js';
import type { Grounds, Guard, GuardVerdict } from './guard.js';
import type { Reading } from './reading.js';
import type { Source } from './sources.js';

const MAX_CLAUSE = 300;
/** Marks of a document, of a dialogue script, of code, of pictures: nothing that is spoken. */
const NOT_SPEECH = /https?:|www\.|[#*_`{}<>|\\]|^\s*[-•]\s|\b(?:user|assistant|system|human|bot|caller|agent)\s*:|\p{Extended_Pictographic}|(?:^|\s)\d+\.\s+\p{L}/iu;
/** The bot says who it is. */
const INTRODUCES = { en: /\b(?:i(?:'m| am)|my name is|this is) (?:the )?(\p{Lu}\p{L}+)/iu, zh: /我(?:是|叫)([\p{Script=Han}]{2,4}?)(?=[，。,.！!]|$)/u } as const;
const LOOP = /(.{4,40}?)\1{2,}|[；;，,。.、]{4,}/su;

/** A guard over these grounds; made once for each `generate`, as the facts do not change in it. */
export function createGuard(grounds: Grounds): Guard {
  const { language } = grounds;
  const sources = sourcesOf(grounds);
  const facts = sources.filter(({ kind }) => kind === 'fact');
  const slots = sources.filter(({ kind }) => kind === 'slot');
  const factReadings = facts.map(({ reading }) => reading);
  const callers = sources.filter(({ kind }) => kind === 'caller');
  const names = wordsOfNames(valuesThatAreNames(grounds), language);
  const ourNames = wordsOfNames(grounds.names, language);
  const allNamed = [...valuesThatAreNames(grounds), ...grounds.names];
  const allNames = new Set([...names, ...ourNames]);
  const verbatim = new Set(grounds.facts.flatMap((fact) => [fact, ...fact.split(/(?<=[.!?。！？])\s*/)]).map(asWritten));
  const founding = createFounding([...facts, ...slots].map(({ reading }) => reading), new Set([...allNames, ...slots.flatMap(({ known }) => [...known])]), callers.map(({ reading }) => reading));
  const introduced = [...grounds.facts, ...grounds.names].join('\n').toLowerCase();
  const haystack = [...grounds.facts, ...grounds.callerWords, ...Object.values(grounds.slots).map(String), ...grounds.names].join('\n').toLowerCase();
  const asked = callers.at(-1)?.reading;

  const namesSpoken = (said: string, spoken: ReadonlySet<string>): string[] => (language === 'zh' ? allNamed.flatMap((name) => (said.includes(name) ? name : new RegExp(`${[...name][0] ?? ''}(?=先生|女士|小姐)`, 'u').exec(said)?.[0]) ?? []) : (said.match(/\p{Lu}[\p{L}\d'’&-]*/gu) ?? []).filter((word) => contentWords(word, 'en').some((one) => spoken.has(one))));

  /** Says nothing that could be wrong: an offer to tell, what the talk is about. */
  function isHarmless(clause: Reading, said: string): boolean {
    return clause.claims.length === 0 && statesNothing(said, language);
  }

  /** "You said ten dollars": the caller's figures ground it only so, and never as a price. */
  function isQuotation(clause: Reading, body: string, stands: (source: Source) => boolean): boolean {
    const quote = quoteIn(clause.text, language);
    if (quote === undefined || tellsAPrice(body, language) || goesOn(body, language)) return false;
    const piece = clause.pieces.filter(({ from }) => from <= quote).length - 1;
    return clause.claims.every((claim) => claim.piece === piece) && callers.some(stands);
  }

  return {
    check(clause): GuardVerdict {
      const said = clause.normalize('NFKC').trim();
      const fails = (what: Extract<GuardVerdict, { passes: false }>['what'], span = said.slice(0, 40)): GuardVerdict => ({ passes: false, what, span });
      if (said === '' || said.length > MAX_CLAUSE || NOT_SPEECH.test(said) || LOOP.test(said)) return fails('form');
      if (!inLanguage(said, language)) return fails('language');
      const forbidden = isForbidden(said, language);
      if (forbidden !== undefined) return fails('instruction', forbidden);
      const body = withoutLeadIn(said, language);
      const reading = read(body, language);
      const invented = reading.claims.find((claim) => !sources.some((source) => source.reading.claims.some((other) => isSame(claim, other, source))));
      if (invented !== undefined) return fails(invented.what, invented.span);
      const self = INTRODUCES[language].exec(said)?.[1];
      if (self !== undefined && /^[\p{Lu}\p{Script=Han}]/u.test(self) && !introduced.includes(self.toLowerCase())) return fails('name', self);
      const named = namesIn(said, language).map((name) => name.toLowerCase());
      const spoken = spokenIn(said, allNames, allNamed, language);
      const stranger = named.find((name) => !haystack.includes(name));
      if (stranger !== undefined) return fails('name', stranger);
      if (reading.claims.length === 0 && isCourtesy(said, language, namesSpoken(said, spoken))) return { passes: true };
      if (!isQuestion(said, language) && (agrees(said, language) || grants(said, language))) return fails('promise');
      const binds = isPromise(body, language) || isDeed(body, language) || reading.pieces.some(({ free }) => free);
      const stands = (source: Source): boolean => standsIn(reading, source, { names, ourNames, asked, spoken, named, binds, facts: factReadings });
      if (!binds && isQuotation(reading, body, stands)) return { passes: true };
      if (isHarmless(reading, said)) return founding.isUnfounded(reading) || founding.isParroted(reading) ? fails('unfounded') : { passes: true };
      // What binds the company stands in a fact; other things may be values of the call.
      if (verbatim.has(asWritten(said)) || facts.some(stands) || (!binds && (slots.some(stands) || isNamedDay(reading, slots)))) return { passes: true };
      const [claim] = reading.claims;
      return binds ? fails('promise') : claim === undefined ? fails('unfounded') : fails(claim.what, claim.span);
    },
  };
}

function asWritten(text: string): string {
  return text.normalize('NFKC').trim().replace(/[.!。！,]$/, '');
}

/** "On December 3rd, then": nothing but a day that the call has filled in. */
function isNamedDay({ claims, text }: Reading, slots: readonly Source[]): boolean {
  return claims.length > 0 && claims.every(({ what }) => what === 'date') && /^(?:on|the|so|then|and|那么?|就|[#\s,，.。、])*$/.test(text) && slots.some((slot) => claims.every((claim) => slot.reading.claims.some((other) => isSame(claim, other, slot))));
}

/** "Alice Brown", 张伟. */
function valuesThatAreNames({ slots, language }: Grounds): string[] {
  return Object.values(slots).map(String).filter((value) => (language === 'zh' ? /^\p{Script=Han}{2,4}$/u.test(value) : /^\p{Lu}[\p{L}'-]*(?: \p{Lu}[\p{L}'-]*){0,2}$/u.test(value)));
}

function wordsOfNames(names: readonly string[], language: Grounds['language']): Set<string> {
  return new Set(names.flatMap((name) => (language === 'zh' ? characters(name.toLowerCase()) : contentWords(name, 'en'))));
}

/** Of the words of names those that are names here: with a capital, or (Chinese) in the whole name or before 先生. */
function spokenIn(said: string, words: ReadonlySet<string>, names: readonly string[], language: Grounds['language']): ReadonlySet<string> {
  if (language === 'zh') return new Set(names.flatMap((name) => (said.includes(name) || (/^\p{Script=Han}/u.test(name) && new RegExp(`${[...name][0] ?? ''}(?:先生|女士|小姐)`, 'u').test(said)) ? characters(name.toLowerCase()) : [])));
  // The first word has a capital anyway, unless a comma or another name follows.
  const named = [...said.matchAll(/(?<![\p{L}'])\p{Lu}[\p{L}\d'’&-]*/gu)].filter((match) => match.index > 0 || /^(?:,| \p{Lu})/u.test(said.slice(match[0].length)));
  return new Set(named.flatMap(([name]) => contentWords(name, 'en')).filter((word) => words.has(word)));
}

/** "Would you like to receive it by mail?" agrees to nothing. */
function isQuestion(clause: string, language: 'en' | 'zh'): boolean {
  return language === 'zh' ? /[?？]\s*$|(?:吗|呢|好不好|可不可以)[。？?]?\s*$/.test(clause) : /\?\s*$/.test(clause) && /^(?:would|could|can|may|shall|do|does|did|is|are|was|were|have|has|what|when|where|which|who|how)\b/i.test(clause);
}

function inLanguage(clause: string, language: 'en' | 'zh'): boolean {
  const han = (clause.match(/\p{Script=Han}/gu) ?? []).length;
  const latin = (clause.match(/\p{Script=Latin}/gu) ?? []).length;
  const other = (clause.match(/\p{L}/gu) ?? []).length - han - latin;
  if (other > 0) return false;
  return language === 'zh' ? han >= latin / 2 : han === 0;
}
