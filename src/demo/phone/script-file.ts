import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { Ajv } from 'ajv';
import { resample } from '../../audio/resample.js';
import { decodeWav } from '../../audio/wav.js';
import { TrunklineError } from '../../kernel/errors.js';
import type { Random } from '../../kernel/random.js';
import { fraction } from '../../kernel/random.js';
import type { TalkScript } from './talk-script.js';

const MAX_CLIP_BYTES = 16 * 1024 * 1024;
const ms = (value?: number) => Type.Number({ minimum: 0, maximum: 3_600_000, ...(value === undefined ? {} : { default: value }) });
const level = (value: number) => Type.Number({ minimum: -90, maximum: 0, default: value });

const Step = Type.Object(
  {
    say: Type.Optional(Type.String({ description: 'WAV file, mono, beside the script.' })),
    dtmf: Type.Optional(Type.String({ pattern: '^[0-9*#A-D]{1,32}$' })),
    after: Type.Union([Type.Literal('bot_speech_end'), ms()], { default: 'bot_speech_end' }),
    thinkMs: Type.Union([ms(), Type.Tuple([ms(), ms()])], { default: [300, 600] }),
    bargeInAfterMs: Type.Optional(ms()),
    timeoutMs: ms(15_000),
    label: Type.String({ default: '', maxLength: 100 }),
  },
  { additionalProperties: false },
);

/** A script as it stands in its JSON file. */
const ScriptSchema = Type.Object(
  {
    user: Type.Optional(Type.String({ description: 'Only calls to this user part follow this script.' })),
    codecs: Type.Array(Type.Union([Type.Literal('PCMA'), Type.Literal('PCMU')]), { minItems: 1, maxItems: 2, default: ['PCMA', 'PCMU'] }),
    answerAfterMs: ms(200),
    reject: Type.Optional(Type.Integer({ minimum: 300, maximum: 699, description: 'Refuse the call with this status.' })),
    steps: Type.Array(Step, { maxItems: 1000, default: [] }),
    hangupAfter: Type.Union([Type.Literal('bot_speech_end'), Type.Literal('never'), ms()], { default: 'bot_speech_end' }),
    maxCallMs: Type.Number({ minimum: 100, maximum: 1_800_000, default: 120_000 }),
    speechThresholdDbfs: level(-40),
    botThresholdDbfs: level(-50),
    botSilenceMs: ms(500),
    noiseDbfs: Type.Optional(level(-70)),
  },
  { additionalProperties: false },
);

export type ScriptFile = Static<typeof ScriptSchema>;

/** A script whose audio is loaded. */
export interface PhoneScript {
  readonly name: string;
  readonly file: ScriptFile;
  /** One for each step. */
  readonly clips: readonly (Int16Array | undefined)[];
}

const validate = new Ajv({ useDefaults: true, strict: true, allowUnionTypes: true }).compile<ScriptFile>(ScriptSchema);

/** TRK_USAGE with the file and the place in it; TRK_AUDIO_FORMAT for its clips. */
export function loadScript(path: string): PhoneScript {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new TrunklineError('TRK_USAGE', { params: { reason: `Script ${path} cannot be read: ${(cause as Error).message}.` }, cause });
  }
  return checkScript(value, basename(path, '.json'), dirname(path));
}

/** `directory` is where relative clips lie. TRK_USAGE, TRK_AUDIO_FORMAT. */
export function checkScript(value: unknown, name: string, directory: string): PhoneScript {
  const file = structuredClone(value);
  if (!validate(file)) {
    const error = validate.errors?.[0];
    const field = (error?.instancePath ?? '').slice(1).replaceAll('/', '.');
    throw new TrunklineError('TRK_USAGE', { params: { reason: `Script ${name}: ${field} ${error?.message ?? 'is not valid'}.` }, field });
  }
  const clips = file.steps.map((step, index) => {
    if (step.say === undefined && step.dtmf === undefined) {
      throw new TrunklineError('TRK_USAGE', { params: { reason: `Script ${name}: steps.${index} needs say or dtmf.` }, field: `steps.${index}` });
    }
    return step.say === undefined ? undefined : loadClip(resolve(directory, step.say));
  });
  return { name, file, clips };
}

function loadClip(path: string): Int16Array {
  let bytes: Uint8Array;
  try {
    if (statSync(path).size > MAX_CLIP_BYTES) throw new Error('too large');
    bytes = readFileSync(path);
  } catch (cause) {
    throw new TrunklineError('TRK_USAGE', { params: { reason: `Clip ${path} cannot be read: ${(cause as Error).message}.` }, cause });
  }
  const wav = decodeWav(bytes);
  return resample({ sampleRate: wav.sampleRate, samples: wav.channels[0]! }, 8000).samples;
}

/** What the caller of one call does; think times within a range are drawn anew for each. */
export function talkScript(script: PhoneScript, random: Random): TalkScript {
  const { file } = script;
  return {
    steps: file.steps.map((step, index) => ({
      clip: script.clips[index],
      dtmf: step.dtmf ?? '',
      after: step.after,
      thinkMs: typeof step.thinkMs === 'number' ? step.thinkMs : step.thinkMs[0] + fraction(random) * (step.thinkMs[1] - step.thinkMs[0]),
      bargeInAfterMs: step.bargeInAfterMs,
      timeoutMs: step.timeoutMs,
      label: step.label,
    })),
    hangupAfter: file.hangupAfter,
    speechThresholdDbfs: file.speechThresholdDbfs,
    botThresholdDbfs: file.botThresholdDbfs,
    botSilenceMs: file.botSilenceMs,
    maxCallMs: file.maxCallMs,
    noiseDbfs: file.noiseDbfs,
  };
}
