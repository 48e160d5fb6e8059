/** What a bad line makes of words: lost, or heard as one that sounds like it. The same seed spoils the same words. */
const SOUNDS_LIKE: Readonly<Record<'en' | 'zh', ReadonlyMap<string, string>>> = {
  en: new Map(Object.entries({ four: 'for', two: 'to', eight: 'ate', right: 'write', yes: 'yet', no: 'know', week: 'weak', hour: 'our', by: 'buy', friday: 'fry day', call: 'tall', pay: 'day', five: 'fine', three: 'free', time: 'dime', here: 'hear', wrong: 'long', not: 'knot' })),
  zh: new Map(Object.entries({ 四: '是', 十: '是', 对: '队', 不: '部', 好: '号', 是: '四', 要: '药', 在: '再', 点: '店', 周: '州', 明: '名', 分: '份', 我: '窝', 行: '形', 交: '叫', 到: '道' })),
};

/** `share` of the words (in Chinese: characters) is spoilt. Digits of keys and silence stay. */
export function garbled(line: string, share: number, seed: number, language: 'en' | 'zh'): string {
  if (share <= 0 || line === '' || /^[#!=]/.test(line)) return line;
  const next = sequence(seed);
  const words = language === 'zh' ? [...line] : line.split(' ');
  const heard = words.flatMap((word) => {
    if (next() >= share) return [word];
    const other = SOUNDS_LIKE[language].get(word.toLowerCase().replace(/[^\p{L}]/gu, ''));
    return other === undefined || next() < 0.5 ? [] : [other];
  });
  return heard.join(language === 'zh' ? '' : ' ');
}

/** Numbers from 0 to 1 that only depend on the seed (mulberry32). */
function sequence(seed: number): () => number {
  let state = seed * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
