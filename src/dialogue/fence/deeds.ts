import type { SlotLanguage } from '../slots/slot-type.js';

/**
 * What the model says it has done, is doing or agrees to do. It can do nothing: such a
 * clause binds the company and must stand in a fact, word for word. So must a bare "sure"
 * or "that is fine", which grants whatever was asked.
 */
const SOMEONE = String.raw`(?:i|we|they|someone|somebody|nobody|(?:a|an|the|my|our|your|one of our) (?:colleagues?|team|agent|driver|courier|doctor|system|manager|bank|person|people))`;
const DONE = String.raw`(?:[a-z]{2,}ed|done|made|sent|told|given|got|put|set|taken|found|spoken|written|paid|begun|sold|bought|seen|kept|left|brought|come|gone|become|chosen|cut|held|lost|met|read|run|won|known|shown|laid)`;
const BETWEEN = String.raw`(?:(?:just|now|already|also|all|been|being|not|never|so|both|then|since|recently|today) )*`;
const DEED: Record<SlotLanguage, readonly RegExp[]> = {
  en: [
    // "I have changed it", "it has been changed", "it is being changed", "it is changed".
    new RegExp(String.raw`(?:\b(?:have|has|had|is|are|was|were|be|been|being|gets?|got)|'(?:s|ve|re|d|m)) ${BETWEEN}(?!(?:interested|pleased|delighted|confused|understood|heard|concerned|excited)\b)${DONE}\b`, 'i'),
    new RegExp(String.raw`\b${SOMEONE} ${BETWEEN}(?!(?:needed|wanted|need|heard|understood|read)\b)(?:[a-z]{2,}ed|sent|told|gave|made|put|set|took|found|spoke|wrote|paid|did|went|brought|came|kept|left|began|chose|held|met)\b`, 'i'),
    // "I am changing it", "I change it", "let me change it".
    new RegExp(String.raw`\b(?:i(?:'m| am)|we(?:'re| are)|${SOMEONE} (?:is|are)) ${BETWEEN}(?!(?:calling (?:about|from|regarding|because)|looking forward|something|anything)\b)[a-z]{2,}ing\b`, 'i'),
    new RegExp(String.raw`\b(?!(?:i|they)\b)${SOMEONE} (?:just |now |also |always |gladly |do |can )*(?:calls?|helps?|speaks?|talks?|sees?|knows?|tells?|hears?|asks?|waits?|looks?|needs?)\b`, 'i'),
    /\bi (?:just |now |also |gladly |do )*(?:call|ask|tell|see(?! your (?:question|point)|[.,!]|$)|change|move|book|cancel|order|send|check|note|arrange|fix|keep|put|make|take|bring|talk|speak|look)\b(?! (?:that|what you mean)[.,!]?$)/i,
    /\blet(?: me|'s| us) (?!(?:tell|explain|say|see|help|know|answer|repeat|hear|ask|think|talk|go over|give you (?:some|more) information)\b)/i,
    /^(?:all |well |now |and |so |it's |that's |consider it |you(?:'re| are) )*(?:done|set|settled|changed|moved|booked|cancelled|canceled|noted|confirmed|ordered|fixed|sorted|arranged|sent|sorted out)\b/i,
  ],
  zh: [
    /(?:我|我们|同事|系统|这边|这里|司机|快递员)(?!想|不|没|是|叫|明白|知道|理解|了解|来(?:给|为|向|跟)?您?(?:介绍|说明|解释|讲|说))[^，。]{0,6}(?:帮|给|替|为|让|请|通知|告诉|联系)/,
    /(?:^|[，。])(?:帮|给|替|为)您(?!介绍|说明|解释|讲)/,
    /已经?(?!知)|刚刚?(?!才说|才问)|正在|这就|现在就|马上|立刻/,
    /[好完成妥定过掉](?=了)|(?<!明白|知道|了解|理解|清楚|好|谢|为|除)了(?!解)[^，。]{0,6}[。！，,.!]?$/,
    /(?:同事|我们)(?:会|来|去|知道|听|看|联系|打)/,
    /我(?:们|现在|来|去|先)*[改换取订办查记安排发送寄退打联系]/,
  ],
};
/** Nothing but a yes or a no: an answer to whatever was asked. */
const GRANTS: Record<SlotLanguage, RegExp> = {
  en: new RegExp(String.raw`^(?:(?:well|so|and|oh|all|just),? )*(?:sure|sure thing|ok|okay|fine|all right|alright|right|gladly|no problem|no worries|with pleasure|my pleasure|you bet|deal|agreed|granted|good|great|perfect|correct|consider it so|so be it|(?:i(?:'d| would| will|'ll|'m| am) (?:be |so |very )*)?(?:happy|glad|pleased|love|delighted) to|no|nope|not at all|none|nothing|nobody|never|not yet|not (?:today|now|here|any ?more)|it can be so|any(?:thing|time)?)(?: (?:then|now|today|for you))?[.!,]*$|\b(?:it|that|this|they|we|i|you|he|she|there|which|so|everything|all) (?:does|do|did|is|are|was|were|will|can|may|have|has|had|would|could|should|must|might|am)(?: so| too| not)?[.!,]*$|\b(?:it|that|this|which|everything|all)(?:'s| is| was| would be| will be|'ll be) (?:all |quite |perfectly |absolutely )*(?:fine|ok|okay|good|great|possible|allowed|right|no problem|easy|settled|up to you|so|not (?:so|possible|allowed|right))\b(?! question)|\b(?:it|that|this) works\b|\b(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|tomorrow|today) (?:it is|then)[.!]*$|\b(?:it|that|this) is (?:not )?possible\b`, 'i'),
  zh: /^[您我]?们?(?:好|行|成|可以|会|能|有|没有|是|不是|不|对|要|不要|需要|不需要|想|不想|不用|不会|不能|不行|不可以|没问题|当然|算|随便|同意|答应|批准|欢迎|放心|都行|都可以|都好|也行|也可以|好说|没事|没关系|请便|就这样|这样行|这样可以)(?:的|啊|呀|哦|呢|吧|了|您|来)*[。！!，,.]?$/,
};

export function isDeed(clause: string, language: SlotLanguage): boolean {
  return DEED[language].some((pattern) => pattern.test(clause));
}

export function grants(clause: string, language: SlotLanguage): boolean {
  return GRANTS[language].test(clause.trim());
}
