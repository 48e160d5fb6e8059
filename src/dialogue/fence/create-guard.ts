import { isCourtesy } from './courtesies.js';
import { claimsOf } from './claims.js';
import { isQuotation, quotedIn } from './quotations.js';
import { isThing, topicOf } from './topics.js';
import { rowsOfValues } from './values.js';
import { WORDING } from './wording.js';
import type { Grounds, Guard, GuardVerdict } from './guard.js';
import type { SlotLanguage } from '../slots/slot-type.js';

const MAX_CLAUSE = 300;
/** Marks of a document, of a dialogue script, of code, of pictures: nothing that is spoken. */
const NOT_SPEECH = /https?:|www\.|[#*_`{}<>|\\]|^\s*[-•]\s|\b(?:user|assistant|system|human|bot|caller|agent)\s*:|\p{Extended_Pictographic}|(?:^|\s)\d+\.\s+\p{L}/iu;
const LOOP = /(.{4,40}?)\1{2,}|[；;，,。.、]{4,}/su;
/** Never said, whatever the facts. */
const FORBIDDEN: Record<SlotLanguage, RegExp> = {
  en: /\bi(?:'m| am)\b[^.?!]{0,40}\b(?:human|real person)\b|\b(?:i(?:'m| am) (?:a |an )?(?:human|real|person|not (?:a |an )?(?:robot|bot|machine|ai|computer))|as an ai(?: language)? model|language model|system prompt|my (?:instructions|prompt|guidelines|rules)|ignore (?:all|the|my|previous|any)|developer mode|i was (?:told|instructed|programmed)|openai|chatgpt)\b/i,
  zh: /我是(?:真人|人类|一个人)|我不是(?:机器人|机器|人工智能|AI)|作为(?:一个)?(?:AI|人工智能|语言)|语言模型|系统提示|我的(?:指令|提示词|规则)|忽略(?:之前|以上|所有)|开发者模式/i,
};
const NOTE: Record<SlotLanguage, RegExp> = { en: /^(?:(?:please )?note|i can tell you|let me tell you)(?: that|,|:) /i, zh: /^(?:请注意|我可以告诉您)[，,：:]/ };

/** What may stand behind a statement: more than "and". */
const ADDRESSES = /\p{L}(?<!\b(?:and|but|so|well|now))\W*$/u;

/** A guard over these grounds; made once for each `generate`, as the facts do not change in it. */
export function createGuard(grounds: Grounds): Guard {
  const { language } = grounds;
  const { formsOf, plain, tellingsOf, wordsIn } = WORDING[language];
  const sentences = grounds.facts.map((fact) => sentencesOf(fact));
  const callers = grounds.callerWords.map(wordsIn);
  const ourNames = grounds.names.map(wordsIn);
  const about = { ourNames: new Set(ourNames.flat()), asked: new Set(callers.at(-1)), facts: sentences.flat() };
  const told = new Set(sentences.flatMap((fact) => fact.flatMap((sentence, index) => [...tellingsOf(sentence, fact[index - 1], about)])));
  const verbatim = new Set([...grounds.facts, ...sentences.flat()].map(asWritten));
  const values = rowsOfValues(grounds);
  const known = [...sentences.flat().map(wordsIn), ...ourNames];
  const names = { ours: grounds.names, callers: Object.values(grounds.slots).map(String).filter((value) => isName(value, language)) };
  const courteous = (said: string): boolean => isCourtesy(said, language, names);

  /** What a clause states, without the courtesies before and behind it: "Sorry, ...", "..., Alice". */
  function stated(said: string): string {
    const marks = language === 'zh' ? /[，,]/ : /,/;
    let rest = said.replace(NOTE[language], '');
    for (let cut = rest.search(marks); cut >= 0 && courteous(rest.slice(0, cut)); cut = rest.search(marks)) rest = rest.slice(cut + 1).trim();
    for (let cut = rest.lastIndexOf(','); cut >= 0 && ADDRESSES.test(rest.slice(cut)) && courteous(rest.slice(cut)); cut = rest.lastIndexOf(',')) rest = rest.slice(0, cut);
    return rest.replace(language === 'zh' ? /^(?:那么?|嗯)(?=.{4})/ : /^(?:and|but|so|well|unfortunately) /i, '').replace(NOTE[language], '');
  }

  const standsIn = (rows: ReadonlySet<string>, said: string): boolean => [...formsOf(wordsIn(said))].some((form) => rows.has(form));
  const tells = (said: string): boolean => verbatim.has(asWritten(said)) || standsIn(told, said) || standsIn(told, stated(said));

  /** Says nothing that could be wrong: what the talk is about, what the caller said. */
  function statesNothing(said: string): boolean {
    const quoted = quotedIn(said, language);
    if (quoted !== undefined && isQuotation(wordsIn(quoted), callers, language)) return true;
    const topic = topicOf(stated(said), language);
    return topic !== undefined && isThing(topic, wordsIn(topic), known, language);
  }

  return {
    check(clause): GuardVerdict {
      const said = clause.normalize('NFKC').trim();
      const fails = (what: Extract<GuardVerdict, { passes: false }>['what'], span = said.slice(0, 40)): GuardVerdict => ({ passes: false, what, span });
      if (said === '' || said.length > MAX_CLAUSE || NOT_SPEECH.test(said) || LOOP.test(said)) return fails('form');
      if (!inLanguage(said, language)) return fails('language');
      const forbidden = FORBIDDEN[language].exec(said)?.[0];
      if (forbidden !== undefined) return fails('instruction', forbidden);
      if (courteous(said) || tells(said) || standsIn(values, stated(said)) || values.has(plain(wordsIn(said))) || statesNothing(said)) return { passes: true };
      const [claim] = claimsOf(said, language);
      return claim === undefined ? fails('unfounded') : fails(claim.what, claim.span);
    },
    tells,
  };
}

function asWritten(text: string): string {
  return text.normalize('NFKC').trim().replace(/[.!。！,]$/, '');
}

function sentencesOf(text: string): string[] {
  return text.split(/(?<=[.!?])\s+|(?<=[。！？；;])\s*/).filter((sentence) => /[\p{L}\p{N}]/u.test(sentence));
}

/** "Alice Brown", 张伟. */
function isName(value: string, language: SlotLanguage): boolean {
  return language === 'zh' ? /^\p{Script=Han}{2,4}$/u.test(value) : /^\p{Lu}[\p{L}'-]*(?: \p{Lu}[\p{L}'-]*){0,2}$/u.test(value);
}

function inLanguage(clause: string, language: SlotLanguage): boolean {
  const han = (clause.match(/\p{Script=Han}/gu) ?? []).length;
  const latin = (clause.match(/\p{Script=Latin}/gu) ?? []).length;
  const other = (clause.match(/\p{L}/gu) ?? []).length - han - latin;
  if (other > 0) return false;
  return language === 'zh' ? han >= latin / 2 : han === 0;
}
