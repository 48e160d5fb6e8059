/**
 * Which keys of a file were there before, in 8 bytes each: a dry run saves nothing, and must
 * find what the file says twice all the same. By hashes of 52 bits: of ten million keys two
 * different ones are taken for the same with a chance of one in 90.
 */
export class KeySet {
  #slots = new Float64Array(1 << 12);
  #size = 0;

  /** Whether it was there already. */
  add(key: string): boolean {
    const hash = hashOf(key);
    if (this.#place(hash)) return true;
    this.#size += 1;
    if (this.#size * 2 > this.#slots.length) this.#grow();
    return false;
  }

  has(key: string): boolean {
    const hash = hashOf(key);
    for (let at = hash % this.#slots.length; this.#slots[at] !== 0; at = (at + 1) & (this.#slots.length - 1)) if (this.#slots[at] === hash) return true;
    return false;
  }

  #place(hash: number): boolean {
    const mask = this.#slots.length - 1;
    for (let at = hash % this.#slots.length; ; at = (at + 1) & mask) {
      const found = this.#slots[at];
      if (found === hash) return true;
      if (found === 0) {
        this.#slots[at] = hash;
        return false;
      }
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Float64Array(old.length * 2);
    for (const hash of old) if (hash !== 0) this.#place(hash);
  }
}

/** Two rounds of FNV-1a with a final mix; never 0. */
function hashOf(key: string): number {
  let [a, b] = [0x811c9dc5, 0x01000193];
  for (let i = 0; i < key.length; i += 1) {
    const code = key.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ (code + i), 0x85ebca6b);
  }
  a = Math.imul(a ^ (a >>> 15), 0x2c1b3c6d);
  b = Math.imul(b ^ (b >>> 13), 0xc2b2ae35);
  return ((a ^ (a >>> 16)) >>> 0) * 0x100000 + (((b ^ (b >>> 16)) >>> 0) & 0xfffff) + 1;
}
