import type { SlotLanguage } from '../slots/slot-type.js';

/**
 * Names in a clause: in English words with a capital inside a sentence, in Chinese
 * what stands in quotes, Latin words, and what ends as companies, places and people
 * are called. Over-reading costs a scripted answer, under-reading an invented name.
 */
const CAPITAL_WORDS = new Set("I I'm I'll I've I'd OK Okay Yes No Mr Mrs Ms Dr AI PIN SMS TV UK US USA Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August September October November December English Chinese Mandarin".split(' '));
const ORGANISATION = /[\p{Script=Han}]{2,8}?(?:银行(?!卡)|公司|集团|保险|大学|医院|平台|基金|证券|法院|公安局|税务局)/gu;
/** Common words that end so and name nobody. */
const GENERAL = /^(?:我们|您的|你的|本|该|这家|那家|贵|其他|各|一家|哪家|任何|我行|您|你|这个|那个|是|在|给|和|与|去|到|的)*(?:银行|公司|集团|保险|大学|医院|平台|基金|证券|法院|公安局|税务局)$/u;
const PERSON = /(?<=^|[是叫找给和跟与，。、：\s])[赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹喻苏潘葛范彭郎鲁韦马苗方俞任袁柳鲍史唐费薛雷贺倪汤罗毕郝安常傅顾孟黄穆萧尹姚邵汪毛戴宋庞熊纪舒屈项祝董梁杜阮蓝季贾江童郭梅林钟徐邱骆高夏蔡田胡凌霍万柯管卢莫房解应丁宣邓洪包诸左石崔吉龚程邢裴陆翁荀段侯宁仇甘刘叶黎白赖乔谭申冉温庄瞿阎文向古易廖耿匡欧][\p{Script=Han}]{0,2}(?:先生|女士|小姐|经理|老师|医生)/gu;

export function namesIn(clause: string, language: SlotLanguage): string[] {
  if (language === 'zh') {
    const quoted = [...clause.matchAll(/[《「『“"]([^》」』”"]{1,30})[》」』”"]/g)].map((match) => match[1] ?? '');
    const latin = clause.match(/[A-Za-z][A-Za-z0-9-]{1,}/g) ?? [];
    const organisations = (clause.match(ORGANISATION) ?? []).filter((name) => !GENERAL.test(name));
    return [...quoted, ...latin, ...organisations, ...(clause.match(PERSON) ?? []).map((person) => person.replace(/(?:先生|女士|小姐|经理|老师|医生)$/u, ''))];
  }
  const names: string[] = [];
  // A sentence's first word has a capital anyway, but two in a row are a name.
  for (const match of clause.matchAll(/(?<![\p{L}'])\p{Lu}[\p{L}\d'’&-]*(?: (?:of |the )?\p{Lu}[\p{L}\d'’&-]*)*/gu)) {
    const words = match[0].split(' ').filter((word) => /^\p{Lu}/u.test(word));
    const starts = match.index === 0 || /[.!?:]\s*["']?$/.test(clause.slice(0, match.index));
    const named = words.filter((word, index) => !CAPITAL_WORDS.has(word.replace(/['’]s$/, '')) && !CAPITAL_WORDS.has(word.replace(/s$/, '')) && !(starts && index === 0));
    names.push(...named.map((word) => word.replace(/['’]s$/, '')));
  }
  return names;
}
