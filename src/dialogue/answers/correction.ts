import type { SlotLanguage } from '../slots/slot-type.js';

/** What a correction begins with. */
const LEAD = /^\s*(?:(?:oh|uh|um|ah|well)\b[\s,.]*)*(?:no|nope|sorry|wait|actually|i meant|i mean|correction|not|不对|不是的?|等等|等一下|错了|说错了|应该是|我是说|不，|不,)(?!\p{Script=Latin})/iu;

/** Words of which values are made: numbers, days, hours, money. */
const VALUES_EN = new Set(
  ('zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million half quarter double triple and point ' +
    'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth ' +
    'monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december ' +
    'today tomorrow tonight noon midday midnight morning afternoon evening night day week month year days weeks hours hour minutes minute next this coming after in past to at on of the a an am pm a.m p.m oclock ' +
    'dollar dollars buck bucks cent cents euro euros pound pounds pence yuan plus dash dot').split(' '),
);
/** Words of a correction beside the value. */
const CORRECTING_EN = new Set("no nope not but sorry wait actually i i'm meant mean said correction rather instead make it it's its that that's it'll is should be was the a an um uh oh well please my mistake excuse me let's say later earlier change to yes yeah right okay ok so then sure fine great perfect alright better best let lets do".split(' '));
const VALUES_ZH = /[0-9零〇一二两三四五六七八九十百千万半点钟分刻块元毛角号日月年周期天]|星期|礼拜|今天|明天|后天|大后天|上午|下午|中午|早上|晚上|凌晨|傍晚|本周|下个?周|这个?月|下个?月|以后|之后|小时|分钟|美元|欧元|英镑/gu;
const CORRECTING_ZH = /不(?:是|对|要)|而?是|应该|等等|等一下|说错|错了?|我|说的?|改(?:成|到|为)?|换(?:成|到)|的|了|吧|啊|哦|嗯|呃|就|才|晚|早|往后|推迟?|提前|抱歉|对不起|不好意思|那就?|最好|更好|还是|好|是|对|可以|行|不|嘛|呗/gu;

/** "No, Friday, not Thursday", "sorry, I meant four": no more than a value, and that it replaces another. */
export function isCorrection(text: string, language: SlotLanguage, own: readonly string[] = []): boolean {
  return LEAD.test(text) && isOnlyValue(text, language, own);
}

/** Nothing is said beside a value but what leads to it. `own`: words that are values here, such as names of choices. */
export function isOnlyValue(text: string, language: SlotLanguage, own: readonly string[] = []): boolean {
  let said = ` ${text.normalize('NFKC').replace(/’/g, "'").toLowerCase().replace(/[^\p{L}\p{N}'.@]+/gu, ' ')} `;
  for (const words of own) said = said.replaceAll(words.toLowerCase(), ' ');
  if (language === 'zh') return said.replace(VALUES_ZH, '').replace(CORRECTING_ZH, '').replace(/[\s'.]+/g, '') === '';
  return said
    .split(/[\s]+/)
    .map((word) => word.replace(/^[.']+|[.']+$/g, '').replace(/^o'clock$/, 'oclock'))
    .every((word) => word === '' || VALUES_EN.has(word) || CORRECTING_EN.has(word) || /^[\d.]+(?:st|nd|rd|th|am|pm)?$/.test(word));
}

/** Said with a yes, these show that it is a "yes, but". */
const CHANGED = /\b(?:but|make it|make that|actually|rather|instead|change|not|sorry|i mean|i meant|earlier|sooner|later)\b|不过|但是|改|应该是|不是|等等|推迟|推后|往后|提前|往前|(?<![今明昨每])[早晚](?:个|了)?[0-9半一两二三四五六七八九十]/iu;

/** "Yes, but make it Friday": what is read back is not what is wanted. */
export function isChanged(text: string): boolean {
  return CHANGED.test(text);
}

/** Another value is wanted, though none may be said. "See you later" and 提前打个电话 want none, and 提前到周五 says which. */
const OTHER: Readonly<Record<SlotLanguage, RegExp>> = {
  en: /\bbut (?!(?:thanks?|thank you|please|yes|yeah|okay|ok)\b)|\bpush (?:it|that)\b(?! (?:back )?to\b)|(?<!\b(?:sooner or|see|you|ya|me|us|it|that|the) )\blater\b|\b(?:earlier|sooner)\b(?! (?:the better|or later))|\b(?:another|a different|some other) (?:day|time|date|hour|week|number|amount|sum|address|name|one)\b/i,
  zh: /不过(?!分|来|去)|但是?|改(?:个|晚|早)|(?:推迟|推后|往[前后].?)(?!.?到)|提前(?!到|打|给|通知|联系|说|告诉|谢|祝|跟)|(?<![今明昨每])[早晚](?:个|了)?(?:[0-9半一两二三四五六七八九十](?!点儿?(?:见|联系|聊|说|告诉|休息|睡|打|再))|些|点(?!儿?(?:见|联系|聊|说|告诉|休息|睡|打|再)))|另外[一的那个几]|别的(?:时间|日子|号|天)|换(?:个|一)/u,
};

const YES = /^\s*(?:(?:yes|yeah|yep|okay|ok|sure|fine|right)\b|好|行|可以|对|是|嗯)/i;

/** "Yes, but a bit later" is said of the value that was read back, and is no remark. */
export function isYesBut(text: string, language: SlotLanguage): boolean {
  return YES.test(text) && wantsOther(text, language);
}

/** "Yes, but a bit earlier", 好，晚点: no yes to what is read back, whatever it begins with. */
export function wantsOther(text: string, language: SlotLanguage): boolean {
  return OTHER[language].test(text.replace(/’/g, "'"));
}
