import type { Pacing } from './campaigns.js';
import type { DialRule } from './rules.js';
import type { Attempt, Disposition, Task, Verdict } from './store.js';

/**
 * PORT, part of the store: what the dialer does with tasks, many at a time, and what is
 * kept of each attempt. Times are ms since the epoch.
 */

/** Who has due tasks: a running campaign, or all tasks of no campaign together. */
export interface DueParty {
  /** Empty: of no campaign. */
  readonly campaignId: string;
  /** Undefined for tasks of no campaign. */
  readonly pacing: Pacing | undefined;
}

export interface AttemptOrder {
  /** The process that dials. */
  readonly nodeId: string;
  /** Call-ID on the wire of the attempt with this id; the same for ever. */
  readonly sipCallIdOf: (attemptId: string) => string;
  /** Only what this person has claimed (`claimTask`); undefined: whatever is due. */
  readonly claimedBy?: string | undefined;
}

/** Where a task stands in the order of dialling of its party. */
export interface DuePlace {
  readonly rank: number;
  readonly seq: number;
}

export interface DueTask extends Task {
  readonly place: DuePlace;
}

/** What became of the wish to dial a task. */
export type BeginOutcome =
  | { readonly taskId: string; readonly kind: 'begun'; readonly attempt: Attempt }
  /** A rule keeps it back: until then, or for good. */
  | { readonly taskId: string; readonly kind: 'blocked'; readonly rule: DialRule; readonly until: number | undefined }
  /** Its campaign has as many calls as it may at once, those of other servers counted. */
  | { readonly taskId: string; readonly kind: 'full'; readonly campaignId: string }
  /** Somebody else was first, or it was cancelled, ran out or was paused meanwhile. */
  | { readonly taskId: string; readonly kind: 'gone' };

/** What the rules say of a task that nobody dials now. */
export type ScreenOutcome = Extract<BeginOutcome, { kind: 'blocked' | 'gone' }> | { readonly taskId: string; readonly kind: 'allowed' };

/** An attempt with its own end, whatever became of its task. */
export interface AttemptRecord extends Attempt {
  readonly answeredAt: number | undefined;
  readonly disposition: Disposition | undefined;
  readonly sipStatus: number | undefined;
  readonly reason: string | undefined;
  readonly verdict: Verdict['kind'] | undefined;
  /** The callee answered and heard nothing. */
  readonly abandoned: boolean;
}

/** How an attempt ends, besides its result. */
export interface AttemptEnding {
  /** The task is dialled again then, and has no result yet; undefined: this result is its one. */
  readonly retryAt?: number | undefined;
  readonly abandoned?: boolean | undefined;
}

export interface DialStore {
  /** Those with due tasks, after what has come due meanwhile was queued. */
  dueParties(): Promise<readonly DueParty[]>;
  /** Due tasks of one party in the order of their rank; those behind a place, if one is given. */
  dueTasksOf(campaignId: string, limit: number, after?: DuePlace): Promise<readonly DueTask[]>;
  /**
   * Durable intents, all in one transaction: each task to `dialing` with a new attempt, unless a rule
   * keeps it back or it is not free any more. In the order of `taskIds`.
   */
  beginAttempts(taskIds: readonly string[], order: AttemptOrder): Promise<readonly BeginOutcome[]>;
  /**
   * Asks the rules about due tasks without dialling one: what they refuse is kept back as by `beginAttempts`, what
   * they allow is left as it is, and nothing is written of it. In the order of `taskIds`.
   */
  screenTasks(taskIds: readonly string[]): Promise<readonly ScreenOutcome[]>;
  /**
   * The next due task of a running campaign for a person to look at, nobody else's for `leaseMs`; whoever has
   * one gets the same one again. Undefined if none is due.
   */
  claimTask(campaignId: string, claimedBy: string, leaseMs: number): Promise<Task | undefined>;
  /** Gives back a claimed task; it goes behind those that are due now. False if it is not this person's. */
  skipTask(taskId: string, claimedBy: string): Promise<boolean>;
  /**
   * Takes back intents of this node that never became calls, as the answer that told of them was lost: no INVITE
   * has left. `running` names those that did. How many there were.
   */
  releaseAttempts(nodeId: string, running: readonly string[]): Promise<number>;
  /** Of one task, the first one first. */
  listAttempts(taskId: string): Promise<readonly AttemptRecord[]>;
  /** Answered calls since then, by party and minute (ms of its begin), so that a restart forgets none that was abandoned. */
  answeredSince(since: number): Promise<readonly { readonly campaignId: string; readonly minute: number; readonly answered: number; readonly abandoned: number }[]>;
  /**
   * The operator says what became of a task that is `unknown`: `called` leaves its result and makes it `done`;
   * `redial` takes the result back and queues it. False if it is not `unknown`. TRK_CONFLICT if it is to be dialled
   * again and its campaign is over.
   */
  resolveTask(taskId: string, as: 'called' | 'redial'): Promise<boolean>;
}
