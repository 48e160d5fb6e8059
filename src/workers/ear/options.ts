import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { Ajv } from 'ajv';
import { TrunklineError } from '../../kernel/errors.js';
import { checkWorkerOptions } from '../worker-options.js';
import type { WorkerOptions } from '../worker-options.js';

const Moonshine = Type.Object(
  { engine: Type.Literal('moonshine'), model: Type.String(), directory: Type.String({ description: 'Holds encoder_model.ort, decoder_model_merged.ort and tokenizer.bin.' }) },
  { additionalProperties: false },
);
const Vosk = Type.Object(
  {
    engine: Type.Literal('vosk'),
    model: Type.String(),
    languages: Type.Array(Type.String(), { minItems: 1, description: 'BCP 47 primary tags of the model.' }),
    library_file: Type.String({ description: 'libvosk.so' }),
    directory: Type.String({ description: 'An unpacked Vosk model.' }),
  },
  { additionalProperties: false },
);

/** The ear's own keys; those of every worker stand in worker-options.ts. */
const EarKeys = Type.Object({
  capacity: Type.Integer({ minimum: 1, maximum: 1000, default: 16, description: 'Streams at once.' }),
  recognizer_threads: Type.Integer({ minimum: 1, maximum: 32, default: 1, description: 'Decoding threads of an engine that needs them.' }),
  vad_file: Type.String({ minLength: 1, description: 'silero_vad_v5.onnx' }),
  engines: Type.Array(Type.Union([Moonshine, Vosk]), { minItems: 1, maxItems: 16, description: 'The first that knows a language is the one for it.' }),
});

export type EarKeys = Static<typeof EarKeys>;
export type EarOptions = WorkerOptions & EarKeys;
export type EngineOptions = EarKeys['engines'][number];

const validate = new Ajv({ useDefaults: true }).compile<EarKeys>(EarKeys);

/** TRK_CONFIG_INVALID names the key that is wrong. */
export function checkEarOptions(raw: Readonly<Record<string, unknown>>): EarOptions {
  const common = checkWorkerOptions(raw);
  const keys = structuredClone(raw) as unknown;
  if (!validate(keys)) {
    const first = validate.errors?.[0];
    throw new TrunklineError('TRK_CONFIG_INVALID', { params: { reason: `ear options ${first?.instancePath ?? ''} ${first?.message ?? ''}` } });
  }
  return { ...common, capacity: keys.capacity, recognizer_threads: keys.recognizer_threads, vad_file: keys.vad_file, engines: keys.engines };
}
