import type { ClientDuplexStream } from '@grpc/grpc-js';
import { Resampler } from '../audio/resample.js';
import type { Clock, Timer } from '../kernel/clock.js';
import { TrunklineError } from '../kernel/errors.js';
import type { Logger } from '../kernel/log.js';
import type { ListenEvent, ListenRequest } from '../proto/ear-messages.js';
import type { EarEvent, EarStream } from './ear.js';
import { fromGrpc } from './grpc-errors.js';

/** Audio that may wait for the worker, ms; more would make every answer late for the rest of the call. */
const LONGEST_BEHIND_MS = 2000;
/** Gaps in the worker's audio that are remembered for the translation of its times; older ones are joined. */
const MOST_GAPS = 64;

export interface RemoteEarStreamOptions {
  /** Hz that the worker was told. */
  readonly sampleRate: 8000 | 16000;
  readonly clock: Clock;
  readonly log: Logger;
  /** A chunk was dropped. */
  readonly onDrop: () => void;
  /** The stream is over, closed or lost; called once. */
  readonly onEnd: (lost: boolean) => void;
}

/**
 * One call's stream to an ear worker. What is dropped shifts the worker's audio
 * time against ours, so the worker's times are translated back.
 */
export class RemoteEarStream implements EarStream {
  readonly #call: ClientDuplexStream<ListenRequest, ListenEvent>;
  readonly #options: RemoteEarStreamOptions;
  readonly #listeners = new Set<(event: EarEvent) => void>();
  /** Events that came before anybody listened. */
  #early: EarEvent[] | undefined = [];
  #writtenMs = 0;
  #sentMs = 0;
  #unsentMs = 0;
  /** From `atMs` of the worker's time on, ours is `aheadMs` further. */
  readonly #gaps: { atMs: number; aheadMs: number }[] = [];
  /** Pauses detected up to here are about words that were forgotten, and so are their transcripts. */
  #resetAtMs = -1;
  #lastSegment = 0;
  #staleUpTo = 0;
  #warned: Timer | undefined;
  /** While the audio has another rate than the stream: what was made of it and does not fill a chunk. */
  #converter: { readonly resampler: Resampler; held: Int16Array | undefined } | undefined;
  #over = false;

  constructor(call: ClientDuplexStream<ListenRequest, ListenEvent>, options: RemoteEarStreamOptions) {
    this.#call = call;
    this.#options = options;
    call.on('data', (event: ListenEvent) => this.#onMessage(event));
    call.on('error', (error) => this.#lost(fromGrpc('ear', error)));
    call.on('end', () => this.#lost(new TrunklineError('TRK_WORKER_LOST', { params: { worker: 'ear' } })));
    call.resume();
  }

  write(samples: Int16Array, sampleRate = this.#options.sampleRate): void {
    if (this.#over) return;
    const ms = (samples.length * 1000) / sampleRate;
    if (!Number.isInteger(ms / 10) || ms < 10 || ms > 100) throw new TrunklineError('TRK_AUDIO_FORMAT', { params: { reason: 'a chunk must be a multiple of 10 ms, up to 100 ms' } });
    this.#writtenMs += ms;
    if (this.#unsentMs + ms > LONGEST_BEHIND_MS) return this.#drop();
    this.#sentMs += ms;
    this.#unsentMs += ms;
    this.#call.write({ audio: toLittleEndian(this.#converted(samples, sampleRate)) }, () => (this.#unsentMs -= ms));
  }

  /** As many ms as were given: what the filter still holds back is silence before the first of them. */
  #converted(samples: Int16Array, sampleRate: number): Int16Array {
    if (sampleRate === this.#options.sampleRate) {
      this.#converter = undefined;
      return samples;
    }
    this.#converter ??= { resampler: new Resampler(sampleRate, this.#options.sampleRate), held: undefined };
    const wanted = (samples.length * this.#options.sampleRate) / sampleRate;
    const made = this.#converter.resampler.push(samples);
    const held = this.#converter.held ?? new Int16Array(wanted - made.length);
    const all = new Int16Array(held.length + made.length);
    all.set(held);
    all.set(made, held.length);
    this.#converter.held = all.slice(wanted);
    return all.subarray(0, wanted);
  }

  reset(): void {
    if (this.#over) return;
    this.#resetAtMs = this.#sentMs;
    this.#staleUpTo = this.#lastSegment;
    this.#call.write({ reset: {} });
  }

  onEvent(listener: (event: EarEvent) => void): void {
    this.#listeners.add(listener);
    const early = this.#early;
    this.#early = undefined;
    early?.forEach((event) => this.#emit(event));
  }

  close(): void {
    if (!this.#end(false)) return;
    this.#call.cancel();
  }

  #drop(): void {
    const aheadMs = this.#writtenMs - this.#sentMs;
    const last = this.#gaps.at(-1);
    if (last !== undefined && (last.atMs === this.#sentMs || this.#gaps.length >= MOST_GAPS)) last.aheadMs = aheadMs;
    else this.#gaps.push({ atMs: this.#sentMs, aheadMs });
    this.#options.onDrop();
    if (this.#warned !== undefined) return;
    this.#options.log.warn({ worker: 'ear' }, 'worker is more than 2 s behind; audio is dropped');
    this.#warned = this.#options.clock.after(5000, () => (this.#warned = undefined), { keepAlive: false });
  }

  #onMessage(event: ListenEvent): void {
    const translated = this.#translate(event);
    if (translated === undefined || this.#over) return;
    if (this.#early !== undefined) this.#early.push(translated);
    else this.#emit(translated);
  }

  #translate(event: ListenEvent): EarEvent | undefined {
    if (event.speech) return { type: 'speech', atMs: this.#ours(event.speech.atMs) };
    if (event.pause) {
      const { segment, lastSpeechMs, detectedMs } = event.pause;
      this.#lastSegment = segment;
      // It crossed our reset on the way: the worker has forgotten those words since.
      if (detectedMs <= this.#resetAtMs) this.#staleUpTo = segment;
      if (segment <= this.#staleUpTo) return undefined;
      return { type: 'pause', segment, lastSpeechMs: this.#ours(lastSpeechMs), detectedMs: this.#ours(detectedMs) };
    }
    if (event.transcript) {
      const { segment, text, confidence, startMs, endMs, decodeMs } = event.transcript;
      if (segment <= this.#staleUpTo) return undefined;
      return { type: 'transcript', segment, text, confidence: confidence < 0 ? undefined : confidence, startMs: this.#ours(startMs), endMs: this.#ours(endMs), decodeMs };
    }
    return undefined;
  }

  #ours(workerMs: number): number {
    return workerMs + (this.#gaps.findLast((gap) => gap.atMs <= workerMs)?.aheadMs ?? 0);
  }

  #lost(error: TrunklineError): void {
    if (!this.#end(true)) return;
    const event: EarEvent = { type: 'lost', error: error.code === 'TRK_SPEECH_REQUEST' ? error : lostBy(error) };
    if (this.#early !== undefined) this.#early.push(event);
    else this.#emit(event);
  }

  /** False if it had ended before. */
  #end(lost: boolean): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#warned?.cancel();
    this.#options.onEnd(lost);
    return true;
  }

  #emit(event: EarEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

function lostBy(cause: TrunklineError): TrunklineError {
  return cause.code === 'TRK_WORKER_LOST' ? cause : new TrunklineError('TRK_WORKER_LOST', { params: { worker: 'ear' }, cause });
}

/** The wire is little-endian, and so is every machine this runs on: one copy, no loop. */
function toLittleEndian(samples: Int16Array): Buffer {
  return Buffer.from(samples.buffer.slice(samples.byteOffset, samples.byteOffset + samples.byteLength));
}
