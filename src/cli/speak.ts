import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { Audio } from '../audio/frame.js';
import { shiftVoice } from '../audio/voice-shift.js';
import { encodeWav } from '../audio/wav.js';
import { parseConfig } from '../config/load.js';
import { systemClock } from '../kernel/clock.js';
import { TrunklineError } from '../kernel/errors.js';
import { createLogger } from '../kernel/log.js';
import { systemRandom } from '../kernel/random.js';
import type { Mouth } from '../speech/mouth.js';
import { startMouthOnly } from '../speech-wiring.js';
import { EXIT } from './output.js';
import type { Output } from './output.js';

const Orders = Type.Array(
  Type.Object({ text: Type.String({ minLength: 1, maxLength: 1000 }), out: Type.String({ minLength: 1 }), pitch: Type.Optional(Type.Number({ minimum: 0.7, maximum: 1.4 })) }, { additionalProperties: false }),
  { maxItems: 1000 },
);

/** Renders a list of sentences to WAV files, as a caller would hear them. `pitch` other than 1 makes another person of the voice. */
export async function speak(output: Output, file: string, options: { voice?: string; dir?: string }): Promise<number> {
  const orders = readOrders(file);
  const speech = {
    ...(options.dir === undefined ? {} : { models_dir: options.dir }),
    ...(options.voice === undefined ? {} : { mouth: { voice: options.voice } }),
  };
  const config = parseConfig(JSON.stringify({ speech }), process.env);
  const mouth = await startMouthOnly({ config, clock: systemClock, random: systemRandom, log: createLogger({ level: 'warn', pii: false }), promptDir: join(tmpdir(), 'trunkline-prompts') });
  try {
    for (const [index, order] of orders.entries()) {
      const audio = await whole(mouth.port, order.text, config.speech.language);
      const voiced = order.pitch === undefined || order.pitch === 1 ? audio : shiftVoice(audio, order.pitch);
      writeFileSync(order.out, encodeWav({ sampleRate: voiced.sampleRate, channels: [voiced.samples] }));
      output.progress('speaking', (index + 1) / orders.length);
    }
  } finally {
    await mouth.close();
  }
  return EXIT.ok;
}

function readOrders(file: string): { text: string; out: string; pitch?: number }[] {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new TrunklineError('TRK_USAGE', { params: { reason: `${file} is not readable JSON: ${(error as Error).message}` }, field: file, cause: error });
  }
  if (Value.Check(Orders, value)) return value;
  const first = Value.Errors(Orders, value).First();
  throw new TrunklineError('TRK_USAGE', { params: { reason: `${file}: ${first?.message ?? 'not a list of sentences'}` }, field: (first?.path ?? '').slice(1).replaceAll('/', '.') });
}

async function whole(mouth: Mouth, text: string, language: string): Promise<Audio> {
  const parts: Int16Array[] = [];
  for await (const audio of mouth.speak({ text, language, deadlineMs: 20_000 })) parts.push(audio.samples);
  const samples = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    samples.set(part, at);
    at += part.length;
  }
  return { sampleRate: 8000, samples };
}
