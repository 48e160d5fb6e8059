import { count, figures, quantity, whole } from './numerals.js';

const FOREIGN: Readonly<Record<string, string>> = { $: '美元', 'US$': '美元', USD: '美元', '€': '欧元', EUR: '欧元', '£': '英镑', GBP: '英镑', 'HK$': '港元', HKD: '港元' };
const AMOUNT = '(-?)(\\d{1,3}(?:,\\d{3})+|\\d+)(?:\\.(\\d+))?';
const LARGE = '([万亿千百]?)';

/** ¥12.50 is 十二元五角, 12.5块 is 十二块五, 3.5万元 is 三点五万元, $9.99 is 九点九九美元. */
export function money(text: string): string {
  return text
    // A range carries its currency once.
    .replace(/(\d)\s*(元|块钱|块)?\s*[-~至]\s*(?=[¥$]?\d[\d,.]*\s*(?:元|块|万元))/g, '$1$2到')
    .replace(new RegExp(`(?:¥|RMB|CNY)\\s*${AMOUNT}\\s*${LARGE}\\s*(?:元|块)?`, 'g'), (_written, minus: string, integer: string, decimals: string | undefined, large: string) => yuan(minus, integer, decimals, large))
    .replace(new RegExp(`(US\\$|HK\\$|USD|EUR|GBP|HKD|[$€£])\\s*${AMOUNT}\\s*${LARGE}`, 'g'), (_written, currency: string, minus: string, integer: string, decimals: string | undefined, large: string) =>
      `${minus === '' ? '' : '负'}${large === '' ? count(join(integer, decimals)) : quantity(join(integer, decimals)) + large}${FOREIGN[currency] ?? ''}`)
    .replace(new RegExp(`(?<![\\w.])${AMOUNT}\\s*${LARGE}\\s*(?:元|圆)`, 'g'), (_written, minus: string, integer: string, decimals: string | undefined, large: string) => yuan(minus, integer, decimals, large))
    .replace(/(?<![\w.])(\d[\d,]*)(?:\.([1-9])0?)?\s*块(?!\d)/g, (_written, integer: string, tenths: string | undefined) => `${count(integer)}块${tenths === undefined ? '' : figures(tenths)}`)
    .replace(/(?<![\w.])(\d+)块(\d)(?!\d)/g, (_written, integer: string, tenths: string) => `${count(integer)}块${figures(tenths)}`);
}

function join(integer: string, decimals: string | undefined): string {
  const kept = decimals?.replace(/0+$/, '') ?? '';
  return kept === '' ? integer : `${integer}.${kept}`;
}

function yuan(minus: string, integer: string, decimals: string | undefined, large: string): string {
  const sign = minus === '' ? '' : '负';
  const plain = integer.replaceAll(',', '');
  if (large !== '') return `${sign}${/^2$/.test(join(plain, decimals)) ? '两' : quantity(join(plain, decimals))}${large}元`;
  const [tenths = '0', hundredths = '0', ...more] = decimals ?? '';
  // Interest rates and the like: no coins of it.
  if (more.some((digit) => digit !== '0')) return `${sign}${quantity(join(plain, decimals))}元`;
  const coins = `${tenths === '0' ? (hundredths === '0' || Number(plain) === 0 ? '' : '零') : `${figures(tenths).replace('二', '两')}角`}${hundredths === '0' ? '' : `${figures(hundredths)}分`}`;
  const bills = Number(plain) === 0 && coins !== '' ? '' : `${plain.length > 16 ? figures(plain) : plain === '2' ? '两' : whole(plain)}元`;
  return sign + bills + coins;
}
