import type { Rule } from './rule.js';
import { ordinal, year } from './words.js';

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'] as const;
const NAMES = '(January|February|March|April|May|June|July|August|September|October|November|December|Jan\\.?|Feb\\.?|Mar\\.?|Apr\\.?|Jun\\.?|Jul\\.?|Aug\\.?|Sept?\\.?|Oct\\.?|Nov\\.?|Dec\\.?)';
const DAY_NAMES: Readonly<Record<string, string>> = { Mon: 'Monday', Tue: 'Tuesday', Tues: 'Tuesday', Wed: 'Wednesday', Thu: 'Thursday', Thur: 'Thursday', Thurs: 'Thursday', Fri: 'Friday', Sat: 'Saturday', Sun: 'Sunday' };

function monthOf(name: string): string {
  return MONTHS.find((month) => month.startsWith(name.slice(0, 3))) ?? name;
}

function say(month: number, day: number, yearDigits: string | undefined): string | undefined {
  if (month < 1 || month > 12 || day < 1 || day > 31) return undefined;
  const head = `${MONTHS[month - 1]!} ${ordinal(String(day))}`;
  return yearDigits === undefined ? head : `${head}, ${year(fullYear(yearDigits))}`;
}

/** Two-digit years are taken from 1970 to 2069. */
function fullYear(digits: string): string {
  if (digits.length !== 2) return digits;
  return (Number(digits) < 70 ? '20' : '19') + digits;
}

export const dates: Rule = (text, reading) =>
  text
    // ISO 8601; a time after "T" is left for the rule of times.
    .replace(/\b(\d{4})-(\d{2})-(\d{2})(?:T(?=\d{2}:)|\b)/g, (whole: string, y: string, m: string, d: string) => {
      const said = say(Number(m), Number(d), y);
      return said === undefined ? whole : whole.endsWith('T') ? `${said}, at ` : said;
    })
    .replace(/\b(\d{1,2})([/.])(\d{1,2})\2(\d{4}|\d{2})\b(?!\.\d)/g, (whole: string, a: string, separator: string, b: string, y: string) => {
      // Dots are the European order whatever the language; an impossible month gives the order away.
      const dayFirst = reading.dayFirst || separator === '.' || Number(a) > 12;
      const monthFirst = Number(b) > 12 && Number(a) <= 12;
      return (dayFirst && !monthFirst ? say(Number(b), Number(a), y) : say(Number(a), Number(b), y)) ?? whole;
    })
    .replace(/\b(Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)\b\.?,?(?=\s+(?:the\s+)?(?:\d|[A-Z][a-z]{2}))/g, (_whole, name: string) => `${DAY_NAMES[name] ?? name},`)
    .replace(new RegExp(`\\b${NAMES}\\s+(\\d{1,2})(?:st|nd|rd|th)?\\b(?!:)(?:,?\\s+(\\d{4})\\b)?`, 'g'), (whole: string, name: string, d: string, y: string | undefined) => {
      if (Number(d) < 1 || Number(d) > 31) return whole;
      return `${monthOf(name)} ${ordinal(d)}${y === undefined ? '' : `, ${year(y)}`}`;
    })
    .replace(new RegExp(`\\b(\\d{1,2})(?:st|nd|rd|th)?\\s+(?:of\\s+)?${NAMES}(?![a-z])(?:,?\\s+(\\d{4})\\b)?`, 'g'), (whole: string, d: string, name: string, y: string | undefined) => {
      if (Number(d) < 1 || Number(d) > 31) return whole;
      return `${monthOf(name)} ${ordinal(d)}${y === undefined ? '' : `, ${year(y)}`}`;
    })
    .replace(new RegExp(`\\b${NAMES}\\s+(\\d{4})\\b`, 'g'), (_whole, name: string, y: string) => `${monthOf(name)} ${year(y)}`)
    .replace(/\b(1\d|20)(\d0)'?s\b/g, (_whole, century: string, decade: string) => `${year(century + decade).replace(/y$/, 'ies').replace(/hundred$/, 'hundreds')}`);
