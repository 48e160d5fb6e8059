import type { TrunkSettings } from '../../config/trunk-schema.js';

/**
 * Where calls cost by the minute what nobody expects: premium rate, personal numbering
 * and satellites. A list of prefixes, from the national numbering plans; `prefixes` of a
 * trunk opens one by naming it.
 */
export const PREMIUM_PREFIXES: readonly string[] = [
  // Networks that belong to no country: Inmarsat, Iridium and others, international networks, premium rate.
  '+870', '+881', '+882', '+883', '+888', '+979',
  '+1900', '+30901', '+30909', '+3190', '+3290', '+3389', '+34803', '+34806', '+34807', '+34905', '+34907', '+351601', '+351607', '+351646',
  '+351760', '+351761', '+351762', '+358600', '+358700', '+3690', '+3691', '+39144', '+39166', '+39199', '+3989', '+4090', '+4190', '+42090',
  '+421900', '+4390', '+4393', '+4470', '+4487', '+449', '+4590', '+46900', '+46939', '+46944', '+47820', '+47829', '+4870', '+49137', '+49190',
  '+49900', '+55900', '+6119', '+64900', '+7803', '+7809', '+81990', '+82060', '+86168', '+90888', '+90898', '+90900',
];

/** Length of the longest of `prefixes` that `number` begins with; -1 if none does. No prefixes at all stand for every number. */
export function prefixLength(prefixes: readonly string[], number: string): number {
  if (prefixes.length === 0) return 0;
  return prefixes.reduce((longest, prefix) => (number.startsWith(prefix) ? Math.max(longest, prefix.length) : longest), -1);
}

/** True if a denied prefix says more about `number` than what the trunk was opened for. */
export function isDenied(trunk: Pick<TrunkSettings, 'prefixes' | 'deny' | 'deny_premium'>, number: string): boolean {
  const opened = prefixLength(trunk.prefixes, number);
  const denies = (prefix: string): boolean => number.startsWith(prefix) && prefix.length > opened;
  return trunk.deny.some(denies) || (trunk.deny_premium && PREMIUM_PREFIXES.some(denies));
}
