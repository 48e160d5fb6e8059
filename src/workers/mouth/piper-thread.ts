import { workerData } from 'node:worker_threads';
import { PiperModel, chunkRanges } from './piper-model.js';
import type { PiperThreadData } from './voice-messages.js';
import { serveVoice } from './voice-thread.js';

/** One run of encoder and flow a sentence, then one of the decoder for each stretch of frames. */
serveVoice(async () => {
  const { parts } = workerData as PiperThreadData;
  const model = await PiperModel.load(parts);
  return {
    async prepare(ids, lengthScale, first) {
      const latent = await model.encode(ids, lengthScale);
      return chunkRanges(latent.frames, first).map(([from, to]) => () => model.decode(latent, from, to));
    },
    release: () => model.release(),
  };
});
