import { againstFacts } from './against-facts.js';
import { beyondFacts } from './beyond-facts.js';
import { saidAsDone } from './said-as-done.js';
import { unconditional } from './unconditional.js';

/**
 * What was spoken that nobody had said: a judge of the fence that shares no line with
 * it. Figures, units, days, names and words that bind the company must stand literally
 * in the facts, the values of the call or the caller's own words; binding words in the
 * facts alone, with the condition of the sentence they stand in. What a sentence of the
 * facts says of one thing must not be said of another, nor its contrary (see
 * `against-facts.ts`), nor without its conditions (`unconditional.ts`). What is said to be
 * done, or granted, must stand in the facts, too (`said-as-done.ts`), and so must whose and
 * of whom a thing is, and what a question takes for granted (`beyond-facts.ts`).
 */
export interface Spoken {
  readonly language: 'en' | 'zh';
  readonly said: string;
  readonly facts: readonly string[];
  /** Values of the call, names. */
  readonly values: readonly string[];
  readonly caller: string;
}

export interface Invention {
  readonly what: 'figure' | 'unit' | 'day' | 'name' | 'binding' | 'misplaced' | 'turned' | 'deed' | 'granted' | 'unconditional' | 'added' | 'value' | 'presumed';
  readonly text: string;
  /** It stands in the caller's words alone: said after them, not known. */
  readonly parroted: boolean;
}

const SMALL_EN = new Map('zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(' ').map((word, value) => [word, value] as const));
const TENS_EN = new Map('twenty thirty forty fifty sixty seventy eighty ninety'.split(' ').map((word, index) => [word, (index + 2) * 10] as const));
const UNITS = { en: /^\s*(dollars?|euros?|pounds?|cents?|percent|%|days?|weeks?|months?|years?|hours?|minutes?|am|pm|points?|miles?|books?)\b/i, zh: /^\s*(元|块|美元|欧元|%|折|天|周|个月|月|年|小时|分钟|点|积分|公里|本|楼)/ } as const;
const DAYS = { en: /\b(monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|april|june|july|august|september|october|november|december|today|tomorrow|tonight|yesterday|weekends?|(?:this|next) (?:week|month|year|morning|afternoon|evening))\b/gi, zh: /[上下本这]个?(?:星期|周|礼拜)[一二三四五六日天]?|(?:星期|周|礼拜)[一二三四五六日天]|[今明后昨][天日晚早]|周末|[本这下]个?月(?!内)|月底/g } as const;
const BINDING = { en: /\b(free|guarantee[ds]?|refund(?:s|ed)?|waive[ds]?|discounts?|bonus|half (?:the )?price|approved|insured|insurance|unlimited|promise[ds]?|for ever|lifetime|no (?:annual |yearly )?(?:fee|cost|charge|interest))\b/gi, zh: /半价|不[要用]钱|免单|白送|打折|免费|免年费|免运费|保证|退款|折扣|优惠|已批准|永久|终身|无限|赠送|承诺|保险/g } as const;
const CONDITIONS = { en: ['first year', 'over 50', 'up to', 'unread', 'after approval'], zh: ['首年', '满五十', '最多', '没看过', '通过后'] } as const;
const ORDINARY = new Set('I I\'m I\'ll OK AI Yes No Thank Sorry Please The A It'.split(' '));

export function inventions({ language, said, facts, values, caller }: Spoken): Invention[] {
  const known = [...facts, ...values].join(' \n ');
  const found: Invention[] = [];
  const judge = (what: Invention['what'], text: string, stands: (where: string) => boolean, callerMay: boolean): void => {
    if (stands(known)) return;
    const parroted = stands(caller);
    if (!(callerMay && parroted)) found.push({ what, text, parroted });
    else found.push({ what, text, parroted: true });
  };
  for (const { value, unit, text } of figuresIn(said, language)) {
    if (value === 1 && unit === undefined) continue;
    judge('figure', text, (where) => figuresIn(where, language).some((one) => one.value === value), true);
    if (unit !== undefined) judge('unit', `${text} ${unit}`, (where) => figuresIn(where, language).some((one) => one.value === value && same(one.unit, unit)), true);
  }
  for (const match of said.matchAll(DAYS[language])) judge('day', match[0], (where) => where.toLowerCase().includes(match[0].toLowerCase()), true);
  for (const name of namesIn(said, language)) judge('name', name, (where) => where.toLowerCase().includes(name.toLowerCase()), true);
  for (const match of said.matchAll(BINDING[language])) {
    const word = match[0].toLowerCase();
    const facing = facts.flatMap((fact) => fact.split(/(?<=[.。])\s*/)).filter((sentence) => sentence.toLowerCase().includes(word.replace(/^no (?:annual |yearly )?/, '')));
    const whole = facing.filter((sentence) => (/^no /.test(word) ? /\bno\b|\bfree\b/i.test(sentence) : true)).some((sentence) => CONDITIONS[language].every((condition) => !sentence.includes(condition) || said.includes(condition)));
    // A question or a refusal binds nobody: "I cannot promise", "would you like insurance?".
    const binds = !(language === 'en' ? /\b(?:cannot|can't|not|don't|unable|no)\b(?! (?:annual|yearly|fee|cost|charge|interest))|\?/i : /不能|无法|没有|不|吗|？/).test(said.replace(match[0], ''));
    if (binds && !whole) found.push({ what: 'binding', text: match[0], parroted: caller.toLowerCase().includes(word) });
  }
  const beside = { language, said, facts, figuresIn: (text: string) => figuresIn(text, language), daysIn: (text: string) => [...text.matchAll(DAYS[language])].map((match) => match[0].toLowerCase()) };
  return [...found, ...againstFacts(beside), ...unconditional(beside), ...beyondFacts({ ...beside, values }), ...saidAsDone({ language, said, facts, values, caller })];
}

export interface Figure {
  readonly value: number;
  readonly unit: string | undefined;
  readonly text: string;
}

function figuresIn(text: string, language: Spoken['language']): Figure[] {
  return language === 'zh' ? chineseFigures(text) : englishFigures(text);
}

function englishFigures(text: string): Figure[] {
  const figures: Figure[] = [];
  const words = '(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|half)';
  for (const match of text.matchAll(new RegExp(`[$€£]?\\d+(?:,\\d{3})*(?:\\.\\d+)?|\\b${words}(?:[ -](?:and )?(?:${words}|point))*\\b`, 'gi'))) {
    const value = /\d/.test(match[0]) ? Number(match[0].replace(/[$€£,]/g, '')) : englishValue(match[0].toLowerCase());
    const unit = /^[$]/.test(match[0]) ? 'dollars' : UNITS.en.exec(text.slice(match.index + match[0].length))?.[1]?.toLowerCase();
    figures.push({ value, unit, text: match[0] });
  }
  return figures;
}

function englishValue(words: string): number {
  const [whole = '', decimals] = words.split(' point ');
  let sum = 0;
  let group = 0;
  for (const word of whole.split(/[ -]/)) {
    if (word === 'half') group += 0.5;
    else if (word === 'hundred') group = Math.max(1, group) * 100;
    else if (word === 'thousand' || word === 'million') {
      sum += Math.max(1, group) * (word === 'thousand' ? 1_000 : 1_000_000);
      group = 0;
    } else group += SMALL_EN.get(word) ?? TENS_EN.get(word) ?? 0;
  }
  const rest = decimals === undefined ? '' : decimals.split(/[ -]/).map((word) => SMALL_EN.get(word) ?? '').join('');
  return sum + group + (rest === '' ? 0 : Number(`0.${rest}`));
}

function chineseFigures(text: string): Figure[] {
  const figures: Figure[] = [];
  for (const match of text.matchAll(/(百分之)?(\d+(?:\.\d+)?|[零一二两三四五六七八九十百千万]+(?:点[零一二三四五六七八九]+)?|半)/g)) {
    const figure = match[2] ?? '';
    if (/^[一百千万]$/.test(figure)) continue;
    const after = UNITS.zh.exec(text.slice(match.index + match[0].length))?.[1];
    figures.push({ value: /\d/.test(figure) ? Number(figure) : chineseValue(figure), unit: match[1] === undefined ? after : '%', text: match[0] });
  }
  return figures;
}

function chineseValue(figure: string): number {
  if (figure === '半') return 0.5;
  const [whole = '', decimals] = figure.split('点');
  const digits = '零一二三四五六七八九';
  const digit = (one: string): number => (one === '两' ? 2 : digits.indexOf(one));
  let sum = 0;
  let group = 0;
  let last = 0;
  for (const one of whole) {
    if (one === '十') group += Math.max(1, last) * 10;
    else if (one === '百') group += Math.max(1, last) * 100;
    else if (one === '千') group += Math.max(1, last) * 1000;
    else if (one === '万') {
      sum += (group + last) * 10_000;
      group = 0;
    }
    last = '十百千万'.includes(one) ? 0 : digit(one);
  }
  return sum + group + last + (decimals === undefined ? 0 : Number(`0.${[...decimals].map(digit).join('')}`));
}

function same(one: string | undefined, other: string): boolean {
  const plain = (unit: string): string => unit.replace(/s$/, '').replace('percent', '%').replace('块', '元');
  return one !== undefined && plain(one) === plain(other);
}

function namesIn(said: string, language: Spoken['language']): string[] {
  if (language === 'zh') return [...(said.match(/[A-Za-z]{2,}/g) ?? []), ...(said.match(/(?<=叫|是)[\p{Script=Han}]{2,3}(?=先生|女士|经理|医生)/gu) ?? [])];
  return [...said.matchAll(/(?<=[a-z,] )[A-Z][a-z]+/g)].map((match) => match[0]).filter((name) => !ORDINARY.has(name) && name.search(DAYS.en) < 0);
}
