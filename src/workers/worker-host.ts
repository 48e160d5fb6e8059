import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { UntypedServiceImplementation } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import { systemClock } from '../kernel/clock.js';
import type { Clock } from '../kernel/clock.js';
import { TrunklineError, asTrunklineError } from '../kernel/errors.js';
import { createLogger } from '../kernel/log.js';
import type { Logger } from '../kernel/log.js';
import type { GrpcService } from '../proto/load.js';
import { exitCodes } from './exit-codes.js';
import { readTls } from './worker-options.js';
import type { WorkerOptions } from './worker-options.js';

/** What a worker's builder is given. */
export interface WorkerContext {
  readonly log: Logger;
  readonly clock: Clock;
  /** True after SIGTERM: new requests get UNAVAILABLE, open ones go on until the drain limit. */
  readonly draining: boolean;
}

/** What a worker's builder returns, with its models loaded: the host listens only after that. */
export interface WorkerParts<H extends UntypedServiceImplementation> {
  readonly handlers: H;
  /** Frees models and child processes, after the last request has ended. */
  close(): Promise<void>;
}

export interface RunningWorker {
  /** As clients dial it: `unix:/path` or `host:port` with the real port. */
  readonly address: string;
  /** Resolves when the worker has ended by `close`. */
  readonly closed: Promise<void>;
  /** Drains, then ends. Later calls join the first. */
  close(): Promise<void>;
}

/**
 * Serves one worker: builds it, binds the socket, answers grpc.health.v1 for the
 * whole server and for the service by name. Health says SERVING from the first
 * moment that the socket exists.
 *
 * Errors: whatever the builder throws; TRK_WORKER_START if the socket cannot be bound.
 */
export async function startWorker<H extends UntypedServiceImplementation>(
  name: string,
  service: Pick<GrpcService<never, H>, 'name' | 'definition'>,
  options: WorkerOptions,
  build: (context: WorkerContext) => Promise<WorkerParts<H>>,
  clock: Clock = systemClock,
): Promise<RunningWorker> {
  const log = createLogger(options.log).child({ worker: name });
  const state = { log, clock, draining: false };
  const parts = await build(state);
  // The stream and message limits keep a hostile client from eating the memory; audio and text messages are small.
  const server = new Server({ 'grpc.max_receive_message_length': 1 << 20, 'grpc.max_concurrent_streams': 2048 });
  server.addService(service.definition, parts.handlers);
  const health = new HealthImplementation({ '': 'SERVING', [service.name]: 'SERVING' });
  health.addToServer(server);
  const port = await bind(name, server, options).catch(async (error: unknown) => {
    await parts.close();
    throw error;
  });
  const address = options.listen.startsWith('unix:') ? options.listen : options.listen.replace(/:\d+$/, `:${port}`);
  log.info({ address, pid: process.pid }, 'worker listens');

  let markClosed = (): void => undefined;
  const closed = new Promise<void>((resolve) => (markClosed = resolve));
  let closing: Promise<void> | undefined;
  const drain = async (): Promise<void> => {
    state.draining = true;
    for (const one of ['', service.name]) health.setStatus(one, 'NOT_SERVING');
    await shutDown(server, clock, options.drainMs ?? 5000);
    await parts.close();
    log.info('worker ended');
    markClosed();
  };
  return { address, closed, close: () => (closing ??= drain()) };
}

function bind(name: string, server: Server, options: WorkerOptions): Promise<number> {
  const credentials = serverCredentials(options);
  return new Promise((resolve, reject) => {
    server.bindAsync(options.listen, credentials, (error, port) => {
      if (error === null) return resolve(port);
      reject(new TrunklineError('TRK_WORKER_START', { params: { worker: name, reason: `cannot listen on ${options.listen}` }, cause: error }));
    });
  });
}

function serverCredentials(options: WorkerOptions): ServerCredentials {
  if (options.tls === undefined) return ServerCredentials.createInsecure();
  const { cert, key, ca } = readTls(options.tls);
  // With an authority given, TLS is mutual: a client without a certificate is refused in the handshake.
  return ServerCredentials.createSsl(ca, [{ cert_chain: cert, private_key: key }], ca !== null);
}

/** Health watchers never end by themselves, so the wait for open streams always needs its limit. */
function shutDown(server: Server, clock: Clock, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(limitMs, () => {
      server.forceShutdown();
      resolve();
    });
    server.tryShutdown(() => {
      timer.cancel();
      resolve();
    });
  });
}

/**
 * The whole life of a worker program: start, SIGTERM or SIGINT drains, a closed
 * standard input ends it (options.tiedToStdin), exit codes of `exit-codes.ts`.
 */
export async function workerMain(name: string, tiedToStdin: boolean, run: () => Promise<RunningWorker>): Promise<void> {
  const log = createLogger({ level: 'info', pii: false }).child({ worker: name });
  process.once('uncaughtException', (error) => {
    log.fatal({ err: error }, 'worker crashed');
    process.exit(exitCodes.crash);
  });
  if (tiedToStdin) {
    // The pipe closes even when the parent is killed by SIGKILL; polling the parent's id would race with its reuse.
    process.stdin.on('error', () => process.exit(exitCodes.orphan));
    process.stdin.on('end', () => process.exit(exitCodes.orphan));
    process.stdin.resume();
  }
  let running: RunningWorker;
  try {
    running = await run();
  } catch (thrown) {
    const error = asTrunklineError(thrown);
    log.fatal({ code: error.code, err: error }, 'worker could not start');
    return process.exit(startFailure(error));
  }
  const end = (): void => void running.close();
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  await running.closed;
  process.exit(exitCodes.ok);
}

function startFailure(error: TrunklineError): number {
  if (error.code.startsWith('TRK_MODEL')) return exitCodes.model;
  if (error.code.startsWith('TRK_CONFIG')) return exitCodes.usage;
  return error.code === 'TRK_WORKER_START' ? exitCodes.listen : exitCodes.crash;
}
