import type { Clock, Timer } from '../../../kernel/clock.js';
import { T1, T2 } from '../transaction/timers.js';

/**
 * Repeats a 2xx to an INVITE until its ACK (RFC 3261 13.3.1.4): after T1, doubled
 * up to T2, on every transport, because a later hop may be UDP; 64*T1 at most.
 */
export class AnswerRepetition {
  private timer: Timer | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly send: () => void,
    private readonly onTimeout: () => void,
  ) {
    this.wait(T1, T1);
  }

  stop(): void {
    this.timer?.cancel();
  }

  private wait(interval: number, elapsed: number): void {
    this.timer = this.clock.after(
      interval,
      () => {
        if (elapsed >= 64 * T1) return this.onTimeout();
        this.send();
        const next = Math.min(2 * interval, T2, 64 * T1 - elapsed);
        return this.wait(next, elapsed + next);
      },
      { keepAlive: false },
    );
  }
}
