import { MONTH, ORDINAL_WORDS, UNIT_WORDS, WEEKDAYS, smallNumber } from './small-numbers-en.js';

const NO_DAY = '(?! (?:one|ones|1|option|choice|time|times|person|floor|avenue|street|thing|of (?:them|those|these))\\b)';
const DAY_WORDS = `(?:(?:twenty|thirty|forty|fifty)(?:[ -](?:${UNIT_WORDS}))?|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|${UNIT_WORDS})`;
/** After a day and its month: "twenty twenty seven", "nineteen eighty four", "two thousand and nine". */
const YEAR_WORDS = `(?:(nineteen|twenty)[ -]((?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[ -](?:${UNIT_WORDS}))?|oh[ -](?:${UNIT_WORDS}))|two thousand(?: and)?(?:[ -](twenty[ -](?:${UNIT_WORDS})|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|${UNIT_WORDS}))?)\\b`;
const LATE_TENS = ['sixty', 'seventy', 'eighty', 'ninety'];

/** Days of lower-case English in figures: "the twenty third" to "23rd", "december twenty five" to "december 25". */
export function spelledDays(text: string): string {
  return spelledMonthDays(spelledOrdinals(namedDays(text)));
}

/** Days that the library does not know by name, or loses beside an hour. */
function namedDays(text: string): string {
  return text
    .replace(/\bchristmas eve\b/g, 'december 24')
    .replace(/\bchristmas(?: day)?\b/g, 'december 25')
    .replace(/\bnew year'?s eve\b/g, 'december 31')
    .replace(/\bnew year'?s(?: day)?\b/g, 'january 1')
    .replace(/\b(?:the )?day after tomorrow\b/g, 'in 2 days')
    .replace(new RegExp(`\\b(${WEEKDAYS.join('|')}|today|tomorrow),? (?:a )?fortnight\\b`, 'g'), '2 weeks on $1')
    .replace(/\b(?:a )?fortnight\b/g, '2 weeks')
    .replace(/\bthanksgiving(?: day)?\b/g, 'the fourth thursday in november')
    .replace(/\bhalf a year\b/g, '6 months')
    .replace(/\b(?:an?|one) month and a half\b/g, '1 month and a half')
    // "I may be late" names no month.
    .replace(/\b(i|you|he|she|it|we|they|that|this|who|there) may\b/g, '$1');
}

const NEAR_DAYS = ['yesterday', 'today', 'tomorrow', 'the day after tomorrow'];
const NAMED_DAY = `(?:${WEEKDAYS.join('|')}|today|tomorrow)`;
const DAY_BESIDE = new RegExp(`\\b(${NAMED_DAY})\\b((?:(?!\\b${NAMED_DAY}\\b)[^;!?]){0,40}?)\\bthe (?:day (after|before)(?: that)?|(?:next|following) day)(?= (?:that|please|instead|then|would|works|is|if|maybe)\\b|[\\s,.!?]*$|[,.!?])`, 'gi');

/** "Tomorrow, no wait, the day after", "not friday the day before": the day that is meant, by its name. */
export function daysBeside(text: string): string {
  return text.replace(DAY_BESIDE, (_, day: string, between: string, side: string | undefined) => {
    const step = side?.toLowerCase() === 'before' ? -1 : 1;
    const weekday = WEEKDAYS.indexOf(day.toLowerCase());
    return `${day}${between}${weekday < 0 ? (NEAR_DAYS[NEAR_DAYS.indexOf(day.toLowerCase()) + step] ?? '') : (WEEKDAYS[(weekday + step + 7) % 7] ?? '')}`;
  });
}

/** "the twenty third" to "23rd", which the library reads; "a second" and "the second one" name no day. */
function spelledOrdinals(text: string): string {
  const counted = `(?:(?:1st|2nd|3rd|4th|5th|first|second|third|fourth|fifth|last) (?:${WEEKDAYS.join('|')}))`;
  return text
    .replace(/\b(?:the )?(twenty|thirty)[ -](first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)\b/g, (_, tens: string, unit: string) => ordinal((tens === 'twenty' ? 20 : 30) + ORDINAL_WORDS.indexOf(unit) + 1))
    .replace(/\b(?:the )?(thirtieth)\b/g, '30th')
    .replace(new RegExp(`(?<!\\b(?:a|an|one|per|every|split|two) )(?!(?:the )?${counted})\\b(?:the )?(${ORDINAL_WORDS.slice(1).join('|')}|first(?= of| or the\\b| ${MONTH}\\b))\\b${NO_DAY}`, 'g'), (_, word: string) => ordinal(ORDINAL_WORDS.indexOf(word) + 1))
    .replace(new RegExp(`\\b(${MONTH}|${WEEKDAYS.join('|')}),? (?:the )?first\\b${NO_DAY}`, 'g'), '$1 1st')
    // "On the first": beside other words it is a day only where nothing else can be first.
    .replace(/(?:\b(?:on|by|before|until|till|from|for|is|said|about|or) the first|^\W*the first)(?=\s*(?:$|[,.;!?]|at\b|in the\b|next\b|this\b|last\b|then\b|please\b|would\b|is\b|works\b|if\b))/g, (words) => words.replace(/first$/, '1st'));
}

/** "December twenty five", "five december", and the year after them. */
function spelledMonthDays(text: string): string {
  return text
    // "December twenty twenty six" has a year and no day.
    .replace(new RegExp(`\\b(${MONTH}),? twenty (twenty[ -](?:${UNIT_WORDS}))\\b`, 'g'), (_, month: string, year: string) => `${month} ${2000 + (smallNumber(year) ?? 0)}`)
    .replace(new RegExp(`\\b(${MONTH}),? (?:the )?(${DAY_WORDS})\\b(?! (?:minutes?|hours?|days?|weeks?|months?|o'?clock|people)\\b)`, 'g'), (_, month: string, words: string) => `${month} ${smallNumber(words) ?? words}`)
    .replace(new RegExp(`(?<!\\bat )\\b(${DAY_WORDS}) (of (?:the )?)?(${MONTH})\\b(?! (?:the )?(?:\\d|${DAY_WORDS}\\b))`, 'g'), (words, day: string, of: string | undefined, month: string) => (month === 'may' && of === undefined ? words : `${smallNumber(day) ?? day} ${month}`))
    .replace(new RegExp(`\\b((?:${MONTH}),? (?:the )?\\d{1,2}(?:st|nd|rd|th)?|\\d{1,2}(?:st|nd|rd|th)? (?:of )?(?:${MONTH})),? ${YEAR_WORDS}`, 'g'), (words, day: string, century: string | undefined, rest: string | undefined, later: string | undefined) => {
      const year = century === undefined ? 2000 + (later === undefined ? 0 : (smallNumber(later) ?? 0)) : (century === 'nineteen' ? 1900 : 2000) + lastTwo(rest ?? '');
      // "December third twenty thirty" is half past eight.
      return century === 'twenty' && year > 2029 ? words : `${day} ${year}`;
    });
}

function lastTwo(words: string): number {
  const [tens = '', unit] = words.split(/[ -]/);
  if (tens === 'oh') return smallNumber(unit ?? '') ?? 0;
  const late = LATE_TENS.indexOf(tens);
  return late < 0 ? (smallNumber(words) ?? 0) : 60 + late * 10 + (unit === undefined ? 0 : (smallNumber(unit) ?? 0));
}

function ordinal(value: number): string {
  const tail = value % 10 === 1 && value !== 11 ? 'st' : value % 10 === 2 && value !== 12 ? 'nd' : value % 10 === 3 && value !== 13 ? 'rd' : 'th';
  return `${value}${tail}`;
}
