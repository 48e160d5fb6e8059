/** 5 MB of sentence vectors: the library's, and those of many flows. */
const MOST_ROWS = 12_288;

/** Enough to find an equal vector by; it is compared whole then. */
const KEY_NUMBERS = 64;

/**
 * Vectors that many models have, once for all of them. Most phrases of a model are the
 * library's; those that come when the table is full stay with their model, so that
 * flows that are published again and again do not fill the memory.
 */
class SharedRows {
  readonly size: number;
  readonly rows: Int8Array;
  readonly #places = new Map<number, number>();
  #count = 0;

  constructor(size: number) {
    this.size = size;
    this.rows = new Int8Array(size * MOST_ROWS);
  }

  /** Where each vector of `own` lies: a place in `rows`, or -1 if it had no room. */
  place(own: Int8Array): Int32Array {
    return Int32Array.from({ length: own.length / this.size }, (_, row) => this.#placeOf(own, row * this.size));
  }

  #placeOf(own: Int8Array, from: number): number {
    let key = 0x811c9dc5;
    for (let at = from; at < from + Math.min(KEY_NUMBERS, this.size); at++) key = Math.imul(key ^ own[at]!, 0x01000193);
    const known = this.#places.get(key);
    if (known !== undefined) return this.#equal(known, own, from) ? known : -1;
    if (this.#count >= MOST_ROWS) return -1;
    const place = this.#count++;
    this.rows.set(own.subarray(from, from + this.size), place * this.size);
    this.#places.set(key, place);
    return place;
  }

  #equal(place: number, own: Int8Array, from: number): boolean {
    const shared = Buffer.from(this.rows.buffer, place * this.size, this.size);
    return shared.equals(Buffer.from(own.buffer, own.byteOffset + from, this.size));
  }
}

const tables = new Map<number, SharedRows>();

/** The table for vectors of one length. */
export function sharedRows(size: number): SharedRows {
  let table = tables.get(size);
  if (table === undefined) tables.set(size, (table = new SharedRows(size)));
  return table;
}
