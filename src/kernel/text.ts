/**
 * U+0000, which PostgreSQL takes in no text, and a half of a character of two (a surrogate
 * alone), which no encoding has. What comes from outside is asked for both at the door, so
 * that every database takes the same.
 */
const UNSTORABLE = /\0|\p{Surrogate}/u;

export function isStorable(text: string): boolean {
  return !UNSTORABLE.test(text);
}

/** With U+FFFD in the place of each. */
export function storable(text: string): string {
  return isStorable(text) ? text : text.replace(new RegExp(UNSTORABLE, 'gu'), '\ufffd');
}

/** At most so many UTF-16 units of it; a character of two is not cut in half. */
export function cut(text: string, units: number): string {
  if (text.length <= units) return text;
  const last = text.charCodeAt(units - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? units - 1 : units);
}
