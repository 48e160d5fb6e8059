import type { sendUnaryData } from '@grpc/grpc-js';
import { TrunklineError } from '../../kernel/errors.js';
import type { GenerateChunk, GenerateMessage, MindHandlers } from '../../proto/mind-messages.js';
import { toGrpc } from '../grpc-status.js';
import type { WorkerContext } from '../worker-host.js';
import type { LlamaEngine } from './engine.js';

/** What the handlers use of a gRPC call; a passed deadline cancels it too. */
interface Cancellable {
  readonly cancelled: boolean;
  once(event: 'cancelled', listener: () => void): unknown;
}

function signalOf(call: Cancellable): AbortSignal {
  const controller = new AbortController();
  call.once('cancelled', () => controller.abort());
  if (call.cancelled) controller.abort();
  return controller.signal;
}

/** The gRPC side of the mind. */
export function mindHandlers(engine: LlamaEngine, name: string, context: WorkerContext): MindHandlers {
  const checkOpen = (): void => {
    if (context.draining) throw new TrunklineError('TRK_CLOSED', { params: { what: 'The mind worker' } });
  };

  async function generate(call: Cancellable & { readonly request: GenerateMessage; write(chunk: GenerateChunk): boolean; end(): void }): Promise<void> {
    checkOpen();
    const signal = signalOf(call);
    for await (const part of engine.generate(call.request, signal)) {
      if (signal.aborted) return;
      // At most a few thousand tokens a call, so an unread stream stays small.
      call.write('finish' in part ? { text: '', finish: part.finish } : { text: part.text, finish: null });
      if ('finish' in part) context.log.debug({ ...part.finish, firstTokenMs: Math.round(part.finish.firstTokenMs) }, 'text generated');
    }
    call.end();
  }

  /** Runs one unary request; an aborted one has nobody left to answer. */
  function unary<Request, Reply>(run: (request: Request, signal: AbortSignal) => Promise<Reply | undefined>) {
    return (call: Cancellable & { readonly request: Request }, done: sendUnaryData<Reply>): void => {
      const answer = async (): Promise<Reply> => {
        checkOpen();
        const reply = await run(call.request, signalOf(call));
        if (reply === undefined) throw new TrunklineError('TRK_SPEECH_DEADLINE', { params: { worker: 'mind' } });
        return reply;
      };
      answer().then((reply) => done(null, reply), (error: unknown) => done(toGrpc(error)));
    };
  }

  return {
    generate: (call) => {
      generate(call).catch((error: unknown) => call.emit('error', toGrpc(error)));
    },
    score: unary(async ({ prefix, prompt, labels }, signal) => {
      const scores = await engine.score(prefix, prompt, labels, signal);
      return scores === undefined ? undefined : { logProbability: scores };
    }),
    prepare: unary(async ({ prefix }, signal) => ({ tokens: await engine.prepare(prefix, signal) })),
    describe: (_call, done) => {
      done(null, { model: name, contextTokens: engine.contextTokens, slots: engine.slots.total, usedSlots: engine.slots.used });
    },
  };
}
