import { access } from 'node:fs/promises';
import type { Clock } from '../../kernel/clock.js';
import { TrunklineError } from '../../kernel/errors.js';
import { systemRandom } from '../../kernel/random.js';
import { mouthService } from '../../proto/load.js';
import { startWorker } from '../worker-host.js';
import type { RunningWorker } from '../worker-host.js';
import type { VoiceEngine } from './engine.js';
import { KokoroEngine } from './kokoro.js';
import type { MouthKeys, MouthOptions } from './options.js';
import { PiperEngine } from './piper.js';
import { mouthHandlers } from './service.js';

/** Loads the voices and serves them. TRK_MODEL_MISSING, TRK_MODEL_CORRUPT, TRK_WORKER_LOST (no espeak-ng), TRK_WORKER_START. */
export function startMouthWorker(options: MouthOptions): Promise<RunningWorker> {
  return startWorker('mouth', mouthService(), options, async (context) => {
    const engines: VoiceEngine[] = [];
    const close = async (): Promise<void> => {
      for (const engine of engines.splice(0)) await engine.close();
    };
    try {
      await checkFiles(options.voices);
      // In the order of the options: the first that reads a language is the one for it.
      const started = [...(await startKokoro(options, context.clock, engines)), ...(await startPiper(options, context.clock, engines))];
      const place = (engine: VoiceEngine): number => options.voices.findIndex((voice) => voice.name === engine.voice.name);
      engines.splice(0, engines.length, ...started.sort((one, other) => place(one) - place(other)));
    } catch (error) {
      await close();
      throw error;
    }
    return { handlers: mouthHandlers(engines, options.capacity, context), close };
  });
}

type Voice = MouthKeys['voices'][number];

async function checkFiles(voices: readonly Voice[]): Promise<void> {
  for (const voice of voices) {
    for (const file of [voice.model_file, voice.engine === 'piper' ? voice.config_file : voice.voice_file]) {
      await access(file).catch((cause: unknown) => {
        throw new TrunklineError('TRK_MODEL_MISSING', { params: { model: voice.name }, cause });
      });
    }
  }
}

/** One model for all voices that are its own. What runs is put into `running` at once, so that a failure leaves nothing behind. */
async function startKokoro(options: MouthOptions, clock: Clock, running: VoiceEngine[]): Promise<VoiceEngine[]> {
  const models = new Map<string, Record<string, string>>();
  for (const voice of options.voices) if (voice.engine === 'kokoro') models.set(voice.model_file, { ...models.get(voice.model_file), [voice.name]: voice.voice_file });
  const started: VoiceEngine[] = [];
  for (const [modelFile, voices] of models) started.push(...(await KokoroEngine.start({ modelFile, voices, threads: options.threads, clock })));
  running.push(...started);
  return started;
}

async function startPiper(options: MouthOptions, clock: Clock, running: VoiceEngine[]): Promise<VoiceEngine[]> {
  const started: VoiceEngine[] = [];
  for (const voice of options.voices) {
    if (voice.engine !== 'piper') continue;
    const engine = await PiperEngine.start({ name: voice.name, modelFile: voice.model_file, configFile: voice.config_file, sha256: voice.sha256, derivedDirectory: options.derived_directory, threads: options.threads, clock, random: systemRandom });
    running.push(engine);
    started.push(engine);
  }
  return started;
}
