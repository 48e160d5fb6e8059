/** Kinds of values that are treated alike. */

/** They take any words, so that no correction can be told from a remark. */
export const LOOSE: ReadonlySet<string> = new Set(['text', 'name', 'address']);
/** They say when. */
export const WHEN: ReadonlySet<string> = new Set(['date', 'time', 'datetime']);
