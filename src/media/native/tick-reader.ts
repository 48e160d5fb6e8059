import { BATCH, EVENTS } from './addon.js';
import type { FrameRate } from '../media-session.js';
import type { EngineHandle, MediaAddon } from './addon.js';

type OnFrame = (session: number, samples: Int16Array, atMs: number, sampleRate: FrameRate) => void;
type OnEvent = (session: number, kind: number, a: number, b: number, x: number) => void;

/** Views of one batch's memory, made once. */
interface BatchViews {
  readonly buffer: ArrayBuffer;
  readonly head: Float64Array;
  readonly counts: Int32Array;
  readonly ids: Uint32Array;
  readonly rates: Int32Array;
  readonly samplesOffset: number;
  /** One view a row and rate, made when it is first used. */
  readonly narrow: Int16Array[];
  readonly wide: Int16Array[];
}

/** Reads what the I/O thread left for JavaScript. Allocates nothing once it is warm. */
export class TickReader {
  readonly #addon: MediaAddon;
  readonly #engine: EngineHandle;
  readonly #batches: BatchViews[] = [];
  readonly #eventCount: Int32Array;
  readonly #eventWords: Uint32Array;
  readonly #eventDoubles: Float64Array;
  #droppedTicks = 0;
  #failure: { error: unknown } | undefined;

  constructor(addon: MediaAddon, engine: EngineHandle) {
    this.#addon = addon;
    this.#engine = engine;
    const buffer = addon.eventBuffer(engine);
    this.#eventCount = new Int32Array(buffer, EVENTS.count, 1);
    this.#eventWords = new Uint32Array(buffer, EVENTS.first);
    this.#eventDoubles = new Float64Array(buffer, EVENTS.first);
  }

  get droppedTicks(): number {
    return this.#droppedTicks;
  }

  /** Takes all ticks and events that wait. A listener's first error is thrown after everything was read: one call's fault costs no other call its audio. */
  read(onFrame: OnFrame, onEvent: OnEvent): void {
    this.#failure = undefined;
    let batch = -1;
    for (;;) {
      batch = this.#addon.take(this.#engine, batch);
      const events = this.#eventCount[0]!;
      this.#readEvents(events, onEvent);
      if (batch >= 0) this.#readBatch(batch, onFrame);
      if (batch < 0 && events < EVENTS.maximum) break;
    }
    const failure = this.#failure as { error: unknown } | undefined;
    if (failure !== undefined) throw failure.error;
  }

  #readEvents(count: number, onEvent: OnEvent): void {
    const words = EVENTS.size / 4;
    const doubles = EVENTS.size / 8;
    for (let i = 0; i < count; i++) {
      const at = i * words;
      const event = this.#eventWords;
      try {
        onEvent(event[at + 1]!, event[at]!, event[at + 2]!, event[at + 3]!, this.#eventDoubles[i * doubles + 2]!);
      } catch (error) {
        this.#failure ??= { error };
      }
    }
  }

  #readBatch(index: number, onFrame: OnFrame): void {
    const batch = (this.#batches[index] ??= this.#views(index));
    const atMs = batch.head[0]!;
    const rows = batch.counts[0]!;
    this.#droppedTicks += batch.counts[1]!;
    for (let row = 0; row < rows; row++) {
      const wide = batch.rates[row] === 16_000;
      const samples = wide ? (batch.wide[row] ??= this.#row(batch, row, 320)) : (batch.narrow[row] ??= this.#row(batch, row, 160));
      try {
        onFrame(batch.ids[row]!, samples, atMs, wide ? 16_000 : 8_000);
      } catch (error) {
        this.#failure ??= { error };
      }
    }
  }

  #views(index: number): BatchViews {
    const buffer = this.#addon.batchBuffer(this.#engine, index);
    // byteSize = samplesOffset(capacity) + capacity * 640; see TickBatch.
    const capacity = capacityOf(buffer.byteLength);
    return {
      buffer,
      head: new Float64Array(buffer, BATCH.atMs, 1),
      counts: new Int32Array(buffer, BATCH.rows, 2),
      ids: new Uint32Array(buffer, BATCH.ids, capacity),
      rates: new Int32Array(buffer, BATCH.ids + capacity * 4, capacity),
      samplesOffset: samplesOffset(capacity),
      narrow: [],
      wide: [],
    };
  }

  #row(batch: BatchViews, row: number, samples: number): Int16Array {
    return new Int16Array(batch.buffer, batch.samplesOffset + row * BATCH.rowSamples * 2, samples);
  }
}

function samplesOffset(capacity: number): number {
  return Math.ceil((BATCH.ids + capacity * 8) / BATCH.samplesAlignment) * BATCH.samplesAlignment;
}

function capacityOf(byteLength: number): number {
  const guess = Math.floor((byteLength - BATCH.ids) / (8 + BATCH.rowSamples * 2));
  return samplesOffset(guess) + guess * BATCH.rowSamples * 2 <= byteLength ? guess : guess - 1;
}
