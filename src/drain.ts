import type { CallService } from './call/call-service.js';
import { within } from './kernel/clock.js';
import type { Clock } from './kernel/clock.js';
import type { Logger } from './kernel/log.js';

/** Time that calls which were hung up get for their results, ms. */
const RESULT_MS = 2_000;

/**
 * Waits until no call is live; those that outlast `limitMs` are hung up. Whoever
 * calls this has seen to it that no new ones come.
 */
export async function untilCallsEnd(calls: CallService, parts: { readonly clock: Clock; readonly log: Logger }, limitMs: number): Promise<void> {
  if (calls.live().length === 0) return;
  const idle = new Promise<void>((resolve) => {
    calls.onEvent(() => {
      if (calls.live().length === 0) resolve();
    });
  });
  await within(parts.clock, idle, Math.max(0, limitMs));
  const left = calls.live();
  if (left.length === 0) return;
  parts.log.warn({ calls: left.length }, 'hanging up calls that outlast the stop');
  for (const call of left) calls.hangup(call.id);
  await within(parts.clock, idle, RESULT_MS);
}
