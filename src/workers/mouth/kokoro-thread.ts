import { workerData } from 'node:worker_threads';
import { KokoroModel } from './kokoro-model.js';
import type { KokoroThreadData } from './voice-messages.js';
import { serveVoice } from './voice-thread.js';

/** The whole of a sentence is one run. */
serveVoice(async () => {
  const { modelFile, voices } = workerData as KokoroThreadData;
  const model = await KokoroModel.load(modelFile, voices);
  return {
    prepare: (ids, lengthScale, _first, voice) => Promise.resolve([() => model.run(ids, lengthScale, voice)]),
    release: () => model.release(),
  };
});
