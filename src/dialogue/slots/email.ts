import { writtenNumbers } from '../answers/digits.js';
import { chineseNumber } from './number-words-zh.js';
import { fault, lastMeant, value } from './readings.js';
import { spelledOut, spelt, wordByWord } from './spelling.js';
import type { SlotLanguage, SlotType } from './slot-type.js';

const COMMON = ['gmail.com', 'outlook.com', 'hotmail.com', 'yahoo.com', 'icloud.com', 'aol.com', 'proton.me', 'live.com', 'qq.com', '163.com', '126.com', 'foxmail.com', 'sina.com'];
const AT: Record<SlotLanguage, RegExp> = { en: /\s*(?:@|\bat(?: sign)?\b)\s*/i, zh: /\s*(?:@|[艾爱]特|[圈花]a|小老鼠|\bat\b)\s*/i };
const VALID = /^[a-z0-9](?:[a-z0-9._+-]{0,62}[a-z0-9])?@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}$/;
const WRAPPING = /^(?:(?:(?:you can |please |just )*(?:e-?mail|reach|contact|write(?: to)?) me (?:at|on|under)|(?:please )?send it to|well|so|um|uh|no|yes|sure|okay|it's|its|it is|my|the|email|e-mail|mail|address|is|that's|that is)\b[\s,]*|(?:不|对|好的?)(?=[，,\s])[\s，,]*|(?:嗯|我的|邮箱|地址|电子邮件|电子邮箱|邮件地址|是|就是)[\s，,]*)+/iu;
/** Courtesy and remarks behind it: "... dot com please", "all lower case", 谢谢, 都是小写. */
const TRAILING = /(?:[\s,.，。！!]*(?:\b(?:please|thanks|thank you|okay|that's it|that is it|that's all|all (?:in )?lower ?case|lower ?case|all one word|one word|no spaces)(?![\w@-]|\.\w)|谢谢(?:你|您)?|就(?:是)?(?:这个|这样)(?:了)?|[都全]?是?小写(?:字母)?的?|[吧啊呢哈哦]))+[\s,.，。！!]*$/iu;

/** A domain that is denied: "at gmail dot com, not yahoo". */
const NAMES_DOMAIN = /@|\bat\b|gmail|outlook|hotmail|yahoo|icloud|aol|proton|live|qq|163|126|foxmail|sina|艾特/i;
/** Letters before an "at" that a caller can follow. */
const LONGEST_SPELT = 24;
/** Parts of a domain that are no words: uk, qq, gmx; but "co" and "me" are. */
const SPELT_LABEL = /(?<![a-z0-9-])(?:(?!co\b|me\b|my\b)[a-z]{2}|[bcdfghjklmnpqrstvwxz]{3,4})(?![a-z0-9-])/g;

/** An e-mail address, said or spelt: "john dot smith at gmail dot com". */
export const email: SlotType = {
  name: 'email',
  answerKind: 'digits',
  hear(text, { language, previous }) {
    const said = lastMeant(text.replace(/\s+/g, ' '), (words) => NAMES_DOMAIN.test(words)).replace(WRAPPING, '').replace(TRAILING, '');
    const halves = said.split(AT[language]);
    if (halves.length < 2) return part(said, previous, language);
    const [local, domain] = [address(halves.slice(0, -1).join(' '), language), address(halves.at(-1) ?? '', language)];
    const goesOn = typeof previous === 'string' && /^[a-z0-9._+-]{1,64}$/.test(previous) && !local.text.startsWith(previous);
    const full = `${goesOn ? previous : ''}${local.text}@${nearCommon(domain.text)}`;
    if (!VALID.test(full)) return fault('malformed', full);
    // Where a part goes on, or whether it starts anew, is a guess.
    return value(full, goesOn ? 0.5 : local.spelt || COMMON.includes(full.slice(full.indexOf('@') + 1)) ? 0.6 : 0.5);
  },
  keyed: () => undefined,
  readBack(of, { language }) {
    const [local = '', domain = ''] = String(of).split('@');
    // Letter by letter, as names are; what is too long to follow, word by word.
    const before = local.length <= LONGEST_SPELT ? spelledOut(local, language) : wordByWord(local, language);
    const after = wordByWord(domain.replace(SPELT_LABEL, (label) => [...label.toUpperCase()].join(' ')), language);
    return language === 'zh' ? `${before}，艾特，${after}` : `${before}, at ${after}`;
  },
  check: () => [],
};

/** Only the part before the "at", or only what follows it, after the rest was heard. */
function part(said: string, previous: unknown, language: SlotLanguage): ReturnType<SlotType['hear']> {
  const { text } = address(said, language);
  if (typeof previous === 'string' && previous !== '' && !previous.includes('@')) {
    const full = `${previous}@${nearCommon(text)}`;
    if (VALID.test(full)) return value(full, 0.55);
  }
  return /^[a-z0-9._+-]{2,64}$/.test(text) && !/\s/.test(said.trim().replace(/\b[a-z0-9]\b/gi, '').trim()) ? { kind: 'part', value: text } : undefined;
}

function address(text: string, language: SlotLanguage): { text: string; spelt: boolean } {
  const marked = figures(text.toLowerCase(), language)
    .replace(/\s*\b(?:dot|point|period)\b\s*|\s*点\s*/g, '.')
    .replace(/\s*\b(?:underscore|under score)\b\s*|\s*下划线\s*/g, '_')
    .replace(/\s*\b(?:dash|hyphen|minus)\b\s*|\s*(?:横线|横杠|减号)\s*/g, '-')
    .replace(/\s*\bplus(?: sign)?\b\s*|\s*加号\s*/g, '+')
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(language === 'zh' ? /[零一二三四五六七八九幺]/g : /(?!)/g, (digit) => String('零一二三四五六七八九'.indexOf(digit === '幺' ? '一' : digit)));
  let single = 0;
  const joined = marked
    .split(/([._+-])/)
    .map((piece) => {
      if (/^[._+-]$/.test(piece)) return piece;
      const letters = spelt(piece);
      single += letters.single;
      return letters.letters;
    })
    .join('');
  return { text: joined.replace(/^\.+|\.+$/g, '').replace(/\.{2,}/g, '.'), spelt: single >= 3 };
}

/** Numbers that are not said digit by digit: "twenty two", 二十二. */
function figures(text: string, language: SlotLanguage): string {
  if (language === 'en') return writtenNumbers(text);
  return text.replace(/[零〇一二两三四五六七八九0-9]*[十百千][零〇一二两三四五六七八九十百千]*/g, (words) => String(chineseNumber(words) ?? words));
}

/** "g mail.com" and "gmailcom" are what recognisers write. */
function nearCommon(domain: string): string {
  const bare = domain.replace(/[^a-z0-9]/g, '');
  return COMMON.find((one) => one.replace('.', '') === bare) ?? domain;
}
