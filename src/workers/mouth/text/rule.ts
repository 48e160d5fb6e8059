/** What the reader of a text must know beyond the text itself. */
export interface Reading {
  /** 11/12/2026 is the 11th of December outside the United States. */
  readonly dayFirst: boolean;
}

/**
 * One kind of thing that is written otherwise than it is said. Rules run in a
 * fixed order; what one has turned into words holds no digit any more, so a later
 * rule does not see it.
 */
export type Rule = (text: string, reading: Reading) => string;
