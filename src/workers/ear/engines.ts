import { access } from 'node:fs/promises';
import { TrunklineError } from '../../kernel/errors.js';
import { DecodePool } from './decode-pool.js';
import type { RecognizerEngine } from './engine.js';
import { MoonshineEngine } from './moonshine.js';
import type { EngineOptions } from './options.js';
import { VoskEngine } from './vosk.js';

/** Loads one engine. `onFatal`: it died later, and the process with it. TRK_MODEL_MISSING. */
export async function loadEngine(options: EngineOptions, threads: number, onFatal: (error: Error) => void): Promise<RecognizerEngine> {
  await access(options.directory).catch((cause: unknown) => {
    throw new TrunklineError('TRK_MODEL_MISSING', { params: { model: options.model }, cause });
  });
  switch (options.engine) {
    case 'moonshine':
      return new MoonshineEngine(await DecodePool.start({ directory: options.directory }, threads, onFatal), options.model);
    case 'vosk':
      return VoskEngine.load(options);
  }
}

/**
 * The engine for a stream: by name if one is asked for, otherwise the first that
 * knows the language. TRK_SPEECH_REQUEST if there is none.
 */
export function chooseEngine(engines: readonly RecognizerEngine[], name: string, language: string): RecognizerEngine {
  const primary = language.split('-')[0]?.toLowerCase() ?? '';
  const named = name === '' ? engines : engines.filter((engine) => engine.name === name);
  const engine = named.find((one) => one.languages.includes(primary) || one.languages.includes('*'));
  if (engine === undefined) {
    const reason = named.length === 0 ? 'unknown engine' : 'no engine for this language';
    throw new TrunklineError('TRK_SPEECH_REQUEST', { params: { worker: 'ear', reason } });
  }
  return engine;
}
