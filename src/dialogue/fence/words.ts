import type { SlotLanguage } from '../slots/slot-type.js';

/**
 * The words of a sentence, made alike whatever way it is put: contractions written
 * out, "no fee" and "costs nothing" as `free`, words that mean the same as one.
 */
const HOURS = 'one two three four five six seven eight nine ten eleven twelve'.split(' ');
const EN_PLAIN: readonly (readonly [RegExp, string | ((whole: string, ...groups: string[]) => string)])[] = [
  [/[’‘]/g, "'"],
  [/\bcan't\b|\bcannot\b/gi, 'can not'],
  [/\bwon't\b/gi, 'will not'],
  [/n't\b/gi, ' not'],
  [/\b(there|it|that|here)'s\b/gi, '$1 is'],
  [/'(?:s|ll|re|ve|m|d)\b/gi, ''],
  // "Six pm" and "6 pm" are one hour.
  [new RegExp(`\\b(${HOURS.join('|')})(?=\\s*(?:(?:to|and|until|till)\\s+(?:${HOURS.join('|')}|\\d+)\\s*)?(?:[ap]\\.?m\\b|o'?clock))`, 'gi'), (word) => figureOf(word)],
  // "Nine in the morning" is 9 am.
  [new RegExp(`\\b(${HOURS.join('|')}|\\d{1,2})(?: o'?clock)? (?:in the morning)\\b`, 'gi'), (_, hour) => `${figureOf(hour)} am`],
  [new RegExp(`\\b(${HOURS.join('|')}|\\d{1,2})(?: o'?clock)? (?:in the (?:afternoon|evening)|at night)\\b`, 'gi'), (_, hour) => `${figureOf(hour)} pm`],
  [/\bfeel free to\b/gi, 'please'],
  // "You need to bring it" asks for it.
  [/\byou (?:need to|have to|must)\b(?! not)/gi, 'you please'],
  [/\bnot (?:\w+ ){0,3}?(?:any|an?) ((?:\w+ ){0,2}?)(fees?|charges?|costs?|deposits?)\b/gi, 'free $1$2'],
  [/\b(?:no|without|zero)(?: any| an?)? ((?:\w+ ){0,2}?)(fees?|charges?|costs?|deposits?)\b/gi, 'free $1$2'],
  [/\bfree (?:charges?|costs?)\b/gi, 'free'],
  [/\b(?:costs?|pays?|paid|charged?) (?:you )?nothing\b|\bnot (?:cost|charge|pay)(?: you)? (?:anything|a thing|a cent)\b|\b(?:at )?free (?:of )?(?:charges?|costs?)\b(?! \w)|\bfor (?:nothing|free)\b|\bwaived?s?\b|\bcomplimentary\b|\bgratis\b|\bon the house\b/gi, 'free'],
  // A range is no condition: "from 9 to 6".
  [/\bfrom ([^,.;]{1,24}?) (?:to|until|till|through) /gi, '$1 to '],
  [/\bno more than\b/gi, 'at most'],
  // "The card gives you" and "with the card you get" say the same.
  [/\bgives? you\b/gi, 'you get'],
  [/\bevery (month|year|week|day)\b/gi, 'each $1'],
];
const ZH_PLAIN: readonly (readonly [RegExp, string])[] = [
  [/今早|今晨/g, '今天早上'],
  [/今晚|今夜/g, '今天晚上'],
  [/明早|明晨/g, '明天早上'],
  [/明晚/g, '明天晚上'],
  [/昨晚/g, '昨天晚上'],
  [/([今明昨])[日儿]/g, '$1天'],
  [/以后/g, '之后'],
  [/的话/g, ''],
  [/带上/g, '带'],
  [/以前/g, '之前'],
  [/以内/g, '之内'],
  [/(?:没有|不用[支交]?付?|不收取?|无需?|不需?要?[支交]?付|不要|不花|免收|免除|减免|零)(?:任何)?((?:年|手续|运)?费|利息|押金|费用|钱|息)(?!用|率)/g, '免$1'],
  [/[送寄]到(?=[^#]|$)|寄达/g, '送达'],
  [/白送|免单|免钱/g, '免费'],
  [/收取|支付|需付|要付|交付|缴纳|付|缴/g, '收'],
];

function figureOf(hour = ''): string {
  const index = HOURS.indexOf(hour.toLowerCase());
  return index < 0 ? hour : String(index + 1);
}

export function plainly(text: string, language: SlotLanguage): string {
  let plain = text.normalize('NFKC').trim();
  if (language === 'zh') for (const [from, to] of ZH_PLAIN) plain = plain.replace(from, to);
  else for (const [from, to] of EN_PLAIN) plain = plain.replace(from, to as string);
  return plain;
}

const STOP = new Set('a an the am is are they them their was be been it its this that these those there and or but while however of to in on for with at by as so you your yours we our ours i my me us will would can could do does did have has had if then just also very really well yes sure okay please one each per from'.split(' '));
const SAME = new Map(Object.entries({ annual: 'year', annually: 'year', yearly: 'year', monthly: 'month', weekly: 'week', daily: 'day', price: 'cost', charge: 'cost', pay: 'cost', paid: 'cost', receive: 'get', earn: 'get', got: 'get', arrival: 'come', arrive: 'come', came: 'come', delivery: 'deliver', sent: 'send', overseas: 'abroad' }));
const SAME_STEMS = new Map([...SAME].map(([word, same]) => [stem(word), same]));

/** English: stems without stop words. Chinese: pairs of characters. `#` stands for a figure and parts the words beside it. */
export function contentWords(text: string, language: SlotLanguage): string[] {
  if (language === 'zh') return runsOf(text).flatMap((run) => [...run].slice(1).map((character, index) => `${[...run][index] ?? ''}${character}`));
  return (text.toLowerCase().match(/[a-z]+|\d+/g) ?? []).filter((word) => !STOP.has(word)).map((word) => {
    const short = stem(word);
    return SAME.get(word) ?? SAME_STEMS.get(short) ?? short;
  });
}

/** The characters of a Chinese text that say something. */
export function characters(text: string): string[] {
  return runsOf(text).flatMap((run) => [...run]);
}

function runsOf(text: string): string[] {
  return text.split(/[#，。、；：！？,;:!?\s]+/).map((run) => run.replace(/[^\p{Script=Han}\p{N}a-z]/giu, '').replace(/可以|(?<![免费])(?:费用|价格|价钱|金额)|[的了呢吧啊吗您你们我是为会将能就那这个有在也请要之]/g, '')).filter((run) => run !== '');
}

function stem(word: string): string {
  if (word.length <= 4) return word.replace(/s$/, '');
  // "Comes" is "come", as that is too short to be cut.
  return word.replace(/(?:ies|ied)$/, 'y').replace(/(?:ing|ed|es|s|ly)$/, '').replace(/e$/, '').replace(/^[^aeiou][aeiou][^aeiouxyw]$/, '$&e');
}

/** Words of courtesy say nothing that could be wrong. */
const COURTESY_EN = /^(?:sorry|apolog|thank|welcome|moment|minute|second|question|help|tell|let|hear|know|glad|happy|understand|see|good|great|right|fine|nice|ask|anyth|anything|someth|other|else|more|like|want|say|said|speak|talk|look|hello|hi|hey|goodbye|bye|day|way|here|now|still|about|any|may|might|confus|inconvenienc|much|need|sur|all|not|no|can|what|which|when|where|who|how|why|too|wait|call|colleagu|person|mr|mrs|ms|afternoon|even|morn)$/;
const COURTESY_ZH = /谢谢|感谢|不好意思|抱歉|对不起|请稍等|稍等|请问|您好|你好|早上好|下午好|晚上好|好的|明白了?|了解|知道了?|还有什么|有什么|可以帮|帮您|需要|问题|再见|请|告诉|介绍|一下|关于|想|说|听|没关系|不客气|希望|好问题|是个好|一点|多|提到|提过|刚才|不(?:太)?(?:知道|清楚)|还有|其他|别的|先生|女士/g;
/** They say nothing within a statement, either. */
const FILLING = /^(?:ask|mention|told|sorry|thank|welcome|tell|know|glad|happy|see|good|great|right|fine|nice|say|said|hello|hi|about|roughly|around|approximately|total|sum|amount|mr|mrs|ms|made)$/;

/** Of these words, those that are more than courtesy; of a Chinese text its characters. */
export function beyondCourtesy(text: string, words: readonly string[], language: SlotLanguage): readonly string[] {
  return language === 'zh' ? characters(text.replace(COURTESY_ZH, '#')) : words.filter((word) => !COURTESY_EN.test(word));
}

export function withoutCourtesy(text: string): string {
  return text.replace(COURTESY_ZH, '#');
}

export function fills(word: string): boolean {
  return FILLING.test(word);
}
