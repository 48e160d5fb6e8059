import type { SlotLanguage } from '../slots/slot-type.js';

/**
 * Sentences that bind the company: "we will waive", "you get", "it is free", 保证, 免费.
 * They pass only as the restatement of one fact, with that fact's conditions and its
 * yes or no.
 */
const PROMISE: Record<SlotLanguage, RegExp> = {
  en: /\b(?:will|won't|(?:we|i|they|the bank|our team|someone|somebody|an agent)(?:'ll| can| shall| are going to| am going to| promise| guarantee| offer| provide| waive| refund| cover| pay| give| cancel| approve| deliver| send| call| arrange)|you(?:'ll| will| can| get| receive| earn| save| qualify| are eligible| are approved|'re approved|'re eligible| have been| won)|guaranteed?|promised?|free|waived?|refund(?:ed|able|s)?|discount(?:s|ed)?|bonus|cash ?back|no (?:\w+ ){0,2}(?:fees?|charges?|costs?|interest|risk|penalt\w+|obligation|commitment|deposit|contract|limits?)|without (?:any )?(?:\w+ )?(?:fees?|charges?|costs?|interest|risk)|there (?:is|are) no|no need|not required|(?:do not|don't|does not|doesn't) (?:need|have to|cost|require)|unlimited|lowest|best|never|always|approved|instant(?:ly)?|immediate(?:ly)?|includes?|comes with|entitled|insured|covers?|delivered?|arrives?|shipped|ready|cheap(?:er|est)?|half(?:[- ]price| the price| off)|off|gratis|complimentary|on the house|(?:for|costs?|pay) nothing|sale|deals?|rebates?|vouchers?|coupons?|gifts?|prizes?|reduc(?:ed|tion)|double|triple|twice|special (?:offer|price|rate)s?)\b/i,
  zh: /保证|承诺|一定(?:能|会|可以)|肯定(?:能|会|可以)|绝对|免费|免(?:年费|息|手续费|运|押金|收)|不收|不需要?(?:任何)?(?:费用|年费|手续费)|没有(?:任何)?(?:费用|年费|手续费|利息|风险|限制)|退款|赔|补偿|优惠|折扣|打.{0,2}折|[折减]|半价|对半|一半|双倍|[两几]倍|不[要用花收](?:任何)?(?:钱|费)|不用[付交]|白送|免单|便宜|特价|促销|红包|中奖|抽奖|礼品|礼物|返现|赠|奖励|送您?|最低|最高|最好|无限|永久|终身|批准|通过审核|立即|马上|包含|享受|您(?:可以|会|将|能)(?:得到|获得|拿到|领取|享受|享有)|我们(?:会|将|可以|能|来)|我(?:会|将|可以)(?:帮|给|为)|到账|送达|发货|有资格/,
};
/** Never said, whatever the facts. */
const FORBIDDEN: Record<SlotLanguage, RegExp> = {
  en: /\bi(?:'m| am)\b[^.?!]{0,40}\b(?:human|real person)\b|\b(?:i(?:'m| am) (?:a |an )?(?:human|real|person|not (?:a |an )?(?:robot|bot|machine|ai|computer))|as an ai(?: language)? model|language model|system prompt|my (?:instructions|prompt|guidelines|rules)|ignore (?:all|the|my|previous|any)|developer mode|i was (?:told|instructed|programmed)|openai|chatgpt)\b/i,
  zh: /我是(?:真人|人类|一个人)|我不是(?:机器人|机器|人工智能|AI)|作为(?:一个)?(?:AI|人工智能|语言)|语言模型|系统提示|我的(?:指令|提示词|规则)|忽略(?:之前|以上|所有)|开发者模式/i,
};
/** "Yes, that is right": agrees to whatever was asked, of which the facts may say nothing. */
const AGREES: Record<SlotLanguage, RegExp> = {
  en: /\b(?:yes|yeah|yep|correct|indeed|absolutely|definitely|certainly|of course|exactly|for sure)\b|\b(?:that|it)(?:'s| is) (?:right|true|so|the case)\b|\byou(?:'re| are) right\b/i,
  zh: /^(?:是的?|对的?|没错|当然|确实|可以的?|没问题|正确|一点没错)(?:$|[，。！,.!])|您说得对|是这样的|确实如此/,
};
/** An explicit quotation of the caller; "as you said" makes it a statement of ours. */
const QUOTES: Record<SlotLanguage, RegExp> = {
  en: /(?<!\b(?:as|like|what|exactly|just|than) )\b(?:you (?:just |have |had )?(?:said|say|mentioned|told (?:me|us)|asked)|did you (?:say|mention|ask))\b/i,
  zh: /(?<![如像照按同就是])您(?:刚才|刚刚|之前)?(?:说|提到|提过|告诉我|问)/,
};
const BEFORE_QUOTE: Record<SlotLanguage, RegExp> = { en: /^(?:(?:i see|i understand|i hear|thank you|thanks|so|well|sorry|oh)[,.]? )*$/i, zh: /^(?:(?:谢谢|明白了?|知道了?|那|嗯)[，,]?)*$/ };
const AFTER_QUOTE: Record<SlotLanguage, RegExp> = { en: /,? (?:i see|i understand|is that right|right|correct|thank you)[.?!,]*$/i, zh: /[，,](?:明白了?|知道了?|了解了?|是吗|对吗|对吧|谢谢)[。？?！!，,]*$/ };
/** Begins another statement behind it. */
const BESIDE_QUOTE: Record<SlotLanguage, RegExp> = {
  en: /[,;:] ?\p{L}|\b(?:and|so|which|that) (?:so )?(?:it|that|this|i|we|they|you) \w+[.!]*$|\b(?:and|so|which) (?:it|that|this|i|we|they|so|does|is|will)\b|\b(?:it|that|this|we|they|i) (?:is|does|did|do|will|can|has|have|was|are|comes|will be)(?: so| too)?[.!,]*$/iu,
  zh: /[，,；;。]\p{Script=Han}/u,
};
/** What a price, a debt or a deadline is told with: in a quotation it would still sound like one. */
const TELLS_A_PRICE: Record<SlotLanguage, RegExp> = {
  en: /\b(?:costs?|prices?|priced|fees?|charges?|charged|owe[ds]?|debts?|due|pay|paying|payable|deadline|until|by|before|within|rates?|interest|balance|refunds?|worth|expires?|limit|for free|off)\b/i,
  zh: /费(?!心)|价|欠|债|还款|还清|到期|截止|之前|以前|之内|以内|内(?!容)|利息|利率|余额|付|收|退|折|额度|只要/,
};
/** Asks what the caller would like: offers something that is only named. */
const OFFERS: Record<SlotLanguage, RegExp> = {
  en: /^(?:(?:and|so|now|then|or),? )?(?:(?:of|about) what would you like|would you (?:like|prefer|want)|do you (?:want|need|have|wish)|shall (?:i|we)|should i|may (?:i|we)|can i|could (?:i|you)|can you|how (?:may|can|else)|what (?:else|would|can|may|is your)|is there (?:anything|something)|anything else|(?:any|other) questions?)\b.*\?$/is,
  zh: /^(?:请问|那么?|还)?[您你]?(?:还|今天|方便)?(?:需要|想|要不要|愿意|方便|希望|有(?:什么|没有|哪)|是否(?:需要|想|方便)|哪|什么|怎么)[^是]*(?:吗|呢|么|[?？])[。?？]?$|^(?:还有什么|有什么)[^是]*[?？。]?$/,
};
/** Of these only such as offer to tell: "would you like to pay cash?" says that one may. */
const OFFERS_TO_TELL: Record<SlotLanguage, RegExp> = {
  en: /\b(?:hear|know|questions?|help|ask|tell|explain|repeat|else|more|information|details?|learn|talk|speak|do for you)\b|\blike one\?$/i,
  zh: /问|帮|了解|知道|听|介绍|说明|解释|讲|说|其他|别的|还有|还需要|信息|详细/,
};
/** The model can do nothing but tell: what it offers to do, or to let be done, it cannot. */
const OFFERS_DEED: Record<SlotLanguage, RegExp> = {
  en: /\b(?:me|us|(?:a|the|my|our) \w+) to (?!tell|explain|repeat|help|know|say|answer)\w+|\b(?:can|shall|may|should|could) (?:i|we) (?!help|tell|explain|ask|know|repeat|say|have your|do for|answer|be of)\w+|\b(?:we|i) (?:should|can|could|may|might)\b(?! (?:help|tell|explain|answer|do for))|\bto have (?:it|that|the|your) (?:\w+ ){0,3}\w+ed\b/i,
  zh: /我们?(?:现在|来|去)?(?:帮|给|替|为)[您你](?!介绍|解释|说明|讲|解答|回答|说|了解|的)|我们?(?:现在|来|去)(?!介绍|解释|说明|讲)|[帮给替为][您你](?!介绍|解释|说明|讲|解答|回答|说|了解|的|吗|[?？])|取消|[更修]改|改(?!进|善)|[换退]|订(?!单)|办理|预约(?!的)|安排|升级/,
};
/** Says what the talk is about, and nothing of it; what that is stands last. */
const ANNOUNCES: Record<SlotLanguage, readonly RegExp[]> = {
  en: [
    /^(?:(?:sure|okay|ok|well|all right|so|now),? )?(?:(?:let me|i(?:'d| would) (?:like|love|be (?:glad|happy)) to|i(?:'ll| will| can)|i(?:'m| am) (?:glad|happy|here) to) (?:tell|explain|inform|talk|speak)(?: to| with)?(?: you)?(?: more| a bit| a little| something)?|i (?:understand|see|have|hear) your (?:question|interest|concern|request)s?|(?:thank you|thanks) for (?:your (?:question|interest|call)|asking|calling)|you(?:'re| are| were| have)? ?ask(?:ed|ing)?) (?:about|regarding|concerning|in|with)\b([^,.;:!]*)[.,!]?$/i,
    /^(?:regarding|about|as for|concerning)\b([^,.;:!]*),?$/i,
  ],
  zh: [/^(?:好的[，,]?)?(?:让我|我来|下面)(?:给|为|向|跟)?[您你]?(?:介绍|说明|解释|讲|说)(?:一下)?([^，,]{0,16})[，。,.]?$/, /^(?:关于|感谢您?(?:对|的)|谢谢您?(?:对|的)|[您你](?:刚才)?问的是)([^，,]{0,16})[，。,.]?$/],
};
const TELLS: Record<SlotLanguage, RegExp> = {
  en: /\b(?:is|are|was|were|has|have|had|will|would|can|may|costs?|comes?|gets?|works?|depends?|needs?|it|that|which|who|we|no|not|never|without)\b|'(?:s|re|ll|ve|d)\b/i,
  zh: /[是免不没无有会能可收付送需要取等到]/,
};
const LEAD_IN: Record<SlotLanguage, RegExp> = {
  en: /^(?:(?:well|so|okay|ok|sure|all right|i see|right|no|thank you|thanks|sorry|good question|great question|please note(?: that)?|i can tell you(?: that)?|let me tell you(?: that)?)(?:[,.!:]| that\b|(?<=that|you|note))\s+)+/i,
  zh: /^(?:(?:好的?|嗯|那|那么|不|谢谢|请注意|好问题|这是个好问题|我明白|明白|我可以告诉您)[，,。:：]\s*)+/,
};

export function agrees(clause: string, language: SlotLanguage): boolean {
  return AGREES[language].test(clause.trim());
}

export function isPromise(clause: string, language: SlotLanguage): boolean {
  return PROMISE[language].test(clause);
}

export function isForbidden(clause: string, language: SlotLanguage): string | undefined {
  return FORBIDDEN[language].exec(clause)?.[0];
}

/** "You said ten dollars, and so it is": more than the quotation is said. */
export function goesOn(clause: string, language: SlotLanguage): boolean {
  const from = quoteIn(clause, language);
  if (from === undefined) return true;
  return !BEFORE_QUOTE[language].test(clause.slice(0, from)) || BESIDE_QUOTE[language].test(clause.slice(from).replace(AFTER_QUOTE[language], ''));
}

/** Where a clause begins to quote the caller. */
export function quoteIn(clause: string, language: SlotLanguage): number | undefined {
  return QUOTES[language].exec(clause)?.index;
}

export function tellsAPrice(clause: string, language: SlotLanguage): boolean {
  return TELLS_A_PRICE[language].test(clause);
}

/** An offer, an announcement: states nothing, whatever it names. */
export function statesNothing(clause: string, language: SlotLanguage): boolean {
  // "Anything else I can help you with?" offers to listen.
  if (OFFERS[language].test(clause) && !OFFERS_TO_TELL[language].test(clause)) return false;
  if (OFFERS[language].test(clause) && OFFERS_DEED[language].test(clause)) return false;
  if (OFFERS[language].test(clause)) return !isPromise(clause.replace(/\b(?:i|we) can (?:help|do)\b/i, ''), language);
  const what = ANNOUNCES[language].map((pattern) => pattern.exec(clause)?.[1]).find((found) => found !== undefined);
  return what !== undefined && !TELLS[language].test(what) && !isPromise(what, language);
}

/** "Well, ...", "please note that ...": what follows is what is said. */
export function withoutLeadIn(clause: string, language: SlotLanguage): string {
  const rest = clause.replace(LEAD_IN[language], '');
  return /[\p{L}\p{N}]/u.test(rest) ? rest : clause;
}
