/** Where something stands in a text. */
export interface Place {
  readonly from: number;
  readonly to: number;
}

/** Every place in a text at which one name is said, in order. */
export type NameFinder = (text: string) => readonly Place[];

export type Gender = 'male' | 'female';

/** A title of the other gender makes it somebody else: Mr Miller is not Ms Miller. */
export function agree(one: Gender | undefined, other: Gender | undefined): boolean {
  return one === undefined || other === undefined || one === other;
}

/** Case and accents aside. */
export function folded(word: string): string {
  return word.normalize('NFKD').replace(/[\p{M}'\u2019\u02bc]/gu, '').toLowerCase();
}
