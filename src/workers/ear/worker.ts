import { access } from 'node:fs/promises';
import { TrunklineError } from '../../kernel/errors.js';
import { earService } from '../../proto/load.js';
import { startWorker } from '../worker-host.js';
import type { RunningWorker } from '../worker-host.js';
import { loadEngine } from './engines.js';
import type { RecognizerEngine } from './engine.js';
import type { EarOptions } from './options.js';
import { earHandlers } from './service.js';
import { SileroVad } from './vad.js';

/**
 * Loads VAD and engines and serves them, as a supervised child or alone on another
 * host. An engine that dies later ends the process by an uncaught error: the
 * supervisor (or the init system) has a new one up sooner than repair would be.
 *
 * TRK_MODEL_MISSING, TRK_WORKER_START.
 */
export function runEarWorker(options: EarOptions): Promise<RunningWorker> {
  return startWorker('ear', earService(), options, async (context) => {
    await access(options.vad_file).catch((cause: unknown) => {
      throw new TrunklineError('TRK_MODEL_MISSING', { params: { model: 'silero-vad-v5' }, cause });
    });
    const vad = await SileroVad.load(options.vad_file);
    const engines: RecognizerEngine[] = [];
    const close = async (): Promise<void> => {
      await vad.close();
      for (const engine of engines.splice(0)) await engine.close();
    };
    const onFatal = (error: Error): void => {
      setImmediate(() => {
        throw error;
      });
    };
    try {
      for (const engine of options.engines) engines.push(await loadEngine(engine, options.recognizer_threads, onFatal));
    } catch (error) {
      await close();
      throw error;
    }
    return { handlers: earHandlers(vad, engines, options.capacity, context), close };
  });
}
