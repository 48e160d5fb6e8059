import type { Readable } from 'node:stream';
import type { Clock, Timer } from '../kernel/clock.js';

/** A sender that says nothing for this long has gone. */
const IDLE_MS = 120_000;

/** The chunks of a file that is sent, as long as they go on coming; then its connection is closed. */
export async function* attended(body: Readable, clock: Clock): AsyncGenerator<Buffer> {
  const armed = (): Timer => clock.after(IDLE_MS, () => body.destroy(), { keepAlive: false });
  let timer = armed();
  try {
    for await (const chunk of body) {
      // Being slow ourselves is not the sender's silence.
      timer.cancel();
      yield chunk as Buffer;
      timer = armed();
    }
  } finally {
    timer.cancel();
  }
}
