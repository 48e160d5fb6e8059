import { fraction } from '../../kernel/random.js';
import type { Random } from '../../kernel/random.js';

export interface Weighted {
  /** Lower first. */
  readonly priority: number;
  /** Share among equal priorities. */
  readonly weight: number;
}

/**
 * RFC 2782, "Weight": among equal priorities, drawn one after the other, each with a
 * chance in proportion to its weight; a weight of 0 has a very small chance while others
 * are left.
 */
export function weightedOrder<T extends Weighted>(entries: readonly T[], random: Random): T[] {
  const left = [...entries].sort((a, b) => a.priority - b.priority);
  const ordered: T[] = [];
  while (left.length > 0) {
    const same = left.filter(({ priority }) => priority === left[0]?.priority);
    const chosen = draw(same, random);
    ordered.push(chosen);
    left.splice(left.indexOf(chosen), 1);
  }
  return ordered;
}

function draw<T extends Weighted>(entries: readonly [T, ...T[]] | readonly T[], random: Random): T {
  const share = ({ weight }: Weighted): number => Math.max(weight, 0.01);
  let mark = fraction(random) * entries.reduce((sum, entry) => sum + share(entry), 0);
  const found = entries.find((entry) => (mark -= share(entry)) < 0) ?? entries.at(-1);
  if (found === undefined) throw new RangeError('nothing to draw from');
  return found;
}
