import { delay, systemClock } from '../../src/kernel/clock.js';
import { silentLogger } from '../../src/kernel/log.js';
import { defaultModelsDirectory } from '../../src/models/cache.js';
import { loadManifest } from '../../src/models/manifest.js';
import { EarClient } from '../../src/speech/ear-client.js';
import type { EarEvent, EarStream } from '../../src/speech/ear.js';
import { earKeysFor } from '../../src/workers/ear/from-models.js';
import type { SupervisionLimits } from '../../src/workers/supervised-child.js';
import { WorkerFleet } from '../../src/workers/worker-fleet.js';

/** Real worker processes with their client, and real models: a missing one fails with its name. */
export async function startEar(settings: { count?: number; capacity?: number; limits?: Partial<SupervisionLimits>; engines?: { engine: string; model?: string }[] } = {}): Promise<{ ear: EarClient; fleet: WorkerFleet; close(): Promise<void> }> {
  const capacity = settings.capacity ?? 16;
  const keys = await earKeysFor({ manifest: loadManifest(), cache: defaultModelsDirectory(), engines: settings.engines ?? [{ engine: 'moonshine' }], capacity });
  const fleet = await WorkerFleet.start({
    worker: 'ear',
    count: settings.count ?? 1,
    entry: new URL('../../src/workers/ear/main.js', import.meta.url),
    options: { ...keys, log: { level: 'silent', pii: false } },
    clock: systemClock,
    log: silentLogger,
    ...(settings.limits ? { limits: settings.limits } : {}),
  });
  const ear = new EarClient({ source: fleet, capacityPerWorker: capacity, clock: systemClock, log: silentLogger });
  await ear.untilReady(10_000);
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
      await new Promise<void>((resolve) => (this.#changed = resolve));
    }
  }
}

/** Writes audio as calls do, in 20 ms frames, `speed` times as fast. */
export async function play(stream: EarStream, samples: Int16Array, speed = 8): Promise<void> {
  const began = systemClock.monotonic();
  for (let at = 0; at + 160 <= samples.length; at += 160) {
    const dueMs = at / 8 / speed;
    const early = dueMs - (systemClock.monotonic() - began);
    if (early > 1) await delay(systemClock, early);
    stream.write(samples.slice(at, at + 160));
  }
}
