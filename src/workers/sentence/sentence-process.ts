import { helperPort } from '../../kernel/helper-process.js';
import { SentenceModel } from './sentence-model.js';
import type { SentenceFiles } from './sentence-model.js';

export interface SentenceJob {
  readonly id: number;
  readonly texts: readonly string[];
}

export type SentenceReply = { readonly type: 'ready' } | { readonly type: 'vectors'; readonly id: number; readonly vectors: readonly Float32Array[] } | { readonly type: 'failed'; readonly id: number; readonly reason: string };

/** Program of the process that embeds: one job at a time, because the embedder sends the next one only after the answer. */
const port = helperPort();

const say = (reply: SentenceReply): void => port.post(reply);
const model = await SentenceModel.load(port.argument as SentenceFiles);
// The first run allocates; let no caller wait for that.
await model.embed('warm up');

async function embed(job: SentenceJob): Promise<void> {
  const vectors: Float32Array[] = [];
  for (const text of job.texts) vectors.push(await model.embed(text));
  say({ type: 'vectors', id: job.id, vectors });
}

port.onMessage((job) => {
  embed(job as SentenceJob).catch((error: unknown) => say({ type: 'failed', id: (job as SentenceJob).id, reason: error instanceof Error ? error.message : String(error) }));
});
say({ type: 'ready' });
