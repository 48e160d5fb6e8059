import type { Rule } from './rule.js';
import { cardinal, spellDigits } from './words.js';

const MARKS: Readonly<Record<string, string>> = { '.': 'dot', '/': 'slash', '-': 'dash', _: 'underscore', '@': 'at', ':': 'colon', '~': 'tilde', '+': 'plus', '%': 'percent', '?': 'question mark', '=': 'equals', '&': 'and', '#': 'hash' };

/** Ends of names that are not words and so are spelled. */
const SPELLED = new Set(['uk', 'us', 'eu', 'de', 'fr', 'cn', 'ai', 'tv', 'io', 'fm', 'www', 'html', 'php']);

function part(text: string): string {
  if (/^\d+$/.test(text)) return text.length <= 2 ? cardinal(text) : spellDigits(text);
  if (SPELLED.has(text.toLowerCase())) return [...text.toUpperCase()].join(' ');
  return text;
}

function read(address: string): string {
  const pieces = address.match(/[a-zA-Z]+|\d+|[^a-zA-Z\d]/g) ?? [];
  return pieces.map((piece) => MARKS[piece] ?? part(piece)).join(' ');
}

/** `info@example.com`, `https://www.example.com/prices`, `example.com`. */
export const addresses: Rule = (text) =>
  text
    .replace(/(?<![\w@.])[\w.+-]{1,64}@(?:[a-zA-Z\d-]{1,63}\.){1,4}[a-zA-Z]{2,12}\b/g, read)
    // Nobody says "h t t p s colon slash slash".
    .replace(/\bhttps?:\/\/(?:www\.)?([^\s<>"]{1,300}?)\/?(?=[.,;:!?)]*(?:\s|$))/gi, (_whole, rest: string) => read(rest.replace(/[?#].*$/, '').replace(/\/$/, '')))
    .replace(/(?<![\w@.-])(?:www\.)?((?:[a-zA-Z\d-]{2,63}\.){1,3}(?:com|org|net|io|gov|edu|info|co\.uk|de|eu|ai|dev|app|shop)(?:\/[\w\-/%~]{1,100})?)\b(?!\.\w)/g, (_whole, rest: string) => read(rest));
