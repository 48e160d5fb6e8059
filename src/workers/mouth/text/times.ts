import type { Rule } from './rule.js';
import { cardinal } from './words.js';

function minutes(digits: string): string {
  const value = Number(digits);
  if (value === 0) return '';
  return value < 10 ? ` oh ${cardinal(digits)}` : ` ${cardinal(digits)}`;
}

function half(written: string): string {
  return /^a/i.test(written) ? 'A M' : 'P M';
}

/** `2:30 pm`, `2pm`, `14:30`, `09:05`; seconds are left out. A range keeps both ends. */
export const times: Rule = (text) =>
  text
    .replace(/(\d)\s*-\s*(?=\d{1,2}(?::\d{2})?\s*[ap]\.?m\b)/gi, '$1 to ')
    .replace(/(\d{1,2}:\d{2})\s*-\s*(?=\d{1,2}:\d{2})/g, '$1 to ')
    .replace(/\b(1[0-2]|0?[1-9])(?::([0-5]\d)(?::[0-5]\d)?)?\s*([ap])(?:\.\s?m\.?|m\b\.?(?=\s|$|[,;:!?)]))(\s+[A-Z])?/gi, (whole: string, hour: string, minute: string | undefined, letter: string, next: string | undefined) => {
      // The last dot of "p.m." also ends the sentence if a new one follows or the text ends there.
      const written = whole.slice(0, whole.length - (next?.length ?? 0));
      const ends = written.endsWith('.') && (next === undefined ? false : /^\s+[A-Z]/.test(next));
      return `${cardinal(hour)}${minute === undefined ? '' : minutes(minute)} ${half(letter)}${ends ? '.' : ''}${next ?? ''}`;
    })
    .replace(/\b([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?\b(?!\s*[ap]\.?m\b)Z?/gi, (_whole, hour: string, minute: string) => {
      const value = Number(hour);
      // Only a 24-hour figure or a leading zero says which half of the day is meant.
      const known = value > 12 || value === 0 || hour.startsWith('0');
      const spoken = value % 12 === 0 ? '12' : String(value % 12);
      const clock = `${cardinal(spoken)}${minutes(minute)}`;
      if (known) return `${clock} ${value >= 12 ? 'P M' : 'A M'}`;
      return minute === '00' ? `${clock} o'clock` : clock;
    });
