import type { Config } from './schema.js';

type Speech = Config['speech'];

/** One language's hearing and speaking, with every default filled in. */
export interface LanguageSpeech {
  /** BCP 47, e.g. `zh-CN`. */
  readonly language: string;
  readonly ear: Speech['ear'] & { readonly engine: 'moonshine' | 'vosk' | 'whisper'; readonly capacity: number };
  /** `voices` holds all of them, the language's own first. */
  readonly mouth: Speech['mouth'] & { readonly voice: string; readonly capacity: number };
}

/** A decoding of Whisper takes most of a second of CPU whatever its length, one of the others a few hundredths. */
const CAPACITY = { moonshine: 16, vosk: 16, whisper: 4 } as const;

/** Kokoro takes half a second of CPU or more for a second of sound: whoever waits behind many waits too long. */
const SENTENCES = { piper: 8, kokoro: 2 } as const;

/** The languages that the server speaks, that of flows which name none first. */
export function speechLanguages(speech: Speech): [LanguageSpeech, ...LanguageSpeech[]] {
  return [filled(speech.language, speech.ear, speech.mouth), ...speech.languages.map((one) => filled(one.language, one.ear, one.mouth))];
}

function filled(language: string, ear: Speech['ear'], mouth: Speech['mouth']): LanguageSpeech {
  const engine = ear.engine ?? (primaryOf(language) === 'en' ? 'moonshine' : 'whisper');
  const voice = mouth.voice ?? (primaryOf(language) === 'zh' ? 'zf_xiaoxiao' : 'en_US-joe-medium');
  return { language, ear: { ...ear, engine, capacity: ear.capacity ?? CAPACITY[engine] }, mouth: { ...mouth, voice, capacity: mouth.capacity ?? SENTENCES[/^z[fm]_/.test(voice) ? 'kokoro' : 'piper'], voices: [...new Set([voice, ...mouth.voices])] } };
}

/** Which of `languages` serves a flow in `tag`: the same tag, or the same language from elsewhere (zh-TW by zh-CN). */
export function languageFor<T extends { readonly language: string }>(languages: readonly T[], tag: string): T | undefined {
  const wanted = tag.toLowerCase();
  return languages.find((one) => one.language.toLowerCase() === wanted) ?? languages.find((one) => primaryOf(one.language) === primaryOf(tag));
}

function primaryOf(tag: string): string {
  return tag.split('-')[0]?.toLowerCase() ?? '';
}
