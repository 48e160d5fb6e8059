/** RFC 3262 section 3: provisional responses that are repeated until their PRACK. */
import type { Clock, Timer } from '../../../kernel/clock.js';
import type { SipResponse } from '../message/message.js';
import { T1 } from '../transaction/timers.js';

interface Waiting {
  readonly rseq: number;
  readonly response: SipResponse;
}

export class ReliableProvisionals {
  private next: number;
  private readonly queue: Waiting[] = [];
  private timer: Timer | undefined;
  private onEmpty: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    /** RFC 3262 3: the first number is chosen at random from 1 to 2**31 - 1. */
    first: number,
    private readonly send: (response: SipResponse) => void,
    /** No PRACK came within 64*T1. */
    private readonly onTimeout: () => void,
  ) {
    this.next = first;
  }

  /** Numbers the response and sends it, at once or after the PRACK of the one before: only one may be outstanding. */
  add(response: SipResponse): void {
    const rseq = this.next;
    this.next += 1;
    response.headers.set('RSeq', String(rseq));
    this.queue.push({ rseq, response });
    if (this.queue.length === 1) this.transmit();
  }

  /** False if the PRACK matches nothing that waits. */
  onPrack(rseq: number): boolean {
    if (this.queue[0]?.rseq !== rseq) return false;
    this.timer?.cancel();
    this.queue.shift();
    if (this.queue.length > 0) this.transmit();
    else this.takeOnEmpty()?.();
    return true;
  }

  /** Runs when nothing is outstanding any more; at once if that is so. */
  whenEmpty(run: () => void): void {
    if (this.queue.length === 0) run();
    else this.onEmpty = run;
  }

  stop(): void {
    this.timer?.cancel();
    this.queue.length = 0;
    this.onEmpty = undefined;
  }

  private takeOnEmpty(): (() => void) | undefined {
    const run = this.onEmpty;
    this.onEmpty = undefined;
    return run;
  }

  private transmit(): void {
    const current = this.queue[0];
    if (!current) return;
    this.send(current.response);
    this.repeat(current, T1, T1);
  }

  /** RFC 3262 3: T1, doubled each time without a ceiling, until 64*T1. */
  private repeat(current: Waiting, interval: number, elapsed: number): void {
    this.timer = this.clock.after(
      interval,
      () => {
        if (elapsed >= 64 * T1) {
          this.stop();
          return this.onTimeout();
        }
        this.send(current.response);
        const next = Math.min(2 * interval, 64 * T1 - elapsed);
        return this.repeat(current, next, elapsed + next);
      },
      { keepAlive: false },
    );
  }
}
