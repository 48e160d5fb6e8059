import type { SlotLanguage } from '../slots/slot-type.js';

/**
 * What may be said without any fact: greetings, thanks, regrets, that one does not know.
 * Whole phrases, as the words of them make statements, too: "you may call any day", "a
 * colleague is here now", "it is not much".
 */
const FOR_WHAT = String.raw`(?: (?:for|so much|very much|a lot) ?(?:for )?(?:calling(?: us)?|asking|your (?:call|question|questions|patience|interest|time|understanding|answer)|that|waiting|holding)?)?`;
const THAT = String.raw`(?: (?:that|this|it|you|for sure|for certain|exactly|about that|about this|with that|right now|at the moment|from here|to that|the answer(?: to (?:that|this))?|your question))*`;
const PHRASES: Record<SlotLanguage, readonly string[]> = {
  en: [
    'hello(?: there)?', 'hi(?: there)?', 'hey', 'good (?:morning|afternoon|evening|day)', 'goodbye', 'good bye', 'bye(?: bye)?',
    `(?:many )?thanks?(?: you)?${FOR_WHAT}`, 'you are (?:very )?welcome', 'you re (?:very )?welcome', 'welcome(?: to)?', 'this is', 'i am',
    String.raw`(?:i (?:am|m) )?(?:so |very |really |terribly )?sorry(?: (?:about|for) (?:that|this|the (?:inconvenience|wait|confusion|trouble|delay)))?(?: to hear that)?`,
    String.raw`(?:i|we|my) apolog(?:ize|ise|ies)(?: for (?:that|this|the (?:inconvenience|wait|confusion|trouble)))?`,
    '(?:that|this|it) (?:is|s) an? (?:very )?(?:good|great|fair|nice) question', '(?:good|great) question', 'i see', 'i hear you', 'i understand(?: you(?:r question(?: about (?:it|that|this))?)?)?', 'i (?:ve|have) (?:understood|heard)(?: you(?:r question)?)?',
    '(?:just )?(?:one|a) (?:moment|second|minute)(?: please)?', 'please', 'please (?:wait|hold)(?: (?:on|a moment|one moment|a second|a minute))?', 'let me (?:see|think)',
    String.raw`(?:unfortunately )?i (?:really )?(?:do not|can not|don t|cannot|could not|am not able to|am unable to|m not able to) (?:know|say|tell|answer|see|help)(?: you)?${THAT}`, 'i (?:am|m) not sure(?: about that)?', 'unfortunately', 'i have no (?:information|answer|details?)(?: (?:about|on|to|for) (?:that|this))?',
    'have a (?:nice|good|great|pleasant|lovely) (?:day|morning|afternoon|evening|time)', 'nice to (?:hear from|meet|talk to|speak to|speak with) you', 'how are you', 'i (?:am|m) (?:here|happy|glad) to help(?: you)?', 'so', 'well', 'now', 'and', 'but', 'mr', 'mrs', 'ms', 'doctor', 'dear', 'from',
  ],
  zh: [
    '[您你]好', '大家好', '早上好', '上午好', '下午好', '晚上好', '[先女][生士]', '小姐', '再见', '拜拜',
    '(?:非常|十分|很)?(?:谢谢|感谢|多谢)(?:[您你])?(?:的?(?:来电|致电|耐心|等待|耐心等待|提问|问题|关注|支持|理解|配合|接听|时间))?', '不客气', '(?:非常|很|十分)?(?:不好意思|抱歉|对不起)', '让您久等了?',
    '请?(?:您)?(?:稍等|等一下|稍候|等一等)(?:一下)?', '(?:这是|是)?(?:个|一个)?(?:很好的|很好|好)(?:的)?问题', '这个问题很好', '(?:我)?(?:明白|了解|知道|理解|清楚|听明白)(?:了|您的意思|您的问题)*', '我(?:来)?听(?:着|到)?了?您?的?问题?',
    '(?:这个|这个问题|这一点|这点|这|您的问题|您问的)?(?:我|我们)?(?:暂时|现在|目前|也|还)*(?:不(?:太)?(?:知道|清楚|确定|了解)|没办法回答|无法回答|不能回答|回答不了|没有(?:相关)?(?:信息|资料))(?:您|这个|这个问题|您的问题)?', '(?:您)?(?:还有|有)(?:什么|哪些|没有)?(?:其他|别的)?(?:的)?问题(?:吗|呢)', '(?:还)?有什么(?:我|我们)?(?:可以|能|能够)?(?:帮|帮到|帮助)您?的?(?:吗|呢)?', '祝您?(?:生活|工作|一切)?(?:愉快|顺利|如意)', '祝您?有?(?:个)?(?:愉快|美好)的一天', '欢迎(?:您)?(?:来电|致电)?', '请问', '请讲', '请说', '那么?', '嗯', '这里是', '我是', '我叫',
  ],
};
const WHOLE: Record<SlotLanguage, RegExp> = {
  en: new RegExp(String.raw`^(?:(?:${PHRASES.en.join('|')})(?: |$))*$`),
  zh: new RegExp(`^(?:${PHRASES.zh.filter((one) => one !== '').join('|')})*$`, 'u'),
};

/** `names` are words that are spoken as names: "thank you, Alice". */
export function isCourtesy(clause: string, language: SlotLanguage, names: readonly string[]): boolean {
  if (language === 'zh') {
    const rest = names.reduce((text, name) => text.replaceAll(name, ''), clause).replace(/[^\p{Script=Han}]/gu, '');
    return WHOLE.zh.test(rest);
  }
  const taken = new Set(names.flatMap((name) => name.toLowerCase().split(' ')));
  const words = clause.toLowerCase().replace(/[’‘']/g, ' ').match(/[a-z]+/g) ?? [];
  return WHOLE.en.test(words.filter((word) => !taken.has(word)).join(' '));
}
