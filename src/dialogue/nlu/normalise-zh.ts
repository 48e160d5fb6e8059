/** Sounds of hesitation and particles: they say nothing of what is meant unless they stand alone. */
const SOFT = /[啊呀哦噢喔呃额诶哎唉嘛呢吧啦喽哈嘞哇咯]/gu;
/** Openings without meaning. */
const OPENING = /^(?:那个|这个|就是说|就是|然后|那么|那)(?=.)/u;

/**
 * One form for what people say in Chinese and recognisers write: no punctuation and
 * spaces but those between Latin words, digits as one sign, particles gone where
 * something else is left. Simplified characters are expected.
 */
export function normaliseZh(text: string): string {
  const plain = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .replace(/\p{N}+/gu, '#')
    .replace(/(?<=\p{Script=Han}|#) (?=\p{Script=Han}|#)/gu, '')
    .trim();
  const bare = plain.replace(SOFT, '').replace(OPENING, '').trim();
  return bare === '' ? plain : bare;
}
