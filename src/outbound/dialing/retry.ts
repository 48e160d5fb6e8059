import type { RetryPolicy } from '../../store/campaigns.js';
import type { Disposition, Verdict } from '../../store/store.js';
import { dayPartAt, nextUntriedPart } from './day-parts.js';

/** What is known of a task when an attempt of it has ended. */
export interface RetryFacts {
  readonly now: number;
  readonly disposition: Disposition;
  readonly verdict: Verdict;
  /** Attempts so far, this one included. */
  readonly made: number;
  /** When they began, as far as that is known. */
  readonly attempts: readonly number[];
  readonly policy: RetryPolicy;
  /** The task's own end. */
  readonly expiresAt: number | undefined;
  /** Of the callee. */
  readonly timeZone: string;
}

/** `reason` says why there is no other attempt: in the words of the result. */
export type RetryDecision =
  | { readonly again: true; readonly at: number; readonly by: 'verdict' | 'policy' }
  | { readonly again: false; readonly reason: 'done' | 'budget' | 'window' };

/**
 * These end a task whatever a policy says: somebody was spoken to, somebody stopped it,
 * or nobody knows what happened.
 */
const FINAL: ReadonlySet<Disposition> = new Set<Disposition>(['answered_human', 'cancelled', 'unknown']);

/** For tasks that bring no policy: whoever made one alone gets its one call, and its answer at once. */
export const singleCall: RetryPolicy = { maxAttempts: 1, delays: {}, varyDayPart: false };

/**
 * Whether and when the task is dialled again. What the callee asked for (`redial_at`)
 * goes before the policy; nothing goes before the budget and the task's window, and
 * the rules are asked anew at the instant of dialling.
 */
export function retryAfter(facts: RetryFacts): RetryDecision {
  const { verdict, policy, now } = facts;
  const wanted = verdict.kind === 'redial_at' ? instantOf(verdict.at) : undefined;
  const at = wanted === undefined ? byPolicy(facts) : Math.max(wanted, now);
  if (at === undefined) return { again: false, reason: 'done' };
  if (facts.made >= policy.maxAttempts) return { again: false, reason: 'budget' };
  if (facts.expiresAt !== undefined && at >= facts.expiresAt) return { again: false, reason: 'window' };
  return { again: true, at, by: wanted === undefined ? 'policy' : 'verdict' };
}

function byPolicy({ disposition, policy, made, attempts, now, timeZone }: RetryFacts): number | undefined {
  if (FINAL.has(disposition)) return undefined;
  const delays = policy.delays[disposition];
  const delay = delays?.[Math.min(made, delays.length) - 1];
  if (delay === undefined) return undefined;
  const at = now + Math.max(0, delay);
  if (!policy.varyDayPart) return at;
  return nextUntriedPart(at, new Set(attempts.map((startedAt) => dayPartAt(startedAt, timeZone))), timeZone);
}

/** A verdict comes from a flow, which may have heard nonsense: that is no wish. */
function instantOf(text: string): number | undefined {
  const at = Date.parse(text);
  return Number.isFinite(at) ? at : undefined;
}
