import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { program } from './child.js';

/** One round of `talk.en.yaml` from the caller's side, each said in one breath: a pause within is another question than speed. */
const ROUND: readonly { readonly say: string; readonly label: 'scripted' | 'variable'; readonly bargeInAfterMs?: number }[] = [
  { say: 'Yes go ahead.', label: 'scripted' },
  { say: 'I have lost my credit card.', label: 'scripted' },
  { say: "Yes that's right.", label: 'scripted' },
  { say: 'How much money do I have?', label: 'variable' },
  { say: 'Yes please.', label: 'scripted' },
  { say: 'Yes I agree.', label: 'scripted', bargeInAfterMs: 1500 },
];
export const TURNS_PER_ROUND = ROUND.length;

/** Voices that differ from the bot's. */
const PITCHES = [1.12, 0.88];
const CACHE = fileURLToPath(new URL('../../build/bench-clips/', import.meta.url));

/** Scripts for the phone, one a voice; the clips are rendered once and kept. Returns the paths. */
export async function callerScripts(directory: string, rounds: number): Promise<string[]> {
  mkdirSync(CACHE, { recursive: true });
  const orders = PITCHES.flatMap((pitch) => ROUND.map(({ say }) => ({ text: say, out: clipPath(say, pitch), pitch })));
  const missing = orders.filter(({ out }) => !existsSync(out));
  if (missing.length > 0) {
    const list = join(directory, 'clips.json');
    writeFileSync(list, JSON.stringify(missing));
    await promisify(execFile)(process.execPath, [...program('main'), 'speak', list], { maxBuffer: 16 * 1024 * 1024 });
  }
  return PITCHES.map((pitch, index) => {
    const steps = Array.from({ length: rounds }, () => ROUND).flat().map(({ say, label, bargeInAfterMs }) => ({
      say: clipPath(say, pitch),
      label,
      ...(bargeInAfterMs === undefined ? { thinkMs: [600, 900] } : { bargeInAfterMs }),
    }));
    const path = join(directory, `caller-${index}.json`);
    // A pause between two sentences of the bot is shorter than this; the end of its turn is not.
    writeFileSync(path, JSON.stringify({ answerAfterMs: 200, botSilenceMs: 600, hangupAfter: 'bot_speech_end', maxCallMs: 60_000 * rounds, noiseDbfs: -65, steps }));
    return path;
  });
}

function clipPath(text: string, pitch: number): string {
  return join(CACHE, `${createHash('sha256').update(`${text}|${pitch}`).digest('hex').slice(0, 16)}.wav`);
}
