import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { CountryCode, NumberType } from 'libphonenumber-js/max';
import type { ContactNumber, NumberKind } from '../../store/contacts.js';
import { fastNumber } from './fast-number.js';

/** Why a text is no number that can be dialled; each is a code of docs/contacts.md. */
export type NumberRefusal = 'number_missing' | 'number_mangled' | 'number_no_country' | 'number_extension' | 'number_invalid';

const MAX_LENGTH = 60;

/** What a spreadsheet makes of a long number: `8.61391E+12`, also with a comma; the digits after are gone for good. */
const SCIENTIFIC = /^[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+$/;
/** A number that was read as one with a fraction: `8613912345678.0`. Nothing is lost. */
const POINT_ZERO = /^(\+?\d{7,15})[.,]0{1,2}$/;

const kinds: Readonly<Record<NonNullable<NumberType>, NumberKind>> = {
  MOBILE: 'mobile',
  FIXED_LINE: 'fixed',
  FIXED_LINE_OR_MOBILE: 'fixed_or_mobile',
  VOIP: 'voip',
  TOLL_FREE: 'toll_free',
  PREMIUM_RATE: 'premium',
  SHARED_COST: 'other',
  PERSONAL_NUMBER: 'other',
  PAGER: 'other',
  UAN: 'other',
  VOICEMAIL: 'other',
};

/** Digits and letters of full width, as Chinese and Japanese input methods write them. */
function narrow(text: string): string {
  return text.replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0)).replace(/[\u3000\u00a0\u200b-\u200f\u202a-\u202e\ufeff]/g, ' ');
}

/**
 * A number as people and spreadsheets write it, in E.164 with its kind and country.
 * `country` is that of numbers without a country code.
 */
export function parseNumber(text: string, country: string | undefined, label?: string): ContactNumber | NumberRefusal {
  const plainest = fastNumber(text, country);
  if (plainest !== undefined) return { number: plainest.number, kind: kinds[plainest.type], country: plainest.country, label };
  // A spreadsheet keeps digits as text after an apostrophe, or as ="...".
  const clean = narrow(text).trim().replace(/^="?|^'|"$/g, '').replace(/^tel:/i, '').trim();
  if (clean === '') return 'number_missing';
  if (clean.length > MAX_LENGTH) return 'number_invalid';
  if (SCIENTIFIC.test(clean)) return 'number_mangled';
  const plain = POINT_ZERO.exec(clean)?.[1] ?? clean;
  // Letters are vanity numbers or notes: nobody meant them to be dialled by a machine, but an extension has its own reason.
  if (/[A-Za-z]/.test(plain.replace(/(?:ext?\.?|x|#)\s*\d{1,7}$/i, ''))) return 'number_invalid';
  const international = plain.startsWith('00') && country !== undefined && !plain.startsWith('000') ? `+${plain.slice(2)}` : plain;
  const parsed = parsePhoneNumberFromString(international, { extract: false, ...(country === undefined ? {} : { defaultCountry: country as CountryCode }) });
  if (parsed === undefined) return country === undefined && !international.startsWith('+') ? 'number_no_country' : 'number_invalid';
  if (parsed.ext !== undefined) return 'number_extension';
  // The type is known of exactly the valid numbers, and costs half of what both questions do.
  const type = parsed.getType();
  if (type === undefined) return 'number_invalid';
  return { number: parsed.number, kind: kinds[type], country: parsed.country, label };
}
