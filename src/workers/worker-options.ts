import { readPem } from '../config/read-pem.js';
import type { LogOptions } from '../kernel/log.js';
import { TrunklineError } from '../kernel/errors.js';
import { isLoopback } from '../kernel/loopback.js';

/** PEM files of a worker that listens on TCP. With `caFile` the clients must show a certificate of that authority. */
export interface WorkerTls {
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile?: string;
}

/** What every worker program takes, as the JSON text of its first argument or from the command line. */
export interface WorkerOptions {
  /** `unix:/path/to/socket`, or `host:port` (port 0 lets the system choose). */
  readonly listen: string;
  /** Required unless `listen` is a unix socket or a loopback address. */
  readonly tls?: WorkerTls;
  readonly log: LogOptions;
  /** End as soon as standard input closes: the parent holds its other end and dies with it. */
  readonly tiedToStdin?: boolean;
  /** How long open requests may go on after SIGTERM, ms. Default 5000. */
  readonly drainMs?: number;
}

/** The options in the first argument of a worker program. TRK_CONFIG_INVALID if they are not a JSON object with a `listen` address. */
export function parseWorkerArguments(argv: readonly string[]): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(argv[2] ?? '');
  } catch (cause) {
    throw invalid('the first argument is not JSON', cause);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw invalid('the first argument is not a JSON object');
  return parsed as Record<string, unknown>;
}

/** Checks the part that all workers share; each worker checks its own keys. */
export function checkWorkerOptions(raw: Readonly<Record<string, unknown>>): WorkerOptions {
  if (typeof raw['listen'] !== 'string' || raw['listen'] === '') throw invalid('"listen" must be unix:PATH or host:port');
  const log = (raw['log'] ?? { level: 'info', pii: false }) as LogOptions;
  const tls = raw['tls'] as WorkerTls | undefined;
  const options: WorkerOptions = {
    listen: raw['listen'],
    log,
    tiedToStdin: raw['tiedToStdin'] === true,
    ...(tls === undefined ? {} : { tls }),
    ...(typeof raw['drainMs'] === 'number' ? { drainMs: raw['drainMs'] } : {}),
  };
  if (tls === undefined && !isLocal(options.listen)) throw invalid('a worker on a network address needs "tls"');
  return options;
}

/** A unix socket or a loopback address: no stranger can connect, so TLS may be left out. */
export function isLocal(address: string): boolean {
  return address.startsWith('unix:') || isLoopback(/^(.+):\d+$/.exec(address)?.[1] ?? '');
}

/** Reads the PEM files. TRK_CONFIG_UNREADABLE names the one that cannot be read. */
export function readTls(tls: WorkerTls): { cert: Buffer; key: Buffer; ca: Buffer | null } {
  return { cert: readPem(tls.certFile), key: readPem(tls.keyFile), ca: tls.caFile === undefined ? null : readPem(tls.caFile) };
}

function invalid(reason: string, cause?: unknown): TrunklineError {
  return new TrunklineError('TRK_CONFIG_INVALID', { params: { reason }, ...(cause === undefined ? {} : { cause }) });
}
