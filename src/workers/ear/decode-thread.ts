import { parentPort, workerData } from 'node:worker_threads';
import type { DecodeJob, DecodeReply, DecodeThreadData } from './decode-messages.js';
import { MoonshineModel } from './moonshine-model.js';

/** Program of a decoding thread: jobs come one at a time, because the pool sends the next one only after the answer. */
const port = parentPort;
if (port === null) throw new Error('this file is a worker thread, not a program');

const { directory } = workerData as DecodeThreadData;
const say = (reply: DecodeReply): void => port.postMessage(reply);

const model = await MoonshineModel.load(directory);
// The first run allocates; let no caller wait for that.
await model.decode(new Int16Array(8000), 8000, () => false);

port.on('message', (job: DecodeJob) => {
  model.decode(job.samples, job.sampleRate, () => Atomics.load(job.cancelled, 0) !== 0).then(
    (text) => say({ type: 'text', id: job.id, text }),
    (error: unknown) => say({ type: 'failed', id: job.id, reason: error instanceof Error ? error.message : String(error) }),
  );
});
say({ type: 'ready' });
