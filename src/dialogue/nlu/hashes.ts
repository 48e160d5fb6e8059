/** 32 bits of a text. Two of 20,000 n-grams are rarely equal, and then only two features become one. */
export function hash32(text: string, seed = 0x811c9dc5): number {
  let hash = seed;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** 53 bits of a text, as many as a number holds: never equal by chance. */
export function hash53(text: string): number {
  return hash32(text) * 0x200000 + (hash32(text, 0x9747b28c) >>> 11);
}

/** Place of a number in a rising list, or -1. */
export function placeOf(wanted: number, rising: Uint32Array | Float64Array): number {
  let low = 0;
  let high = rising.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = rising[middle]!;
    if (found === wanted) return middle;
    if (found < wanted) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
