import { systemClock } from '../../kernel/clock.js';
import { helperPort } from '../../kernel/helper-process.js';
import { IntentModel } from './intent-model.js';
import type { TrainingSet } from './intent-model.js';
import { PhraseVectors } from './phrase-vectors.js';
import { writeTrained } from './trained-files.js';
import type { TrainingReply, TrainingRequest } from './trainer.js';
import { gatherPhrases, keptThresholds } from './training.js';

/** Program of the training process. It asks for the sentence vectors that it does not have yet and trains when they come. */
type Job = Extract<TrainingRequest, { type: 'train' }>;

/** Calls go first. */
const NICE = 10;
const port = helperPort(NICE);
const open = new Map<number, { readonly job: Job; readonly set: TrainingSet; readonly asked: readonly string[] }>();
let vectors: PhraseVectors | undefined;

function onRequest(request: TrainingRequest): TrainingReply {
  if (request.type === 'vectors') {
    const waiting = open.get(request.id);
    open.delete(request.id);
    if (waiting === undefined || vectors === undefined) throw new Error('vectors that nobody asked for');
    const { job, set, asked } = waiting;
    // What was made without vectors is not kept: next time they may be there.
    if (request.vectors === undefined) return reply({ ...job, save: undefined, thresholdFile: undefined }, set);
    vectors.add(asked, request.vectors);
    return reply(job, vectors.into(set));
  }
  const set = gatherPhrases(request.language, request.questions);
  if (!request.meaning) return reply(request, set);
  vectors ??= new PhraseVectors(request.vectorFile, systemClock);
  const asked = vectors.missing(set);
  if (asked.length === 0) return reply(request, vectors.into(set));
  open.set(request.id, { job: request, set, asked });
  return { type: 'texts', id: request.id, texts: asked };
}

function reply({ id, language, save, thresholdFile }: Job, set: TrainingSet): TrainingReply {
  const withVectors = set.phrases.some(({ vector }) => vector !== undefined);
  const library = (): TrainingSet => (withVectors && vectors !== undefined ? vectors.into(gatherPhrases(language, [])) : gatherPhrases(language, []));
  const thresholds = keptThresholds(library, thresholdFile, systemClock);
  const model = IntentModel.train(set, thresholds);
  if (save !== undefined) writeTrained(save, model);
  return { type: 'model', id, model };
}

port.onMessage((message) => {
  const request = message as TrainingRequest;
  try {
    port.post(onRequest(request));
  } catch (error) {
    port.post({ type: 'failed', id: request.id, reason: error instanceof Error ? error.message : String(error) } satisfies TrainingReply);
  }
});
