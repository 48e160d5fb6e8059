import type { SlotLanguage } from '../slots/slot-type.js';

/**
 * Sentences that bind the company: "we will waive", "you get", "it is free", 保证, 免费.
 * They pass only as the near restatement of one fact, with that fact's conditions and
 * its yes or no.
 */
const PROMISE: Record<SlotLanguage, RegExp> = {
  en: /\b(?:(?:we|i|they|the bank|our team|someone|somebody|an agent)(?:'ll| will| can| shall| are going to| am going to| promise| guarantee| offer| provide| waive| refund| cover| pay| give| cancel| approve| deliver| send| call| arrange)|you(?:'ll| will| can| get| receive| earn| save| qualify| are eligible| are approved|'re approved|'re eligible| have been| won)|guaranteed?|promised?|free|waived?|refund(?:ed|able|s)?|discount(?:s|ed)?|bonus|cash ?back|no (?:\w+ ){0,2}(?:fees?|charges?|costs?|interest|risk|penalt\w+|obligation|commitment|deposit|contract|limits?)|without (?:any )?(?:\w+ )?(?:fees?|charges?|costs?|interest|risk)|there (?:is|are) no|no need|not required|(?:do not|don't|does not|doesn't) (?:need|have to|cost|require)|unlimited|lowest|best|never|always|approved|instant(?:ly)?|immediate(?:ly)?|includes?|comes with|entitled|insured|covers?|delivered?|arrives?|shipped|ready|cheaper)\b/i,
  zh: /保证|承诺|一定(?:能|会|可以)|肯定(?:能|会|可以)|绝对|免费|免(?:年费|息|手续费|押金|收)|不收|不需要?(?:任何)?(?:费用|年费|手续费)|没有(?:任何)?(?:费用|年费|手续费|利息|风险|限制)|退款|赔|补偿|优惠|折扣|打.折|返现|赠送|奖励|送您?|最低|最高|最好|无限|永久|终身|批准|通过审核|立即|马上|包含|享受|您(?:可以|会|将|能)(?:得到|获得|拿到|领取|享受|享有)|我们(?:会|将|可以|能|来)|我(?:会|将|可以)(?:帮|给|为)|到账|送达|发货|有资格/,
};
/** Never said, whatever the facts. */
const FORBIDDEN: Record<SlotLanguage, RegExp> = {
  en: /\bi(?:'m| am)\b[^.?!]{0,40}\b(?:human|real person)\b|\b(?:i(?:'m| am) (?:a |an )?(?:human|real|person|not (?:a |an )?(?:robot|bot|machine|ai|computer))|as an ai(?: language)? model|language model|system prompt|my (?:instructions|prompt|guidelines|rules)|ignore (?:all|the|my|previous|any)|developer mode|i was (?:told|instructed|programmed)|openai|chatgpt)\b/i,
  zh: /我是(?:真人|人类|一个人)|我不是(?:机器人|机器|人工智能|AI)|作为(?:一个)?(?:AI|人工智能|语言)|语言模型|系统提示|我的(?:指令|提示词|规则)|忽略(?:之前|以上|所有)|开发者模式/i,
};
const NEGATION: Record<SlotLanguage, RegExp> = {
  en: /\b(?:no|not|never|without|n't|cannot|neither|nor|none|free|waived?)\b|n't\b/i,
  zh: /不|没|无|免|未|别|非/,
};
/** What makes a fact hold only sometimes: leaving it out makes it a lie. */
const CONDITION: Record<SlotLanguage, RegExp> = {
  en: /\b(?:if|only|unless|until|up to|at least|at most|subject to|depend(?:s|ing)?|provided|first|within|from|after|before|may|might|can be|usually|some|selected|except|starting|minimum|maximum|over|under)\b/gi,
  zh: /如果|只有|仅|除非|直到|最多|至少|取决于|视.{0,6}而定|首年|第一年|首月|以内|之内|之后|之前|可能|通常|部分|除外|起|以上|以下|需|须|满/g,
};
const STOP = new Set('a an the is are was be been it its this that these those there and or of to in on for with at by as so you your we our i my me us will would can could do does did have has had get gets if then just also very really well yes sure okay please'.split(' '));

/** "Yes, that is right": agrees to whatever was asked, of which the facts may say nothing. */
const AGREES: Record<SlotLanguage, RegExp> = {
  en: /\b(?:yes|yeah|yep|correct|indeed|absolutely|definitely|certainly|of course|exactly|for sure)\b|\b(?:that|it)(?:'s| is) (?:right|true|so|the case)\b|\byou(?:'re| are) right\b/i,
  zh: /^(?:是的?|对的?|没错|当然|确实|可以的?|没问题|正确|一点没错)(?:$|[，。！,.!])|您说得对|是这样的|确实如此/,
};
/** Words of courtesy say nothing that could be wrong. */
const COURTESY: Record<SlotLanguage, RegExp> = {
  en: /^(?:sorry|apolog|thank|welcome|moment|minute|second|question|help|tell|let|hear|know|glad|happy|understand|see|good|great|right|fine|nice|ask|anyth|anything|someth|else|more|like|want|say|said|speak|talk|look|hello|hi|hey|goodbye|bye|day|way|here|now|still|about|any|may|might|confus|inconvenienc|much|need|sur|all|not|no|cannot|can|what|which|when|where|who|how|why|if|then|too|just|one|wait|call|colleagu|person|mr|mrs|ms)$/,
  zh: /谢谢|感谢|不好意思|抱歉|对不起|请稍等|稍等|请问|您好|你好|好的|明白了?|了解|知道了?|还有什么|有什么|可以帮|帮您|需要|问题|再见|请|告诉|介绍|一下|关于|想|说|听|没关系|不客气|希望|好问题|先生|女士/g,
};
/** Figures and days are judged as claims. */
const FIGURES: Record<SlotLanguage, RegExp> = {
  en: /[$€£]?\d[\d.,:]*(?:st|nd|rd|th|[ap]m)?|\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|point|percent|dollars?|euros?|pounds?|cents?|january|february|april|june|july|august|september|october|november|december|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|tomorrow|today|tonight|yesterday)\b/gi,
  zh: /[\d.]+|[零一二两三四五六七八九十百千万点半]+|百分之|[元块号月日天点]|周[一-日]|星期.|上午|下午|明天|今天|后天/g,
};
/** This much of a statement must be words of the facts, the values or the caller. */
const FOUNDED: Record<SlotLanguage, number> = { en: 0.65, zh: 0.5 };
/** Fewer words are too few to judge by. */
const FEW: Record<SlotLanguage, number> = { en: 1, zh: 4 };

export function agrees(clause: string, language: SlotLanguage): boolean {
  return AGREES[language].test(clause.trim());
}

/** A statement whose words come from nowhere: nonsense, or a fact that nobody gave. */
export function isUnfounded(clause: string, texts: readonly string[], language: SlotLanguage): boolean {
  const words = contentWords(language === 'zh' ? clause.replace(COURTESY.zh, '').replace(FIGURES.zh, '') : clause.replace(FIGURES.en, ''), language).filter((word) => language === 'zh' || (!COURTESY.en.test(word)));
  if (words.length < FEW[language]) return false;
  const known = new Set(texts.flatMap((text) => [text, text.replace(FIGURES[language], '')]).flatMap((text) => contentWords(text, language)));
  return words.filter((word) => known.has(word)).length / words.length < FOUNDED[language];
}

/** Shares of a clause that are the caller's words, and of clauses how long: a small model without an answer gives the question back. */
const PARROTED = { en: { share: 0.75, words: 4 }, zh: { share: 0.6, words: 5 } } as const;

/** Most of it is what the caller said and `founding` does not. */
export function isParroted(clause: string, callerWords: readonly string[], founding: readonly string[], language: SlotLanguage): boolean {
  const words = contentWords(clause, language);
  if (words.length < PARROTED[language].words) return false;
  const ours = new Set(founding.flatMap((text) => contentWords(text, language)));
  const theirs = new Set(callerWords.flatMap((text) => contentWords(text, language)));
  return words.filter((word) => theirs.has(word) && !ours.has(word)).length / words.length >= PARROTED[language].share;
}

export function isPromise(clause: string, language: SlotLanguage): boolean {
  return PROMISE[language].test(clause);
}

export function isForbidden(clause: string, language: SlotLanguage): string | undefined {
  return FORBIDDEN[language].exec(clause)?.[0];
}

/** Some fact says nearly the same, with the same conditions and the same yes or no. */
export function isBacked(clause: string, facts: readonly string[], language: SlotLanguage): boolean {
  const words = contentWords(clause, language);
  if (words.length === 0) return false;
  return facts.some((fact) => [fact, ...sentencesOf(fact)].some((sentence) => restates(words, clause, sentence, language)));
}

function restates(words: readonly string[], clause: string, sentence: string, language: SlotLanguage): boolean {
  const said = new Set(contentWords(sentence, language));
  const shared = words.filter((word) => said.has(word)).length / words.length;
  if (shared < (language === 'zh' ? 0.6 : 0.65)) return false;
  if (NEGATION[language].test(clause) !== NEGATION[language].test(sentence)) return false;
  const conditions = sentence.match(CONDITION[language]) ?? [];
  return conditions.every((condition) => clause.toLowerCase().includes(condition.toLowerCase()));
}

export function sentencesOf(text: string): string[] {
  // 之后 begins a statement of its own; any other comma may part a condition from what hangs on it.
  return text.split(/(?<=[.!?])\s+|(?<=[。！？；;])\s*|[，,](?=之后|此后|另外|同时)/).filter((sentence) => /[\p{L}\p{N}]/u.test(sentence));
}

/** English: stems without stop words. Chinese: pairs of characters. */
function contentWords(text: string, language: SlotLanguage): string[] {
  if (language === 'zh') {
    const characters = [...text.replace(/[^\p{Script=Han}\p{N}a-z]/giu, '').replace(/[的了呢吧啊您你我们是会将可以能]/g, '')];
    return characters.slice(1).map((character, index) => `${characters[index] ?? ''}${character}`);
  }
  return (text.toLowerCase().replace(/'(?:ll|re|ve|s|m|d)\b/g, '').match(/[a-z]+|\d+/g) ?? []).filter((word) => !STOP.has(word)).map(stem);
}

function stem(word: string): string {
  return word.length <= 4 ? word.replace(/s$/, '') : word.replace(/(?:ies|ied)$/, 'y').replace(/(?:ing|ed|es|s|ly)$/, '').replace(/e$/, '');
}
