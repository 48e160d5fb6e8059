import { editDistance } from './choice.js';
import { joinedName, withoutExplanation } from './name-zh.js';
import { fault, lastMeant, value } from './readings.js';
import { spelledOut, spelt, withoutSpelling } from './spelling.js';
import type { SlotContext, SlotLanguage, SlotType } from './slot-type.js';

const DEFAULT_LENGTH = 500;
const NAME_WRAPPING = /^(?:(?:well|so|um|uh|no|nope|yes|sure|hi|hello|okay|it's|its|it is|my|his|her|their|our|the|name|is|first|last|family|given|that's|that is|this is|i'm|i am|you can call me|call me|mister|mr|mrs|miss|ms|doctor|dr)\b[\s,]*|(?:不|对|好的?|是的)(?=[，,\s])[\s，,]*|(?:嗯|呃|我的|他的|她的|我|他|她|叫|是|的|名字|姓名|姓|免贵姓|大名)[\s，,]*)+/iu;
/** It is said to be a name. */
const CALLED_EN = /^(?:(?:well|so|um|uh|yes|sure|okay)[\s,]+)*(?:(?:my|his|her|their|the)\s+)?(?:(?:first|last|family)\s+)?name(?:'s|\s+is)\s+(?!not\b)/i;
const CALLED_ZH = /^(?:(?:不|对|好的?|是的)[，,\s]+)?(?:嗯|呃|我|他|她|的)*(?:叫|姓|免贵姓|名字[是叫])/u;
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

/** Said instead of one. */
const NO_NAME = /^(?:(?:well|so|um|uh|oh|sorry|actually|hmm)[\s,]+)*(?:(?:i (?:really |honestly |just )?(?:do not|don't|can't|cannot)|don't) (?:know|remember|recall|think)\b.*|(?:i (?:have|have got|'ve got) |i've |i've got )?(?:no|not any) (?:idea|clue)\b.*|(?:i'm |i am )?not (?:sure|certain)\b.*|i(?: have|'ve)? ?forg[eo]t(?:ten)?\b.*|(?:i )?dunno\b.*|i couldn't (?:tell|say)\b.*|who knows|beats me|no one|nobody|nothing|none)$|^(?:嗯|呃|这个?|那个?|我|俺|他|她)*(?:也|都|就|还|真|倒|的)*(?:不(?:太|大)?(?:知道|清楚|晓得|记得|认识|确定|了解|熟)|忘了|没(?:印象|问过)|没有?$|想不起来|说不上来|谁知道).*$/iu;

/** Any words may be a name: what follows a "not" is none. */
function hasLetters(words: string): boolean {
  return /\p{L}/u.test(words);
}

/** "I don't know", 不认识: said instead of a name. */
export function saysNoName(text: string): boolean {
  return NO_NAME.test(text.replace(/’/gu, "'").replace(/[.。!！?？\s]+$/u, '').trim());
}

/** A person's name: said, spelt, or near one that is known. */
export const name: SlotType = {
  name: 'name',
  answerKind: 'open',
  hear(text, context) {
    const said = lastMeant(text, hasLetters).trim().replace(/^[\s,，.。]+|[.。!！?？]+$/gu, '');
    const bare = said.replace(NAME_WRAPPING, '').trim();
    if (!/\p{L}/u.test(bare) || saysNoName(text) || saysNoName(said)) return undefined;
    return context.language === 'zh' ? chineseName(joinedName(said) ?? bare, CALLED_ZH.test(said), context) : englishName(bare, CALLED_EN.test(said), context);
  },
  keyed: () => undefined,
  readBack: (of, { language }) => (language === 'en' && !String(of).includes(' ') && String(of).length <= 14 ? `${String(of)}, spelled ${spelledOut(String(of), language)}` : String(of)),
  check: () => [],
};

function englishName(said: string, isCalled: boolean, { settings: { known = [] } }: SlotContext): ReturnType<SlotType['hear']> {
  const [before = '', after] = said.replace(/\s+speaking$|,\s+with an? .*$|\s+with an? \p{L}$/iu, '').split(SPELL);
  const words = before.replace(/[^\p{L}' -]/gu, ' ').trim();
  const whole = withoutSpelling(after === undefined ? words : `${words} ${after}`);
  const letters = spelt(after ?? before);
  // "S, M, I, T, H" is spelling; "Mary Ann" is not. "Smith, spelled S, M, I, T, H" is one word.
  const isAllSpelt = after === undefined ? letters.single >= 3 && letters.single >= letters.letters.length - 1 && whole.includes(' ') : whole.split(' ').length > words.split(' ').length;
  const heard = capitalised(isAllSpelt ? letters.letters : whole);
  if (heard.replace(/[^\p{L}]/gu, '').length < 2) return undefined;
  const isSpelt = after !== undefined || isAllSpelt || whole.split(' ').length < words.split(/\s+/).length;
  const near = known.map((one) => ({ one, distance: editDistance(one.toLowerCase(), heard.toLowerCase()) })).sort((left, right) => left.distance - right.distance)[0];
  if (near !== undefined && near.distance <= Math.floor(heard.length / 5)) return value(near.one, near.distance === 0 ? 0.95 : 0.6);
  if (heard.split(' ').length > 5) return undefined;
  return value(heard, isSpelt ? 0.75 : isCalled ? 0.7 : 0.5);
}

function chineseName(said: string, isCalled: boolean, { settings: { known = [] } }: SlotContext): ReturnType<SlotType['hear']> {
  // 张三，弓长张 explains the character; the name itself comes first.
  const bare = withoutExplanation(said.split(/[，,。、]/)[0]?.replace(/(?:先生|女士|小姐|就行|就好|就可以|吧|啊|呢)+$/u, '') ?? '');
  const near = known.find((one) => one === bare) ?? known.find((one) => editDistance(one, bare) === 1 && one.length >= 3 && one.length === bare.length);
  if (near !== undefined) return value(near, near === bare ? 0.95 : 0.6);
  return /^(?!(?:不|没有?|好的?|对)$)\p{Script=Han}{1,6}$/u.test(bare) ? value(bare, isCalled ? 0.7 : 0.5) : undefined;
}

function capitalised(text: string): string {
  return text.trim().replace(/\s+/g, ' ').replace(/(^|[\s-]|'(?=\p{L}{2}))(\p{L})/gu, (_, before: string, letter: string) => before + letter.toUpperCase());
}

/** What leads up to an address and is none of it. */
const ADDRESS_WRAPPING = /^(?:(?:um|uh|oh|yes|yeah|sure|okay|ok|no|it's|it is|that's|that is|my|the|address|is|(?:i|we) live (?:at|in|on)|i(?: already| just)? (?:said|told you)|(?:well|right|so)(?=,|\s+(?:it's|it is|that's|my|the|i|we)\b))\b[\s,.]*|(?:嗯|呃|哦|好的|好(?=[，,])|对的?|没错|我(?:刚才|已经)?(?:说过?了?|告诉你了?)(?:是|的是)?|我家?|住在?|地址|就?是的?|在)[\s，,]*)+/iu;
/** Said instead of one. */
const NO_ADDRESS = /^(?:(?:i|we) (?:(?:do not|don't|can't|cannot|won't|will not) (?:know|want|remember|understand|have|say|tell|give))\b.*|i forgot\b.*|i'd rather not\b.*|(?:that's|that is|this is) (?:it|all|right|everything|enough)|i (?:already |just )?(?:said|told you|gave you)(?: (?:that|it|so|already|before))*|(?:it|all|right|everything|enough|nothing|nowhere|same|here)(?: else)?|(?:none of your business|why|what|who|how)\b.*)$|^(?:我|俺)?(?:也|都|就|还|真)?(?:不(?:知道|记得|清楚|晓得|想说|方便|告诉|明白)|忘|没有|没了|就这[些个]|就是这|没别的|不用|不要).*$|^(?:我|俺)?(?:刚才|已经|都)*(?:说过?了|告诉你了)$/iu;

/** A postal address by parts: kept as it was said, with the number and code as figures. */
export const address: SlotType = {
  name: 'address',
  answerKind: 'digits',
  hear(text, { language, previous }) {
    const whole = lastMeant(text).trim().replace(/[\s.。!！?？,，]+$/u, '').replace(/’/gu, "'");
    const said = whole.replace(ADDRESS_WRAPPING, '');
    if (!/[\p{L}\p{N}]{2}/u.test(said) || NO_ADDRESS.test(whole) || NO_ADDRESS.test(said)) return undefined;
    // A whole one of before is replaced; half of one is gone on from.
    const half = typeof previous === 'string' && !isWholeAddress(previous, language) ? previous : '';
    if (half !== '' && half.toLowerCase().includes(said.toLowerCase())) return { kind: 'part', value: half };
    const isAll = half === '' || said.toLowerCase().includes(half.toLowerCase());
    const joined = isAll ? said : `${half}${language === 'zh' ? '' : ', '}${said}`;
    if (joined.length > 300) return fault('too_long', joined.slice(0, 300));
    return isWholeAddress(joined, language) ? value(joined, 0.5) : { kind: 'part', value: joined };
  },
  keyed: () => undefined,
  readBack: (of) => String(of),
  check: () => [],
};

/** It has a street and a number. */
function isWholeAddress(words: string, language: SlotLanguage): boolean {
  if (language === 'zh') return /[路街道巷弄村镇区号室栋幢楼]/u.test(words) && /[0-9零一二三四五六七八九十]/u.test(words);
  return /\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred)\b/i.test(words) && /\b(?:street|st|avenue|ave|road|rd|lane|ln|drive|dr|court|ct|boulevard|blvd|way|place|square|terrace|close|highway|parkway|broadway|crescent|box)\b/i.test(words);
}
