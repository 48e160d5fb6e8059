import { count, quantity } from './numerals.js';

/** Case counts: m is metres, M is not. */
const UNITS: Readonly<Record<string, string>> = {
  km: '公里', m: '米', cm: '厘米', mm: '毫米', kg: '公斤', g: '克', mg: '毫克', t: '吨', l: '升', L: '升', ml: '毫升', mL: '毫升',
  h: '小时', min: '分钟', s: '秒', ms: '毫秒', km2: '平方公里', m2: '平方米', m3: '立方米',
  W: '瓦', kW: '千瓦', kWh: '度', V: '伏', Hz: '赫兹', kHz: '千赫', MHz: '兆赫', KB: 'KB', MB: '兆', GB: 'GB', TB: 'TB', Mbps: '兆', cal: '卡', kcal: '千卡',
};
const NUMBER = '\\d{1,3}(?:,\\d{3})+(?:\\.\\d+)?|\\d+(?:\\.\\d+)?';
const SYMBOLS = Object.keys(UNITS).sort((a, b) => b.length - a.length).join('|');
/** What 2 counts with 两. Not here: 月, 日, 号, 楼, 班, which are names of the second. */
const MEASURES =
  '个|位|名|只|张|条|件|次|天|年|周|小时|分钟|秒|分|份|笔|本|辆|台|部|家|间|套|双|对|把|杯|瓶|碗|斤|公斤|千克|克|吨|米|公里|厘米|升|元|块|角|万|千|亿|百|倍|人|段|句|页|封|箱|包|袋|盒|片|点|种|项|步|遍|趟|场|门|岁|户|座|栋|棵|颗|支|根|头|匹|口|顿|桌|道|批|期(?!\\d)|折|成|度|平方|立方|美元|欧元|英镑|港元|刻钟|季度|星期|礼拜|晚|夜|代|组|队|排|层|级(?!别)|声|首|篇|幅|副|剂|粒|滴|团|堆|群|股|届|任|轮|局|单(?!元)|票|班次';

/** 5%, 3‰, -5°C, 120km/h, 5-10kg, 2个. */
export function units(text: string): string {
  return text
    .replace(new RegExp(`(\\d)\\s*(%|‰|°C|${SYMBOLS})?\\s*[-~]\\s*(?=(?:${NUMBER})\\s*(?:%|‰|°|${SYMBOLS}|${MEASURES}))`, 'g'), '$1$2到')
    .replace(new RegExp(`(?<![\\d.])(${NUMBER})到(${NUMBER})%`, 'g'), (_written, from: string, to: string) => `百分之${quantity(from)}到百分之${quantity(to)}`)
    .replace(new RegExp(`(?<![\\d\\w.])(-?)(${NUMBER})\\s*([%‰])`, 'g'), (_written, minus: string, number: string, mark: string) => `${minus === '' ? '' : '负'}${mark === '%' ? '百' : '千'}分之${quantity(number)}`)
    .replace(new RegExp(`(?<![\\d\\w.])(-?)(${NUMBER})\\s*°[CF]?`, 'g'), (_written, minus: string, number: string) => `${minus === '' ? '' : '零下'}${count(number)}度`)
    .replace(new RegExp(`(?<![\\d\\w.])(${NUMBER})\\s*km/h(?![A-Za-z])`, 'g'), (_written, number: string) => `每小时${quantity(number)}公里`)
    .replace(new RegExp(`(?<![\\d\\w.])(-?)(${NUMBER})\\s*(${SYMBOLS})(?![\\w/])`, 'g'), (_written, minus: string, number: string, unit: string) => `${minus === '' ? '' : '负'}${count(number)}${UNITS[unit] ?? ''}`)
    .replace(new RegExp(`(?<![第\\d.,])(-?)(${NUMBER})\\s*(?=${MEASURES})`, 'g'), (_written, minus: string, number: string) => `${minus === '' ? '' : '负'}${count(number)}`)
    .replace(/(?<=[元块次个人分斤米天度兆])\s*\/\s*(?=[年月周天日小分秒人次个位件斤米平])/g, '每');
}
