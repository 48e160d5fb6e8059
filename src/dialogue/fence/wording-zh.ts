import { claimsOf } from './claims.js';
import type { Claim } from './claims.js';

/**
 * A Chinese sentence as a row of characters, made alike whatever way it is put: each
 * figure or day one of them (`#60_CNY`), 没有年费 as 免年费, without what says nothing
 * (的, 会, 就, 您的 before a thing of the caller's). 可以 is kept as `可`, wherever it
 * stands: see `plain`. Every other character stays where it is.
 */
const PLAIN: readonly (readonly [RegExp, string])[] = [
  [/[今明][早晨]/g, '$&上'],
  [/([今明昨])晚(?!上)/g, '$1天晚上'],
  [/([今明])(?:早|晨)上/g, '$1天早上'],
  [/([今明昨])[日儿]/g, '$1天'],
  [/第一年/g, '首年'],
  [/的话/g, ''],
  [/每个(?=[月周年天])/g, '每'],
  [/请您/g, '请'],
  [/带上/g, '带'],
  [/以(?=[后前内])/g, '之'],
  [/(?:没有|不用[支交]?付?|不收取?|无需?|不需?要?[支交]?付|不要|不花|免收|免除|减免|零)(?:任何)?((?:年|手续|运)?费|利息|押金|费用|钱|息)(?!用|率)/g, '免$1'],
  [/免费用|免钱|白送|免单/g, '免费'],
  [/有免费/g, '可以免费'],
  [/[送寄]到(?=[^#]|$)|寄达/g, '送达'],
  [/不可以/g, '不能'],
  [/(?:能|可)否/g, '是否'],
  [/可以|(?<![不可功])能(?![力否])够?/g, '可'],
  [/(?<!不)会(?![员议])/g, ''],
  [/不会/g, '不'],
  // Before what a sentence or a part of it is about; 您的楼 is not ours.
  [/(?<=^|[，,；;]|取决于|根据)[您你]的(?!楼|店|门|网点|诊所|公司|办公|银行|酒店|面包|我们)/g, ''],
  // 没人收的快递 is not 没人收快递.
  [/(?<![收过吃发退送看交付买您你我])的/g, ''],
  // What the caller pays is what we charge; what we pay is not.
  [/[您你](?=每[年月周天](?:要|需要?)?[支交]?付)/g, ''],
  [/(?<!还|或|要|就|若|如|都|只|既)是(?=[免不没])/g, ''],
];
/** What a price, a day or a place is told with. */
const BEFORE_FIGURE = /(?:在|于)$/;
const BEFORE_SHARE = /(?<=.)(?<!还|或|就|不)(?:是|为)$/;
const BEFORE_PRICE = /(?<![加返退免不没还再增欠赔补先预少多满现们他她])(?:费用|金额)?(?:是|为|(?:要|需要?)?(?:收取?|支?付|缴纳?|交)?)$/;
const AMOUNT = /^[\d.]+ (?:[A-Z]{3}|jiao)$/;

/** The characters of a sentence, with commas. */
export function wordsIn(sentence: string): string[] {
  let text = sentence.normalize('NFKC').replaceAll('#', '').trim();
  for (const [from, to] of PLAIN) text = text.replace(from, to);
  const claims = claimsOf(text, 'zh');
  const words: string[] = [];
  let at = 0;
  for (let index = 0; index < claims.length; index++) {
    const claim = claims[index];
    if (claim === undefined || claim.from < at) continue;
    const next = claims[index + 1];
    const isRange = next !== undefined && claim.what === 'date' && next.what === 'date' && /^\s*[到至~-]\s*$/.test(text.slice(claim.to, next.from));
    let before = text.slice(at, claim.from).replace(BEFORE_FIGURE, '');
    before = AMOUNT.test(claim.key) ? before.replace(BEFORE_PRICE, '') : before.replace(BEFORE_SHARE, '');
    words.push(...charactersOf(before), `#${isRange ? `${nameOf(claim)}>${nameOf(next)}` : nameOf(claim)}`);
    at = isRange ? next.to + (text.startsWith('之间', next.to) ? 2 : 0) : claim.to;
    if (isRange) index++;
  }
  words.push(...charactersOf(text.slice(at)));
  // 就 before a figure says "only".
  return words.filter((word, index) => word !== '就' || words[index + 1]?.startsWith('#') === true);
}

function charactersOf(text: string): string[] {
  return text.replace(/之(?=[后前内])/g, '').match(/[\p{Script=Han}\p{N}a-z，,；;、]/giu) ?? [];
}

function nameOf({ key, noun }: Claim): string {
  return `${key}${noun === undefined ? '' : ` ${noun}`}`.replace(/ /g, '_');
}

/**
 * Without marks. Where 可以 stands does not matter, but that it does: what one may do is
 * not what is done. 您 before 可以 addresses the caller.
 */
export function plain(words: readonly string[]): string {
  const row = words.filter((word) => !/^[，,；;、]$/.test(word));
  const first = row[0] === '您' && /^(?:可|提|在)/.test(row[1] ?? '') && row.includes('可') ? row.slice(1) : row;
  const bare = first.filter((word) => word !== '可');
  return `${(bare[0] === '在' ? bare.slice(1) : bare).join(' ')}${row.includes('可') ? MAY : ''}`;
}

export const MAY = ' (可)';

export function formsOf(words: readonly string[]): Set<string> {
  return new Set([plain(words)]);
}
