import { delay, systemClock } from '../../src/kernel/clock.js';
import { silentLogger } from '../../src/kernel/log.js';
import { defaultModelsDirectory } from '../../src/models/cache.js';
import { loadManifest } from '../../src/models/manifest.js';
import { EarClient } from '../../src/speech/ear-client.js';
import type { EarEvent, EarStream } from '../../src/speech/ear.js';
import { whisperWorkerFor } from '../../src/workers/ear-python/from-models.js';
import { earKeysFor } from '../../src/workers/ear/from-models.js';
import type { SupervisionLimits } from '../../src/workers/supervised-child.js';
import { WorkerFleet } from '../../src/workers/worker-fleet.js';
import type { WorkerProgram } from '../../src/workers/worker-program.js';

interface RunningEar {
  readonly ear: EarClient;
  readonly fleet: WorkerFleet;
  close(): Promise<void>;
}

/** Real worker processes with their client, and real models: a missing one fails with its name. */
export async function startEar(settings: { count?: number; capacity?: number; limits?: Partial<SupervisionLimits>; engines?: { engine: string; model?: string }[] } = {}): Promise<RunningEar> {
  const capacity = settings.capacity ?? 16;
  const keys = await earKeysFor({ manifest: loadManifest(), cache: defaultModelsDirectory(), engines: settings.engines ?? [{ engine: 'moonshine' }], capacity });
  return serveEar(new URL('../../src/workers/ear/main.js', import.meta.url), { ...keys }, { ...settings, capacity });
}

/** The worker in Python, with Whisper. */
export async function startWhisper(settings: { language: string; capacity: number; limits?: Partial<SupervisionLimits> }): Promise<RunningEar> {
  const { language, capacity } = settings;
  const { program, keys } = await whisperWorkerFor({ manifest: loadManifest(), cache: defaultModelsDirectory(), language, capacity });
  // Conversion to int8 takes seconds of CPU, on a machine that may have little to give.
  return serveEar(program, { ...keys }, { ...settings, limits: { startMs: 240_000, ...settings.limits } });
}

async function serveEar(entry: WorkerProgram, keys: Readonly<Record<string, unknown>>, { count = 1, capacity, limits }: { count?: number; capacity: number; limits?: Partial<SupervisionLimits> }): Promise<RunningEar> {
  const fleet = await WorkerFleet.start({ worker: 'ear', count, entry, options: { ...keys, log: { level: 'silent', pii: false } }, clock: systemClock, log: silentLogger, ...(limits ? { limits } : {}) });
  const ear = new EarClient({ source: fleet, capacityPerWorker: capacity, clock: systemClock, log: silentLogger });
  await ear.untilReady(20_000);
  return { ear, fleet, close: () => ear.close().then(() => fleet.close()) };
}

/** Collects a stream's events and lets a test wait for one. */
export class Listener {
  readonly events: EarEvent[] = [];
  #changed: () => void = () => undefined;

  constructor(stream: EarStream) {
    stream.onEvent((event) => {
      this.events.push(event);
      this.#changed();
    });
  }

  of<T extends EarEvent['type']>(type: T): Extract<EarEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<EarEvent, { type: T }> => event.type === type);
  }

  async until<T extends EarEvent['type']>(type: T, count = 1): Promise<Extract<EarEvent, { type: T }>> {
    for (;;) {
      const found = this.of(type)[count - 1];
      if (found !== undefined) return found;
      // Nothing more will come: better said at once than waited for.
      const [lost] = this.of('lost');
      if (lost !== undefined) throw lost.error;
      await new Promise<void>((resolve) => (this.#changed = resolve));
    }
  }
}

/** Writes audio as calls do, in 20 ms frames, `speed` times as fast. */
export function play(stream: EarStream, samples: Int16Array, speed = 8): Promise<void> {
  return paced(samples.length / 160, speed, (frame) => stream.write(samples.slice(frame * 160, (frame + 1) * 160)));
}

/** Calls `write` for each of `frames` of 20 ms when it is due; all at once would be dropped as from a caller whom the worker cannot follow. */
export async function paced(frames: number, speed: number, write: (frame: number) => void): Promise<void> {
  const began = systemClock.monotonic();
  for (let frame = 0; frame + 1 <= frames; frame++) {
    const early = (frame * 20) / speed - (systemClock.monotonic() - began);
    if (early > 1) await delay(systemClock, early);
    write(frame);
  }
}
