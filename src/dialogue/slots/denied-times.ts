import type { SlotLanguage } from './slot-type.js';
import { MONTH, WEEKDAYS } from './small-numbers-en.js';
import { figuresOfTime } from './spelled-time.js';

const HOUR_EN = '(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\\d{1,2}(?::\\d{2})?)(?: ?[ap]\\.?m\\.?| o\'?clock)?';
const PART_EN = '(?:mornings?|afternoons?|evenings?|nights?|noon)';
const DAY_EN = `(?:(?:${WEEKDAYS.join('|')})s?|tomorrow|today|tonight|(?:the )?weekends?|(?:the )?\\d{1,2}(?:st|nd|rd|th)(?: of ${MONTH}| of (?:next|this|the) month)?|${MONTH} (?:the )?[\\w-]+)`;
/** A day, an hour, or a day and an hour. */
const TIME_EN = `(?:(?:this|next|early|late)\\s+)*(?:${DAY_EN}(?:\\s+${PART_EN})?(?:\\s+at\\s+${HOUR_EN})?|${PART_EN}|${HOUR_EN})(?:\\s+(?:or|and)\\s+${DAY_EN})?\\b`;
const AUXILIARY_EN = "(?:not|can't|cannot|can not|couldn't|won't|don't)";
/** What may stand between "can't" and the time; "not until" and "don't call before" say when it is possible. */
const BETWEEN_EN = '(?:(?:do|make|come|manage|be|have|time|want|like|take|free|available|here|home|there|it|to|in|on|at|for|the|really|any ?time)\\s+)*';
const PLACE_EN = '(?:(?:on|at|in|the)\\s+)*';
const DENIED_EN: readonly RegExp[] = [
  new RegExp(`(?<!\\b(?:why|if)\\s+)\\b${AUXILIARY_EN}\\s+${BETWEEN_EN}${TIME_EN}`, 'gi'),
  new RegExp(`(?<!\\b(?:why|if)\\s+)\\b(?:don't|do not|never)\\s+(?:please\\s+)?(?:call|ring|phone|come|deliver|try)\\s+(?:(?:me|us|back|again|here)\\s+)*${PLACE_EN}${TIME_EN}`, 'gi'),
  // "Not after five" is no time, while "not before five" is one.
  new RegExp(`(?<!\\b(?:why|if)\\s+)\\b(?:${AUXILIARY_EN}|do not|never)\\s+(?:please\\s+)?(?:(?:call|ring|phone|come|deliver|try)\\s+(?:(?:me|us|back|again|here)\\s+)*)?${BETWEEN_EN}(?:after|past)\\s+${PLACE_EN}${TIME_EN}`, 'gi'),
  new RegExp(`\\b(?:(?:better|easier|nicer|more convenient|preferable)(?: for me| for us)? (?:than|to)|(?<=\\bprefer\\b[^,.;!?]{1,40})\\bover)\\s+${PLACE_EN}${TIME_EN}`, 'gi'),
  new RegExp(`(?<=\\bprefer\\s[^,.;!?]{1,40})\\bto\\s+(?:on\\s+)?(?:(?:this|next)\\s+)?${DAY_EN}`, 'gi'),
  new RegExp(`${PLACE_EN}\\b${TIME_EN}(?:'s| is| are| would be)?\\s+(?:worse|harder|less convenient)(?: for me| for us)? than\\b`, 'gi'),
  new RegExp(`\\b(?:rather than|instead of|except(?: for)?|other than|anything but|any (?:day|time) but)\\s+${PLACE_EN}${TIME_EN}`, 'gi'),
  new RegExp(`\\b(?:on |at |in the )?${TIME_EN}(?:\\s+(?:really|probably|unfortunately|sorry|that|it|also))*(?:'s| is| are)?\\s+(?:(?:doesn't|does not|don't|do not|won't|will not|wouldn't|isn't|is not|aren't|not)\\s+(?:really\\s+|going to\\s+|be\\s+)?(?:work|do|suit|possible|good|great|convenient|ideal|an option)(?:\\s+for me|\\s+me)?|(?:bad|out|no good|impossible|difficult|full)|(?:i'm|i am|we're|we are)\\s+(?:busy|away|booked|not\\s+(?:free|available|in|here|home|around|there))|(?:i|we)\\s+(?:can't|cannot|can not|couldn't|won't be able to)(?!\\s+(?:wait|do before|hear|remember|talk|speak|tell|say|now)\\b))\\b`, 'gi'),
];
/** What ends then, or is full then: "I'm busy until three", "I have a meeting at four". */
const TAKEN_EN: readonly RegExp[] = [
  new RegExp(`\\b(?:until|till|til)\\s+(?:at\\s+|about\\s+|around\\s+)*${TIME_EN}`, 'gi'),
  new RegExp(`\\b(?:busy|working|work|driving|away|booked|meetings?|appointments?|tied up|at work)\\s+(?:(?:on|at|in|the|all|day|whole|from|every)\\s+)*(?<!\\bnow\\s+)${TIME_EN}`, 'gi'),
];

const NUMERAL_ZH = '[0-9零〇一二两三四五六七八九十]{1,8}';
const PART_ZH = '(?:凌晨|早上|上午|中午|下午|傍晚|晚上|夜里)';
const DAY_ZH = `(?:大后天|明后[两二]?天|今明[两二]?天|后天|明天|今天|今晚|明晚|明早|(?:上|这|本|下下|下)?个?(?:周|星期|礼拜)[一二三四五六日天末]|(?:${NUMERAL_ZH}月)?${NUMERAL_ZH}[号日])`;
const CLOCK_ZH = `${NUMERAL_ZH}[点時时](?:半|一刻|三刻|${NUMERAL_ZH}分?)?`;
const TIME_ZH = `(?:${DAY_ZH}的?(?:${PART_ZH})?(?:${CLOCK_ZH})?|${PART_ZH}(?:${CLOCK_ZH})?|${CLOCK_ZH})`;
const BUSY_ZH = '(?:没空|没时间|没法|有事|有约|有会|开会|出差|上班|上课|不在|太忙|很忙|忙(?!完))';
const DENIED_ZH: readonly RegExp[] = [
  // 能不能明天 and 不能明天吗 ask for it.
  new RegExp(`(?<![能要是想可特个])(?:不要|不是|不想|不选|不能|没法|别)(?:再|在|约|改到?|安排|定|选|是)*${TIME_ZH}(?![^，,。！!]*[吗么？?])`, 'gu'),
  new RegExp(`除了${TIME_ZH}(?:以外|之外)?|${TIME_ZH}(?:以外|之外|除外)`, 'gu'),
  new RegExp(`比${TIME_ZH}(?:的话)?(?:更|要|还|会)*(?:好|方便|合适|行)|${TIME_ZH}(?:没有|不如|没)(?=${TIME_ZH})`, 'gu'),
  new RegExp(`${TIME_ZH}(?:以前|以后|之前|之后)?(?:就|都|也|请|你们?|千万)*(?:别|不要|不用)(?:再|给我)*(?:打|来|送|联系|过来)`, 'gu'),
  // 三点以前不行 says when it is possible.
  new RegExp(`${TIME_ZH}(?:以后|之后)?(?:的话|我们?|那天|可能|恐怕|实在|真的|都|也|就|是|会|要|正好|[，,](?=我|那天|恐怕))*(?:不行|不可以|不方便|不太方便|不合适|不太合适|不太行|不好(?!意思)|去不了|来不了|排满|不得空|抽不开身|${BUSY_ZH})(?![^，,。！!]*[吗么？?])`, 'gu'),
];
const TAKEN_ZH: readonly RegExp[] = [
  new RegExp(`(?:${BUSY_ZH}|开|忙)(?:要|得|会)?(?:开|忙|上)?到${TIME_ZH}`, 'gu'),
  new RegExp(`${TIME_ZH}(?:以前|之前)(?:我|都|也|在|要|一直|得)*`, 'gu'),
];
const DENIED: Record<SlotLanguage, readonly RegExp[]> = { en: DENIED_EN, zh: DENIED_ZH };
const TAKEN: Record<SlotLanguage, readonly RegExp[]> = { en: TAKEN_EN, zh: TAKEN_ZH };

/**
 * "I can't do Thursday, how about Friday", 周四不行，周五吧: without the times that are
 * refused. English comes back with the figures of its days and hours.
 */
export function withoutDenied(text: string, language: SlotLanguage): string {
  return without(DENIED[language], language === 'en' ? figuresOfTime(text) : text);
}

/** The same, also without the times at which something ends, or keeps the caller busy. */
export function withoutTaken(text: string, language: SlotLanguage): string {
  return without(TAKEN[language], withoutDenied(text, language));
}

function without(patterns: readonly RegExp[], text: string): string {
  return patterns.reduce((left, pattern) => left.replace(pattern, ' '), text);
}
