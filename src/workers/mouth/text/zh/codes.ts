import { codeFigures } from './numerals.js';

/** Words after which digits are a name and not a quantity. */
const NAMED = '验证码|校验码|密码|口令|订单编号|订单号|订单|快递单号|运单号|单号|编号|卡号|账号|帐号|账户|尾号|工号|学号|房号|门牌号|车牌号|车牌|航班号|航班|车次|身份证号码|身份证号|身份证|手机号码|手机号|手机|电话号码|电话|号码|热线|客服|拨打|致电|呼叫|分机号|分机|合同号|流水号|邮编|取件码|提货码|尾数|后四位|末四位|QQ|微信号';
/** Emergency and service numbers. */
const SERVICE = '110|112|114|119|120|122|10000|10010|10086|100\\d{2}|12[13]\\d{2}|123\\d{2}|955\\d{2}|96\\d{3,4}';

function groups(...parts: readonly string[]): string {
  return parts.map(codeFigures).join(',');
}

/** Four digits at a time, as people read them out; six are twice three. */
function grouped(digits: string): string {
  if (digits.length <= 5) return codeFigures(digits);
  const size = digits.length === 6 ? 3 : 4;
  const parts: string[] = [];
  for (let at = 0; at < digits.length; at += size) parts.push(digits.slice(at, at + size));
  // A single digit is no group.
  if ((parts.at(-1)?.length ?? 0) === 1) parts.splice(-2, 2, parts.slice(-2).join(''));
  return groups(...parts);
}

/** Telephone numbers: 138-1234-5678, 010-88886666, 400-800-1234, +86. */
export function phones(text: string): string {
  return text
    .replace(/\+86[\s-]*(?=1[3-9]|0?\d{2,3}-)/g, '加八六,')
    .replace(/(?<![\d.])(1[3-9]\d)[\s-]?(\d{4})[\s-]?(\d{4})(?!\d)/g, (_written, one: string, two: string, three: string) => groups(one, two, three))
    .replace(/(?<![\d.])([48]00)[\s-]?(\d{3})[\s-]?(\d{4})(?!\d)/g, (_written, one: string, two: string, three: string) => groups(one, two, three))
    .replace(/(?<![\d.]|\d )\(?(0\d{2,3})\)?[\s-]?(\d{3,4})[\s-]?(\d{4})(?:\s*(?:转|-)\s*(\d{1,6}))?(?!\d)/g, (_written, area: string, two: string, three: string, extension: string | undefined) =>
      groups(area, two, three) + (extension === undefined ? '' : `转${codeFigures(extension)}`))
    .replace(new RegExp(`(拨|打|致电|联系|热线|客服|电话|或)((?:是|为|[:\\s])*)(${SERVICE})(?!\\d|[年月日号点元块个次万.%])`, 'g'), (_written, word: string, between: string, digits: string) => word + between + codeFigures(digits))
    .replace(/(?<=转)(\d{3,6})(?![\d元块.])/g, (_written, digits: string) => codeFigures(digits));
}

/** Digits that are a name: after words that say so, before 室 and 路, with letters, with a zero in front, or many. */
export function codes(text: string): string {
  return text
    .replace(/(?<![\d.,¥$])\d{4}(?:[ -]\d{4}){2,4}(?:[ -]\d{1,3})?(?![\d.])/g, (written: string) => groups(...written.split(/[ -]/)))
    .replace(new RegExp(`(${NAMED})((?:号|后四位|末四位|是|为|[:#\\s])*)([A-Za-z]{0,4}[\\d-]*\\d)(?![\\d.%]|\\s*[元块月年日个次分小天人位张件份号])`, 'g'), (_written, word: string, between: string, code: string) =>
      word + between.replace('#', '') + code.split('-').map(mixed).join(','))
    .replace(/(?<![A-Za-z\d.-])[A-Za-z]{1,3}-?\d{2,}[A-Za-z\d]*(?![\d.])/g, (code: string) => code.split('-').map(mixed).join(','))
    .replace(/(?<![\d.,])(\d{3,4})(?=室|房间|路(?:公交|车)|次(?:列车|航班|高铁))/g, (_written, digits: string) => codeFigures(digits))
    .replace(/(?<![\d.,])(?:0\d{2,}|\d{9,})(?![\d.,]*\d|%)/g, grouped);
}

function mixed(code: string): string {
  return (code.match(/[A-Za-z]+|\d+/g) ?? []).map((piece) => (/\d/.test(piece) ? grouped(piece) : ` ${piece.toUpperCase()} `)).join('');
}
