import type { WeekHours } from '../../store/campaigns.js';
import type { Place } from './place.js';

/**
 * Hours in which the law, or where it is silent the practice of the trade, lets
 * companies call people on their own account. Data, not advice: laws change, and
 * docs/rules.md says what each entry stands for. Read in November 2026.
 */
export interface LegalHours {
  /** `US`, `US-FL`. A region stands beside its country: both must allow. */
  readonly place: string;
  readonly kind: 'law' | 'practice';
  readonly source: string;
  readonly hours: WeekHours;
  /** None on public holidays of the place. */
  readonly notOnHolidays?: boolean;
  /** No more than `count` calls to one number in any `days` times 24 hours. */
  readonly atMost?: readonly { readonly count: number; readonly days: number }[];
  /** How long a number stays quiet after its owner said no, days. */
  readonly quietAfterRefusalDays?: number;
}

type Span = `${string}-${string}`;

const spans = (texts: readonly Span[]) =>
  texts.map((text) => {
    const [from = '', to = ''] = text.split('-');
    return { from, to };
  });

/** From Monday to Friday, Saturday, Sunday. */
function week(workdays: readonly Span[], saturday: readonly Span[] = workdays, sunday: readonly Span[] = saturday): WeekHours {
  const days = spans(workdays);
  return { mon: days, tue: days, wed: days, thu: days, fri: days, sat: spans(saturday), sun: spans(sunday) };
}

const none: readonly Span[] = [];
const threeADay = [{ count: 3, days: 1 }];

const entries: readonly LegalHours[] = [
  { place: 'US', kind: 'law', source: '47 CFR 64.1200(c)(1) (TCPA); 16 CFR 310.4(c) (TSR)', hours: week(['08:00-21:00']) },
  { place: 'US-AL', kind: 'law', source: 'Ala. Code 8-19A', hours: week(['08:00-20:00'], ['08:00-20:00'], none), notOnHolidays: true },
  { place: 'US-CT', kind: 'law', source: 'Conn. Gen. Stat. 42-288a', hours: week(['09:00-20:00']) },
  { place: 'US-FL', kind: 'law', source: 'Fla. Stat. 501.616(6)', hours: week(['08:00-20:00']), atMost: threeADay },
  { place: 'US-KY', kind: 'law', source: 'Ky. Rev. Stat. 367.46955', hours: week(['10:00-21:00']) },
  { place: 'US-LA', kind: 'law', source: 'La. Rev. Stat. 45:844.11 ff.', hours: week(['08:00-20:00'], ['08:00-20:00'], none), notOnHolidays: true },
  { place: 'US-MA', kind: 'law', source: 'Mass. Gen. Laws ch. 159C; 201 CMR 12', hours: week(['08:00-20:00']) },
  { place: 'US-MD', kind: 'law', source: 'Md. Code, Com. Law 14-4501 ff. (Stop the Spam Calls Act)', hours: week(['08:00-20:00']), atMost: threeADay },
  { place: 'US-MI', kind: 'law', source: 'Michigan, telephone solicitation law, as compilations of 2025 give it', hours: week(['09:00-21:00']) },
  { place: 'US-MN', kind: 'law', source: 'Minn. Stat. 325E.30', hours: week(['09:00-21:00']) },
  { place: 'US-MS', kind: 'law', source: 'Miss. Code 77-3-701 ff.', hours: week(['08:00-20:00'], ['08:00-20:00'], none), notOnHolidays: true },
  { place: 'US-NM', kind: 'law', source: 'N.M. Stat. 57-12-22', hours: week(['09:00-21:00']) },
  { place: 'US-NV', kind: 'law', source: 'Nev. Rev. Stat. 597.814', hours: week(['09:00-20:00']) },
  { place: 'US-OK', kind: 'law', source: 'Okla. Stat. tit. 15, 775C.4', hours: week(['08:00-20:00']), atMost: threeADay },
  { place: 'US-OR', kind: 'law', source: 'Oregon HB 3865 (2025)', hours: week(['08:00-20:00']), atMost: threeADay },
  { place: 'US-PA', kind: 'law', source: '73 Pa. Stat. 2241 ff.', hours: week(['08:00-21:00'], ['08:00-21:00'], ['13:30-21:00']), notOnHolidays: true },
  { place: 'US-RI', kind: 'law', source: 'R.I. Gen. Laws 5-61-2(9), 5-61-3.6', hours: week(['09:00-18:00'], ['10:00-17:00'], none), notOnHolidays: true },
  { place: 'US-SD', kind: 'law', source: 'S.D. Codified Laws 37-30A', hours: week(['09:00-21:00'], ['09:00-21:00'], none) },
  { place: 'US-TX', kind: 'law', source: 'Tex. Bus. & Com. Code 301.051', hours: week(['09:00-21:00'], ['09:00-21:00'], ['12:00-21:00']) },
  { place: 'US-UT', kind: 'law', source: 'Utah Code 13-26-11', hours: week(['08:00-21:00'], ['08:00-21:00'], none), notOnHolidays: true },
  { place: 'US-WA', kind: 'law', source: 'Wash. Rev. Code 80.36.390', hours: week(['08:00-20:00']) },
  { place: 'US-WY', kind: 'law', source: 'Wyo. Stat. 40-12-302 ff.', hours: week(['08:00-20:00'], none) },
  { place: 'CA', kind: 'law', source: 'CRTC Unsolicited Telecommunications Rules, part III 23', hours: week(['09:00-21:30'], ['10:00-18:00']) },
  { place: 'GB', kind: 'practice', source: 'PECR and the Ofcom statement on persistent misuse set no hours; code of the Data & Marketing Association', hours: week(['08:00-21:00'], ['09:00-18:00'], none) },
  { place: 'FR', kind: 'law', source: 'Code de la consommation D.223-9 (decree 2022-1313)', hours: week(['10:00-13:00', '14:00-20:00'], none), notOnHolidays: true, atMost: [{ count: 4, days: 30 }], quietAfterRefusalDays: 60 },
  { place: 'ES', kind: 'law', source: 'Real Decreto Legislativo 1/2007, art. 96', hours: week(['09:00-21:00'], none), notOnHolidays: true },
  { place: 'IT', kind: 'practice', source: 'Code of conduct on telemarketing (Garante, 2023)', hours: week(['09:00-20:00'], ['10:00-19:00'], none), notOnHolidays: true },
  { place: 'DE', kind: 'practice', source: 'UWG 7 asks for consent and sets no hours; practice of the trade', hours: week(['08:00-20:00'], ['08:00-20:00'], none), notOnHolidays: true },
  { place: 'AT', kind: 'practice', source: 'TKG 2021, 174 asks for consent and sets no hours; practice of the trade', hours: week(['08:00-20:00'], ['08:00-20:00'], none), notOnHolidays: true },
  { place: 'NL', kind: 'practice', source: 'Telecommunicatiewet 11.7 asks for consent; code of telemarketing', hours: week(['09:00-21:00'], ['10:00-16:00'], none), notOnHolidays: true },
  { place: 'CN', kind: 'practice', source: '21:00 to 9:00 is closed to insurance sales by their supervisor; 综合整治骚扰电话专项行动方案 (2018) asks that hours be kept; the trade calls until 20:00', hours: week(['09:00-20:00']) },
  { place: 'AU', kind: 'law', source: 'Telecommunications (Telemarketing and Research Calls) Industry Standard 2017', hours: week(['09:00-20:00'], ['09:00-17:00'], none), notOnHolidays: true },
  { place: 'IN', kind: 'law', source: 'TRAI, TCCCPR 2018', hours: week(['09:00-21:00']) },
];

/** Where a country has no entry of its own. */
export const ELSEWHERE: LegalHours = { place: '*', kind: 'practice', source: 'no entry for this country: cautious hours', hours: week(['09:00-20:00'], ['09:00-20:00'], ['10:00-18:00']) };

const byPlace = new Map(entries.map((entry) => [entry.place, entry]));

export const legalHours: readonly LegalHours[] = [...entries, ELSEWHERE];

/** What holds in a place, country first. */
export function legalHoursOf({ country, region }: Place): readonly LegalHours[] {
  const own = region === undefined ? undefined : byPlace.get(`${country}-${region}`);
  const whole = byPlace.get(country) ?? ELSEWHERE;
  return own === undefined ? [whole] : [whole, own];
}

/** Area codes of states that are stricter than federal law. A number may have been taken along from there, so an address counts besides. */
const areaCodes: Readonly<Record<string, string>> = {
  AL: '205 251 256 334 659 938',
  CT: '203 475 860 959',
  FL: '239 305 321 324 352 386 407 448 561 645 656 689 727 728 754 772 786 813 850 863 904 941 954',
  KY: '270 364 502 606 859',
  LA: '225 318 337 457 504 985',
  MA: '339 351 413 508 617 774 781 857 978',
  MD: '227 240 301 410 443 667',
  MI: '231 248 269 313 517 586 616 679 734 810 906 947 989',
  MN: '218 320 507 612 651 763 924 952',
  MS: '228 601 662 769',
  NM: '505 575',
  NV: '702 725 775',
  OK: '405 539 572 580 918',
  OR: '458 503 541 971',
  PA: '215 223 267 272 412 445 484 570 582 610 717 724 814 835 878',
  RI: '401',
  SD: '605',
  TX: '210 214 254 281 325 346 361 409 430 432 469 512 621 682 713 726 737 806 817 830 832 903 915 936 940 945 956 972 979',
  UT: '385 435 801',
  WA: '206 253 360 425 509 564',
  WY: '307',
};

export const AREA_CODES: ReadonlyMap<string, string> = new Map(Object.entries(areaCodes).flatMap(([region, codes]) => codes.split(' ').map((code) => [code, region] as const)));
