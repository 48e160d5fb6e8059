/**
 * Why a worker process ended. The supervisor turns the code into words; an
 * operator's init system may act on it.
 */
export const exitCodes = {
  /** Drained after SIGTERM. */
  ok: 0,
  /** Options are not valid JSON or not valid for this worker. */
  usage: 64,
  /** A model file is missing or has the wrong sha256. */
  model: 65,
  /** The socket could not be bound, or the TLS files could not be read. */
  listen: 66,
  /** The program that started this worker is gone. */
  orphan: 67,
  /** An error that nobody caught. */
  crash: 70,
} as const;

const meanings: Readonly<Record<number, string>> = {
  [exitCodes.ok]: 'ended normally',
  [exitCodes.usage]: 'its options are not valid',
  [exitCodes.model]: 'a model is missing or corrupt',
  [exitCodes.listen]: 'it could not listen',
  [exitCodes.orphan]: 'its parent was gone',
  [exitCodes.crash]: 'an error that nobody caught',
};

/** For logs and TRK_WORKER_START, e.g. `a model is missing or corrupt (exit code 65)`. */
export function describeExit(code: number | null, signal: string | null): string {
  if (signal !== null) return `killed by ${signal}`;
  return `${meanings[code ?? -1] ?? 'it ended'} (exit code ${code ?? 'none'})`;
}
