import { normalise } from '../nlu/normalise.js';
import { DOUBTFUL_ONE, LIKELY_ONE, beginsWithYes } from '../nlu/stand-ins.js';
import type { SlotLanguage } from '../slots/slot-type.js';

/** "This is she", 对，我就是他: the one who is asked for may be spoken of so. */
const ONESELF: Readonly<Record<SlotLanguage, RegExp>> = {
  en: /\b(?:(?:this|that|it) is|i am) (?:he|she|him)\b|\b(?:(?:this|that|it) is|i am|(?:speaking|talking) (?:with|to)|you (?:have )?(?:got|reached|found|are)) (?:her|him)(?=$| (?:speaking|here|now|yes|yeah|go|what|who|how|why|and|can|may|hello|hi|sir|madam|maam|please|thanks|thank|i|you|is|right)\b)/g,
  zh: /我?就?是[他她]本?人?(?=$|[，,。.！!？?、\s啊呀吧呢]|您说|你说)|[他她]就?是我(?=$|[，,。.！!？?、\s啊呀吧呢])/gu,
};
/** Who is somebody to the one who is asked for, or does something in the place of that one. */
const OTHERS: Readonly<Record<SlotLanguage, RegExp>> = {
  en: new RegExp(
    [
      /\b(?:he|she|him|her|hers|his|himself|herself|they|them|their)\b/,
      /\b(?:husband|wife|spouse|fiancee?|mum|mummy|mom|mommy|mam|mother|dad|daddy|father|son|daughter|brother|sister|sibling|parents?|aunt|auntie|uncle|cousin|nephew|niece|(?:step|grand)\w+|grandma|grandpa|granny|nana|partner|boyfriend|girlfriend|roommate|flatmate|housemate|room mate|flat mate|colleague|coworker|co worker|boss|friend|neighbou?r|secretary|carer|caregiver|caretaker|nurse|nanny|babysitter|housekeeper|landlord|landlady|tenant|lawyer|attorney|relatives?|household|residence|married)\b/,
      /\b(?:in law|on behalf|speaking for|(?:answer(?:ing)?|speak|take|taking) (?:\w+ )?(?:for|calls?|phone)|pass (?:it|this|that|on|along)|(?:a|the|any) message)\b/,
      /\bi am (?:an?|the) (?!one\b|same\b|right\b|person\b|man\b|woman\b|lady\b|bit\b|little\b|customer\b|owner\b|account\b)/,
    ]
      .map(({ source }) => source)
      .join('|'),
  ),
  zh: /(?<!其)[他她]|我(?:的)?[妈爸爷奶姥哥姐弟妹叔婶姑舅姨伯嫂公婆娘爹]|妈妈|爸爸|爷爷|奶奶|姥姥|外婆|外公|母亲|父亲|儿子|女儿|闺女|孩子|孙[子女]|侄|外甥|老公|老婆|爱人|丈夫|妻子|媳妇|家人|家里人|家属|亲戚|男朋友|女朋友|对象|室友|同事|同学|邻居|房东|房客|租客|保姆|护工|秘书|我是(?:朋友|先生|太太|老板|领导|司机|老师|助理)|一家|我们家|(?:帮|替|代)(?:着|忙)?(?:接|记|听|收|拿|转|问|看)|转告|转达|传达|捎话|带个?话|转交/u,
};
/** What may stand beside a yes and says of nobody that he is somebody else: courtesy, a question what it is about, "I am listening". */
const BESIDE: Readonly<Record<SlotLanguage, RegExp>> = {
  en: /\b(?:yes|yeah|sure|okay|certainly|absolutely|definitely|of course|indeed|exactly|correct|right|all|well|so|then|just|now|i|am|me|myself|in person|this|that|it|is|speaking|speak|here|listening|can|could|may|hear|you|are|were|have|got|reached|found|with|to|for|go|ahead|on|hello|hi|hey|good|fine|great|morning|afternoon|evening|day|thanks?|calling|call|called|please|sorry|sir|madam|maam|what|who|how|why|help|about|up|do|does|did|want|need|tell me|and|the|my name)\b/g,
  zh: /是的?|对的?|好的?|可以|行|没问题|嗯+|哎|诶|喂|没错|我叫(?= )|当然|正是|确实|我|就|本人|自己|在|听|呢|啊|呀|吧|哈|哦|噢|啦|了|的|嘛|吗|呃|咋|着|那个|这个|这边|这里|这儿|[您你]|请|讲|说|问|有|什么|啥|怎么|事儿?|情|找|哪|位|里|谁|姓|干嘛|贵姓|公司|一下|早上|上午|中午|下午|晚上|谢|多|麻烦|辛苦|打|电话|帮[您你]|需要|继续|直接/gu,
};
/** A clause that is said for oneself, whatever stands beside it: "yes, that's me, I was cooking". */
const MYSELF: Readonly<Record<SlotLanguage, RegExp>> = {
  en: /^(?:(?:yes|yeah|well|oh|no) )*(?:(?:(?:that|this|it) is )(?:me|he|she|him|her)(?: speaking)?|speaking|i am|you are (?:speaking|talking) (?:to|with) (?:him|her|me))$/,
  zh: /^(?:对|是的?|嗯+)?(?:我就?是|就?是我|我是本人|我就是本人)(?:本人)?(?:的|啊|呀)?$/u,
};

/** True if these words, as models know them, are of somebody beside the one who is asked for: "I'm her son", 她在洗澡. */
export function speaksOfOthers(taught: string, language: SlotLanguage): boolean {
  return OTHERS[language].test(plain(taught, language).replace(ONESELF[language], ' '));
}

/** True if it is open who speaks, or if it is somebody else: only the whole of what was said tells. */
export function leavesOpenWho(taught: string, language: SlotLanguage): boolean {
  return taught.includes(LIKELY_ONE) || taught.includes(DOUBTFUL_ONE) || speaksOfOthers(taught, language);
}

/**
 * True if a yes among other words is that of the one who is asked for: nothing else is
 * said but courtesy and the name, or somebody says "that's me". `names`: as models know the name.
 */
export function isYesOfOneself(taught: string, language: SlotLanguage, names: readonly string[]): boolean {
  const said = plain(taught, language);
  if (saysOneself(taught, language)) return true;
  const nameless = [...names, LIKELY_ONE].reduce((rest, name) => rest.replaceAll(language === 'zh' ? name : name.toLowerCase(), ' '), said.replace(ONESELF[language], ' '));
  return nameless.replace(BESIDE[language], ' ').replace(/[\s，,。.！!？?、；;]+/gu, '') === '';
}

/** "That's me", 我就是. */
export function saysOneself(text: string, language: SlotLanguage): boolean {
  return text.split(/[,.;!?，。；！？]+/u).some((clause) => MYSELF[language].test(plain(clause, language).trim()));
}

/** "Yes, this is Jane" for Ms Miller: what may be the name counts with a yes alone. */
export function isLikelyOneself(taught: string, language: SlotLanguage, names: readonly string[]): boolean {
  return taught.includes(LIKELY_ONE) && beginsWithYes(taught, language) && !speaksOfOthers(taught, language) && isYesOfOneself(taught, language, names);
}

function plain(text: string, language: SlotLanguage): string {
  return language === 'zh' ? text.normalize('NFKC').trim() : normalise(text);
}
