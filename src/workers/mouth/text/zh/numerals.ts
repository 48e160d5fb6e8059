const NUMERALS = '零一二三四五六七八九';
/** Characters that a spoken number is made of. */
export const NUMERAL = /[零〇一二两三四五六七八九十百千万亿幺]/;
/** More digits than this are a code and not a quantity. */
const MAX_QUANTITY_DIGITS = 16;

/** Each digit by itself, as years are read: 1998 is 一九九八. */
export function figures(digits: string): string {
  return [...digits].map((digit) => NUMERALS[Number(digit)] ?? '').join('');
}

/** Each digit by itself, as numbers of telephones, orders and rooms are read: 幺 for 1, which yī and qī would hide. */
export function codeFigures(digits: string): string {
  return figures(digits).replaceAll('一', '幺');
}

/** A whole number of at most 16 digits: 25300 is 两万五千三百, 115 一百一十五, 15 十五. */
export function whole(digits: string): string {
  const plain = digits.replace(/^0+(?=\d)/, '');
  if (plain === '0') return '零';
  const spoken = sections(plain);
  // Only at the head is 一十 shortened.
  return spoken.replace(/^一十/, '十');
}

const SECTIONS: readonly (readonly [places: number, unit: string])[] = [[8, '亿'], [4, '万'], [0, '']];

function sections(digits: string): string {
  let spoken = '';
  for (const [places, unit] of SECTIONS) {
    const part = digits.slice(0, Math.max(0, digits.length - places)).replace(/^0+/, '');
    digits = digits.slice(Math.max(0, digits.length - places));
    if (part === '') continue;
    // 一万零五十: a gap before the section is said, however wide.
    if (spoken !== '' && part.length < 4) spoken += '零';
    spoken += (part.length > 4 ? sections(part) : section(part, unit !== '')) + unit;
  }
  return spoken;
}

/** Up to four digits. 2 is 两 before 百, 千, 万 and 亿, and 二 before 十 and at the end. */
function section(digits: string, beforeUnit: boolean): string {
  let spoken = '';
  let gap = false;
  [...digits].forEach((digit, index) => {
    const unit = ['', '十', '百', '千'][digits.length - 1 - index] ?? '';
    if (digit === '0') {
      gap = true;
      return;
    }
    if (gap) spoken += '零';
    gap = false;
    const two = digit === '2' && (unit === '百' || unit === '千' || (unit === '' && beforeUnit && digits === '2'));
    spoken += (two ? '两' : figures(digit)) + unit;
  });
  return spoken;
}

/** 3.14 is 三点一四; thousands may be parted by commas; -3 is 负三. What is too long for a quantity is read digit by digit. */
export function quantity(written: string): string {
  const negative = written.startsWith('-');
  const [integer = '0', decimals] = written.replace(/^-/, '').replaceAll(',', '').split('.');
  const spoken = integer.length > MAX_QUANTITY_DIGITS ? figures(integer) : whole(integer === '' ? '0' : integer);
  return `${negative ? '负' : ''}${spoken}${decimals === undefined || decimals === '' ? '' : `点${figures(decimals)}`}`;
}

/** Of things that are counted: 2 is 两. */
export function count(written: string): string {
  return /^0*2$/.test(written) ? '两' : quantity(written);
}
