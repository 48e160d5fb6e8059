import { pinyin } from 'pinyin-pro';

/** Recognisers confuse what sounds alike, so that sounds are half as good as characters, and better than nothing. */
const SOUND_WEIGHT = 0.7;

/**
 * 1- to 4-grams of characters and 1- to 3-grams of their sounds without tones, of
 * normalised Chinese. A Latin word counts as one character. Single characters are
 * marked as words, because the share of known ones tells how new an utterance is.
 */
export function* ngramsZh(text: string): Generator<readonly [string, number]> {
  const units = text.match(/\p{Script=Han}|[^\s\p{Script=Han}]+/gu) ?? [];
  if (units.length === 0) return;
  yield* grams('c', ['^', ...units, '$'], 4, 1);
  yield* grams('p', ['^', ...units.map(soundOf), '$'], 3, SOUND_WEIGHT);
}

function* grams(kind: string, units: readonly string[], longest: number, weight: number): Generator<readonly [string, number]> {
  for (let length = 1; length <= longest; length++) {
    for (let at = 0; at + length <= units.length; at++) {
      const part = units.slice(at, at + length);
      if (length === 1 && (part[0] === '^' || part[0] === '$')) continue;
      const prefix = kind === 'c' && length === 1 ? 'w ' : `${kind}${length} `;
      yield [`${prefix}${part.join(' ')}`, weight];
    }
  }
}

const sounds = new Map<string, string>();

/** Without tone; n and ng, and the flat and the curled consonants, are one: speakers of the south do not part them. */
function soundOf(unit: string): string {
  let sound = sounds.get(unit);
  if (sound === undefined) {
    sound = /^\p{Script=Han}$/u.test(unit) ? pinyin(unit, { toneType: 'none' }).replace(/^([zcs])h/, '$1').replace(/ng$/, 'n') : unit;
    sounds.set(unit, sound);
  }
  return sound;
}
