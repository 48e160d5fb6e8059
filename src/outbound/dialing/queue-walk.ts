import type { DuePlace, DueTask } from '../../store/dialing.js';
import type { Kind } from './claims.js';

/** Due tasks that are read at once. */
const PAGE = 64;
/** Read for one party in one go, some ms of work, and how often that may be, ms. */
const STEP_PAGES = 16;
export const STEP_EVERY_MS = 100;
/** As above, to find what has come to stand before the others. */
const SWEEP_PAGES = 4;
const SWEEP_EVERY_MS = 1_000;
/** Routes and needs of one party whose places are remembered; there are as many as trunks and languages. */
const MOST_MARKS = 64;

/** Who reserves for the tasks that are met on the way. */
export interface Reserver {
  /** Undefined: all that its call needs is held now; else what is not free. */
  reserve(task: DueTask): Promise<Kind | undefined>;
  /** Of every kind that the task is of. */
  keysOf(task: DueTask): Promise<readonly string[]>;
  /** Something for tasks of this kind is free. */
  frees(kind: Kind): boolean;
  holds(taskId: string): boolean;
}

interface Mark {
  readonly kind: Kind;
  /** The page behind this place has the first task of the kind; undefined: the queue's first page. */
  at: DuePlace | undefined;
}

/** What one page came to. `end`: of the queue. */
interface Page {
  readonly taken: number;
  readonly lacking: ReadonlySet<string>;
  readonly last: DuePlace | undefined;
  readonly end: boolean;
}

/**
 * Goes past due tasks of one party whose calls cannot be served now, however many there
 * are, and reads none of them twice for that. It walks on from where it was (`ahead`), a
 * bounded piece at a time; for each kind of task that it leaves behind a mark stays at the
 * first one, and when something for that kind is free, it looks there. What comes to
 * stand before that later, as its priority is high or a rule let it go, is found by a
 * second and slower walk through all that was passed. Times are monotonic ms, given by the caller.
 */
export class QueueWalk {
  readonly #read: (limit: number, after: DuePlace | undefined) => Promise<readonly DueTask[]>;
  readonly #marks = new Map<string, Mark>();
  #ahead: DuePlace | undefined;
  #swept: DuePlace | undefined;
  #stepAt = -Infinity;
  #sweepAt = -Infinity;
  #more = false;

  constructor(read: (limit: number, after: DuePlace | undefined) => Promise<readonly DueTask[]>) {
    this.#read = read;
  }

  /** The last go ended before the queue did. */
  get more(): boolean {
    return this.#more;
  }

  /** Reserves for at most `most` tasks; how many it found. `walks`: how many parties have such a walk, which share what may be read. */
  async go(reserver: Reserver, most: number, now: number, walks: number): Promise<number> {
    let left = most;
    if (this.#ahead !== undefined && now >= this.#sweepAt) {
      this.#sweepAt = now + SWEEP_EVERY_MS;
      left -= await this.#sweep(reserver, left, Math.max(1, Math.floor(SWEEP_PAGES / walks)));
    }
    let pages = 1;
    if (now >= this.#stepAt) {
      this.#stepAt = now + STEP_EVERY_MS * walks;
      pages = STEP_PAGES;
    }
    for (const mark of [...this.#marks.values()].sort((a, b) => compare(a.at, b.at))) {
      if (left === 0) break;
      if (reserver.frees(mark.kind)) left -= await this.#from(mark, reserver, left, pages);
    }
    this.#more = false;
    for (let page = 0; left > 0; page += 1) {
      if (page === pages) {
        this.#more = true;
        break;
      }
      const { taken, last, end } = await this.#look(reserver, this.#ahead, left);
      left -= taken;
      // Where all wanted were found there may be more of them.
      if (left === 0) break;
      this.#ahead = last ?? this.#ahead;
      if (end) break;
    }
    return most - left;
  }

  /** Some pages of what lies behind, from where the last sweep ended. */
  async #sweep(reserver: Reserver, most: number, pages: number): Promise<number> {
    let left = most;
    for (let page = 0; page < pages && left > 0; page += 1) {
      const { taken, last, end } = await this.#look(reserver, this.#swept, left, (keys) => keys.some((key) => this.#isMarkedBefore(key, this.#swept)));
      left -= taken;
      const over = end || compare(last, this.#ahead) >= 0;
      this.#swept = over ? undefined : last;
      if (over) break;
    }
    return most - left;
  }

  /** At a mark, and on to the next task of its kind. */
  async #from(mark: Mark, reserver: Reserver, most: number, pages: number): Promise<number> {
    const { kind: { key } } = mark;
    let left = most;
    for (let page = 0; page < pages; page += 1) {
      const { taken, lacking, last, end } = await this.#look(reserver, mark.at, left);
      left -= taken;
      if (left === 0 || lacking.has(key)) break;
      mark.at = last;
      // From here on it has not been looked at yet.
      if (end || compare(last, this.#ahead) >= 0) {
        this.#marks.delete(key);
        break;
      }
    }
    return most - left;
  }

  /** Tasks of its kind wait before that place, and come first. */
  #isMarkedBefore(key: string, place: DuePlace | undefined): boolean {
    const mark = this.#marks.get(key);
    return mark !== undefined && compare(mark.at, place) < 0;
  }

  async #look(reserver: Reserver, after: DuePlace | undefined, most: number, passes?: (keys: readonly string[]) => boolean): Promise<Page> {
    const due = await this.#read(PAGE, after);
    const lacking = new Set<string>();
    let taken = 0;
    for (const task of due) {
      if (taken === most) break;
      if (reserver.holds(task.id) || passes?.(await reserver.keysOf(task)) === true) continue;
      const kind = await reserver.reserve(task);
      if (kind === undefined) {
        taken += 1;
        continue;
      }
      lacking.add(kind.key);
      if (!this.#marks.has(kind.key) && this.#marks.size < MOST_MARKS) this.#marks.set(kind.key, { kind, at: after });
    }
    return { taken, lacking, last: due.at(-1)?.place, end: due.length < PAGE };
  }
}

/** Undefined is the beginning. */
function compare(a: DuePlace | undefined, b: DuePlace | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  return a.rank - b.rank || a.seq - b.seq;
}
