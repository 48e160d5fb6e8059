import type { Worker } from 'node:worker_threads';
import { startThread } from '../thread.js';
import type { DecodeJob, DecodeReply, DecodeThreadData } from './decode-messages.js';
import type { EarRate } from './engine.js';

interface Pending {
  readonly job: DecodeJob;
  readonly resolve: (text: string) => void;
  readonly reject: (error: Error) => void;
  readonly signal: AbortSignal;
  readonly onAbort: () => void;
}

interface Thread {
  readonly worker: Worker;
  current: Pending | undefined;
}

/** More waiting decodings than this mean that the machine is too slow; the newest is refused. */
const LONGEST_QUEUE = 256;

/** Threads with a model each. Decodings wait in order of arrival; cancelled ones leave the queue at once. */
export class DecodePool {
  readonly #threads: Thread[] = [];
  readonly #queue: Pending[] = [];
  #nextId = 1;
  #closing = false;
  readonly #onFatal: (error: Error) => void;

  private constructor(onFatal: (error: Error) => void) {
    this.#onFatal = onFatal;
  }

  /** Resolves when every thread has loaded its model. `onFatal`: a thread died; the process should end and be replaced. */
  static async start(data: DecodeThreadData, threads: number, onFatal: (error: Error) => void): Promise<DecodePool> {
    const pool = new DecodePool(onFatal);
    try {
      await Promise.all(Array.from({ length: threads }, () => pool.#spawn(data)));
    } catch (error) {
      await pool.close();
      throw error;
    }
    return pool;
  }

  /** Words in audio, which is moved away from the caller. Rejects with the signal's reason if aborted. */
  decode(samples: Int16Array, sampleRate: EarRate, signal: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      if (this.#closing || this.#queue.length >= LONGEST_QUEUE) return reject(new Error('the decoding queue is full or closed'));
      const cancelled = new Int32Array(new SharedArrayBuffer(4));
      const pending: Pending = { job: { id: this.#nextId++, samples, sampleRate, cancelled }, resolve, reject, signal, onAbort: () => this.#cancel(pending) };
      signal.addEventListener('abort', pending.onAbort, { once: true });
      this.#queue.push(pending);
      this.#dispatch();
    });
  }

  async close(): Promise<void> {
    this.#closing = true;
    for (const pending of this.#queue.splice(0)) this.#settle(pending, () => pending.reject(new Error('closed')));
    await Promise.all(this.#threads.map((thread) => thread.worker.terminate()));
  }

  #spawn(data: DecodeThreadData): Promise<void> {
    const worker = startThread(new URL('./decode-thread.js', import.meta.url), data, 'decode');
    const thread: Thread = { worker, current: undefined };
    this.#threads.push(thread);
    return new Promise((resolve, reject) => {
      worker.on('message', (reply: DecodeReply) => {
        if (reply.type === 'ready') resolve();
        else this.#onReply(thread, reply);
      });
      worker.once('error', (error) => {
        reject(error);
        if (!this.#closing) this.#onFatal(error);
      });
      worker.once('exit', (code) => {
        const error = new Error(`a decoding thread ended with ${code}`);
        reject(error);
        if (thread.current !== undefined) this.#settle(thread.current, thread.current.reject.bind(undefined, error));
        if (!this.#closing) this.#onFatal(error);
      });
    });
  }

  #onReply(thread: Thread, reply: Exclude<DecodeReply, { type: 'ready' }>): void {
    const pending = thread.current;
    thread.current = undefined;
    if (pending !== undefined && pending.job.id === reply.id && !pending.signal.aborted) {
      this.#settle(pending, () => {
        if (reply.type === 'text' && reply.text !== undefined) pending.resolve(reply.text);
        else pending.reject(new Error(reply.type === 'failed' ? reply.reason : 'cancelled'));
      });
    }
    this.#dispatch();
  }

  #dispatch(): void {
    for (const thread of this.#threads) {
      if (thread.current !== undefined) continue;
      const pending = this.#queue.shift();
      if (pending === undefined) return;
      thread.current = pending;
      thread.worker.postMessage(pending.job, [pending.job.samples.buffer as ArrayBuffer]);
    }
  }

  #cancel(pending: Pending): void {
    Atomics.store(pending.job.cancelled, 0, 1);
    const place = this.#queue.indexOf(pending);
    if (place >= 0) this.#queue.splice(place, 1);
    this.#settle(pending, () => pending.reject(pending.signal.reason as Error));
  }

  #settle(pending: Pending, how: () => void): void {
    pending.signal.removeEventListener('abort', pending.onAbort);
    how();
  }
}
