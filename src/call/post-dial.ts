export interface PostDialTimes {
  /** From the INVITE to the first response that says something of the callee: 18x or 200, ms. */
  readonly pddMs?: number;
  /** From the first early media to the answer, or to the end without one, ms. */
  readonly earlyMediaMs?: number;
}

/**
 * Post-dial delay (RFC 6076 4.3 calls it Session Request Delay) and early media of one
 * call. Each INVITE begins anew: what a dead place cost belongs to that place.
 */
export class PostDial {
  #invitedMs: number | undefined;
  #pddMs: number | undefined;
  #earlySinceMs: number | undefined;
  #earlyMediaMs: number | undefined;

  get times(): PostDialTimes {
    return { ...(this.#pddMs === undefined ? {} : { pddMs: this.#pddMs }), ...(this.#earlyMediaMs === undefined ? {} : { earlyMediaMs: this.#earlyMediaMs }) };
  }

  /** All times are monotonic ms. */
  invited(nowMs: number): void {
    this.#invitedMs = nowMs;
    this.#pddMs = this.#earlySinceMs = this.#earlyMediaMs = undefined;
  }

  /** A provisional response above 100, with SDP or without. */
  progress(nowMs: number, media: boolean): void {
    this.#heard(nowMs);
    if (media) this.#earlySinceMs ??= nowMs;
  }

  answered(nowMs: number): void {
    this.#heard(nowMs);
    this.over(nowMs);
  }

  /** The INVITE had its final response, whichever. */
  over(nowMs: number): void {
    if (this.#earlySinceMs !== undefined) this.#earlyMediaMs ??= Math.round(nowMs - this.#earlySinceMs);
  }

  #heard(nowMs: number): void {
    if (this.#invitedMs !== undefined) this.#pddMs ??= Math.round(nowMs - this.#invitedMs);
  }
}
