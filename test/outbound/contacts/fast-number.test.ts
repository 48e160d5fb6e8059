import { getCountries, getCountryCallingCode, getExampleNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { CountryCode } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import t from 'tap';
import { fastNumber } from '../../../src/outbound/contacts/fast-number.js';
import fc from '../../support/property.js';

/** What the library says, in the same form. */
function slow(text: string, country: CountryCode | undefined): object | undefined {
  const parsed = parsePhoneNumberFromString(text, { extract: false, ...(country === undefined ? {} : { defaultCountry: country }) });
  const type = parsed?.getType();
  return parsed === undefined || type === undefined ? undefined : { number: parsed.number, country: parsed.country, type };
}

let answered = 0;
function same(text: string, country: CountryCode | undefined): void {
  const fast = fastNumber(text, country);
  if (fast === undefined) return;
  answered += 1;
  const expected = slow(text, country);
  if (JSON.stringify(fast) !== JSON.stringify(expected)) throw new Error(`${text} ${country}: ${JSON.stringify(fast)}, the library says ${JSON.stringify(expected)}`);
}

t.test('the fast way says what the library says', async (t) => {
  const countries = getCountries();
  for (const country of countries) {
    const example = getExampleNumber(country, examples);
    if (example === undefined) continue;
    same(example.number, undefined);
    same(example.nationalNumber, country);
  }
  t.ok(answered > 300, `${answered} examples were answered`);
  const digits = (length: number) => fc.array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length }).map((all) => all.join(''));
  // Near an example: its head with other digits behind.
  const near = fc.constantFrom(...countries).chain((country) => {
    const national = getExampleNumber(country, examples)?.nationalNumber ?? '12345678';
    return fc.tuple(fc.constant(country), fc.nat(national.length), fc.integer({ min: -1, max: 1 })).chain(([, head, more]) => digits(Math.max(1, national.length - head + more)).map((tail) => ({ country, national: national.slice(0, head) + tail })));
  });
  fc.assert(
    fc.property(near, ({ country, national }) => {
      same(national, country);
      same(`+${getCountryCallingCode(country)}${national}`, undefined);
      same(`+${getCountryCallingCode(country)}${national}`, 'CN');
    }),
    { numRuns: 4_000 },
  );
  t.ok(answered > 1_500, `${answered} numbers were answered`);
  t.ok(fastNumber('13812345678', 'CN'));
  t.equal(fastNumber('4155550100', 'US'), undefined, 'a calling code of several countries is for the library');
});
