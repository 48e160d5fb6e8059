import { TrunklineError } from '../../kernel/errors.js';
import { HelperProcess } from '../../kernel/helper-process.js';
import type { SentenceFiles } from './sentence-model.js';
import type { SentenceJob, SentenceReply } from './sentence-process.js';

/** Sentences in one job, about 10 ms: as long as a caller may have to wait while a flow is published. */
const SENTENCES_A_JOB = 8;
/** More callers than this cannot wait; the machine is far too slow. */
const LONGEST_QUEUE = 10_000;

interface Pending {
  readonly texts: readonly string[];
  readonly resolve: (vectors: readonly Float32Array[]) => void;
  readonly reject: (error: TrunklineError) => void;
}

/**
 * The sentence model in a process of its own, because its runtime keeps some 80 MB. Callers' sentences go before those of a
 * flow that is being published. A process that dies fails what it was given and is
 * started anew by the next sentence.
 */
export class SentenceEmbedder {
  readonly #files: SentenceFiles;
  readonly #urgent: Pending[] = [];
  readonly #patient: Pending[] = [];
  #helper: HelperProcess | undefined;
  #ready = false;
  #current: (Pending & { readonly id: number }) | undefined;
  #nextId = 1;
  #closed = false;

  constructor(files: SentenceFiles) {
    this.#files = files;
  }

  /** Optional: loads the model, so that the first sentence does not wait for it. */
  start(): void {
    if (!this.#closed) this.#helper ??= this.#spawn();
  }

  /** Of one thing that a caller said. TRK_INTERNAL, TRK_CLOSED. */
  async embed(text: string): Promise<Float32Array> {
    const [vector] = await this.#ask(this.#urgent, [text]);
    if (vector === undefined) throw new TrunklineError('TRK_INTERNAL', { params: { reason: 'a sentence without a vector' } });
    return vector;
  }

  /** Of many, in their order, when nobody waits. TRK_INTERNAL, TRK_CLOSED. */
  async embedAll(texts: readonly string[]): Promise<readonly Float32Array[]> {
    const jobs: Promise<readonly Float32Array[]>[] = [];
    for (let at = 0; at < texts.length; at += SENTENCES_A_JOB) jobs.push(this.#ask(this.#patient, texts.slice(at, at + SENTENCES_A_JOB)));
    return (await Promise.all(jobs)).flat();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#failAll(new TrunklineError('TRK_CLOSED', { params: { what: 'The sentence model' } }));
    await this.#helper?.terminate();
  }

  #ask(queue: Pending[], texts: readonly string[]): Promise<readonly Float32Array[]> {
    return new Promise((resolve, reject) => {
      if (this.#closed || queue.length >= LONGEST_QUEUE) return reject(new TrunklineError('TRK_CLOSED', { params: { what: 'The sentence model' } }));
      queue.push({ texts, resolve, reject });
      this.#dispatch();
    });
  }

  #dispatch(): void {
    this.#helper ??= this.#spawn();
    if (!this.#ready || this.#current !== undefined) return;
    const next = this.#urgent.shift() ?? this.#patient.shift();
    if (next === undefined) return;
    const id = this.#nextId++;
    this.#current = { ...next, id };
    const job: SentenceJob = { id, texts: next.texts };
    this.#helper.post(job);
  }

  #spawn(): HelperProcess {
    const helper = new HelperProcess(new URL('./sentence-process.js', import.meta.url), this.#files);
    const lost = (cause: unknown): void => {
      if (this.#helper !== helper) return;
      this.#helper = undefined;
      this.#ready = false;
      this.#failAll(new TrunklineError('TRK_INTERNAL', { params: { reason: 'the sentence process ended' }, cause }));
    };
    helper.onMessage((message) => {
      const reply = message as SentenceReply;
      if (reply.type === 'ready') this.#ready = true;
      else this.#onReply(reply);
      this.#dispatch();
    });
    helper.onEnd(lost);
    return helper;
  }

  #onReply(reply: Exclude<SentenceReply, { type: 'ready' }>): void {
    const current = this.#current;
    if (current?.id !== reply.id) return;
    this.#current = undefined;
    // Copied: as received, one vector keeps the message with all of them.
    if (reply.type === 'vectors') current.resolve(reply.vectors.map((vector) => vector.slice()));
    else current.reject(new TrunklineError('TRK_INTERNAL', { params: { reason: `embedding: ${reply.reason}` } }));
  }

  #failAll(error: TrunklineError): void {
    const all = [...(this.#current === undefined ? [] : [this.#current]), ...this.#urgent.splice(0), ...this.#patient.splice(0)];
    this.#current = undefined;
    for (const one of all) one.reject(error);
  }
}
