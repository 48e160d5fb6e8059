import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeWav } from '../../src/audio/wav.js';

const ROOT = '/usr/share/asterisk/sounds/en_US_f_Allison';

/** Human speech at 8 kHz: a prompt of the Debian package asterisk-core-sounds-en-wav, e.g. `auth-thankyou`. */
export function prompt(name: string): Int16Array {
  const file = join(ROOT, `${name}.wav`);
  if (!existsSync(file)) throw new Error(`${file} is missing: install asterisk-core-sounds-en-wav`);
  const channel = decodeWav(readFileSync(file)).channels[0];
  if (channel === undefined) throw new Error(`${file} has no audio`);
  return channel;
}

export function silence(ms: number): Int16Array {
  return new Int16Array(ms * 8);
}

export function joinClips(...clips: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(clips.reduce((sum, clip) => sum + clip.length, 0));
  let at = 0;
  for (const clip of clips) {
    whole.set(clip, at);
    at += clip.length;
  }
  return whole;
}

/** Noise of a level (RMS, dBFS) that is the same in every run. */
export function noise(ms: number, dbfs: number): Int16Array {
  let seed = 12345;
  const scale = 32768 * 10 ** (dbfs / 20) * Math.sqrt(3);
  return Int16Array.from({ length: ms * 8 }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.round((seed / 2 ** 31 - 1) * scale);
  });
}

export function tone(ms: number, hz: number, dbfs: number): Int16Array {
  const scale = 32767 * 10 ** (dbfs / 20);
  return Int16Array.from({ length: ms * 8 }, (_, at) => Math.round(scale * Math.sin((2 * Math.PI * hz * at) / 8000)));
}

/** End of the last 10 ms that are less than 36 dB below the loudest 10 ms, ms: the end of speech by energy alone. */
export function endOfSpeechMs(samples: Int16Array): number {
  const levels: number[] = [];
  for (let at = 0; at + 80 <= samples.length; at += 80) {
    let sum = 0;
    for (const sample of samples.subarray(at, at + 80)) sum += sample * sample;
    levels.push(10 * Math.log10(sum / 80 + 1e-6));
  }
  const loudest = Math.max(...levels);
  return (levels.findLastIndex((level) => level > loudest - 36) + 1) * 10;
}

/** Words for comparison: lower case, no marks. */
export function words(text: string): string[] {
  return text.toLowerCase().replace(/[^a-z0-9' ]+/g, ' ').split(' ').filter((word) => word !== '');
}
