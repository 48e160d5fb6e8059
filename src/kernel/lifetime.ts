/**
 * Closes things once, in reverse order of their registration, even if one of
 * them fails. Every long-lived object owns one.
 */
export class Lifetime {
  readonly #closers: (() => void | Promise<void>)[] = [];
  readonly #controller = new AbortController();
  #closing: Promise<void> | undefined;

  /** Aborted as soon as closing begins. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get closed(): boolean {
    return this.#closing !== undefined;
  }

  onClose(closer: () => void | Promise<void>): void {
    this.#closers.push(closer);
  }

  /** Runs every closer; rejects with the first error after all have run. Later calls join the first. */
  close(): Promise<void> {
    this.#closing ??= this.#run();
    return this.#closing;
  }

  async #run(): Promise<void> {
    this.#controller.abort(new Error('closed'));
    const errors: unknown[] = [];
    for (const closer of this.#closers.splice(0).reverse()) {
      try {
        await closer();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
