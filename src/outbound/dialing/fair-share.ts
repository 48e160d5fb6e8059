/** One who wants calls to be made: a running campaign, or all tasks on their own together. */
export interface Party {
  readonly id: string;
  /** Share where parties compete; 1 to 100. */
  readonly weight: number;
}

/**
 * Who dials next, by weighted shares of what was dialled: each party has a clock that
 * goes on by `1 / weight` a call, and the one that is furthest behind is next (stride
 * scheduling). Between parties that always want to dial, no one is ever more than one
 * call ahead of its share; one that had nothing to dial saves nothing up for later.
 */
export class FairShare {
  readonly #clocks = new Map<string, number>();
  /** Least clock of those who want to dial: where newcomers begin. */
  #now = 0;
  #present: ReadonlySet<string> = new Set();

  /** Those that want to dial, the next one first. `ahead`: calls that were given to a party, but are not dialled yet. */
  order<P extends Party>(parties: readonly P[], ahead: ReadonlyMap<string, number> = new Map()): readonly P[] {
    const present = (this.#present = new Set(parties.map(({ id }) => id)));
    // Whoever is ahead of its share stays so while it is away; others are forgotten.
    for (const [id, clock] of this.#clocks) if (!present.has(id) && clock <= this.#now) this.#clocks.delete(id);
    for (const { id } of parties) this.#clocks.set(id, Math.max(this.#clocks.get(id) ?? this.#now, this.#now));
    // Ids settle what is equal, so that two runs with the same input go the same way.
    return [...parties].sort((a, b) => this.#due(a, ahead) - this.#due(b, ahead) || (a.id < b.id ? -1 : 1));
  }

  /** A call of this party was dialled. */
  took(party: Party): void {
    const clock = this.#clocks.get(party.id) ?? this.#now;
    // One that is away does not hold time back, or it would save up what it does not dial.
    const wanting = [...this.#clocks].filter(([id]) => this.#present.has(id)).map(([, behind]) => behind);
    this.#now = Math.max(this.#now, Math.min(clock, ...wanting));
    this.#clocks.set(party.id, clock + 1 / party.weight);
  }

  /** When its next call would be over, on its clock: so the first calls of all go by weight, too. */
  #due({ id, weight }: Party, ahead: ReadonlyMap<string, number>): number {
    return (this.#clocks.get(id) ?? this.#now) + ((ahead.get(id) ?? 0) + 1) / weight;
  }
}
