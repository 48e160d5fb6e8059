import type { Clock } from '../../kernel/clock.js';

/** What `work` gives, or rejects with `late()` after `ms`; the work itself goes on unheard. */
export function within<T>(clock: Clock, ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(ms, () => reject(late()), { keepAlive: false });
    work.then(
      (value) => {
        timer.cancel();
        resolve(value);
      },
      (error: Error) => {
        timer.cancel();
        reject(error);
      },
    );
  });
}
