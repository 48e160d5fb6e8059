import type { SlotLanguage } from '../slots/slot-type.js';

const BEFORE: Record<SlotLanguage, string> = {
  en: "as (?:before|above|last time|i said(?: before)?|i (?:just )?gave you|i told you|the (?:other|first|last) one)|again|i gave you(?: before)?|like (?:before|last time)",
  zh: '',
};
const WHOLE: Record<SlotLanguage, RegExp> = {
  en: new RegExp(`\\b(?:(?:the|that) )?(?:very )?same(?: (?:one|number|phone number|day|date|time|hour|amount|address|place|e-?mail(?: address)?|name|thing))?(?:,? (?:${BEFORE.en}))?\\b|^\\W*(?:as|like) (?:before|last time)\\b|\\bno change\\b`, 'iu'),
  zh: /(?:(?:和|跟|就)?(?:刚才|之前|上次|前面|上面)(?:那个|的|说的)?(?:号码|日子|时间|地址|金额|邮箱)?(?:一样(?:的)?|就行|就可以|相同)|(?:还是)?(?:同一个|同样的?|相同的?|一样的?)(?:号码|电话|日子|天|时间|地址|金额|邮箱|地方)?|还是(?:那个|原来的?|老样子|刚才那个)(?:号码|电话|日子|时间|地址|金额|邮箱)?|不变)/u,
};
/** Words around it that change nothing. */
const AROUND: Record<SlotLanguage, RegExp> = {
  en: /\b(?:well|uh|um|just|it|it's|its|is|that's|use|take|yes|yeah|please|on|at|to|for|then|same|will be|thanks|thank you|okay|ok)\b|[^\p{L}\p{N}]+/giu,
  zh: /[就是用在到的吧呢啊嗯好了]|[^\p{L}\p{N}]+/gu,
};

/** "The same number as before": what an answer is by what was given earlier. `rest`: what is said beside it ("the same day at five"). */
export function sameAsBefore(text: string, language: SlotLanguage): { readonly rest: string } | undefined {
  const found = WHOLE[language].exec(text);
  if (found === null) return undefined;
  const rest = `${text.slice(0, found.index)} ${text.slice(found.index + found[0].length)}`.trim();
  return { rest: rest.replace(AROUND[language], ' ').trim() === '' ? '' : rest };
}
