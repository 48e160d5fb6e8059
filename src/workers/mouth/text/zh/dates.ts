import { count, figures, quantity, whole } from './numerals.js';

const PART_OF_DAY = '凌晨|清晨|早晨|早上|今早|明早|上午|中午|下午|傍晚|晚上|今晚|明晚|夜里|半夜';

/** 2026-11-22, 2026年11月22日, 11月22日, 11/22, 周1. Years are read digit by digit, months and days are not counted: 二月二号. */
export function dates(text: string): string {
  return text
    .replace(/(?<!\d)(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)/g, (written: string, year: string, _mark: string, month: string, day: string) =>
      isDay(month, day) ? `${figures(year)}年${whole(month)}月${whole(day)}日` : written)
    .replace(/(?<!\d)(\d{4})[-/](0?[1-9]|1[0-2])(?![\d/-])/g, (_written, year: string, month: string) => `${figures(year)}年${whole(month)}月`)
    .replace(/(?<![\d.,])(\d{4})\s*(?=年(?!前|后|来|内|以))/g, (_written, year: string) => figures(year))
    .replace(/(?<![\d.,])([4-9]\d)\s*(?=年(?:毕业|出生|生|的时候))/g, (_written, year: string) => figures(year))
    .replace(/(?<!\d)(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?\s*[-~至到]\s*(?=\d{1,2}\s*[日号])/g, (_written, month: string, day: string) => `${whole(month)}月${whole(day)}到`)
    .replace(/(?<!\d)(\d{1,2})\s*月(?:\s*(\d{1,2})\s*(?=[日号]))?/g, (_written, month: string, day: string | undefined) => `${whole(month)}月${day === undefined ? '' : whole(day)}`)
    .replace(/(?<![\d.,])(\d{1,2})\s*(?=[日号](?!码))/g, (_written, day: string) => whole(day))
    .replace(/(周|星期|礼拜)([1-6])/g, (_written, week: string, day: string) => week + figures(day))
    .replace(/(?<![\d/.])(\d{1,3})\s*\/\s*(\d{1,3})(?![\d/])/g, (_written, above: string, below: string) =>
      Number(below) > 10 && isDay(above, below) ? `${whole(above)}月${whole(below)}日` : Number(above) < Number(below) ? `${whole(below)}分之${whole(above)}` : `${whole(above)}杠${whole(below)}`);
}

function isDay(month: string, day: string): boolean {
  return Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= 31;
}

const CLOCK = '([01]?\\d|2[0-4]):([0-5]\\d)(?::([0-5]\\d))?';

/** 15:30 is 下午三点半, 下午3:05 is 下午三点零五分, 14:00-16:00 is 下午两点到四点; 3点半, 2点. */
export function times(text: string): string {
  return text
    .replace(new RegExp(`(${PART_OF_DAY})?\\s*(?<![\\d:])${CLOCK}(?:\\s*[-~至到]\\s*${CLOCK})?(?![\\d:])`, 'g'), (_written, part: string | undefined, ...rest: (string | undefined)[]) => {
      const [hour = '0', minute = '0', second, endHour, endMinute, endSecond] = rest;
      const from = clock(hour, minute, second);
      const head = part ?? from.part;
      if (endHour === undefined) return head + from.spoken;
      const to = clock(endHour, endMinute ?? '0', endSecond);
      return `${head}${from.spoken}到${part !== undefined || to.part === head ? '' : to.part}${to.spoken}`;
    })
    .replace(/(?<![\d.])(\d{1,2})\s*点\s*(\d{1,2})\s*分/g, (_written, hour: string, minute: string) => `${count(hour)}点${minutes(minute)}`)
    .replace(/(?<![\d.])(\d{1,2})\s*(?=点(?:半|整|钟|前|后|左右|一刻|三刻|到|至|[-~]|[^\d]|$))/g, (_written, hour: string) => count(hour));
}

/** From one in the afternoon people count anew. */
function clock(hour: string, minute: string, second: string | undefined): { part: string; spoken: string } {
  const of24 = Number(hour);
  const part = of24 < 13 || of24 === 24 ? '' : of24 < 18 ? '下午' : '晚上';
  const spoken = `${count(String(part === '' ? of24 : of24 - 12))}点`;
  if (second !== undefined && second !== '00') return { part, spoken: `${spoken}${minutes(minute)}${quantity(second)}秒` };
  return { part, spoken: spoken + (minute === '00' ? '' : minute === '30' && of24 !== 0 ? '半' : minutes(minute)) };
}

function minutes(minute: string): string {
  const value = Number(minute);
  if (value === 0) return '零分';
  return `${value < 10 ? '零' : ''}${whole(String(value))}分`;
}
