import { access } from 'node:fs/promises';
import { TrunklineError } from '../../kernel/errors.js';
import { systemRandom } from '../../kernel/random.js';
import { mouthService } from '../../proto/load.js';
import { startWorker } from '../worker-host.js';
import type { RunningWorker } from '../worker-host.js';
import type { VoiceEngine } from './engine.js';
import type { MouthOptions } from './options.js';
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
      for (const voice of options.voices) {
        for (const file of [voice.model_file, voice.config_file]) {
          await access(file).catch((cause: unknown) => {
            throw new TrunklineError('TRK_MODEL_MISSING', { params: { model: voice.name }, cause });
          });
        }
        engines.push(
          await PiperEngine.start({
            name: voice.name,
            modelFile: voice.model_file,
            configFile: voice.config_file,
            sha256: voice.sha256,
            derivedDirectory: options.derived_directory,
            threads: options.threads,
            clock: context.clock,
            random: systemRandom,
          }),
        );
      }
    } catch (error) {
      await close();
      throw error;
    }
    return { handlers: mouthHandlers(engines, options.capacity, context), close };
  });
}
