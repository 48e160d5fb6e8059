import type { ServerDuplexStream } from '@grpc/grpc-js';
import { TrunklineError } from '../../kernel/errors.js';
import type { EarHandlers, ListenEvent, ListenRequest, Start } from '../../proto/ear-messages.js';
import { toGrpc } from '../grpc-status.js';
import type { WorkerContext } from '../worker-host.js';
import { chooseEngine } from './engines.js';
import type { EarRate, RecognizerEngine } from './engine.js';
import { ListenStream } from './listen-stream.js';
import type { SileroVad } from './vad.js';

const DEFAULT_PAUSE_MS = 120;
/** Behind by more than this, the sender is slowed down by flow control; well below what the stream can look back. */
const SLOW_DOWN_MS = 1000;
const GO_ON_MS = 300;

type Call = ServerDuplexStream<ListenRequest, ListenEvent>;

/** The ear service over loaded models. */
export function earHandlers(vad: SileroVad, engines: readonly RecognizerEngine[], capacity: number, context: WorkerContext): EarHandlers {
  let open = 0;
  return {
    listen: (call) => {
      if (context.draining) return fail(call, new TrunklineError('TRK_CLOSED', { params: { what: 'The ear worker' } }));
      if (open >= capacity) return fail(call, new TrunklineError('TRK_WORKER_BUSY', { params: { worker: 'ear' } }));
      open++;
      serve(call, vad, engines, context, () => open--);
    },
    describe: (_call, done) => {
      done(null, { engines: engines.map(({ name, model, languages }) => ({ name, model, languages: [...languages] })), capacity, openStreams: open });
    },
  };
}

function serve(call: Call, vad: SileroVad, engines: readonly RecognizerEngine[], context: WorkerContext, onEnd: () => void): void {
  let stream: ListenStream | undefined;
  let rate: EarRate = 8000;
  let ended = false;
  const end = (error?: Error): void => {
    if (ended) return;
    ended = true;
    stream?.close();
    onEnd();
    if (error !== undefined) fail(call, error);
  };
  const start = (request: Start): void => {
    if (stream !== undefined) throw refused('a second start');
    const { pauseMs, engine } = checkStart(request, engines);
    rate = request.sampleRateHz === 16000 ? 16000 : 8000;
    const emit = (event: ListenEvent): void => {
      if (!ended) call.write(event);
    };
    stream = new ListenStream({ vad, recognizer: engine.open(rate), sampleRate: rate, pauseMs, clock: context.clock, log: context.log, emit, onError: end });
    call.write({ opened: { engine: engine.name, model: engine.model } });
  };
  const audio = (chunk: Buffer): void => {
    if (stream === undefined) throw refused('audio before start');
    stream.push(toSamples(chunk, rate));
    if (stream.behindMs > SLOW_DOWN_MS && !call.isPaused()) {
      call.pause();
      void stream.caughtUp(GO_ON_MS).then(() => call.resume());
    }
  };
  call.on('data', (message: ListenRequest) => {
    if (ended) return;
    try {
      if (message.start) start(message.start);
      else if (message.audio) audio(message.audio);
      else if (message.reset) stream?.reset();
      else throw refused('an empty message');
    } catch (error) {
      end(error as Error);
    }
  });
  call.on('end', () => {
    if (ended) return;
    void (stream?.finish() ?? Promise.resolve()).then(() => {
      if (ended) return;
      end();
      call.end();
    });
  });
  call.on('cancelled', () => end());
  call.on('error', () => end());
}

function checkStart(request: Start, engines: readonly RecognizerEngine[]): { pauseMs: number; engine: RecognizerEngine } {
  if (request.sampleRateHz !== 8000 && request.sampleRateHz !== 16000) throw refused('sample_rate_hz must be 8000 or 16000');
  const pauseMs = request.pauseMs === 0 ? DEFAULT_PAUSE_MS : request.pauseMs;
  if (pauseMs < 60 || pauseMs > 2000) throw refused('pause_ms must be 60 to 2000');
  return { pauseMs, engine: chooseEngine(engines, request.engine, request.language) };
}

/** 10 to 100 ms of 16-bit little-endian samples. */
function toSamples(chunk: Buffer, rate: number): Int16Array {
  const ms = (chunk.length / 2 / rate) * 1000;
  if (chunk.length % 2 !== 0 || ms < 10 || ms > 100) throw refused('a chunk must be 10 to 100 ms of whole samples');
  const samples = new Int16Array(chunk.length / 2);
  for (let at = 0; at < samples.length; at++) samples[at] = chunk.readInt16LE(at * 2);
  return samples;
}

function refused(reason: string): TrunklineError {
  return new TrunklineError('TRK_SPEECH_REQUEST', { params: { worker: 'ear', reason } });
}

function fail(call: Call, error: Error): void {
  call.emit('error', toGrpc(error));
}
