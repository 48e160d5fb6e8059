import type { ChildProcess } from 'node:child_process';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

const ends = new Set<() => void>();
let watching = false;

/**
 * `end` is called when this process ends, also by Ctrl-C and by tap's limit of time, for which Node has no `exit`
 * event: what a test started must not live on with its ports. To be forgotten, by what is returned, once that has
 * ended by itself, because its pid may then be somebody else's.
 */
export function endWithTest(end: () => void): () => void {
  ends.add(end);
  watch();
  return () => void ends.delete(end);
}

function watch(): void {
  if (watching) return;
  watching = true;
  process.once('exit', endAll);
  for (const signal of SIGNALS) {
    process.once(signal, () => {
      endAll();
      // Nobody listens now, or those who did before: it ends as it would have.
      process.kill(process.pid, signal);
    });
  }
}

function endAll(): void {
  for (const end of ends) end();
  ends.clear();
}

/** All processes of one that was started `detached`. */
export function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // They have ended, which was not told yet.
  }
}
