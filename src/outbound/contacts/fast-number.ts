import metadata from 'libphonenumber-js/max/metadata';
import type { CountryCode, NumberType } from 'libphonenumber-js/max';

/**
 * What libphonenumber says of the plainest numbers, ten times as fast: a million rows are
 * numbers without spaces, of a calling code that one country has. Its own patterns are
 * asked, each compiled once. Everything else is left to the library, and a test compares
 * the two.
 */
export interface FastNumber {
  readonly number: string;
  readonly country: CountryCode;
  readonly type: Exclude<NumberType, undefined>;
}

interface Plan {
  readonly code: string;
  readonly country: CountryCode;
  readonly general: RegExp;
  readonly types: readonly (readonly [type: Exclude<NumberType, undefined>, pattern: RegExp, lengths: readonly number[] | undefined])[];
  /** `FIXED_LINE` counts as both where there is no pattern for mobiles. */
  readonly mobileIsFixed: boolean;
  /** What may stand before a national number, at its start; a number that begins so is the library's. */
  readonly before: RegExp;
}

/** Places in a country's list, see METADATA.md of libphonenumber-js. */
const [CODE, IDD, GENERAL, NATIONAL_PREFIX, PREFIX_FOR_PARSING, TYPES] = [0, 1, 2, 5, 7, 11] as const;
/** The order in which types stand there. */
const typeNames = ['FIXED_LINE', 'MOBILE', 'TOLL_FREE', 'PREMIUM_RATE', 'PERSONAL_NUMBER', 'VOICEMAIL', 'UAN', 'PAGER', 'VOIP', 'SHARED_COST'] as const;
/** The order in which the library asks them. */
const asked = ['MOBILE', 'PREMIUM_RATE', 'TOLL_FREE', 'SHARED_COST', 'VOIP', 'PERSONAL_NUMBER', 'PAGER', 'UAN', 'VOICEMAIL'] as const;

const source = metadata as unknown as { readonly countries: Readonly<Record<string, readonly unknown[]>>; readonly country_calling_codes: Readonly<Record<string, readonly string[]>> };
const plans = new Map<string, Plan | undefined>();

function planOf(country: string): Plan | undefined {
  if (!plans.has(country)) plans.set(country, makePlan(country));
  return plans.get(country);
}

const whole = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`);

function makePlan(country: string): Plan | undefined {
  const list = source.countries[country];
  const code = list?.[CODE];
  if (list === undefined || typeof code !== 'string' || source.country_calling_codes[code]?.length !== 1) return undefined;
  const general = list[GENERAL];
  const types = list[TYPES];
  if (typeof general !== 'string' || !Array.isArray(types)) return undefined;
  const patterns = new Map<string, readonly unknown[]>();
  for (const [index, entry] of (types as readonly unknown[]).entries()) if (Array.isArray(entry) && typeof entry[0] === 'string' && entry[0] !== '') patterns.set(typeNames[index] ?? '', entry);
  const before = [list[IDD], list[PREFIX_FOR_PARSING], list[NATIONAL_PREFIX]].filter((prefix) => typeof prefix === 'string' && prefix !== '');
  const entryOf = (type: (typeof typeNames)[number]): Plan['types'][number] | undefined => {
    const entry = patterns.get(type);
    return entry === undefined ? undefined : [type, whole(String(entry[0])), Array.isArray(entry[1]) ? (entry[1] as number[]) : undefined];
  };
  return {
    code,
    country: country as CountryCode,
    general: whole(general),
    types: (['FIXED_LINE', ...asked] as const).flatMap((type) => {
      const entry = entryOf(type);
      return entry === undefined ? [] : [entry];
    }),
    mobileIsFixed: !patterns.has('MOBILE'),
    before: new RegExp(`^(?:${before.length === 0 ? '(?!)' : before.join('|')})`),
  };
}

/** Country of a calling code that is its own. */
function countryOf(digits: string): { readonly country: string; readonly length: number } | undefined {
  for (let length = 1; length <= 3; length += 1) {
    const countries = source.country_calling_codes[digits.slice(0, length)];
    if (countries !== undefined) return countries.length === 1 ? { country: countries[0]!, length } : undefined;
  }
  return undefined;
}

const PLUS = /^\+[1-9]\d{6,14}$/;
const DIGITS = /^[1-9]\d{4,14}$/;

/** Undefined is no answer: ask the library. */
export function fastNumber(text: string, defaultCountry: string | undefined): FastNumber | undefined {
  if (PLUS.test(text)) {
    const found = countryOf(text.slice(1));
    const plan = found && planOf(found.country);
    return plan && numberOf(plan, text.slice(1 + found.length));
  }
  const plan = defaultCountry === undefined || !DIGITS.test(text) ? undefined : planOf(defaultCountry);
  return plan === undefined || text.startsWith(plan.code) ? undefined : numberOf(plan, text);
}

function numberOf(plan: Plan, national: string): FastNumber | undefined {
  if (plan.before.test(national) || !plan.general.test(national)) return undefined;
  const is = ([, pattern, lengths]: Plan['types'][number]): boolean => (lengths === undefined || lengths.includes(national.length)) && pattern.test(national);
  const first = plan.types.find(is);
  if (first === undefined) return undefined;
  let [type] = first;
  if (type === 'FIXED_LINE' && (plan.mobileIsFixed || plan.types.some((entry) => entry[0] === 'MOBILE' && is(entry)))) type = 'FIXED_LINE_OR_MOBILE';
  return { number: `+${plan.code}${national}`, country: plan.country, type };
}
