import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { Ajv } from 'ajv';
import { TrunklineError } from '../../kernel/errors.js';
import { checkWorkerOptions } from '../worker-options.js';
import type { WorkerOptions } from '../worker-options.js';

const PiperVoice = Type.Object(
  {
    engine: Type.Literal('piper'),
    name: Type.String({ minLength: 1, description: 'As requests name it, e.g. en_US-joe-medium.' }),
    model_file: Type.String(),
    config_file: Type.String(),
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'Of the model file.' }),
  },
  { additionalProperties: false },
);

const KokoroVoice = Type.Object(
  {
    engine: Type.Literal('kokoro'),
    name: Type.String({ minLength: 1, description: 'As requests name it, e.g. zf_xiaoxiao.' }),
    model_file: Type.String({ description: 'The graph, as shipped or with float convolutions.' }),
    voice_file: Type.String({ description: "The voice's styles." }),
  },
  { additionalProperties: false },
);

/** The mouth's own keys; those of every worker stand in worker-options.ts. */
const MouthKeys = Type.Object({
  capacity: Type.Integer({ minimum: 1, maximum: 1000, default: 8, description: 'Sentences at once.' }),
  threads: Type.Integer({ minimum: 1, maximum: 32, default: 1, description: 'Synthesis threads a voice.' }),
  derived_directory: Type.String({ minLength: 1, description: 'Where models made from models are kept.' }),
  voices: Type.Array(Type.Union([PiperVoice, KokoroVoice]), { minItems: 1, maxItems: 16 }),
});

export type MouthKeys = Static<typeof MouthKeys>;
export type MouthOptions = WorkerOptions & MouthKeys;

const validate = new Ajv({ useDefaults: true }).compile<MouthKeys>(MouthKeys);

/** TRK_CONFIG_INVALID names the key that is wrong. */
export function checkMouthOptions(raw: Readonly<Record<string, unknown>>): MouthOptions {
  const common = checkWorkerOptions(raw);
  const keys = structuredClone(raw) as unknown;
  if (!validate(keys)) {
    const first = validate.errors?.[0];
    throw new TrunklineError('TRK_CONFIG_INVALID', { params: { reason: `mouth options ${first?.instancePath ?? ''} ${first?.message ?? ''}` } });
  }
  return { ...common, capacity: keys.capacity, threads: keys.threads, derived_directory: keys.derived_directory, voices: keys.voices };
}
