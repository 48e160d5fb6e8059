import type { Clock, Timer } from '../../kernel/clock.js';
import type { SrfInstance } from './srf-types.js';

/** A cable that was pulled says nothing: without an answer in this time the connection is dead, ms. */
const PING_EVERY_MS = 5_000;
const PONG_WITHIN_MS = 5_000;

/** drachtio-server answers pings from 0.8.2 on; an older one closes the connection at a verb that it does not know. */
export function pingsOf(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = (/^v(\d+)\.(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number);
  return major * 1_000_000 + minor * 1_000 + patch >= 8_002;
}

/** One ping; `answered` runs with its answer, which comes after those to all earlier frames. False if no connection stands. */
export function ping(srf: SrfInstance, answered: () => void): boolean {
  const { client } = srf.app;
  const [found] = client.mapServer;
  if (!found) return false;
  const [socket, { pendingRequests }] = found;
  pendingRequests.set(client.wp.send(socket, 'ping'), answered);
  return true;
}

/** Asks the server on its application port whether it lives. srf can send pings, but never misses their answers. */
export class Pings {
  /** Of the last ping, ms. */
  roundTripMs: number | undefined;
  private timer: Timer;
  private stopped = false;

  constructor(
    private readonly srf: SrfInstance,
    private readonly clock: Clock,
    private readonly onDead: () => void,
  ) {
    this.timer = this.next();
  }

  stop(): void {
    this.stopped = true;
    this.timer.cancel();
  }

  private next(): Timer {
    return this.clock.after(PING_EVERY_MS, () => this.ask(), { keepAlive: false });
  }

  private ask(): void {
    const sentAt = this.clock.monotonic();
    const sent = ping(this.srf, () => {
      if (this.stopped) return;
      this.roundTripMs = this.clock.monotonic() - sentAt;
      this.timer.cancel();
      this.timer = this.next();
    });
    if (!sent) return this.onDead();
    this.timer = this.clock.after(PONG_WITHIN_MS, this.onDead, { keepAlive: false });
  }
}
