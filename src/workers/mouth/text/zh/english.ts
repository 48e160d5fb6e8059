/** Names of the letters, in Kokoro's symbols. */
const LETTERS: Readonly<Record<string, string>> = {
  A: 'ˈA', B: 'bˈi', C: 'sˈi', D: 'dˈi', E: 'ˈi', F: 'ˈɛf', G: 'ʤˈi', H: 'ˈAʧ', I: 'ˈI', J: 'ʤˈA', K: 'kˈA', L: 'ˈɛl', M: 'ˈɛm',
  N: 'ˈɛn', O: 'ˈO', P: 'pˈi', Q: 'kjˈu', R: 'ˈɑɹ', S: 'ˈɛs', T: 'tˈi', U: 'jˈu', V: 'vˈi', W: 'dˈʌbᵊlju', X: 'ˈɛks', Y: 'wˈI', Z: 'zˈi',
};

/** Words written in capitals that are read as words. */
const WORDS = /^(?:VISA|NASA|NATO|UNESCO|COVID|SIM|PIN|LOGO|MINI|PLUS|PRO|MAX)$/;

/** APP, VIP, K and what has no vowel are said letter by letter; VISA and SIM are words. */
export function isSpelled(word: string): boolean {
  if (WORDS.test(word)) return false;
  return /^[A-Z]{1,5}$|^[A-Za-z]$|^[BCDFGHJKLMNPQRSTVWXZ]+$/i.test(word) && (word === word.toUpperCase() || !/[aeiouy]/i.test(word) || word.length === 1);
}

export function spellLetters(word: string): string {
  return [...word.toUpperCase()].map((letter) => LETTERS[letter] ?? '').join(' ');
}

/** espeak-ng's American English in Kokoro's symbols, which write a diphthong and an affricate as one. */
const FROM_ESPEAK: readonly (readonly [RegExp, string])[] = [
  [/eɪ/g, 'A'], [/aɪ/g, 'I'], [/aʊ/g, 'W'], [/oʊ/g, 'O'], [/ɔɪ/g, 'Y'], [/t͡?ʃ/g, 'ʧ'], [/d͡?ʒ/g, 'ʤ'], [/əl(?![a-zɑ-ʒ])/g, 'ᵊl'],
  [/ɜː?ɹ?|ɝ/g, 'ɜɹ'], [/ɚ/g, 'əɹ'], [/r/g, 'ɹ'], [/x/g, 'k'], [/ɬ/g, 'l'], [/ɾ/g, 'T'], [/ʲ/g, ''], [/ɐ/g, 'ə'], [/g/g, 'ɡ'], [/ː|\u0303|\u0329/g, ''],
];

export function fromEspeak(ipa: string): string {
  return FROM_ESPEAK.reduce((written, [symbol, ours]) => written.replace(symbol, ours), ipa).trim();
}
