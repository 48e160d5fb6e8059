import { getAllCountries } from 'countries-and-timezones';

const codes: ReadonlySet<string> = new Set(Object.keys(getAllCountries()));
const byName = new Map<string, string>();
for (const language of ['en', 'zh']) {
  const names = new Intl.DisplayNames(language, { type: 'region' });
  for (const code of codes) byName.set((names.of(code) ?? code).toLowerCase(), code);
}
for (const [name, code] of [['usa', 'US'], ['u.s.', 'US'], ['u.s.a.', 'US'], ['america', 'US'], ['uk', 'GB'], ['great britain', 'GB'], ['england', 'GB'], ['中华人民共和国', 'CN'], ['中国大陆', 'CN'], ['香港', 'HK'], ['澳门', 'MO'], ['hong kong', 'HK'], ['macau', 'MO']] as const) byName.set(name, code);

/** ISO 3166-1 alpha-2 of a code or a name in English or Chinese. */
export function countryCode(text: string): string | undefined {
  const upper = text.trim().toUpperCase();
  return codes.has(upper) ? upper : byName.get(text.trim().toLowerCase());
}
