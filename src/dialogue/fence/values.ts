import { WORDING } from './wording.js';
import type { Grounds } from './guard.js';
import type { SlotLanguage } from '../slots/slot-type.js';

/**
 * How a value of the call may be said: "your order number is 48213", "the install date is
 * July 14th", 您的订单号是48213, and no other way: what else is said of it, nobody knows.
 */
/** Slots are named in English: what they are called in a Chinese sentence. */
const IN_CHINESE: Readonly<Record<string, readonly string[]>> = {
  wish: ['希望', '想要'], wished: ['希望', '想要'], limit: ['额度', '限额'], visit: ['预约', '就诊', '来访', '到店', '看诊'], appointment: ['预约'], booking: ['预订', '预约'], order: ['订单'], date: ['日期', '时间', '号'], day: ['日期', '时间'], time: ['时间'], amount: ['金额'],
  debt: ['欠款', '欠'], owed: ['欠款', '欠'], due: ['应还', '到期'], balance: ['余额'], payment: ['付款', '还款'], fee: ['费用'], price: ['价格'], callback: ['回电'], people: ['人数'], number: ['号', '号码'], phone: ['电话'], delivery: ['配送'], parcel: ['包裹'], card: ['卡'], code: ['码'], install: ['安装'],
};
/** They say of what kind a value is, not what it is of, and may be left out. */
const GENERIC = new Set('date day time at on number value'.split(' '));
const CURRENCIES = { en: { USD: 'dollars', EUR: 'euros', GBP: 'pounds', CNY: 'yuan' }, zh: { USD: '美元', EUR: '欧元', GBP: '英镑', CNY: '元' } } as const;

export function rowsOfValues({ language, slots }: Pick<Grounds, 'language' | 'slots'>): Set<string> {
  const { plain, wordsIn } = WORDING[language];
  const rows = new Set<string>();
  for (const [name, value] of Object.entries(slots)) {
    const said = spoken(String(value), language);
    const figures = plain(wordsIn(said));
    for (const frame of framesOf(name, language)) rows.add(plain(wordsIn(frame.replace('#', ` ${said} `))));
    // "Tomorrow, then."
    if (/^#(?:next_|last_)?(?:weekday|day|\d+-\d)\S*$/.test(figures)) for (const bare of BARE[language]) rows.add(bare.replace('#', figures));
    if (language === 'en' && /^#\d+$/.test(figures)) rows.add(`you be ${figures}_${name}`);
  }
  return rows;
}

const BARE = { en: ['#', '# then', 'so #'], zh: ['#', '那 #', '那 就 #', '就 #'] } as const;

function framesOf(name: string, language: SlotLanguage): string[] {
  const words = name.split('_');
  const telling = words.filter((word) => !GENERIC.has(word));
  const called = telling.length > 0 && telling.length < words.length ? [words, telling] : [words];
  if (language === 'zh') {
    const labels = called.flatMap((label) => [...chinese(label), ...chinese([...label].reverse())]);
    return labels.flatMap((label) => [`${label}是#`, `${label}#`, `您${label}是#`, `您${label}#`]);
  }
  const frames = called.flatMap((label) => ['', 'your '].flatMap((whose) => ['is', 'is on', 'is at'].map((verb) => `${whose}${label.join(' ')} ${verb} #`)));
  const wished = telling.filter((word) => !/^wish(?:ed)?$/.test(word));
  return wished.length < telling.length && wished.length > 0 ? [...frames, `you wished for a ${wished.join(' ')} of #`] : frames;
}

function chinese(words: readonly string[]): string[] {
  return words.reduce<string[]>((labels, word) => labels.flatMap((label) => (IN_CHINESE[word] ?? [word]).map((one) => label + one)), ['']);
}

/** Slots are kept in canonical form: `520.50 USD` is said "520.50 dollars". */
function spoken(text: string, language: SlotLanguage): string {
  const day = /^(\d{4}-\d{2}-\d{2})T/.exec(text)?.[1];
  const names = CURRENCIES[language];
  return day ?? text.replace(/_/g, ' ').replace(/^(\d+(?:\.\d+)?) (USD|EUR|GBP|CNY)$/, (_, digits: string, code: keyof typeof names) => `${Number(digits)} ${names[code]}`);
}
