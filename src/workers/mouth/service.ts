import { TrunklineError } from '../../kernel/errors.js';
import { Resampler } from '../../audio/resample.js';
import type { MouthHandlers, SpeakMessage } from '../../proto/mouth-messages.js';
import { toGrpc } from '../grpc-status.js';
import type { WorkerContext } from '../worker-host.js';
import type { VoiceEngine } from './engine.js';

const MAX_TEXT_CHARS = 1000;

/** A call of Speak as the handler sees it. */
interface Speaking {
  readonly request: SpeakMessage;
  readonly cancelled: boolean;
  write(chunk: { audio: Buffer }): boolean;
  end(): void;
  once(event: 'cancelled' | 'drain' | 'close', listener: () => void): unknown;
}

function refuse(reason: string): TrunklineError {
  return new TrunklineError('TRK_SPEECH_REQUEST', { params: { worker: 'mouth', reason } });
}

function check(request: SpeakMessage): { speed: number; rate: number } {
  if (request.text.trim() === '') throw refuse('the text is empty');
  if (request.text.length > MAX_TEXT_CHARS) throw refuse(`the text is longer than ${MAX_TEXT_CHARS} characters`);
  const speed = request.speed === 0 ? 1 : request.speed;
  if (!(speed >= 0.5 && speed <= 2)) throw refuse('speed must be 0.5 to 2');
  const rate = request.sampleRateHz;
  if (rate !== 8000 && rate !== 16000) throw refuse('sample rate must be 8000 or 16000');
  return { speed, rate };
}

/** The voice by name, or the first that reads the language. */
function choose(engines: readonly VoiceEngine[], request: SpeakMessage): VoiceEngine {
  const language = request.language.split('-')[0]!.toLowerCase();
  const able = engines.filter((engine) => engine.voice.languages.includes(language));
  if (able.length === 0) throw refuse('no voice for this language');
  const found = request.voice === '' ? able[0] : able.find((engine) => engine.voice.name === request.voice);
  if (found === undefined) throw refuse('no such voice for this language');
  return found;
}

function toPcm(samples: Float32Array): Int16Array {
  return Int16Array.from(samples, (sample) => Math.max(-32767, Math.min(32767, Math.round(sample * 32767))));
}

function bytes(samples: Int16Array): Buffer {
  return Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
}

/** The gRPC side of the mouth: checks, counts, resamples; the engine makes the sound. */
export function mouthHandlers(engines: readonly VoiceEngine[], capacity: number, context: WorkerContext): MouthHandlers {
  let running = 0;

  async function speak(call: Speaking): Promise<void> {
    if (context.draining) throw new TrunklineError('TRK_CLOSED', { params: { what: 'The mouth worker' } });
    const { speed, rate } = check(call.request);
    const engine = choose(engines, call.request);
    if (running >= capacity) throw new TrunklineError('TRK_WORKER_BUSY', { params: { worker: 'mouth' } });
    running++;
    const controller = new AbortController();
    call.once('cancelled', () => controller.abort());
    if (call.cancelled) controller.abort();
    const resampler = new Resampler(engine.voice.sampleRate, rate);
    const started = context.clock.monotonic();
    let firstMs = -1;
    let samples = 0;
    const write = async (audio: Int16Array): Promise<void> => {
      if (audio.length === 0 || controller.signal.aborted) return;
      if (firstMs < 0) firstMs = context.clock.monotonic() - started;
      samples += audio.length;
      // A reader that is slow holds the synthesis of its own sentence only.
      if (!call.write({ audio: bytes(audio) })) await drained(call, controller.signal);
    };
    try {
      const { text, language, joinsBefore, joinsAfter } = call.request;
      for await (const piece of engine.speak({ text, language, speed, joinsBefore, joinsAfter, signal: controller.signal })) {
        await write(resampler.push(toPcm(piece)));
      }
      await write(resampler.flush());
    } finally {
      running--;
    }
    context.log.debug({ voice: engine.voice.name, firstMs: Math.round(firstMs), totalMs: Math.round(context.clock.monotonic() - started), audioMs: Math.round((samples * 1000) / rate), pii: { text: call.request.text } }, 'sentence spoken');
    if (!controller.signal.aborted) call.end();
  }

  return {
    speak: (call) => {
      speak(call).catch((error: unknown) => call.emit('error', toGrpc(error)));
    },
    describe: (_call, done) => {
      done(null, { voices: engines.map(({ voice }) => ({ name: voice.name, languages: [...voice.languages] })), capacity, running });
    },
  };
}

function drained(call: Speaking, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    call.once('drain', resolve);
    call.once('close', resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
