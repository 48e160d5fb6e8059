import type { ClientReadableStream } from '@grpc/grpc-js';
import type { Audio } from '../audio/frame.js';
import type { Clock } from '../kernel/clock.js';
import { TrunklineError } from '../kernel/errors.js';
import type { Logger } from '../kernel/log.js';
import { mouthService } from '../proto/load.js';
import type { MouthGrpcClient, SpeakChunk } from '../proto/mouth-messages.js';
import type { EndpointSource } from './endpoint.js';
import { fromGrpc } from './grpc-errors.js';
import type { Mouth, SpeakRequest } from './mouth.js';
import { WorkerPool } from './worker-pool.js';

const DEFAULT_FIRST_AUDIO_MS = 3000;
/** After what was sent has been heard: far more than a chunk takes, far less than a caller waits. A voice that makes a clause at once is silent while it makes the next. */
const NEXT_CHUNK_MS = 3000;
const SAMPLE_RATE = 8000;

export interface MouthClientOptions {
  readonly source: EndpointSource;
  /** Sentences that each worker takes at once. */
  readonly capacityPerWorker: number;
  /** Used where a request names no voice; undefined leaves it to the worker. */
  readonly voice?: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The PORT `Mouth` over gRPC, on as many workers as there are. */
export class MouthClient implements Mouth {
  readonly #options: MouthClientOptions;
  readonly #pool: WorkerPool<MouthGrpcClient>;

  constructor(options: MouthClientOptions) {
    this.#options = options;
    const { source, capacityPerWorker, clock, log } = options;
    this.#pool = new WorkerPool<MouthGrpcClient>({ worker: 'mouth', service: mouthService(), source, capacityPerWorker, clock, log });
  }

  get ready(): boolean {
    return this.#pool.ready;
  }

  get capacity(): { readonly total: number; readonly used: number } {
    return this.#pool.capacity;
  }

  untilReady(limitMs: number): Promise<void> {
    return this.#pool.untilReady(limitMs);
  }

  async *speak(request: SpeakRequest): AsyncGenerator<Audio> {
    if (request.signal?.aborted) return;
    const lease = this.#pool.acquire();
    const call = lease.client.speak({
      text: request.text,
      language: request.language,
      voice: request.voice ?? this.#options.voice ?? '',
      speed: request.speed ?? 1,
      sampleRateHz: SAMPLE_RATE,
      joinsBefore: request.join?.before ?? false,
      joinsAfter: request.join?.after ?? false,
    });
    const cancel = (): void => call.cancel();
    request.signal?.addEventListener('abort', cancel, { once: true });
    try {
      yield* this.#chunks(call, request);
    } catch (error) {
      // The health watch may not have noticed yet, and the next try must not come back here.
      if (error instanceof TrunklineError && error.code === 'TRK_WORKER_LOST') lease.reportLost();
      throw error;
    } finally {
      request.signal?.removeEventListener('abort', cancel);
      // A reader that leaves early frees the worker too.
      call.cancel();
      lease.release();
    }
  }

  async *#chunks(call: ClientReadableStream<SpeakChunk>, request: SpeakRequest): AsyncGenerator<Audio> {
    let late = false;
    const watch = (ms: number): { cancel(): void } =>
      this.#options.clock.after(ms, () => {
        late = true;
        call.cancel();
      });
    let heardAt = 0;
    const firstMs = request.deadlineMs ?? DEFAULT_FIRST_AUDIO_MS;
    // Who has patience for the first chunk (nobody listens yet) has it for the next.
    const nextMs = Math.max(NEXT_CHUNK_MS, firstMs);
    let timer = watch(firstMs);
    try {
      for await (const chunk of call as AsyncIterable<SpeakChunk>) {
        timer.cancel();
        const samples = toSamples(chunk.audio);
        heardAt = Math.max(heardAt, this.#options.clock.monotonic()) + (samples.length * 1000) / SAMPLE_RATE;
        yield { sampleRate: SAMPLE_RATE, samples };
        timer = watch(Math.max(0, heardAt - this.#options.clock.monotonic()) + nextMs);
      }
    } catch (error) {
      if (late) throw new TrunklineError('TRK_SPEECH_DEADLINE', { params: { worker: 'mouth' }, cause: error });
      if (request.signal?.aborted) return;
      throw fromGrpc('mouth', error as Error);
    } finally {
      timer.cancel();
    }
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

/** A copy, because a gRPC buffer may begin at an odd address. */
function toSamples(bytes: Buffer): Int16Array {
  const samples = new Int16Array(bytes.length >> 1);
  for (let index = 0; index < samples.length; index++) samples[index] = bytes.readInt16LE(index * 2);
  return samples;
}
