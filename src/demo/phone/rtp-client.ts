import { Worker } from 'node:worker_threads';
import type { FromThread, ToThread } from './thread-messages.js';

/** The phone's side of its RTP thread. */
export class RtpClient {
  readonly #worker: Worker;
  readonly #opening = new Map<string, (port: number | undefined) => void>();
  #closed = false;

  /** `onMessage` gets everything but the answers to `open`; `onLost` says that the thread died. */
  constructor(onMessage: (message: FromThread) => void, onLost: (error: Error) => void) {
    this.#worker = startThread();
    this.#worker.on('message', (message: FromThread) => {
      if (message.type === 'opened') this.#settle(message.call, message.port);
      else if (message.type === 'failed') this.#settle(message.call, undefined);
      else onMessage(message);
    });
    this.#worker.on('error', (error: Error) => {
      for (const call of [...this.#opening.keys()]) this.#settle(call, undefined);
      if (!this.#closed) onLost(error);
    });
  }

  /** RTP port of the call; undefined if none was free. */
  open(order: Omit<ToThread & { type: 'open' }, 'type'>): Promise<number | undefined> {
    return new Promise((resolve) => {
      this.#opening.set(order.call, resolve);
      this.send({ type: 'open', ...order });
    });
  }

  send(message: ToThread): void {
    if (!this.#closed) this.#worker.postMessage(message);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker.terminate();
  }

  #settle(call: string, port: number | undefined): void {
    this.#opening.get(call)?.(port);
    this.#opening.delete(call);
  }
}

function startThread(): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./rtp-thread.js', import.meta.url));
  // Run from source: threads of Node 20 do not inherit the loader that reads TypeScript.
  const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const source = JSON.stringify(new URL('./rtp-thread.ts', import.meta.url).href);
  return new Worker(`import(${loader}).then(({ register }) => { register(); return import(${source}); })`, { eval: true });
}
