/**
 * FNV-1a over the symbols of a sentence or the tokens of a prompt: what is drawn with it as seed is the same
 * whenever the same is asked. It is no chance in the sense of `Random`: nothing secret may come from it.
 */
export function seedOf(ids: readonly number[]): number {
  let hash = 0x811c9dc5;
  for (const id of ids) hash = Math.imul(hash ^ id, 0x01000193);
  return hash >>> 0;
}
