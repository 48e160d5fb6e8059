/** Phrases of a block: between bars, over several lines. */
export function phrases(block: string): readonly string[] {
  return block.split(/[|\n]/).map((phrase) => phrase.trim()).filter((phrase) => phrase !== '');
}
