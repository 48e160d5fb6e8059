import { editDistance } from './choice.js';
import { fault, lastMeant, value } from './readings.js';
import { spelledOut, spelt } from './spelling.js';
import type { SlotContext, SlotType } from './slot-type.js';

const DEFAULT_LENGTH = 500;
const NAME_WRAPPING = /^(?:(?:well|so|um|uh|yes|sure|hi|hello|okay|it's|its|it is|my|his|her|their|our|the|name|is|first|last|family|given|that's|that is|this is|i'm|i am|you can call me|call me|mister|mr|mrs|miss|ms|doctor|dr)\b[\s,]*|(?:嗯|呃|我的|他的|她的|我|他|她|叫|是|的|名字|姓名|姓|免贵姓|大名)[\s，,]*)+/iu;
/** It is said to be a name. */
const CALLED_EN = /^(?:(?:well|so|um|uh|yes|sure|okay)[\s,]+)*(?:(?:my|his|her|their|the)\s+)?(?:(?:first|last|family)\s+)?name(?:'s|\s+is)\s+(?!not\b)/i;
const CALLED_ZH = /^(?:嗯|呃|我|他|她|的)*(?:叫|姓|免贵姓|名字[是叫])/u;
const SPELL = /\b(?:that's spelled|that is spelled|spelled|spelt|spell that|i spell)\b/i;

/** Whatever was said. */
export const freeText: SlotType = {
  name: 'text',
  answerKind: 'open',
  hear(text, { settings: { maxLength = DEFAULT_LENGTH } }) {
    const said = text.trim();
    if (!/[\p{L}\p{N}]/u.test(said)) return undefined;
    return said.length > maxLength ? fault('too_long', said.slice(0, maxLength)) : value(said, 0.8);
  },
  keyed: () => undefined,
  readBack: (of) => String(of),
  check: () => [],
};

/** A person's name: said, spelt, or near one that is known. */
export const name: SlotType = {
  name: 'name',
  answerKind: 'open',
  hear(text, context) {
    const said = lastMeant(text).trim().replace(/[.。!！?？]+$/u, '');
    const bare = said.replace(NAME_WRAPPING, '').trim();
    if (!/\p{L}/u.test(bare)) return undefined;
    return context.language === 'zh' ? chineseName(bare, CALLED_ZH.test(said), context) : englishName(bare, CALLED_EN.test(said), context);
  },
  keyed: () => undefined,
  readBack: (of, { language }) => (language === 'en' && !String(of).includes(' ') && String(of).length <= 14 ? `${String(of)}, spelled ${spelledOut(String(of), language)}` : String(of)),
  check: () => [],
};

function englishName(said: string, isCalled: boolean, { settings: { known = [] } }: SlotContext): ReturnType<SlotType['hear']> {
  const [before = '', after] = said.replace(/\s+speaking$|,\s+with an? .*$/iu, '').split(SPELL);
  const letters = spelt(after ?? before);
  // "S, M, I, T, H" is spelling; "Mary Ann" is not.
  const isSpelt = after !== undefined || (letters.single >= 3 && letters.single >= letters.letters.length - 1);
  const heard = capitalised(isSpelt ? letters.letters : before.replace(/[^\p{L}' -]/gu, ' '));
  const near = known.map((one) => ({ one, distance: editDistance(one.toLowerCase(), heard.toLowerCase()) })).sort((left, right) => left.distance - right.distance)[0];
  if (near !== undefined && near.distance <= Math.floor(heard.length / 5)) return value(near.one, near.distance === 0 ? 0.95 : 0.6);
  if (heard.split(' ').length > 5) return undefined;
  return value(heard, isSpelt ? 0.75 : isCalled ? 0.7 : 0.5);
}

function chineseName(said: string, isCalled: boolean, { settings: { known = [] } }: SlotContext): ReturnType<SlotType['hear']> {
  // 张三，弓长张 explains the character; the name itself comes first.
  const bare = said.split(/[，,。、]/)[0]?.replace(/(?:先生|女士|小姐|就行|就好|就可以|吧|啊|呢)+$/u, '') ?? '';
  const near = known.find((one) => one === bare) ?? known.find((one) => editDistance(one, bare) === 1 && one.length >= 3 && one.length === bare.length);
  if (near !== undefined) return value(near, near === bare ? 0.95 : 0.6);
  return /^\p{Script=Han}{1,6}$/u.test(bare) ? value(bare, isCalled ? 0.7 : 0.5) : undefined;
}

function capitalised(text: string): string {
  return text.trim().replace(/\s+/g, ' ').replace(/(^|[\s'-])(\p{L})/gu, (_, before: string, letter: string) => before + letter.toUpperCase());
}

/** A postal address by parts: kept as it was said, with the number and code as figures. */
export const address: SlotType = {
  name: 'address',
  answerKind: 'digits',
  hear(text, { language, previous }) {
    const said = lastMeant(text).trim().replace(/^(?:(?:um|uh|it's|it is|my|the|address|is|i live at|i live in|we live at)\b[\s,]*|(?:嗯|我家?|住在?|地址|是|在)[\s，,]*)+/iu, '').replace(/[\s.。!！?？,，]+$/u, '');
    if (!/[\p{L}\p{N}]{2}/u.test(said)) return undefined;
    const whole = typeof previous === 'string' && previous !== '' ? `${previous}${language === 'zh' ? '' : ', '}${said}` : said;
    if (whole.length > 300) return fault('too_long', whole.slice(0, 300));
    const complete = language === 'zh' ? /[路街道巷弄村镇区号室栋幢楼]/u.test(whole) && /[0-9零一二三四五六七八九十]/u.test(whole) : /\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred)\b/i.test(whole) && /\b(?:street|st|avenue|ave|road|rd|lane|ln|drive|dr|court|ct|boulevard|blvd|way|place|square|terrace|close|highway|parkway|broadway|crescent|box)\b/i.test(whole);
    return complete ? value(whole, 0.5) : { kind: 'part', value: whole };
  },
  keyed: () => undefined,
  readBack: (of) => String(of),
  check: () => [],
};
