import { writtenNumbers } from '../answers/digits.js';
import { chineseNumber } from './number-words-zh.js';
import { fault, lastMeant, value } from './readings.js';
import { spelledOut, spelt } from './spelling.js';
import type { SlotLanguage, SlotType } from './slot-type.js';

const COMMON = ['gmail.com', 'outlook.com', 'hotmail.com', 'yahoo.com', 'icloud.com', 'aol.com', 'proton.me', 'live.com', 'qq.com', '163.com', '126.com', 'foxmail.com', 'sina.com'];
const AT: Record<SlotLanguage, RegExp> = { en: /\s*(?:@|\bat(?: sign)?\b)\s*/i, zh: /\s*(?:@|艾特|圈a|\bat\b)\s*/i };
const VALID = /^[a-z0-9](?:[a-z0-9._+-]{0,62}[a-z0-9])?@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}$/;
const WRAPPING = /^(?:(?:well|so|um|uh|yes|sure|okay|it's|its|it is|my|the|email|e-mail|mail|address|is|that's|that is)\b[\s,]*|(?:嗯|我的|邮箱|地址|电子邮件|是|就是)[\s，,]*)+/iu;

/** An e-mail address, said or spelt: "john dot smith at gmail dot com". */
export const email: SlotType = {
  name: 'email',
  answerKind: 'digits',
  hear(text, { language, previous }) {
    const said = lastMeant(text).replace(WRAPPING, '');
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
    const spoken = local.length <= 24 ? spelledOut(local.replaceAll('.', ' '), language) : local;
    const dotted = spoken.replaceAll(' ', language === 'zh' ? '点' : 'dot').replaceAll('_', language === 'zh' ? '下划线' : 'underscore').replaceAll('-', language === 'zh' ? '横线' : 'dash').replaceAll('+', language === 'zh' ? '加号' : 'plus');
    return language === 'zh' ? `${dotted}，艾特，${domain.replaceAll('.', ' 点 ')}` : `${dotted}, at ${domain.replaceAll('.', ' dot ')}`;
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
