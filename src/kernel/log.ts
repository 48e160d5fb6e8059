import { pino } from 'pino';
import type { DestinationStream, Logger as PinoLogger } from 'pino';

/**
 * Structured logging. Speech, digits, names and numbers never stand in a message;
 * they go under the key `pii` (an object), which is dropped unless the operator
 * sets `log.pii: true`.
 *
 * ```ts
 * log.info({ callId, pii: { text } }, 'caller said something');
 * ```
 */
export type Logger = PinoLogger;

export interface LogOptions {
  level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Keep the `pii` keys. Default false: they are replaced by `[redacted]`. */
  pii: boolean;
}

export function createLogger(options: LogOptions, destination?: DestinationStream): Logger {
  const settings = {
    level: options.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    ...(options.pii ? {} : { redact: { paths: ['pii', '*.pii', 'pii.*'], censor: '[redacted]' } }),
  };
  return destination ? pino(settings, destination) : pino(settings, pino.destination(2));
}

export const silentLogger: Logger = pino({ level: 'silent' });
