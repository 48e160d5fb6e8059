import type { ServiceError } from '@grpc/grpc-js';
import type { Clock } from '../kernel/clock.js';
import { TrunklineError } from '../kernel/errors.js';
import type { Logger } from '../kernel/log.js';
import { mindService } from '../proto/load.js';
import type { Finish, GenerateChunk, MindGrpcClient, PrepareReply, ScoreReply } from '../proto/mind-messages.js';
import type { EndpointSource } from './endpoint.js';
import { fromGrpc } from './grpc-errors.js';
import type { Mind, MindRequest } from './mind.js';
import { WorkerPool } from './worker-pool.js';

const DEFAULT_DEADLINE_MS = 2000;
/** A new prefix of a full context is computed in this time even on one loaded core. */
const PREPARE_MS = 60_000;

export interface MindClientOptions {
  readonly source: EndpointSource;
  /** Slots of each worker. */
  readonly capacityPerWorker: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** Told how each generation ended, for metrics. */
  readonly onFinish?: (finish: Finish) => void;
}

interface Cancellable {
  cancel(): void;
}

/** The PORT `Mind` over gRPC, on as many workers as there are. */
export class MindClient implements Mind {
  readonly #options: MindClientOptions;
  readonly #pool: WorkerPool<MindGrpcClient>;

  constructor(options: MindClientOptions) {
    this.#options = options;
    const { source, capacityPerWorker, clock, log } = options;
    this.#pool = new WorkerPool<MindGrpcClient>({ worker: 'mind', service: mindService(), source, capacityPerWorker, clock, log });
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

  /** Ends early without an error when the signal is aborted. TRK_SPEECH_REQUEST also if `maxTokens` cut a text short that has to follow a grammar. */
  async *generate(request: MindRequest): AsyncGenerator<string> {
    if (request.signal?.aborted) return;
    const lease = this.#pool.acquire();
    const deadlineMs = request.deadlineMs ?? DEFAULT_DEADLINE_MS;
    const { grammar } = request;
    const call = lease.client.generate(
      {
        prefix: request.prefix,
        prompt: request.prompt,
        grammarGbnf: grammar?.kind === 'gbnf' ? grammar.text : '',
        grammarJsonSchema: grammar?.kind === 'json-schema' ? grammar.text : '',
        maxTokens: request.maxTokens ?? 0,
        temperature: request.temperature ?? 0,
        stop: [...(request.stop ?? [])],
      },
      { deadline: this.#deadline(deadlineMs) },
    );
    const guard = this.#guard(call, deadlineMs, request.signal);
    let finish: Finish | null = null;
    try {
      for await (const chunk of call as AsyncIterable<GenerateChunk>) {
        if (chunk.text !== '') yield chunk.text;
        if (chunk.finish !== null) finish = chunk.finish;
      }
    } catch (error) {
      if (guard.late) throw new TrunklineError('TRK_SPEECH_DEADLINE', { params: { worker: 'mind' }, cause: error });
      if (request.signal?.aborted) return;
      throw fromGrpc('mind', error as Error);
    } finally {
      guard.end();
      call.cancel();
      lease.release();
    }
    if (finish !== null) this.#options.onFinish?.(finish);
    if (grammar !== undefined && finish?.reason === 'length') {
      throw new TrunklineError('TRK_SPEECH_REQUEST', { params: { worker: 'mind', reason: 'the answer reached the limit of tokens before its grammar was complete' } });
    }
  }

  async score(request: { prefix: string; prompt: string; labels: readonly string[]; deadlineMs?: number; signal?: AbortSignal }): Promise<readonly number[]> {
    const { prefix, prompt, labels } = request;
    const reply = await this.#unary<ScoreReply>(request.deadlineMs ?? DEFAULT_DEADLINE_MS, request.signal, (client, options, done) =>
      client.score({ prefix, prompt, labels: [...labels] }, options, done));
    return reply.logProbability;
  }

  async prepare(prefix: string): Promise<void> {
    await this.#unary<PrepareReply>(PREPARE_MS, undefined, (client, options, done) => client.prepare({ prefix }, options, done));
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  #unary<Reply>(
    deadlineMs: number,
    signal: AbortSignal | undefined,
    send: (client: MindGrpcClient, options: { deadline: Date }, done: (error: ServiceError | null, reply?: Reply) => void) => Cancellable,
  ): Promise<Reply> {
    return new Promise<Reply>((resolve, reject) => {
      signal?.throwIfAborted();
      const lease = this.#pool.acquire();
      const call = send(lease.client, { deadline: this.#deadline(deadlineMs) }, (error, reply) => {
        guard.end();
        lease.release();
        if (error === null && reply !== undefined) resolve(reply);
        else if (guard.late) reject(new TrunklineError('TRK_SPEECH_DEADLINE', { params: { worker: 'mind' }, cause: error }));
        else if (signal?.aborted) reject(signal.reason as Error);
        else reject(fromGrpc('mind', error ?? new Error('no reply')));
      });
      const guard = this.#guard(call, deadlineMs, signal);
    });
  }

  /** gRPC tells the worker by the wall clock when to give up. */
  #deadline(ms: number): Date {
    return new Date(this.#options.clock.now() + ms);
  }

  /** Cancels the call when the time is over or the signal aborted, and remembers which. */
  #guard(call: Cancellable, deadlineMs: number, signal: AbortSignal | undefined): { readonly late: boolean; end(): void } {
    const state = { late: false };
    const timer = this.#options.clock.after(deadlineMs, () => {
      state.late = true;
      call.cancel();
    });
    const cancel = (): void => call.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    return {
      get late() {
        return state.late;
      },
      end: () => {
        timer.cancel();
        signal?.removeEventListener('abort', cancel);
      },
    };
  }
}
