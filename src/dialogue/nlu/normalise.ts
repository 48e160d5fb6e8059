import { normaliseZh } from './normalise-zh.js';

/**
 * One form for what people say and recognisers write: lower case, no punctuation,
 * contractions spelt out, fillers gone. English.
 */
const CONTRACTIONS: readonly (readonly [RegExp, string])[] = [
  // Grunts that are answers, before the fillers that they resemble go.
  [/\b(?:uh|mm|m)[ -]?h(?:uh|mm?|m)\b/g, 'yeah'],
  [/\b(?:uh|nuh)[ -]uh\b/g, 'nope'],
  // Courtesy in other tongues, which many mix into their English.
  [/(?<![\p{L}])(?:sí|oui|ja|da)(?![\p{L}])/gu, 'yes'],
  [/\b(?:gracias|merci|danke(?: schön)?|grazie|spasibo|obrigad[oa]|arigato|xie ?xie)\b/g, 'thanks'],
  [/\b(?:por favor|bitte|per favore|s'il vous plaît)(?![\p{L}])/gu, 'please'],
  [/(?<![\p{L}])(?:está bien|vale|d'accord)(?![\p{L}])/gu, 'okay'],
  [/\bwon't\b/g, 'will not'],
  [/\bcan't\b/g, 'can not'],
  [/\bcannot\b/g, 'can not'],
  [/\bshan't\b/g, 'shall not'],
  [/\bain't\b/g, 'is not'],
  [/n't\b/g, ' not'],
  [/\blet's\b/g, 'let us'],
  [/'re\b/g, ' are'],
  [/'ve\b/g, ' have'],
  [/'ll\b/g, ' will'],
  [/'d\b/g, ' would'],
  [/'m\b/g, ' am'],
  [/\b(it|that|what|who|where|when|how|he|she|there|here|this|everything|something|somebody|someone|anybody|anyone)'s\b/g, '$1 is'],
  [/\bgonna\b/g, 'going to'],
  [/\bwanna\b/g, 'want to'],
  [/\bgotta\b/g, 'got to'],
  [/\bgimme\b/g, 'give me'],
  [/\blemme\b/g, 'let me'],
  [/\bdunno\b/g, 'do not know'],
  [/\bok\b/g, 'okay'],
  [/\b(?:yeah|yea|yah|yup|yep|ya)\b/g, 'yeah'],
];

const FILLERS = new Set(['um', 'umm', 'uh', 'uhh', 'er', 'erm', 'hmm', 'hm', 'mm', 'ah', 'oh', 'eh']);

/** Of the language's own kind; languages other than Chinese are treated as English is. */
export function normaliserOf(language: string): (text: string) => string {
  return isChinese(language) ? normaliseZh : normalise;
}

export function isChinese(language: string): boolean {
  return /^(?:zh|cmn)(?:-|$)/i.test(language);
}

export function normalise(text: string): string {
  let plain = text.normalize('NFKC').toLowerCase().replace(/[\u2018\u2019\u02bc`]/g, "'");
  for (const [from, to] of CONTRACTIONS) plain = plain.replace(from, to);
  return plain
    .replace(/'/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .split(' ')
    .filter((word) => word !== '' && !FILLERS.has(word))
    .map((word) => (/^\p{N}+$/u.test(word) ? '#' : word))
    .join(' ');
}
