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
  Type.Object({ text: Type.String({ minLength: 1, maxLength: 1000 }), out: Type.String({ minLength: 1 }), pitch: Type.Optional(Type.Number({ minimum: 0.7, maximum: 1.4 })), voice: Type.Optional(Type.String({ minLength: 1, maxLength: 80 })) }, { additionalProperties: false }),
  { maxItems: 1000 },
);

interface Order {
  readonly text: string;
  readonly out: string;
  readonly pitch?: number;
  readonly voice?: string;
}

/** Renders a list of sentences, or one to `out`, to WAV files, as a caller would hear them. `pitch` other than 1 makes another person of the voice, `voice` is another one. */
export async function speak(output: Output, what: string, options: { out?: string; language?: string; voice?: string; dir?: string }): Promise<number> {
  const orders = options.out === undefined ? readOrders(what) : [checkOrder({ text: what, out: options.out })];
  const speech = {
    ...(options.language === undefined ? {} : { language: options.language }),
    ...(options.dir === undefined ? {} : { models_dir: options.dir }),
    mouth: { ...(options.voice === undefined ? {} : { voice: options.voice }), voices: [...new Set(orders.flatMap(({ voice }) => voice ?? []))] },
  };
  const config = parseConfig(JSON.stringify({ speech }), process.env);
  const mouth = await startMouthOnly({ config, clock: systemClock, random: systemRandom, log: createLogger({ level: 'warn', pii: false }), promptDir: join(tmpdir(), 'trunkline-prompts') });
  try {
    for (const [index, order] of orders.entries()) {
      const audio = await whole(mouth.port, order, config.speech.language);
      const voiced = order.pitch === undefined || order.pitch === 1 ? audio : shiftVoice(audio, order.pitch);
      writeFileSync(order.out, encodeWav({ sampleRate: voiced.sampleRate, channels: [voiced.samples] }));
      output.progress('speaking', (index + 1) / orders.length);
    }
  } finally {
    await mouth.close();
  }
  return EXIT.ok;
}

function checkOrder(order: Order): Order {
  if (!Value.Check(Orders, [order])) throw new TrunklineError('TRK_USAGE', { params: { reason: 'The sentence must have 1 to 1000 characters.' }, field: 'what' });
  return order;
}

function readOrders(file: string): Order[] {
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

async function whole(mouth: Mouth, { text, voice }: Order, language: string): Promise<Audio> {
  const parts: Int16Array[] = [];
  for await (const audio of mouth.speak({ text, language, deadlineMs: 60_000, ...(voice === undefined ? {} : { voice }) })) parts.push(audio.samples);
  const samples = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    samples.set(part, at);
    at += part.length;
  }
  return { sampleRate: 8000, samples };
}
