/** The symbols that Kokoro was trained with, and their ids. */
const SYMBOLS: Readonly<Record<number, string>> = {
  1: ';:,.!?', 9: '—…"()“” ', 17: '\u0303ʣʥʦʨᵝꭧAI', 31: 'O', 33: 'Q', 35: 'ST', 39: 'W', 41: 'Yᵊabcdef', 50: 'hijklmnopqrstuvwxyzɑɐɒæ',
  75: 'βɔɕç', 80: 'ɖðʤə', 85: 'ɚɛɜ', 90: 'ɟ', 92: 'ɡ', 99: 'ɥ', 101: 'ɨɪʝ', 110: 'ɯɰŋɳɲɴø', 118: 'ɸθœ', 123: 'ɹ', 125: 'ɾɻ', 128: 'ʁɽʂʃʈʧ', 135: 'ʊʋ', 138: 'ʌɣɤ', 142: 'χʎ', 147: 'ʒʔ', 156: 'ˈˌː', 162: 'ʰ', 164: 'ʲ', 169: '↓', 171: '→↗↘', 177: 'ᵻ',
};
const IDS = new Map(Object.entries(SYMBOLS).flatMap(([first, symbols]) => [...symbols].map((symbol, index) => [symbol, Number(first) + index] as const)));
/** Begins and ends a run. */
const PAD = 0;
/** The voices have a style for each length up to this, symbols without the two pads. */
export const MAX_SYMBOLS = 510;

/** Whether the model can say all of it. */
export function isKnown(phonemes: string): boolean {
  return [...phonemes].every((symbol) => IDS.has(symbol));
}

/** Ids of a run, pads included. What the model does not know is left out; what is too long is cut. */
export function kokoroIds(phonemes: string): number[] {
  const ids = [...phonemes].flatMap((symbol) => IDS.get(symbol) ?? []);
  return [PAD, ...ids.slice(0, MAX_SYMBOLS), PAD];
}
