import { englishNumber } from './number-words-en.js';
import { hanziNumber } from './number-words-zh.js';
import { numbersIn } from './number.js';
import { fault, lastMeant, value, without } from './readings.js';
import type { SlotSettings, SlotType } from './slot-type.js';

/** Words for the whole and the hundredth of a currency; ISO 4217. */
interface Currency {
  readonly code: string;
  readonly whole: RegExp;
  readonly part: RegExp | undefined;
  readonly en: readonly [one: string, many: string, part: string];
  readonly zh: string;
}

const CURRENCIES: readonly Currency[] = [
  { code: 'CNY', whole: /^\s*(?:yuan|rmb|renminbi|kuai|块钱?|元|圆|人民币)/i, part: /^\s*(?:毛|角)/, en: ['yuan', 'yuan', 'fen'], zh: '元' },
  { code: 'EUR', whole: /^\s*(?:euros?\b|eur\b|€|欧元)/i, part: /^\s*(?:cents?\b|欧分)/i, en: ['euro', 'euros', 'cents'], zh: '欧元' },
  { code: 'GBP', whole: /^\s*(?:pounds?\b|quid\b|sterling\b|gbp\b|£|英镑)/i, part: /^\s*(?:pence\b|penny\b|便士)/i, en: ['pound', 'pounds', 'pence'], zh: '英镑' },
  { code: 'JPY', whole: /^\s*(?:yen\b|jpy\b|日元)/i, part: undefined, en: ['yen', 'yen', ''], zh: '日元' },
  { code: 'HKD', whole: /^\s*(?:hong kong dollars?\b|hkd\b|港币|港元)/i, part: undefined, en: ['Hong Kong dollar', 'Hong Kong dollars', 'cents'], zh: '港币' },
  { code: 'USD', whole: /^\s*(?:(?:us )?dollars?\b|bucks?\b|usd\b|\$|美元|美金|刀)/i, part: /^\s*(?:cents?\b|美分)/i, en: ['dollar', 'dollars', 'cents'], zh: '美元' },
];
const SIGNS = new Map([['$', 'USD'], ['€', 'EUR'], ['£', 'GBP']]);

/** Money: kept as `520.50 USD`. */
export const amount: SlotType = {
  name: 'amount',
  answerKind: 'open',
  hear(text, { language, settings }) {
    const said = lastMeant(text);
    const found = numbersIn(said, language);
    const first = found[0];
    if (first === undefined) return undefined;
    const after = said.slice(first.to);
    const sign = SIGNS.get(said.charAt(first.from - 1)) ?? (/[¥￥]$/.test(said.slice(0, first.from)) ? (language === 'zh' ? 'CNY' : 'JPY') : undefined);
    const named = CURRENCIES.find((one) => one.whole.test(after) || one.code === sign);
    const currency = named?.code ?? settings.currency ?? (language === 'zh' ? 'CNY' : undefined);
    if (currency === undefined) return fault('ambiguous', first.value);
    let total = first.value;
    let to = first.to + (named?.whole.exec(after)?.[0].length ?? 0);
    if (language === 'zh') {
      const tenths = tenthsAndHundredths(said.slice(first.from));
      if (tenths !== undefined) return within(first.value * tenths.whole + tenths.part, first.sure, currency, settings, '');
    } else if (found.length === 1 && named === undefined && /^\s*cents?\b/i.test(after)) return within(first.value / 100, first.sure, currency, settings, without(said, first.from, to));
    const small = found[1];
    if (small !== undefined && named !== undefined) {
      const rest = said.slice(small.to);
      const between = said.slice(to, small.from);
      const tenths = language === 'zh' && /^\s*(?:毛|角)/.test(rest);
      // "Twelve pounds fifty".
      const spokenPart = language === 'en' && small.value >= 10 && /^\s*$/.test(between) && rest.trim().replace(/[.?!]$/, '') === '' && Number.isInteger(small.value);
      const short = language === 'zh' && /^\s*$/.test(between) && small.value < 10 && rest.trim() === '';
      if (named.part?.test(rest) === true || tenths || short || spokenPart || /^\s*and\s*$/i.test(between)) {
        if (small.value >= 100) return { kind: 'ambiguous', values: [written(first.value, currency), written(small.value, currency)] };
        total += small.value / (tenths || short ? 10 : 100);
        to = small.to;
      }
    } else if (small !== undefined && named === undefined && Number.isInteger(first.value) && small.value >= 10 && small.value < 100) {
      // "Five twenty five" was read as one number already; "520 50" is 520.50.
      total += small.value / 100;
      to = small.to;
    } else if (small !== undefined) return { kind: 'ambiguous', values: [written(first.value, currency), written(small.value, currency)] };
    return within(total, first.sure, currency, settings, without(said, first.from, to));
  },
  keyed(keys, { settings, language }) {
    const currency = settings.currency ?? (language === 'zh' ? 'CNY' : undefined);
    if (!/^\d+(?:\*\d{1,2})?$/.test(keys)) return fault('malformed');
    return currency === undefined ? fault('ambiguous') : within(Number(keys.replace('*', '.')), 0.95, currency, settings, '');
  },
  readBack(of, { language }) {
    const [digits = '0', code = ''] = String(of).split(' ');
    const total = Number(digits);
    const currency = CURRENCIES.find((one) => one.code === code);
    if (language === 'zh') return `${hanziNumber(total)}${currency?.zh ?? code}`;
    const whole = Math.trunc(total);
    const part = Math.round((total - whole) * 100);
    const [one, many, parts] = currency?.en ?? [code, code, ''];
    const spoken = `${englishNumber(whole)} ${whole === 1 ? one : many}`;
    if (part === 0) return spoken;
    return parts === '' ? `${englishNumber(total)} ${many}` : `${spoken} and ${part} ${parts}`;
  },
  check: ({ currency, min, max }, language) => [
    ...(currency === undefined && language !== 'zh' ? [['currency', 'is needed: what an amount without one means'] as const] : []),
    ...(currency !== undefined && !/^[A-Z]{3}$/.test(currency) ? [['currency', 'is an ISO 4217 code such as USD'] as const] : []),
    ...(min !== undefined && max !== undefined && min > max ? [['min', 'is above max'] as const] : []),
  ],
};

/** 七毛五, 九块九毛九, 一百元零五分: what is under the whole; `whole` is 0 where the first numeral is 毛 already. */
function tenthsAndHundredths(said: string): { whole: 0 | 1; part: number } | undefined {
  const digit = (text: string | undefined): number => (text === undefined ? 0 : /\d/.test(text) ? Number(text) : '零一二三四五六七八九'.indexOf(text.replace('两', '二')));
  const whole = /^[^块元]*(?:块钱?|元|圆)零?(?:([0-9一二两三四五六七八九])(?:毛|角))?零?([0-9一二两三四五六七八九])分?/u.exec(said);
  const under = /^([0-9一二两三四五六七八九])(?:毛|角)([0-9一二两三四五六七八九])?分?/u.exec(said);
  if (whole !== null && (whole[1] !== undefined || /分/.test(whole[0]))) return { whole: 1, part: digit(whole[1]) / 10 + digit(whole[2]) / 100 };
  return under === null ? undefined : { whole: 0, part: digit(under[1]) / 10 + digit(under[2]) / 100 };
}

function within(total: number, sure: number, currency: string, { min, max }: SlotSettings, rest: string): ReturnType<SlotType['hear']> {
  if (total < (min ?? 0)) return fault('too_small', written(total, currency));
  if (max !== undefined && total > max) return fault('too_large', written(total, currency));
  return value(written(total, currency), sure, rest);
}

function written(total: number, currency: string): string {
  return `${currency === 'JPY' ? Math.round(total) : total.toFixed(2)} ${currency}`;
}
