import { normalise } from '../nlu/normalise.js';
import type { SlotLanguage } from '../slots/slot-type.js';

/** Label of it in the library. */
export const WRONG_NUMBER = 'wrong_number';

const SAID: Readonly<Record<SlotLanguage, readonly RegExp[]>> = {
  en: [
    /\bwrong (?:number|person|party|house|household|family|place|name|guy|man|woman|lady|bloke|customer)\b|\b(?:mis ?dial+ed|dial+ed wrong|mixed up|mistaken me|crossed)\b/,
    /\b(?:nobody|no one|no such|not anyone|not anybody|anyone|anybody)(?: \w+){0,2} (?:person|called|named|by (?:that|this) name|of (?:that|this) name|with that name)\b|\b(?:there is )?no (?!one\b)\w+(?: \w+)? (?:here|lives here|at this number|in this house)\b|\bnot (?:his|hers|theirs)(?= *$)|\bdo not know any(?:one|body)?\b/,
    /\b(?:i am|that is|it is|this is) (?:not|somebody else|someone else|another)\b|\bnot (?:his|her|their|that persons?|\w+s) (?:number|phone|line|mobile)\b|\b(?:looking for|thinking of|want|reached) (?:somebody|someone) else\b/,
    /\b(?:do not|never) (?:know|heard of|go by) (?:him|her|them|that person|this person|that name|who that is)(?= *$| (?:i|you|sorry|please)\b)/,
    /\b(?:he|she|they|who)(?: \w+){0,2} (?:moved|passed|died|dead|deceased|gone|left)\b|\b(?:does not|do not|has not|have not|never)(?: \w+)? (?:live|lived|work|worked) (?:here|at this address)\b/,
    /\b(?:my number now|number used to be|got this number|took over this number|number belongs to)\b/,
  ],
  zh: [
    /(?:打|拨|找|认|按)错|(?:搞|弄|记)(?:错|混)(?=了?(?:$|吧|人|号|电话))|错号|号码?(?:不对|错)|(?:没有?|查无|无)(?:这|此)个?人|(?:没有|不)(?:叫|姓)/u,
    /不是(?:我|本人|机主|(?:他|她|这个人|这人|那个人)(?:的|$|了|啊))|不认识(?:他|她|这个人|这人|(?:什么)?你(?:们)?(?:说|找)的|什么|$)|你(?:们)?(?:要|说|找)+的(?:那个?)?(?:人|不是)/u,
    /(?<!我)(?:已经)?搬(?:走|家)|去世|过世|离职|调走|不在(?:了|这|那)|换(?:号|主|人)|(?:新|刚|去年).{0,3}(?:换|买|办)的?|不用这个?号/u,
  ],
};

/** In words that say it, beside a score that does: "you have the wrong number", "she has moved". */
export function saysWrongNumber(text: string, language: SlotLanguage): boolean {
  const plain = language === 'zh' ? text.normalize('NFKC').replace(/[^\p{L}\p{N}]+/gu, '') : normalise(text);
  return SAID[language].some((form) => form.test(plain));
}
