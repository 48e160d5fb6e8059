import { initial } from './001-initial.js';
import { trunks } from './002-trunks.js';

export interface Migration {
  readonly version: number;
  readonly name: string;
  /** Statements separated by `;`. Forward only: a mistake is mended by the next number. */
  readonly sql: string;
}

/** In order, without gaps; one that was released is never edited. */
export const migrations: readonly Migration[] = [
  { version: 1, name: 'initial', sql: initial },
  { version: 2, name: 'trunks', sql: trunks },
];
