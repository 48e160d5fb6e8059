import { delay, systemClock } from '../../src/kernel/clock.js';
import { joinClips, silence } from './audio-clips.js';
import { Listener, play, startEar } from './ear-workers.js';

/** What our ear makes of a recording, 8 kHz: proof that it is speech, and which. */
export async function understand(samples: Int16Array): Promise<string> {
  const { ear, close } = await startEar();
  try {
    const stream = await ear.open({ language: 'en-US', pauseMs: 300 });
    const listener = new Listener(stream);
    const heard: string[] = [];
    stream.onEvent((event) => {
      if (event.type !== 'transcript') return;
      heard.push(event.text);
      stream.reset();
    });
    await play(stream, joinClips(samples, silence(1_500)), 4);
    const until = systemClock.monotonic() + 20_000;
    while (listener.of('pause').at(-1)?.segment !== listener.of('transcript').at(-1)?.segment && systemClock.monotonic() < until) await delay(systemClock, 50);
    stream.close();
    return heard.join(' ');
  } finally {
    await close();
  }
}
