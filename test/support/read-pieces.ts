/** Reads a stream; `each` is told how many pieces came and may stop it. How many there were. */
export async function readPieces(stream: AsyncIterable<unknown>, each: (count: number) => boolean | void): Promise<number> {
  const pieces = stream[Symbol.asyncIterator]();
  for (let count = 0; ; count++) {
    if ((await pieces.next()).done === true) return count;
    if (each(count + 1) === true) {
      await pieces.return?.();
      return count + 1;
    }
  }
}
