import { claimsOf } from './claims.js';
import type { Claim } from './claims.js';
import type { Grounds, Guard, GuardVerdict } from './guard.js';
import { namesIn } from './names.js';
import { agrees, isBacked, isForbidden, isParroted, isPromise, isUnfounded } from './promises.js';

const MAX_CLAUSE = 300;
/** Marks of a document, of a dialogue script, of code, of pictures: nothing that is spoken. */
const NOT_SPEECH = /https?:|www\.|[#*_`{}<>|\\]|^\s*[-•]\s|\b(?:user|assistant|system|human|bot|caller|agent)\s*:|\p{Extended_Pictographic}|(?:^|\s)\d+\.\s+\p{L}/iu;
/** Gives back what the caller said of himself. */
const ECHO = { en: /\byou (?:said|say|mentioned|told|asked|spend|spent|earn|want|wanted|wish|need|owe|paid)\b|\byou(?:'d| would) like\b/i, zh: /您(?:刚才)?(?:说|提到|告诉|问|每|大概|想|要|希望|需要|花|付了)/ } as const;
/** Says how something is; "Tuesday, all right" does not. */
const STATES = { en: /\b(?:is|are|was|were|be|been|has|have|will|can|does|comes?|arrives?|opens?|closes?|ends?|starts?|booked|scheduled|moved|set)\b|'(?:s|ll|re)\b/i, zh: /是|在|会|到|送|开|约|安排|定|改|结束|开始|营业|可以/ } as const;
/** The bot says who it is. */
const INTRODUCES = { en: /\b(?:i(?:'m| am)|my name is|this is) (?:the )?(\p{Lu}\p{L}+)/iu, zh: /我(?:是|叫)([\p{Script=Han}]{2,4}?)(?=[，。,.！!]|$)/u } as const;
const LOOP = /(.{4,40}?)\1{2,}|[；;，,。.、]{4,}/su;

/** A guard over these grounds; made once for each `generate`, as the facts do not change in it. */
export function createGuard(grounds: Grounds): Guard {
  const { language } = grounds;
  const texts = [...grounds.facts, ...grounds.callerWords, ...Object.values(grounds.slots).map(String)];
  const known = texts.flatMap((text) => claimsOf(spoken(text), language));
  // Prices and dates come from the facts and the values of the call: "isn't it ten dollars?" makes it none.
  const own = new Set([...grounds.facts, ...Object.values(grounds.slots).map(String)].flatMap((text) => claimsOf(spoken(text), language)).map((claim) => claim.key));
  const keys = new Set(known.map((claim) => claim.key));
  const counted = new Set(known.flatMap((claim) => (claim.noun === undefined ? [] : `${claim.key} ${claim.noun}`)));
  const values = new Set(known.flatMap((claim) => claim.value ?? []));
  const founding = [...texts, ...grounds.names, ...Object.keys(grounds.slots).map((name) => name.replaceAll('_', ' '))];
  const introduced = [...grounds.facts, ...grounds.names].join('\n').toLowerCase();
  const haystack = [...texts, ...grounds.names].join('\n').toLowerCase();

  const stands = (claim: Claim, clause: string): boolean => {
    const given = claim.what === 'amount' || claim.what === 'percentage' || (claim.what === 'date' && STATES[language].test(clause));
    if (given && !own.has(claim.key)) return keys.has(claim.key) && (isQuestion(clause, language) || ECHO[language].test(clause));
    // "7 points" does not stand in "within 7 days".
    if (claim.noun !== undefined) return counted.has(`${claim.key} ${claim.noun}`);
    if (keys.has(claim.key)) return true;
    // A bare "25" may be the 25 of "25 dollars"; "25 percent" never is.
    return claim.what === 'number' && claim.value !== undefined && values.has(claim.value);
  };

  return {
    check(clause): GuardVerdict {
      const said = clause.normalize('NFKC').trim();
      const fails = (what: Extract<GuardVerdict, { passes: false }>['what'], span: string): GuardVerdict => ({ passes: false, what, span });
      if (said === '' || said.length > MAX_CLAUSE || NOT_SPEECH.test(said) || LOOP.test(said)) return fails('form', said.slice(0, 40));
      if (!inLanguage(said, language)) return fails('language', said.slice(0, 40));
      const forbidden = isForbidden(said, language);
      if (forbidden !== undefined) return fails('instruction', forbidden);
      const invented = claimsOf(said, language).find((claim) => !stands(claim, said));
      if (invented !== undefined) return fails(invented.what, invented.span);
      const self = INTRODUCES[language].exec(said)?.[1];
      if (self !== undefined && /^[\p{Lu}\p{Script=Han}]/u.test(self) && !introduced.includes(self.toLowerCase())) return fails('name', self);
      const stranger = namesIn(said, language).find((name) => !haystack.includes(name.toLowerCase()));
      if (stranger !== undefined) return fails('name', stranger);
      if (!ECHO[language].test(said) && isParroted(said, grounds.callerWords, [...grounds.facts, ...grounds.names], language)) return fails('unfounded', said.slice(0, 40));
      if (isPromise(said, language) && !isQuestion(said, language) && !isBacked(said, grounds.facts, language)) return fails('promise', said.slice(0, 40));
      if (isQuestion(said, language)) return { passes: true };
      if (agrees(said, language)) return fails('promise', said.slice(0, 40));
      if (isUnfounded(said, founding, language)) return fails('unfounded', said.slice(0, 40));
      return { passes: true };
    },
  };
}

/** Slots are kept in canonical form: `520.50 USD` is said "520.50 dollars". */
function spoken(text: string): string {
  return text.replace(/^(\d+(?:\.\d+)?) (USD|EUR|GBP|CNY)$/, (_, digits: string, code: string) => `${Number(digits)} ${{ USD: 'dollars', EUR: 'euros', GBP: 'pounds', CNY: '元' }[code] ?? code}`);
}

/** "Would you like to receive it by mail?" promises nothing. */
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
