import type { Verdict } from '../../store/store.js';
import type { MoodLabel } from '../mood/mood.js';
import type { SlotValue } from '../slots/slot-type.js';

/**
 * PORT inside the room: the business judgement. The rules of a flow are a table, read
 * from the top; the first that holds gives the verdict, and its reason in words. Pure:
 * testable without a call.
 */
export interface VerdictFacts {
  readonly slots: Readonly<Record<string, SlotValue>>;
  readonly variables: Readonly<Record<string, SlotValue>>;
  /** Labels of intents that were acted on, in order. */
  readonly intents: readonly string[];
  readonly mood: { readonly label: MoodLabel; readonly valence: number; readonly trend: number };
  /** Earlier attempts of this task, and how many are left. */
  readonly attempts: { readonly made: number; readonly left: number };
  readonly turns: number;
  readonly failures: number;
  /** Node at which the talk ended, and why: `flow_end`, `caller_hung_up`, `loop_guard`, ... */
  readonly node: string;
  readonly ended: string;
  readonly nowMs: number;
  readonly timeZone: string;
}

export interface VerdictRules {
  /** Exactly one verdict, whatever the facts: the last rule is always `otherwise`. */
  judge(facts: VerdictFacts): { readonly verdict: Verdict; readonly rule: string; /** Slot from which it takes the moment of a redial. */ readonly at?: string };
}
