import { parentPort, workerData } from 'node:worker_threads';
import { PiperModel, chunkRanges } from './piper-model.js';
import type { Latent } from './piper-model.js';
import type { FromPiperThread, PiperThreadData, ToPiperThread } from './piper-messages.js';

/**
 * The thread that runs the voice: onnxruntime blocks while it computes, and the
 * worker's event loop must not. Sentences of several calls take turns, one model
 * run each, and the one that has been given the least sound goes first, so a new
 * short answer never waits for somebody's long one.
 */
interface Job {
  readonly id: number;
  readonly sentences: (readonly number[])[];
  readonly lengthScale: number;
  latent: Latent | undefined;
  ranges: [number, number][];
  /** Samples made so far. */
  made: number;
}

const port = parentPort!;
const jobs = new Map<number, Job>();
/** The run that is going on, if one is. */
let running: Promise<void> | undefined;

function post(message: FromPiperThread, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

/** One run of the encoder or of the decoder; true when the job is done. */
async function step(model: PiperModel, job: Job): Promise<boolean> {
  if (job.latent === undefined) {
    const sentence = job.sentences.shift();
    if (sentence === undefined) return true;
    job.latent = await model.encode(sentence, job.lengthScale);
    job.ranges = chunkRanges(job.latent.frames, job.made === 0);
    return job.ranges.length === 0 && job.sentences.length === 0;
  }
  const [from, to] = job.ranges.shift()!;
  const samples = await model.decode(job.latent, from, to);
  job.made += samples.length;
  // Cancelled while it was computed: nobody wants it any more.
  if (jobs.has(job.id)) post({ type: 'audio', id: job.id, samples }, [samples.buffer as ArrayBuffer]);
  if (job.ranges.length === 0) job.latent = undefined;
  return job.latent === undefined && job.sentences.length === 0;
}

async function run(model: PiperModel): Promise<void> {
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
async function close(model: PiperModel): Promise<void> {
  jobs.clear();
  await running;
  await model.release();
  port.close();
}

async function main(): Promise<void> {
  const { encoderFile, decoderFile } = workerData as PiperThreadData;
  const model = await PiperModel.load(encoderFile, decoderFile);
  port.on('message', (message: ToPiperThread) => {
    if (message.type === 'speak') {
      jobs.set(message.id, { id: message.id, sentences: [...message.sentences], lengthScale: message.lengthScale, latent: undefined, ranges: [], made: 0 });
      running ??= run(model).finally(() => (running = undefined));
    } else if (message.type === 'cancel') jobs.delete(message.id);
    else void close(model);
  });
  post({ type: 'ready' });
}

main().catch((error: unknown) => post({ type: 'failed', id: undefined, reason: error instanceof Error ? error.message : String(error) }));
