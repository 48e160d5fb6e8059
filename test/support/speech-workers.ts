import { systemClock } from '../../src/kernel/clock.js';
import { silentLogger } from '../../src/kernel/log.js';
import { defaultModelsDirectory } from '../../src/models/cache.js';
import { loadManifest } from '../../src/models/manifest.js';
import type { Finish } from '../../src/proto/mind-messages.js';
import { MindClient } from '../../src/speech/mind-client.js';
import { MouthClient } from '../../src/speech/mouth-client.js';
import { mindKeysFor } from '../../src/workers/mind/from-models.js';
import { mouthKeysFor } from '../../src/workers/mouth/from-models.js';
import { WorkerFleet } from '../../src/workers/worker-fleet.js';

export const VOICE = 'en_US-joe-medium';
/** A machine that runs all suites at once is slow to load a model of 90 MB. */
const START_MS = 240_000;

/** A real worker process with its client, and the real model: a missing one fails with its name. */
export async function startMouth(capacity = 4, voice = VOICE, ...voices: readonly string[]): Promise<{ mouth: MouthClient; fleet: WorkerFleet; close: () => Promise<void> }> {
  const options = await mouthKeysFor({ manifest: loadManifest(), cache: defaultModelsDirectory(), voices: [voice, ...voices], capacity });
  const fleet = await WorkerFleet.start({ worker: 'mouth', count: 1, entry: new URL('../../src/workers/mouth/main.js', import.meta.url), options: { ...options, log: { level: 'silent', pii: false } }, clock: systemClock, log: silentLogger, limits: { startMs: START_MS } });
  const mouth = new MouthClient({ source: fleet, capacityPerWorker: capacity, voice, clock: systemClock, log: silentLogger });
  await mouth.untilReady(START_MS);
  return { mouth, fleet, close: () => mouth.close().then(() => fleet.close()) };
}

export async function startMind(slots = 4): Promise<{ mind: MindClient; fleet: WorkerFleet; finishes: Finish[]; close: () => Promise<void> }> {
  const options = await mindKeysFor({ manifest: loadManifest(), cache: defaultModelsDirectory(), model: 'smollm2-135m-instruct', slots, contextTokens: 512 });
  const fleet = await WorkerFleet.start({ worker: 'mind', count: 1, entry: new URL('../../src/workers/mind/main.js', import.meta.url), options: { ...options, log: { level: 'silent', pii: false } }, clock: systemClock, log: silentLogger });
  const finishes: Finish[] = [];
  const mind = new MindClient({ source: fleet, capacityPerWorker: slots, clock: systemClock, log: silentLogger, onFinish: (finish) => finishes.push(finish) });
  await mind.untilReady(START_MS);
  return { mind, fleet, finishes, close: () => mind.close().then(() => fleet.close()) };
}
