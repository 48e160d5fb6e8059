import { isStorable, storable } from '../../kernel/text.js';
import { isTimeZone } from '../../kernel/time-zone.js';
import type { AttributeType } from '../../store/contact-filter.js';
import type { AttributeValue, Consent, ContactNumber, NewContact } from '../../store/contacts.js';
import type { ColumnTarget } from './columns.js';
import { countryCode } from './countries.js';
import { parseNumber } from './phone.js';
import type { NumberRefusal } from './phone.js';
import { regionCode } from './region-zones.js';
import { readBoolean, readDate, readNumber } from './values.js';

export type CellRefusal =
  | NumberRefusal
  | 'encoding' | 'too_long' | 'too_many' | 'email_invalid' | 'language_invalid' | 'time_zone_invalid' | 'country_invalid' | 'attribute_type' | 'consent_invalid' | 'wrong_kind';

/** One wrong value. `reason` never holds the value itself: reports are passed on. */
export interface Problem {
  readonly column: string | undefined;
  readonly code: CellRefusal;
  readonly reason: string;
}

export interface DraftContext {
  /** Of numbers without a country code. */
  readonly defaultCountry: string | undefined;
  readonly now: number;
  /** Of consents: where they come from, and what proves them. */
  readonly source: string;
  readonly evidence: string | undefined;
  /** Undefined: the attribute gets the type of the value. */
  readonly typeOf: (attribute: string) => AttributeType | undefined;
}

const MAX_NUMBERS = 10;
const MAX_TAGS = 100;
const MAX_TAG = 64;
const limits = { externalId: 200, name: 200, firstName: 100, lastName: 100, email: 254, region: 100, city: 100, postalCode: 20, street: 300, attribute: 1_000 } as const;

export const reasons: Readonly<Record<NumberRefusal, string>> = {
  number_missing: 'there is no phone number',
  number_mangled: 'a spreadsheet has rounded this number (like 8.61391E+12): its last digits are lost; export the column as text',
  number_no_country: 'it has no country code, and the import has no default country',
  number_extension: 'numbers with an extension cannot be dialled',
  number_invalid: 'no such phone number can exist',
};

const HAN = /\p{Script=Han}/u;
const EMAIL = /^[^\s@<>()",;:]+@[^\s@<>()",;:]+\.[^\s@<>()",;:.]+$/;

/** A contact in the making: each value is checked as it comes, and every problem is kept. */
export class Draft {
  readonly problems: Problem[] = [];
  readonly #context: DraftContext;
  readonly #numbers: ContactNumber[] = [];
  readonly #texts = new Map<string, string>();
  readonly #address: { country?: string; region?: string; city?: string; postalCode?: string; street?: string } = {};
  readonly #attributes: Record<string, AttributeValue> = {};
  readonly #tags = new Set<string>();
  readonly #consents: Consent[] = [];
  readonly #zones: string[] = [];

  constructor(context: DraftContext) {
    this.#context = context;
  }

  refuse(column: string | undefined, code: CellRefusal, reason: string): void {
    this.problems.push({ column: column && storable(column), code, reason });
  }

  /** A cell; empty ones say nothing. */
  set(target: ColumnTarget, column: string, raw: string): void {
    const value = raw.trim();
    if (value === '' || target.to === 'ignore') return;
    if (!isStorable(value)) return this.#unreadable(column);
    switch (target.to) {
      case 'number':
        return this.number(column, value, target.label);
      case 'attribute':
        return this.attribute(column, target.name, value, target.type);
      case 'tags':
        for (const tag of value.split(/[,;|，；、]/)) this.tag(column, tag);
        return;
      case 'consent':
        return this.#consentCell(column, target.purpose, value);
      case 'timeZone':
        return this.timeZone(column, value);
      case 'country':
        return this.country(column, value);
      case 'language':
        return this.language(column, value);
      case 'email':
        if (!EMAIL.test(value)) return this.refuse(column, 'email_invalid', 'this is no e-mail address');
        return this.#text('email', column, value);
      case 'region':
      case 'city':
      case 'postalCode':
      case 'street':
        if (value.length > limits[target.to]) return this.#tooLong(column, limits[target.to]);
        this.#address[target.to] = value;
        return;
      default:
        return this.#text(target.to, column, value);
    }
  }

  number(column: string, value: string, label: string | undefined): void {
    const parsed = parseNumber(value, this.#context.defaultCountry, label);
    if (typeof parsed === 'string') return this.refuse(column, parsed, reasons[parsed]);
    if (this.#numbers.some(({ number }) => number === parsed.number)) return;
    if (this.#numbers.length >= MAX_NUMBERS) return this.refuse(column, 'too_many', `a contact has at most ${MAX_NUMBERS} numbers`);
    this.#numbers.push(parsed);
  }

  attribute(column: string, name: string, value: string | number | boolean, wanted?: AttributeType): void {
    if (!isStorable(name) || !isStorable(String(value))) return this.#unreadable(column);
    const type = wanted ?? this.#context.typeOf(name) ?? (typeof value === 'string' ? 'text' : (typeof value as 'number' | 'boolean'));
    const read = readAs(type, value);
    if (read === undefined) return this.refuse(column, 'attribute_type', `the attribute ${name} is a ${type}, and this is none`);
    if (typeof read === 'string' && read.length > limits.attribute) return this.#tooLong(column, limits.attribute);
    this.#attributes[name] = read;
  }

  tag(column: string, value: string): void {
    const tag = value.trim();
    if (tag === '') return;
    if (!isStorable(tag)) return this.#unreadable(column);
    if (tag.length > MAX_TAG) return this.#tooLong(column, MAX_TAG);
    if (tag.includes('|')) return this.refuse(column, 'wrong_kind', 'a tag cannot hold "|"');
    if (this.#tags.size >= MAX_TAGS) return this.refuse(column, 'too_many', `a contact has at most ${MAX_TAGS} tags`);
    this.#tags.add(tag);
  }

  consent(consent: Omit<Consent, 'source' | 'evidence'> & Partial<Pick<Consent, 'source' | 'evidence'>>): void {
    const before = this.#consents.findIndex(({ purpose }) => purpose === consent.purpose);
    // The last word counts.
    if (before >= 0) this.#consents.splice(before, 1);
    this.#consents.push({ ...consent, source: consent.source ?? this.#context.source, evidence: consent.evidence ?? this.#context.evidence });
  }

  timeZone(column: string, value: string): void {
    if (!isTimeZone(value)) return this.refuse(column, 'time_zone_invalid', 'this is no IANA time zone, such as Asia/Shanghai');
    if (!this.#zones.includes(value)) this.#zones.push(value);
  }

  country(column: string, value: string): void {
    const code = countryCode(value);
    if (code === undefined) return this.refuse(column, 'country_invalid', 'this is no country; ISO 3166 codes are understood, and names in English and Chinese');
    this.#address.country = code;
  }

  language(column: string, value: string): void {
    const tag = languageTag(value);
    if (tag === undefined) return this.refuse(column, 'language_invalid', 'this is no language tag, such as zh-CN');
    this.#texts.set('language', tag);
  }

  #text(to: string, column: string, value: string): void {
    const limit = limits[to as keyof typeof limits];
    if (value.length > limit) return this.#tooLong(column, limit);
    this.#texts.set(to, value);
  }

  /** As from a part of a file in another encoding. */
  #unreadable(column: string): void {
    this.refuse(column, 'encoding', 'it holds U+0000, or half a character');
  }

  #tooLong(column: string, limit: number): void {
    this.refuse(column, 'too_long', `it is longer than ${limit} characters`);
  }

  /** Yes, no, or the day on which it was given. */
  #consentCell(column: string, purpose: string, value: string): void {
    const day = readDate(value);
    const granted = day === undefined ? readBoolean(value) : true;
    if (granted === undefined) return this.refuse(column, 'consent_invalid', 'expected yes, no, or the day on which consent was given');
    this.consent({ purpose, granted, at: day === undefined ? this.#context.now : Math.min(Date.parse(day), this.#context.now), expiresAt: undefined });
  }

  /** The contact, if nothing is wrong with it. */
  finish(): NewContact | undefined {
    // A number that is wrong has been said already.
    if (this.#numbers.length === 0 && !this.problems.some(({ code }) => code.startsWith('number_'))) this.refuse(undefined, 'number_missing', reasons.number_missing);
    const [first] = this.#numbers;
    if (first === undefined || this.problems.length > 0) return undefined;
    const address = this.#address;
    const country = address.country ?? first.country;
    if (address.region !== undefined && country !== undefined) address.region = regionCode(country, address.region) ?? address.region;
    return {
      externalId: this.#texts.get('externalId'),
      numbers: this.#numbers,
      name: this.#texts.get('name') ?? this.#joinedName(),
      email: this.#texts.get('email'),
      language: this.#texts.get('language'),
      timeZones: this.#zones,
      address,
      attributes: this.#attributes,
      tags: [...this.#tags],
      consents: this.#consents,
    };
  }

  /** 张 and 伟 are 张伟, Ann and Li are Ann Li. */
  #joinedName(): string | undefined {
    const [given, family] = [this.#texts.get('firstName'), this.#texts.get('lastName')];
    if (given === undefined || family === undefined) return given ?? family;
    return HAN.test(family) ? `${family}${given}` : `${given} ${family}`;
  }
}

function readAs(type: AttributeType, value: string | number | boolean): AttributeValue | undefined {
  if (typeof value !== 'string') return type === typeof value ? value : type === 'text' ? String(value) : undefined;
  return type === 'number' ? readNumber(value) : type === 'boolean' ? readBoolean(value) : type === 'date' ? readDate(value) : value;
}

function languageTag(value: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(value.replace('_', '-'))[0];
  } catch {
    return undefined;
  }
}
