import type { Worker } from 'node:worker_threads';
import { BoundedQueue } from '../../kernel/bounded-queue.js';
import { TrunklineError } from '../../kernel/errors.js';
import { startThread } from '../thread.js';
import type { FromVoiceThread, ToVoiceThread } from './voice-messages.js';

/** A text of 1,000 characters makes under 200 chunks, so a full queue means a reader that has gone. */
const MAX_CHUNKS = 512;

/** Which program the threads run, and with which files. */
export interface VoiceProgram {
  /** As compiled; see startThread. */
  readonly entry: URL;
  readonly name: string;
  readonly data: unknown;
  /** Named when it cannot be loaded. */
  readonly modelFile: string;
}

interface Thread {
  readonly worker: Worker;
  readonly jobs: Map<number, BoundedQueue<Float32Array>>;
}

/** The threads that run one model, which may have several voices. A sentence stays on the thread that began it. */
export class VoicePool {
  readonly #threads: Thread[];
  #nextId = 1;
  #closed = false;

  private constructor(threads: Thread[]) {
    this.#threads = threads;
  }

  /** Resolves when each of `count` threads has loaded the voice. TRK_MODEL_CORRUPT if it cannot be loaded. */
  static async start(program: VoiceProgram, count: number): Promise<VoicePool> {
    const pool = new VoicePool([]);
    try {
      for (let index = 0; index < count; index++) pool.#threads.push(await pool.#startThread(program));
    } catch (error) {
      await pool.close();
      throw error;
    }
    return pool;
  }

  #startThread(program: VoiceProgram): Promise<Thread> {
    const worker = startThread(program.entry, program.data, program.name);
    const thread: Thread = { worker, jobs: new Map() };
    return new Promise((resolve, reject) => {
      const fail = (reason: string): void => {
        reject(new TrunklineError('TRK_MODEL_CORRUPT', { params: { file: program.modelFile }, cause: new Error(reason) }));
        const error = new TrunklineError('TRK_WORKER_LOST', { params: { worker: 'voice thread' } });
        for (const queue of thread.jobs.values()) queue.end(error);
        thread.jobs.clear();
      };
      worker.on('message', (message: FromVoiceThread) => {
        if (message.type === 'ready') resolve(thread);
        else if (message.type === 'failed' && message.id === undefined) fail(message.reason);
        else this.#onMessage(thread, message);
      });
      worker.on('error', (error) => {
        fail(error.message);
        // The program cannot speak without its thread; its supervisor starts it anew.
        if (!this.#closed) throw error;
      });
      worker.on('exit', () => fail('the thread ended'));
    });
  }

  #onMessage(thread: Thread, message: FromVoiceThread): void {
    if (message.type === 'ready' || message.id === undefined) return;
    const queue = thread.jobs.get(message.id);
    if (queue === undefined) return;
    if (message.type === 'audio') {
      queue.push(message.samples);
      return;
    }
    thread.jobs.delete(message.id);
    queue.end(message.type === 'failed' ? new TrunklineError('TRK_INTERNAL', { params: { reason: message.reason } }) : undefined);
  }

  /** Samples as they are made; stops early when the signal is aborted or the reader leaves. */
  async *run(sentences: readonly (readonly number[])[], lengthScale: number, signal: AbortSignal, voice = ''): AsyncGenerator<Float32Array> {
    if (this.#closed) throw new TrunklineError('TRK_CLOSED', { params: { what: 'voice' } });
    const thread = this.#threads.reduce((least, other) => (other.jobs.size < least.jobs.size ? other : least));
    const id = this.#nextId++;
    const queue = new BoundedQueue<Float32Array>(MAX_CHUNKS);
    thread.jobs.set(id, queue);
    const post = (message: ToVoiceThread): void => thread.worker.postMessage(message);
    const stop = (): void => {
      if (!thread.jobs.delete(id)) return;
      post({ type: 'cancel', id });
      queue.clear();
      queue.end();
    };
    signal.addEventListener('abort', stop, { once: true });
    try {
      post({ type: 'speak', id, sentences, lengthScale, voice });
      if (signal.aborted) stop();
      yield* queue;
    } finally {
      signal.removeEventListener('abort', stop);
      stop();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(
      this.#threads.map(({ worker }) => {
        const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
        const message: ToVoiceThread = { type: 'close' };
        worker.postMessage(message);
        return ended;
      }),
    );
  }
}
