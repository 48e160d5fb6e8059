import { delay } from '../../kernel/clock.js';
import type { Clock } from '../../kernel/clock.js';
import { asTrunklineError } from '../../kernel/errors.js';
import type { Logger } from '../../kernel/log.js';
import type { RuleStore } from '../../store/rules.js';
import { parseDestination } from '../destination.js';
import type { CallOptOut } from '../../call/call-service.js';

/** Between two tries of a store that is away, ms. */
const AGAIN_MS = 1_000;

/**
 * Saves what callers say about being called again, the moment they say it. A store that
 * is away is tried until it is back, or the process ends: the result of the call tells
 * it once more.
 */
export function keepOptOuts(parts: { readonly store: RuleStore; readonly clock: Clock; readonly log: Logger; readonly signal: AbortSignal }): (said: CallOptOut) => Promise<void> {
  const { store, clock, log, signal } = parts;
  return async ({ number: told, reason, by, contactId, callId, taskId, attemptId }) => {
    const number = numberOf(told);
    // A caller who hides their number cannot be kept from being called by it.
    if (number === undefined) return;
    // A wrong number says nothing about the person who was meant.
    const person = reason === 'wrong_number' ? undefined : contactId;
    while (!signal.aborted) {
      try {
        return await store.optOut({ number, contactId: person, reason, scope: 'all', source: by, callId, taskId, attemptId });
      } catch (error) {
        log.error({ code: asTrunklineError(error).code, callId }, 'a caller opted out, and the store does not take it yet');
        await delay(clock, AGAIN_MS, signal).catch(() => undefined);
      }
    }
  };
}

/** Inbound callers come as trunks write them: E.164, or something that nobody could dial. */
function numberOf(told: string): string | undefined {
  try {
    return parseDestination(told, 'number');
  } catch {
    return undefined;
  }
}
