import { createHash } from 'node:crypto';
import type { ComplianceEntry } from './rules.js';

/** What the first entry follows. */
export const GENESIS = '0'.repeat(64);

/**
 * sha256 over everything that an entry says and the hash of the one before: whoever
 * changes, takes out or puts in an entry breaks every later one. What is cut off at the
 * end leaves no trace in the chain itself; a head that was noted elsewhere shows it.
 */
export function complianceHash(entry: Omit<ComplianceEntry, 'hash'>): string {
  const { seq, at, kind, taskId = null, attemptId = null, callId = null, subject, body, previous } = entry;
  return createHash('sha256').update(JSON.stringify([seq, at, kind, taskId, attemptId, callId, subject, body, previous])).digest('hex');
}

export interface ChainHead {
  /** 0 before the first entry. */
  readonly seq: number;
  readonly hash: string;
}

export interface BrokenLink {
  readonly seq: number;
  readonly problem: 'missing' | 'out of order' | 'does not follow the one before' | 'was changed' | 'is not the head that was noted';
}

/** Walks entries in their order. */
export class ChainWalk {
  #head: ChainHead;
  readonly #noted: ChainHead | undefined;

  /** `noted`: a head that was written down before, which the chain must have passed. */
  constructor(noted?: ChainHead, from: ChainHead = { seq: 0, hash: GENESIS }) {
    this.#noted = noted;
    this.#head = from;
  }

  get head(): ChainHead {
    return this.#head;
  }

  /** The first link that is broken; undefined if it holds. */
  next(entry: ComplianceEntry): BrokenLink | undefined {
    const expected = this.#head.seq + 1;
    if (entry.seq !== expected) return entry.seq > expected ? { seq: expected, problem: 'missing' } : { seq: entry.seq, problem: 'out of order' };
    if (entry.previous !== this.#head.hash) return { seq: entry.seq, problem: 'does not follow the one before' };
    if (complianceHash(entry) !== entry.hash) return { seq: entry.seq, problem: 'was changed' };
    if (this.#noted?.seq === entry.seq && this.#noted.hash !== entry.hash) return { seq: entry.seq, problem: 'is not the head that was noted' };
    this.#head = { seq: entry.seq, hash: entry.hash };
    return undefined;
  }

  /** After the last entry. */
  end(): BrokenLink | undefined {
    return this.#noted !== undefined && this.#noted.seq > this.#head.seq ? { seq: this.#head.seq + 1, problem: 'missing' } : undefined;
  }
}
