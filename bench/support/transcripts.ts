import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const TEXTS = '/usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz';
const SOUNDS = '/usr/share/asterisk/sounds/en_US_f_Allison';

export interface Spoken {
  /** As `test/support/audio-clips.ts:prompt` takes it. */
  readonly name: string;
  readonly text: string;
}

/** What the prompts of Asterisk say, by the list of their makers: those that are speech and are installed. */
export function asteriskPrompts(): Spoken[] {
  if (!existsSync(TEXTS)) throw new Error(`${TEXTS} is missing: install asterisk-core-sounds-en`);
  const lines = gunzipSync(readFileSync(TEXTS)).toString('utf8').split('\n');
  return lines.flatMap((line) => {
    const [, name = '', text = ''] = /^([a-z0-9/_-]+): (.+)$/i.exec(line.trim()) ?? [];
    // Notes in brackets tell of tones and music; a slash holds two readings.
    const speech = text !== '' && !/[[\]()/]/.test(text);
    return speech && existsSync(`${SOUNDS}/${name}.wav`) ? [{ name, text }] : [];
  });
}
