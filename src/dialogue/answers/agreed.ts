import { normalise } from '../nlu/normalise.js';
import type { SlotLanguage } from '../slots/slot-type.js';
import { isOnlyValue } from './correction.js';
import { isHedged } from './yes-no.js';

/** What closes the matter. Only the offer itself may be its subject: "earlier would be great" and "my wife is right here" agree to nothing. */
const AGREED: Readonly<Record<SlotLanguage, RegExp>> = {
  en: /\b(?:(?:i will )?(?:see|talk to|speak to|speak with|hear from) you (?:then|tomorrow|on \w+day)|(?:until|till|til) then|it is a (?:deal|date)|(?:(?:that|this|it) (?:all )?)?(?:sounds|is|would be|will be|looks) (?:just |all |really |absolutely )?(?:good|great|fine|perfect|lovely|right|like a plan))\b/g,
  zh: /(?:那就?|就)这(?:样|么)(?:吧|说?定|办|着)?|说定了|一言为定|不见不散|到时候?(?:再?见|再?联系|再?聊|等[你您]们?(?:的?电话)?)|(?:明天|后天|那天|(?:周|星期|礼拜).)见/gu,
};
/** A yes in words that a Chinese courtesy follows; 好麻烦 is none. */
const YES_ZH = /^(?:好的?|可以|行|没问题|是的?|对的?|嗯+)/u;
/** What may stand beside it and changes nothing. */
const BESIDE: Readonly<Record<SlotLanguage, RegExp>> = {
  en: /\b(?:yes|yeah|sure|okay|all ?right|right|great|perfect|fine|good|lovely|excellent|wonderful|well|so|then|and|(?:thank you|thanks)(?: (?:so|very) much| a lot)?|cheers|please|bye for now|(?:good ?)?bye|take care|i think|sir|madam|maam|(?:for|to|with|by) (?:me|us)|have a (?:good|nice|great|lovely) (?:day|one|evening|weekend)|for (?:the call|calling|the reminder|(?:all )?your help|letting me know)|i (?:have )?(?:got to|have to|must|should|better|need to|will) (?:go|run|get going|hang up|let you go)(?: now)?)\b/g,
  zh: /我?(?:就?先|要|得|该|去)+(?:去?忙|挂|走|这样)(?:了|吧)?|我去?忙了|我?挂(?:了|吧)|好的?|可以|行|没问题|是的?|对的?|嗯|(?:谢谢|多谢|感谢)(?:[你您]们?)?的?(?:提醒|来电|电话|通知|帮助|关心)|谢谢|多谢|感谢|再见|拜拜|辛苦|(?<!好)麻烦(?=[你您了])|咱们?|[你您]们|[你您了吧啊呀哈嘞哦呃那啦]/gu,
};

/**
 * Said to what has just been read back, these close the matter: "see you then", 那就这样吧.
 * Elsewhere they may be a goodbye. Nothing else may be said, as it could be another wish.
 */
export function isAgreed(text: string, language: SlotLanguage): boolean {
  const said = language === 'zh' ? text.replace(/[\s，,。.！!、]+/gu, '') : normalise(text);
  const beside = said.replace(AGREED[language], ' ');
  const agreed = beside !== said || (language === 'zh' && YES_ZH.test(said));
  return agreed && beside.replace(BESIDE[language], ' ').trim() === '' && !isHedged(text, language);
}

const PRAISED = /^(?:(?:yes|yeah|okay|well|so|and) )*((?:[\p{L}#]+ ){1,5}?)(?:is|are|sounds|looks|would be|will be) (?:[\p{L}]+ )?(?:good|great|fine|perfect|lovely|okay|wonderful|nice|right)\b/u;
/** It is what was read back, whatever that is. */
const THE_VALUE: Readonly<Record<SlotLanguage, RegExp>> = {
  en: /^(?:(?:yes|yeah|okay|well|so|and) )*(?:the|that|this|your) (?:time|day|date|hour|number|amount|sum|price|address|name|mail|email|code|appointment) $/,
  zh: /^[嗯那这个的，,\s]*(?:时间|日子|日期|号码|金额|数目|数字|地址|名字|邮箱|安排)(?:都|也)?$/u,
};
const PRAISED_ZH = /^((?:(?![不没别]).){1,20}?)(?:是|很|挺|都|也|就|还|倒|我|的话)*(?:可以|行|没问题|好|合适|方便|对|没错|正确)(?:的|啊|呀|吧|了|呢)*[。.！!]*$/u;
const OFFERED = /\b(?:that|this|it|these|those|all|everything|which|both|what|you|they|time|day|date|hour|number|amount|sum|price|address|name|mail|email|code|plan|idea|appointment|i)\b/;

/** "Life is great", "the blue one would be nice": praise of something else than what was read back, whatever it resembles. `own`: words for that. */
export function praisesElse(text: string, language: SlotLanguage, own: readonly string[]): boolean {
  const subject = language === 'zh' ? undefined : PRAISED.exec(normalise(text))?.[1];
  return subject !== undefined && !OFFERED.test(subject) && !isOnlyValue(subject.replaceAll('#', '1'), language, own.map((one) => normalise(one).replaceAll('#', '1')).filter((one) => one !== ''));
}

/** What "friday is good" and 周五可以 praise: a value, whatever it is, or what was read back; undefined for anything else. `own`: words for values. */
export function praised(text: string, language: SlotLanguage, own: readonly string[]): 'value' | 'it' | undefined {
  if (isHedged(text, language)) return undefined;
  const all = language === 'zh' ? PRAISED_ZH.exec(text.trim()) : PRAISED.exec(normalise(text).replace(/ (?:works|suits|will do|is okay|will work)\b/, ' is fine'));
  const subject = all?.[1] ?? '';
  if (all === null || subject === '') return undefined;
  if (THE_VALUE[language].test(subject)) return isPlain(all, language) ? 'it' : undefined;
  return isPlain(all, language) && isOnlyValue(subject.replaceAll('#', '1'), language, own.map((one) => (language === 'zh' ? one : normalise(one)))) ? 'value' : undefined;
}

/** Nothing is said behind the praise: "friday is good if it is late" agrees to nothing. */
function isPlain(all: RegExpExecArray, language: SlotLanguage): boolean {
  return language === 'zh' || all.input.slice(all[0].length).replace(BESIDE.en, ' ').trim() === '';
}
