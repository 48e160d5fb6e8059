/** What a campaign has been like so far; undefined where nothing was seen yet. */
export interface Experience {
  /** Mean of a dial with all that follows, ms, however it ended. */
  readonly attemptMs: number | undefined;
  /** Dials that were answered, 0 to 1. */
  readonly answerRate: number | undefined;
}

/** What is taken where nothing was seen yet: a call that rings out, and one in three that is talked on. */
export const assumed = { attemptMs: 45_000, answerRate: 0.33 } as const;

export interface Workload {
  /** Tasks that are still to be dialled. */
  readonly tasks: number;
  /** Dials that a task may have, on average over its retries. */
  readonly maxAttempts: number;
  /** Calls at once that the campaign can count on. */
  readonly calls: number;
  readonly callsPerSecond: number;
  readonly experience: Experience;
}

/**
 * Dialling time that the work takes, ms: the hours in which nobody may be called come on
 * top. Undefined where nothing can be dialled at all.
 */
export function dialMs({ tasks, maxAttempts, calls, callsPerSecond, experience }: Workload): number | undefined {
  if (tasks === 0) return 0;
  if (calls <= 0 || callsPerSecond <= 0) return undefined;
  const answered = experience.answerRate ?? assumed.answerRate;
  // A task is dialled until it is answered, or its dials are used up: a geometric sum.
  const dials = answered >= 1 ? 1 : answered <= 0 ? maxAttempts : (1 - (1 - answered) ** maxAttempts) / answered;
  const each = Math.max((experience.attemptMs ?? assumed.attemptMs) / calls, 1_000 / callsPerSecond);
  return Math.round(tasks * dials * each);
}

/**
 * When so much dialling time is over, if calls may be made in the openings only.
 * `nextOpen` and `nextClosed` give the next such moment, or undefined if there is none.
 */
export function finishAt(from: number, workMs: number, hours: { nextOpen(at: number): number | undefined; nextClosed(at: number): number | undefined }): number | undefined {
  let left = workMs;
  let at = from;
  for (;;) {
    const opens = hours.nextOpen(at);
    if (opens === undefined) return undefined;
    const closes = hours.nextClosed(opens);
    if (closes === undefined || closes - opens >= left) return opens + left;
    left -= closes - opens;
    at = closes;
  }
}
