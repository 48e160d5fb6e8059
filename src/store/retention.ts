/**
 * PORT, part of the store: what is forgotten after a time. Each method does a bounded
 * piece in one transaction and is called until nothing is left, so a sweep that breaks
 * off goes on where it was. `before`: ms since the epoch. Recordings: `recordings.ts`.
 */
export interface RetentionStore {
  /** What was said in calls that ended before: transcript, slots, evidence of the mood, events of what was said. How many results and events. */
  forgetWords(before: number, limit: number): Promise<number>;
  /** Whom tasks that ended before were for: destination and variables; targets of transfers; messages that were sent. How many rows. */
  forgetNumbers(before: number, limit: number): Promise<number>;
  /** Events from before; the newest one stays, as counting goes on from it. How many. */
  forgetEvents(before: number, limit: number): Promise<number>;
}
