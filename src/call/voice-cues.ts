import type { VoiceMeasured } from '../audio/voice-measure.js';
import type { VoiceCues } from '../dialogue/mood/mood.js';

/** A rate over less speech than this is chance, ms. */
const MIN_SPEECH_MS = 400;

/** What was measured of a turn, with its words: how fast somebody speaks needs both. */
export function voiceCues(measured: VoiceMeasured, text: string): VoiceCues {
  const { loudnessDb, pitchHz, pitchRangeSemitones, speechMs } = measured;
  return { loudnessDb, pitchHz, pitchRangeSemitones, syllablesPerSecond: speechMs < MIN_SPEECH_MS ? undefined : (syllables(text) * 1000) / speechMs };
}

/** Han characters have one each; in Latin words groups of vowels are counted, without a silent e. */
export function syllables(text: string): number {
  const han = text.match(/\p{Script=Han}/gu)?.length ?? 0;
  const words = text.toLowerCase().match(/[a-z]+|\d/g) ?? [];
  return han + words.reduce((sum, word) => sum + Math.max(1, (word.replace(/(?<=[^aeiouy])e$/, '').match(/[aeiouy]+/g) ?? []).length), 0);
}
