/**
 * Pinyin in the symbols that Kokoro was trained with: IPA without tie bars, the
 * tone as an arrow after the vowel that carries it. `~` marks the tone's place.
 */
const INITIALS: Readonly<Record<string, string>> = {
  b: 'p', p: 'pʰ', m: 'm', f: 'f', d: 't', t: 'tʰ', n: 'n', l: 'l', g: 'k', k: 'kʰ', h: 'x',
  j: 'ʨ', q: 'ʨʰ', x: 'ɕ', zh: 'ꭧ', ch: 'ꭧʰ', sh: 'ʂ', r: 'ɻ', z: 'ʦ', c: 'ʦʰ', s: 's',
};
const FINALS: Readonly<Record<string, string>> = {
  a: 'a~', ai: 'ai~', an: 'a~n', ang: 'a~ŋ', ao: 'au~',
  e: 'ɤ~', ei: 'ei~', en: 'ə~n', eng: 'ə~ŋ', er: 'ɚ~', o: 'wo~', ong: 'ʊ~ŋ', ou: 'ou~',
  i: 'i~', ia: 'ja~', ian: 'jɛ~n', iang: 'ja~ŋ', iao: 'jau~', ie: 'je~', in: 'i~n', ing: 'i~ŋ', iong: 'jʊ~ŋ', iu: 'jou~', iou: 'jou~', io: 'jo~',
  u: 'u~', ua: 'wa~', uai: 'wai~', uan: 'wa~n', uang: 'wa~ŋ', ui: 'wei~', uei: 'wei~', un: 'wə~n', uen: 'wə~n', ueng: 'wə~ŋ', uo: 'wo~',
  ü: 'y~', üe: 'ɥe~', üan: 'ɥɛ~n', ün: 'y~n',
};
/** The vowel of zhi and si, which pinyin writes as an i. */
const BUZZ = 'ɨ~';
const TONES = ['', '→', '↗', '↓', '↘', ''];

/** `zhong1` is `ꭧʊ→ŋ`, `dianr3` (with erhua) `tjɚ↓`; the tone is 1 to 5. Undefined if it is no syllable. */
export function syllableIpa(syllable: string): string | undefined {
  const match = /^([a-zü]+?)(r?)([1-5])$/.exec(syllable.replaceAll('v', 'ü'));
  if (match === null) return undefined;
  const [, letters = '', rhotic = '', tone = '5'] = match;
  const curled = rhotic === 'r' && letters !== 'e';
  const parts = split(curled ? letters : letters + rhotic);
  const initial = parts.initial === '' ? '' : INITIALS[parts.initial];
  const buzz = parts.final === 'i' && /^(?:zh|ch|sh|[rzcs])$/.test(parts.initial);
  const final = buzz ? BUZZ : FINALS[parts.final];
  if (initial === undefined || final === undefined) return undefined;
  return (initial + (curled ? curl(final) : final)).replace('~', TONES[Number(tone)] ?? '');
}

function split(letters: string): { initial: string; final: string } {
  // y and w are how pinyin writes a syllable that begins with i, u or ü.
  if (letters.startsWith('y')) return { initial: '', final: letters.replace(/^yu/, 'ü').replace(/^yi?(?!ü)/, letters.startsWith('yu') ? '' : 'i') };
  if (letters.startsWith('w')) return { initial: '', final: letters.replace(/^wu?/, 'u') };
  const [initial = ''] = /^(?:[zcs]h|[bpmfdtnlgkhjqxrzcs])/.exec(letters) ?? [];
  const rest = letters.slice(initial.length);
  // After j, q, x an ü is written u.
  return { initial, final: /^[jqx]$/.test(initial) ? rest.replace(/^u/, 'ü') : rest };
}

/**
 * Erhua: the curl takes the place of what the tongue cannot do beside it (-i, -n and
 * a low vowel), and follows the rest. The model knows its symbol from 二, which is
 * [aɚ], so 哪儿 is `nɚ↓`.
 */
function curl(final: string): string {
  if (final === BUZZ) return 'ɚ~';
  if (/^i~n?$/.test(final)) return 'jɚ~';
  if (/^y~n?$/.test(final)) return 'ɥɚ~';
  const [, glide] = /^([jwɥ]?)(?:a~n?|ai~|ɛ~n|ei?~|ə~n|ɤ~)$/.exec(final) ?? [];
  return glide === undefined ? `${final}ɚ` : `${glide}ɚ~`;
}
