import type { Rule } from './rule.js';

const TITLES: Readonly<Record<string, string>> = { Mr: 'Mister', Mrs: 'Missus', Ms: 'Miz', Dr: 'Doctor', Prof: 'Professor', Rev: 'Reverend', Sgt: 'Sergeant', Capt: 'Captain', Lt: 'Lieutenant', Gen: 'General', Hon: 'Honorable' };
const STREETS: Readonly<Record<string, string>> = { St: 'Street', Ave: 'Avenue', Blvd: 'Boulevard', Rd: 'Road', Dr: 'Drive', Ln: 'Lane', Hwy: 'Highway', Ct: 'Court', Pl: 'Place', Sq: 'Square', Pkwy: 'Parkway' };
const WORDS: Readonly<Record<string, string>> = {
  'e.g.': 'for example', 'i.e.': 'that is', 'etc.': 'et cetera', 'vs.': 'versus', 'approx.': 'approximately', 'appt.': 'appointment', 'Apt.': 'Apartment', 'apt.': 'apartment', 'dept.': 'department', 'Dept.': 'Department',
  'Inc.': 'Incorporated', 'Ltd.': 'Limited', 'Corp.': 'Corporation', 'Co.': 'Company', 'Jr.': 'Junior', 'Sr.': 'Senior', 'min.': 'minimum', 'max.': 'maximum', 'tel.': 'telephone', 'Tel.': 'Telephone', 'w/o': 'without', 'w/': 'with ', 'a.k.a.': 'A K A', 'Ste.': 'Suite', 'Fl.': 'Floor',
};
const PATTERN = Object.keys(WORDS)
  .sort((a, b) => b.length - a.length)
  .map((word) => word.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'))
  .join('|');

/** "St." before a name is a saint, after one a street; a dot that also ends the sentence stays. */
export const abbreviations: Rule = (text) =>
  text
    .replace(/\b(?:No|Nr|Num)\.\s?(?=\d)/gi, 'number ')
    .replace(/(?<!\w)#\s?(?=\d)/g, 'number ')
    .replace(/(?<=\b[A-Z][a-z]+ )(St|Ave|Blvd|Rd|Dr|Ln|Hwy|Ct|Pl|Sq|Pkwy)\b(\.?)(?=(\s+[A-Z][a-z]+)?)/g, (whole: string, short: string, dot: string, next: string | undefined, at: number, all: string) => {
      // "Doctor" needs a name after it; after a title's comma or at the end it is a street.
      if ((short === 'Dr' || short === 'St') && next !== undefined && !/\d[\w ]*$/.test(all.slice(0, at))) return whole;
      const ends = dot === '.' && (next !== undefined || /^\s*$/.test(all.slice(at + whole.length)));
      return STREETS[short]! + (ends ? '.' : '');
    })
    .replace(/\bSt\.?(?=\s+[A-Z])/g, 'Saint')
    .replace(/\b(Mr|Mrs|Ms|Dr|Prof|Rev|Sgt|Capt|Lt|Gen|Hon)\.?(?=\s+[A-Z])/g, (_whole, short: string) => TITLES[short]!)
    .replace(new RegExp(`(?<![\\w.])(?:${PATTERN})(?!\\w)`, 'g'), (whole: string, at: number, all: string) => {
      const rest = all.slice(at + whole.length);
      const ends = whole.endsWith('.') && (/^\s*$/.test(rest) || (/^\s+[A-Z]/.test(rest) && whole === 'etc.'));
      return WORDS[whole]! + (ends ? '.' : '');
    })
    // U.S.A. > U S A, so that the dots do not end sentences.
    .replace(/\b(?:[A-Z]\.){2,}/g, (whole: string, at: number, all: string) => whole.replaceAll('.', ' ').trim() + (/^\s*$/.test(all.slice(at + whole.length)) ? '.' : ''));
