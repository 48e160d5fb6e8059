import { parentPort } from 'node:worker_threads';
import type { FromVoiceThread, ToVoiceThread } from './voice-messages.js';

/** One part of a sentence's sound; each is one run of the model. */
export type Part = () => Promise<Float32Array>;

/** A loaded model with its voice or voices. Every call blocks the thread for a while. */
export interface VoiceModel {
  /** Makes ready to say a sentence: its parts in order. `first` says that a caller waits for the first of them. */
  prepare(ids: readonly number[], lengthScale: number, first: boolean, voice: string): Promise<Part[]>;
  release(): Promise<void>;
}

interface Job {
  readonly id: number;
  readonly sentences: (readonly number[])[];
  readonly lengthScale: number;
  readonly voice: string;
  parts: Part[];
  /** Samples made so far. */
  made: number;
}

const port = parentPort!;
const jobs = new Map<number, Job>();
/** The run that is going on, if one is. */
let running: Promise<void> | undefined;

function post(message: FromVoiceThread, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

/** One run of the model; true when the job is done. */
async function step(model: VoiceModel, job: Job): Promise<boolean> {
  const part = job.parts.shift();
  if (part === undefined) {
    const sentence = job.sentences.shift();
    if (sentence === undefined) return true;
    job.parts = await model.prepare(sentence, job.lengthScale, job.made === 0, job.voice);
  } else {
    const samples = await part();
    job.made += samples.length;
    // Cancelled while it was computed: nobody wants it any more.
    if (jobs.has(job.id)) post({ type: 'audio', id: job.id, samples }, [samples.buffer as ArrayBuffer]);
  }
  return job.parts.length === 0 && job.sentences.length === 0;
}

async function run(model: VoiceModel): Promise<void> {
  while (jobs.size > 0) {
    const job = [...jobs.values()].reduce((least, other) => (other.made < least.made ? other : least));
    try {
      if ((await step(model, job)) && jobs.delete(job.id)) post({ type: 'end', id: job.id });
    } catch (error) {
      if (jobs.delete(job.id)) post({ type: 'failed', id: job.id, reason: error instanceof Error ? error.message : String(error) });
    }
    // Lets messages in: a cancel takes effect between two runs.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Ends after the model run that is going on: the runtime crashes if its thread is torn away under it. */
async function close(model: VoiceModel): Promise<void> {
  jobs.clear();
  await running;
  await model.release();
  port.close();
}

/**
 * What a thread that runs a voice does: the runtime blocks while it computes, and
 * the worker's event loop must not. Sentences of several calls take turns, one
 * model run each, and the one that has been given the least sound goes first, so a
 * new short answer never waits for somebody's long one.
 */
export function serveVoice(load: () => Promise<VoiceModel>): void {
  load().then(
    (model) => {
      port.on('message', (message: ToVoiceThread) => {
        if (message.type === 'speak') {
          jobs.set(message.id, { id: message.id, sentences: [...message.sentences], lengthScale: message.lengthScale, voice: message.voice, parts: [], made: 0 });
          running ??= run(model).finally(() => (running = undefined));
        } else if (message.type === 'cancel') jobs.delete(message.id);
        else void close(model);
      });
      post({ type: 'ready' });
    },
    (error: unknown) => post({ type: 'failed', id: undefined, reason: error instanceof Error ? error.message : String(error) }),
  );
}
