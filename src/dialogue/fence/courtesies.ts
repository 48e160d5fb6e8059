import type { SlotLanguage } from '../slots/slot-type.js';

/**
 * What may be said without any fact: greetings, thanks, regrets, that one does not know.
 * Whole phrases, as the words of them make statements, too: "you may call any day", "a
 * colleague is here now", "it is not much". `@` stands for a name of ours, `~` for one of
 * the caller's.
 */
const THAT = String.raw`(?: (?:that|this|it|you|for sure|for certain|exactly|about that|about this|with that|right now|at the moment|from here|the answer(?: to (?:that|this))?|your question)){0,3}`;
const PHRASES: Record<SlotLanguage, readonly string[]> = {
  en: [
    'hello(?: there)?',
    'hi(?: there)?',
    'hey',
    'good (?:morning|afternoon|evening|day)',
    'good ?bye|bye(?: bye)?',
    '(?:many )?thanks?(?: you)?(?: (?:so|very) much| a lot)?(?: for (?:calling(?: us| @)?|asking|waiting|holding|that|your (?:call|questions?|patience|interest|time|understanding|answer)))?',
    'you (?:are|re) (?:very )?welcome',
    'welcome(?: to @)?',
    '(?:this is|i am|i m) @',
    'from @',
    '(?:i (?:am|m) )?(?:so |very |really |terribly )?sorry(?: to hear that| (?:about|for) (?:that|this|the (?:inconvenience|wait|confusion|trouble|delay)))?',
    '(?:i|we|my) apolog(?:i[sz]e|ies)(?: for (?:that|this|the (?:inconvenience|wait|confusion|trouble)))?',
    '(?:(?:that|this|it) (?:is|s) an? )?(?:very )?(?:good|great|fair|nice) question',
    'i see',
    'i hear you',
    'i understand(?: you| your question(?: about (?:it|that|this))?)?',
    'i (?:ve|have) (?:understood|heard)(?: you(?:r question)?)?',
    '(?:just )?(?:one|a) (?:moment|second|minute)(?: please)?',
    'please(?: (?:wait|hold)(?: (?:on|a moment|one moment|a second|a minute))?)?',
    'let me (?:see|think)',
    String.raw`(?:unfortunately )?i (?:really )?(?:do not|can not|don t|can ?t|cannot|could not|am not able to|am unable to|m not able to) (?:know|say|tell|answer|see|help)(?: you)?${THAT}`,
    'i (?:am|m) not sure(?: about (?:that|this))?',
    'unfortunately',
    'i have no (?:information|answer|details?)(?: (?:about|on|to|for) (?:that|this))?',
    'have a (?:nice|good|great|pleasant|lovely) (?:day|morning|afternoon|evening|time)',
    'nice to (?:hear from|meet|talk to|speak to|speak with) you',
    'how are you',
    'i (?:am|m) (?:here|happy|glad) to help(?: you)?',
    'so|well|now|and|but',
    '(?:mr|mrs|ms|doctor|dear) ~',
    '~|@',
  ],
  zh: [
    '[您你]好|大家好',
    '早上好|上午好|下午好|晚上好',
    '~(?:先生|女士|小姐)?|@|先生|女士|小姐',
    '再见|拜拜',
    '(?:非常|十分|很)?(?:谢谢|感谢|多谢)(?:[您你])?(?:的?(?:来电|致电|耐心等待|耐心|等待|提问|问题|关注|支持|理解|配合|接听|时间))?',
    '不客气',
    '(?:非常|很|十分)?(?:不好意思|抱歉|对不起)',
    '让您久等了?',
    '请?(?:您)?(?:稍等|等一下|稍候|等一等)(?:一下)?',
    '(?:这是|是)?(?:个|一个)?(?:很好的|很好|好)(?:的)?问题|这个问题很好',
    '(?:我)?(?:明白|了解|知道|理解|清楚|听明白)了?(?:您的意思|您的问题)?',
    '我(?:来)?听(?:着|到)?了?您?的?问题?',
    '(?:这个问题|这个|这一点|这点|这|您的问题|您问的)?(?:我们|我)?(?:暂时|现在|目前|也|还){0,2}(?:不(?:太)?(?:知道|清楚|确定|了解)|没办法回答|无法回答|不能回答|回答不了|没有(?:相关)?(?:信息|资料))(?:您的问题|这个问题|您|这个)?',
    '(?:您)?(?:还有|有)(?:什么|哪些|没有)?(?:其他|别的)?(?:的)?问题(?:吗|呢)',
    '(?:还)?有什么(?:我|我们)?(?:可以|能|能够)?(?:帮助|帮到|帮)您?的?(?:吗|呢)?',
    '祝您?(?:生活|工作|一切)?(?:愉快|顺利|如意)',
    '祝您?有?(?:个)?(?:愉快|美好)的一天',
    '欢迎(?:您)?(?:来电|致电)?@?',
    '请问|请讲|请说',
    '那么?|嗯',
    '(?:这里是|我是|我叫)@',
  ],
};
/** One phrase after the other, each tried once: the time grows with the clause, whatever it holds. */
const PHRASE: Record<SlotLanguage, readonly RegExp[]> = {
  en: PHRASES.en.map((phrase) => new RegExp(`(?:${phrase})(?: |$)`, 'y')),
  zh: PHRASES.zh.map((phrase) => new RegExp(phrase, 'uy')),
};

/** Names that may be spoken: of the company and, to address them, of the caller. */
export interface SpokenNames {
  readonly ours: readonly string[];
  readonly callers: readonly string[];
}

export function isCourtesy(clause: string, language: SlotLanguage, names: SpokenNames): boolean {
  const text = bare(marked(marked(clause, names.ours, '@', language), names.callers, '~', language), language);
  let at = 0;
  while (at < text.length) {
    const longest = Math.max(0, ...PHRASE[language].map((phrase) => lengthAt(phrase, text, at)));
    if (longest === 0) return false;
    at += longest;
  }
  return true;
}

function lengthAt(phrase: RegExp, text: string, at: number): number {
  phrase.lastIndex = at;
  return phrase.exec(text)?.[0].length ?? 0;
}

/** Names as they are written, the longest first: "Alice Brown" before "Alice". */
function marked(text: string, names: readonly string[], mark: string, language: SlotLanguage): string {
  const all = names.flatMap((name) => (language === 'zh' ? [name, ...(/^\p{Script=Han}{2,4}$/u.test(name) && mark === '~' ? [`${[...name][0] ?? ''}(?=先生|女士|小姐)`] : [])] : [name, ...(mark === '~' ? name.split(' ') : [])]));
  return all
    .sort((left, right) => right.length - left.length)
    .reduce((rest, name) => rest.replace(new RegExp(language === 'zh' ? escaped(name) : String.raw`(?<![\p{L}'])${escaped(name)}(?![\p{L}'])`, 'gu'), ` ${mark} `), text);
}

function escaped(name: string): string {
  return name.replace(/[\\^$.*+?|[\]{}]/g, '\\$&');
}

function bare(text: string, language: SlotLanguage): string {
  if (language === 'zh') return text.replace(/[^\p{L}\p{N}@~]/gu, '');
  return (text.toLowerCase().replace(/[’‘']/g, ' ').match(/[a-z]+|[@~]|\d+/g) ?? []).join(' ');
}
