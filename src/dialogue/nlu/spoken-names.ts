/** Where something stands in a text. */
export interface Place {
  readonly from: number;
  readonly to: number;
}

/** Every place in a text at which somebody is named, in order. */
export type NameFinder = (text: string) => readonly Place[];

/** The name of one person, as it may be said. */
export interface SpokenName {
  readonly find: NameFinder;
  /** How like this one is what somebody is called there, where `find` has not found it. */
  likeness(said: string): NameLikeness;
}

/**
 * `another`: somebody else, for certain. `doubtful`: somebody else, as like as not ("Mrs
 * Garcia" beside Dr Garcia). `likely`: more or less than the value has, and nothing that
 * contradicts it ("Jane" beside Ms Miller).
 */
export type NameLikeness = 'another' | 'doubtful' | 'likely';

export interface Title {
  /** Undefined: of both. */
  readonly gender?: 'male' | 'female';
  readonly married?: boolean;
}

/**
 * A title that may be another's makes it somebody else: Mr Miller is not Ms Miller, and
 * Mrs Garcia may be the wife of Dr Garcia. A title that the value lacks proves nothing.
 */
export function agree(said: Title, own: Title | undefined): boolean {
  return own !== undefined && said.gender === own.gender && !differ(said.married, own.married);
}

/** True if no one person has both. */
export function contradict(said: Title | undefined, own: Title | undefined): boolean {
  return said !== undefined && own !== undefined && (differ(said.gender, own.gender) || differ(said.married, own.married));
}

/** "Mr Green" beside Mary Green, "Mrs Garcia" beside Dr Garcia: somebody of the house, as like as not. */
export function tellsMore(said: Title | undefined, own: Title | undefined): boolean {
  return said?.gender !== undefined && own?.gender === undefined;
}

function differ(one: unknown, other: unknown): boolean {
  return one !== undefined && other !== undefined && one !== other;
}

/** Case and accents aside. */
export function folded(word: string): string {
  return word.normalize('NFKD').replace(/[\p{M}'\u2019\u02bc]/gu, '').toLowerCase();
}
