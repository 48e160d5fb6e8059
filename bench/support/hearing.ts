import { decodeG711, encodeG711 } from '../../src/audio/g711.js';
import { delay, systemClock } from '../../src/kernel/clock.js';
import type { Ear } from '../../src/speech/ear.js';
import { joinClips, silence } from '../../test/support/audio-clips.js';
import { Listener, play } from '../../test/support/ear-workers.js';

/** As fast as a shared machine follows without dropping audio. */
const SPEED = 4;
const LOOK_MS = 20;
/** A worker that has said nothing new for so long has judged all of the audio. */
const SETTLED_MS = 300;
/** So long without any event means that nobody was heard speaking. */
const NOTHING_MS = 4000;

/** What an ear makes of a clip that came by telephone. */
export async function hear(ear: Ear, language: string, clip: Int16Array): Promise<string> {
  const stream = await ear.open({ language });
  const heard = new Listener(stream);
  try {
    const line = decodeG711('PCMU', encodeG711('PCMU', clip));
    await play(stream, joinClips(silence(300), line, silence(800)), SPEED);
    // The last pause answers for everything; there is none where no speech was found, which only time shows.
    let quietMs = 0;
    for (let events = -1; quietMs < NOTHING_MS; quietMs += LOOK_MS) {
      const last = heard.of('pause').at(-1)?.segment;
      const speaking = heard.of('speech').length > heard.of('pause').length;
      const done = heard.of('transcript').find((one) => one.segment === last);
      if (done !== undefined && !speaking && quietMs >= SETTLED_MS) return done.text;
      if (heard.events.length > events || (last !== undefined && done === undefined)) quietMs = 0;
      events = heard.events.length;
      await delay(systemClock, LOOK_MS);
    }
    return heard.of('transcript').at(-1)?.text ?? '';
  } finally {
    stream.close();
  }
}

/** `work` on each item, a few at a time, in the order of the items. */
export async function inTurns<T, R>(items: readonly T[], atOnce: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index]!);
    }),
  );
  return results;
}

/** Levenshtein distance of two lists. */
export function distance(one: readonly string[], other: readonly string[]): number {
  let row = other.map((_, at) => at + 1);
  row.unshift(0);
  one.forEach((item, index) => {
    const next = [index + 1];
    other.forEach((theirs, at) => next.push(Math.min((row[at] ?? 0) + (item === theirs ? 0 : 1), (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1)));
    row = next;
  });
  return row.at(-1) ?? 0;
}

/** Errors in percent of what was said, to a tenth. */
export function errorRate(pairs: readonly { readonly said: readonly string[]; readonly heard: readonly string[] }[]): number {
  const errors = pairs.reduce((sum, { said, heard }) => sum + distance(said, heard), 0);
  const all = pairs.reduce((sum, { said }) => sum + said.length, 0);
  return all === 0 ? 0 : Math.round((1000 * errors) / all) / 10;
}
