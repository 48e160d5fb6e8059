import { parsePhoneNumberFromString } from 'libphonenumber-js';

/** ITU-T E.164: a country code, and fifteen digits at most. */
const E164 = /^\+[1-9]\d{6,14}$/;
/** RFC 3966 3: a global number begins with `+`; the separators say nothing. What follows it, parameters or digits to be keyed, makes no other number of it. */
const GLOBAL = /^\+[\d().-]+/;
const DIGITS = /^[\d().-]+$/;

/**
 * The phone number that a destination calls, in E.164; undefined for a SIP URI that names
 * none. RFC 3261 19.1.6: a user part may be a telephone-subscriber, and it is the same
 * number at whatever host, with `user=phone` or without.
 *
 * A user part of digits without `+` is no such number (RFC 3966 5.1.5): it is dialled as its
 * host understands it, and 13012345678 is a mobile of Beijing to one and a line in Maryland
 * to another. See `readingsOf` for what it could be.
 */
export function numberOf(destination: string): string | undefined {
  if (destination.startsWith('+')) return destination;
  const digits = GLOBAL.exec(userOf(destination))?.[0];
  return digits === undefined ? undefined : inE164(digits);
}

/**
 * Everything under which somebody may have said no to being called at a destination, its
 * own name first: the number, else the text. Beside it the text of a URI that names a
 * number, and the number that its digits are if its host takes them as an international one.
 */
export function readingsOf(destination: string): readonly [string, ...string[]] {
  if (destination.startsWith('+')) return [destination];
  const number = numberOf(destination);
  if (number !== undefined) return [number, destination];
  const user = userOf(destination);
  const international = DIGITS.test(user) ? inE164(`+${user}`) : undefined;
  return international === undefined ? [destination] : [destination, international];
}

/** In the one form in which a number is stored: a zero to be dialled inside the country only is left out. */
function inE164(text: string): string | undefined {
  const digits = text.replace(/[().-]/g, '');
  return E164.test(digits) ? (parsePhoneNumberFromString(digits)?.number ?? digits) : undefined;
}

/** RFC 3261 25.1: what stands before `@`, of a `tel:` URI all of it; escaped characters are those that they stand for (19.1.4). */
function userOf(uri: string): string {
  const [, scheme = '', rest = ''] = /^(sips?|tel):(.*)$/is.exec(uri) ?? [];
  const user = scheme.toLowerCase() === 'tel' ? rest : rest.slice(0, Math.max(0, rest.lastIndexOf('@')));
  return user.replace(/%([0-9A-Fa-f]{2})/g, (_escaped, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
