/** The name that somebody most likely meant; undefined if none is near. */
export function nearest(wanted: string, names: Iterable<string>): string | undefined {
  const word = wanted.toLowerCase().slice(0, 64);
  // Short words have near ones by chance.
  let limit = Math.min(3, Math.floor(word.length / 3)) + 0.5;
  let best: string | undefined;
  for (const name of names) {
    const distance = editDistance(word, name.toLowerCase().slice(0, 64));
    if (distance < limit && distance > 0) [limit, best] = [distance, name];
    else if (distance === 0 && name !== wanted) return name;
  }
  return best;
}

/** Insertions, deletions, replacements, and neighbours that changed places (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1);
      row.push(cost);
    }
    [before, last] = [last, row];
  }
  return last[b.length]!;
}
