import { defaultModelsDirectory } from '../../src/models/cache.js';
import { loadManifest } from '../../src/models/manifest.js';
import { requireModel } from '../../src/models/verify.js';
import { MoonshineModel } from '../../src/workers/ear/moonshine-model.js';

const RATE = 8000;
const FRAME_MS = 20;
/** Below the loudest frame by this: silence, and the noise of telephones. */
const SILENT_DB = 38;
/** Silence that parts two utterances. */
const GAP_MS = 400;
const MARGIN_MS = 200;

/**
 * What our recogniser makes of a recording, 8 kHz: proof that it is speech, and which.
 * Utterance by utterance and in no time of its own: a stream to a worker would drop what a
 * busy machine cannot follow.
 */
export async function understand(samples: Int16Array): Promise<string> {
  const { directory } = await requireModel(loadManifest(), defaultModelsDirectory(), 'moonshine-tiny-en');
  const model = await MoonshineModel.load(directory);
  const heard: string[] = [];
  for (const utterance of utterances(samples)) heard.push((await model.decode(utterance, RATE, () => false)) ?? '');
  return heard.join(' ');
}

/** Parted where it is silent, by energy alone. */
function utterances(samples: Int16Array): Int16Array[] {
  const frame = (RATE * FRAME_MS) / 1000;
  const levels = Array.from({ length: Math.floor(samples.length / frame) }, (_, at) => levelOf(samples.subarray(at * frame, (at + 1) * frame)));
  const loudest = levels.reduce((most, level) => Math.max(most, level), -Infinity);
  const spans: { from: number; to: number }[] = [];
  for (const [at, level] of levels.entries()) {
    if (level < loudest - SILENT_DB) continue;
    const last = spans.at(-1);
    if (last !== undefined && (at - last.to) * FRAME_MS < GAP_MS) last.to = at;
    else spans.push({ from: at, to: at });
  }
  const margin = (RATE * MARGIN_MS) / 1000;
  return spans.map(({ from, to }) => samples.slice(Math.max(0, from * frame - margin), (to + 1) * frame + margin));
}

/** dB. */
function levelOf(frame: Int16Array): number {
  let sum = 0;
  for (const sample of frame) sum += sample * sample;
  return 10 * Math.log10(sum / frame.length + 1e-6);
}
