import koffi from 'koffi';

/** An opaque pointer of libvosk. */
export type VoskPointer = object;

type Async<Args extends readonly unknown[], Result> = (...args: Args) => Promise<Result>;

/**
 * The few functions of libvosk's C interface (vosk_api.h) that are used, each off
 * the JavaScript thread: a synchronous partial result stalls everything for up to
 * a quarter of a second. Calls on one recogniser must not overlap.
 */
export interface VoskLibrary {
  readonly modelNew: Async<[path: string], VoskPointer | null>;
  readonly modelFree: (model: VoskPointer) => void;
  readonly recognizerNew: Async<[model: VoskPointer, sampleRateHz: number], VoskPointer | null>;
  readonly recognizerFree: Async<[recognizer: VoskPointer], void>;
  readonly setWords: Async<[recognizer: VoskPointer, words: number], void>;
  /** 1: the engine found an end of utterance, and `result` has its words; 0: it goes on; below 0: it failed. */
  readonly accept: Async<[recognizer: VoskPointer, samples: Int16Array, length: number], number>;
  /** JSON text. */
  readonly result: Async<[recognizer: VoskPointer], string>;
  readonly finalResult: Async<[recognizer: VoskPointer], string>;
  readonly reset: Async<[recognizer: VoskPointer], void>;
}

/** Throws what the loader says if the file is no such library. */
export function loadVoskLibrary(file: string): VoskLibrary {
  const library = koffi.load(file);
  const bind = (result: string, name: string, args: readonly string[]): ReturnType<typeof library.func> => library.func(name, result, [...args]);
  const later = <Args extends readonly unknown[], Result>(result: string, name: string, args: readonly string[]): Async<Args, Result> => {
    const bound = bind(result, name, args);
    return (...values) =>
      new Promise<Result>((resolve, reject) => {
        bound.async(...values, (error: Error | null, value: Result) => (error ? reject(error) : resolve(value)));
      });
  };
  // -1: nothing on standard error but failures; Kaldi's own log would break the structured one.
  (bind('void', 'vosk_set_log_level', ['int']) as (level: number) => void)(-1);
  return {
    modelNew: later('void *', 'vosk_model_new', ['str']),
    modelFree: bind('void', 'vosk_model_free', ['void *']) as (model: VoskPointer) => void,
    recognizerNew: later('void *', 'vosk_recognizer_new', ['void *', 'float']),
    recognizerFree: later('void', 'vosk_recognizer_free', ['void *']),
    setWords: later('void', 'vosk_recognizer_set_words', ['void *', 'int']),
    accept: later('int', 'vosk_recognizer_accept_waveform_s', ['void *', 'const int16_t *', 'int']),
    result: later('str', 'vosk_recognizer_result', ['void *']),
    finalResult: later('str', 'vosk_recognizer_final_result', ['void *']),
    reset: later('void', 'vosk_recognizer_reset', ['void *']),
  };
}
