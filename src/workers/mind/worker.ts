import { access } from 'node:fs/promises';
import { TrunklineError } from '../../kernel/errors.js';
import { mindService } from '../../proto/load.js';
import { startWorker } from '../worker-host.js';
import type { RunningWorker } from '../worker-host.js';
import { LlamaEngine } from './engine.js';
import type { MindOptions } from './options.js';
import { mindHandlers } from './service.js';

/** Loads the model and serves it. TRK_MODEL_MISSING, TRK_MODEL_CORRUPT, TRK_WORKER_START. */
export function startMindWorker(options: MindOptions): Promise<RunningWorker> {
  return startWorker('mind', mindService(), options, async (context) => {
    await access(options.model_file).catch((cause: unknown) => {
      throw new TrunklineError('TRK_MODEL_MISSING', { params: { model: options.name }, cause });
    });
    const engine = await LlamaEngine.start({
      modelFile: options.model_file,
      slots: options.slots,
      contextTokens: options.context_tokens,
      threads: options.threads,
      prefixCacheBytes: options.prefix_cache_bytes,
      clock: context.clock,
    });
    return { handlers: mindHandlers(engine, options.name, context), close: () => engine.close() };
  });
}
