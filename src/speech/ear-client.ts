import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import type { Clock } from '../kernel/clock.js';
import { TrunklineError } from '../kernel/errors.js';
import type { Logger } from '../kernel/log.js';
import type { EarGrpcClient, ListenEvent, ListenRequest } from '../proto/ear-messages.js';
import { earService } from '../proto/load.js';
import type { Ear, EarStream, EarStreamOptions } from './ear.js';
import { RemoteEarStream } from './ear-stream.js';
import type { EndpointSource } from './endpoint.js';
import { fromGrpc } from './grpc-errors.js';
import { WorkerPool } from './worker-pool.js';

/** From the request to `opened`; a worker that takes longer is as good as lost to a call. */
const OPEN_LIMIT_MS = 1500;
/** Workers that are tried for one stream. */
const TRIES = 3;

export interface EarClientOptions {
  readonly source: EndpointSource;
  /** Streams that each worker takes. */
  readonly capacityPerWorker: number;
  /** Engine for streams that name none; empty or absent: the worker's own choice for the language. */
  readonly engine?: string;
  /** As in the port. */
  readonly wordsWithinMs?: number | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Hearing by ear workers. */
export class EarClient implements Ear {
  readonly #options: EarClientOptions;
  readonly #pool: WorkerPool<EarGrpcClient>;
  #dropped = 0;

  constructor(options: EarClientOptions) {
    this.#options = options;
    const { source, capacityPerWorker, clock, log } = options;
    this.#pool = new WorkerPool({ worker: 'ear', service: earService(), source, capacityPerWorker, clock, log });
  }

  get capacity(): { readonly total: number; readonly used: number } {
    return this.#pool.capacity;
  }

  get wordsWithinMs(): number | undefined {
    return this.#options.wordsWithinMs;
  }

  get ready(): boolean {
    return this.#pool.ready;
  }

  /** Frames that streams dropped so far because their worker was more than 2 s behind. */
  get droppedFrames(): number {
    return this.#dropped;
  }

  /** TRK_WORKER_START if no worker answers its health check in time. */
  untilReady(limitMs: number): Promise<void> {
    return this.#pool.untilReady(limitMs);
  }

  async open(options: EarStreamOptions): Promise<EarStream> {
    let lost: TrunklineError | undefined;
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const lease = this.#pool.acquire();
      try {
        const call = lease.client.listen();
        await this.#opened(call, options);
        return new RemoteEarStream(call, {
          sampleRate: options.sampleRate ?? 8000,
          clock: this.#options.clock,
          log: this.#options.log,
          onDrop: () => this.#dropped++,
          onEnd: (lost) => (lost ? lease.reportLost() : lease.release()),
        });
      } catch (error) {
        const coded = fromGrpc('ear', error as Error);
        // Only death is worth another worker: a refusal would be repeated, and a full pool is known to be full.
        if (coded.code !== 'TRK_WORKER_LOST') {
          lease.release();
          throw coded;
        }
        lease.reportLost();
        lost = coded;
      }
    }
    throw lost ?? new TrunklineError('TRK_WORKER_LOST', { params: { worker: 'ear' } });
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  /** Sends `start` and waits for the worker's word that the stream will be served. */
  #opened(call: ClientDuplexStream<ListenRequest, ListenEvent>, options: EarStreamOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        timer.cancel();
        call.off('data', onData);
        call.off('error', onError);
        settle();
      };
      const onData = (event: ListenEvent): void => {
        if (event.opened === undefined) return;
        // Nothing else comes before `opened` is read, so no event is lost between this listener and the stream's own.
        call.pause();
        finish(resolve);
      };
      const onError = (error: ServiceError): void => finish(() => reject(error));
      const timer = this.#options.clock.after(OPEN_LIMIT_MS, () =>
        finish(() => {
          call.on('error', () => undefined);
          call.cancel();
          reject(new TrunklineError('TRK_WORKER_LOST', { params: { worker: 'ear' } }));
        }),
      );
      call.on('data', onData);
      call.on('error', onError);
      call.write({ start: { language: options.language, engine: options.engine ?? this.#options.engine ?? '', sampleRateHz: options.sampleRate ?? 8000, pauseMs: options.pauseMs ?? 0 } });
    });
  }
}
