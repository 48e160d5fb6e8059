import { TEEN_WORDS, TEN_WORDS, UNIT_WORDS } from './small-numbers-en.js';

/** Whether words have a value of the kind that is asked for. */
export type HasValue = (words: string) => boolean;

const VERB_EN = '(?:want|need|like|take|have|choose|mean|say|said|pay|spend|afford|give|do|make|manage|got)';
const AUXILIARY_EN = "(?:do|does|did|ca|wo|would|could|should|is|was|are)n'?t|cannot";
/** What says that the next value is not meant: "not", "don't want", "rather than"; "if not" and "why not" offer it. */
const MARKER_EN = `(?<!\\b(?:if|why|or|whether|how about)\\s+)(?:\\bnot|\\b(?:${AUXILIARY_EN}))|\\b(?:rather than|instead of|other than|(?:any|every)(?:thing|one) but|all but|except(?: for)?|(?<=\\brather\\b[^,.;!?]{1,40})than)`;
const BETWEEN_EN = `(?:(?:${VERB_EN}|really|to|the|an?(?!\\s+(?:hundred|thousand|million|dozen|couple|pair|half|quarter|grand)\\b)|in|on|at|for|of|it's|about|counting|including|called|named|spelled)\\s+)*`;
/** "Not until five", "not more than fifty" deny no value; "not here" denies none of any kind. */
export const NO_VALUE_EN = '(?:bad|sure|certain|really|yet|now|only|just|even|that|this|very|so|too|quite|interested|until|till|before|after|by|earlier|later|more|less|over|above|under|below|than|most|least|many|much|at all|as|here|there|home|available|free|in|around|able|going|giving|telling|saying|calling|him|her|me|you|us|them|it|my|your|possible|good|great|know|think)';
const WORDS_EN = '(?:[^,.;!?]|[,.](?=\\d))';
const DENIED_EN = new RegExp(`(?:${MARKER_EN})\\s+${BETWEEN_EN}(?!${NO_VALUE_EN}\\b)(${WORDS_EN}{1,60}?)(?=\\s+(?:but|(?:only|just|maybe|perhaps|more like)(?=\\s+\\S)|it'?s|it is|it was|i|i'm|i'll|i said|we|make (?:it|that)|let's|that'?s|no|please|thanks|thank you)\\b|[,.](?!\\d)|[;!?]|$)`, 'giu');

/** 不是五个, 没有五十块; 是不是周五 and 要不要五个 ask for it, 不是五个吗 too. */
const DENIED_ZH = /(?<![是要能可会有])(?:而|并|我)?(?:不(?:是|要|选|想|能|叫|姓)|没有?|别|[付给拿还出](?:不[起了出]))(?:要|选|说|在|付|给|拿|还|出|那个?|这个?)*([^，,。；;！!？?\s]{1,20}?)(?=而是|改成|我[要说是想]|[，,。；;！!？?\s]|$)/gu;

/** 除了五个都行; 除了五个还要三个 wants both. */
const BUT_FOR_ZH = /(?:除了|除开)([^，,。；;！!？?\s再还也]{1,20}?)(?:以外|之外)?[，,]?(?=都|其他|别的|什么|[，,。；;\s]|$)(?![，,]?.{0,6}[再还也])/gu;
const TOO_EN = '(?:way |far |much |a bit |a little |just )?too (?!good\\b|bad\\b)\\w+';
/** "Fifty is too much", 一百付不起, 五个以外: said of the value before it, of which nothing but a clause of this length is looked at. */
const DENIED_AFTER = [
  { marker: new RegExp(`\\b(?:(?:is|are|would be|sounds|seems|looks) (?:${TOO_EN}|out of the question|impossible|not possible)|(?:doesn't|does not|won't|will not|wouldn't|would not) (?:work|do)\\b)(?: for me| for us)?`, 'gi'), before: /(?:[^,.;!?]|[,.](?=\d))*$/, most: 80 },
  { marker: /(?:(?<!要)不要|(?<!行)不行|(?<!可)不可以|(?<!够)不够|(?<!合)不合适|太[多少贵高低大小]|[付拿还出给]不(?:起|了|出))[了的吧啊点]*(?=[，,。；;！!\s]|$)|(?:以外|之外|除外)(?![，,]?.{0,6}[再还也])/gu, before: /[^，,。；;！!？?\s]*$/u, most: 20 },
];
const NEXT_CLAUSE_EN = /^.*\b(?:but|so|though|because|while|maybe)\b/i;

/** Two numbers one after the other: "not fifty sixty" denies the fifty. */
const TWO_NUMBERS_EN = new RegExp(`\\b(not (?:(?:${TEN_WORDS})(?:[ -](?:${UNIT_WORDS}))?(?= (?:${TEN_WORDS}|${TEEN_WORDS})\\b)|(?:${TEEN_WORDS})(?= (?:${TEEN_WORDS}|${UNIT_WORDS})\\b)|(?:${UNIT_WORDS})(?= (?:${UNIT_WORDS})\\b)(?! \\w+ (?:${UNIT_WORDS})\\b)|(?:${UNIT_WORDS}) (?:hundred|thousand)(?= (?:${UNIT_WORDS}) (?:hundred|thousand)\\b)))`, 'gi');

/** For kinds that count: a mark after the number that is denied, where another follows. */
export function partedNumbers(text: string): string {
  return text.replace(TWO_NUMBERS_EN, '$1,');
}

/** "Fifty, not sixty", 是五十不是六十: without the values that are denied. */
export function withoutDeniedValues(text: string, has: HasValue): string {
  const plain = text.replace(/\u2019/g, "'");
  const without = plain
    .replace(DENIED_EN, (denied, words: string) => (begins(words, has) ? ' ' : denied))
    .replace(DENIED_ZH, (denied, words: string) => (/[吗么]$/u.test(words) || !begins(words, has) ? denied : ''))
    .replace(BUT_FOR_ZH, (denied, words: string) => (begins(words, has) ? '' : denied));
  const left = DENIED_AFTER.reduce((rest, kind) => withoutBefore(rest, kind, has), without);
  return left === plain ? text : left;
}

function withoutBefore(text: string, { marker, before, most }: (typeof DENIED_AFTER)[number], has: HasValue): string {
  let left = '';
  let from = 0;
  for (const match of text.matchAll(marker)) {
    const clause = before.exec(text.slice(Math.max(from, match.index - most), match.index))?.[0] ?? '';
    const words = clause.replace(NEXT_CLAUSE_EN, '');
    const to = match.index + match[0].length;
    left += has(words) ? `${text.slice(from, match.index - words.length)} ` : text.slice(from, to);
    from = to;
  }
  return left + text.slice(from);
}

/** "Three no four", as recognisers without marks write "three, no, four": what follows the last such no. */
export function afterNo(text: string, has: HasValue): string {
  const pieces = text.split(/\bno\b(?!\s+(?:one|more|less|fewer|matter|idea|problem)\b)/i);
  const last = pieces.at(-1) ?? '';
  return pieces.length > 1 && has(pieces.slice(0, -1).join(' ')) && begins(last.replace(/^(?:[\s,]|\b(?:wait|sorry|it's|it is|i mean|make it|make that)\b)+/i, ''), has) ? last : text;
}

/** The value begins with the first word, in Chinese with the first character, so that "not sure maybe five" keeps its five. */
function begins(words: string, has: HasValue): boolean {
  const [, first = '', second = ''] = /^\s*(\p{Script=Han}|[^\s\p{Script=Han}]+)(?:\s+([^\s\p{Script=Han}]+))?/u.exec(words) ?? [];
  if (first === '') return false;
  return has(first) || (second !== '' && has(`${first} ${second}`) && !has(second));
}
