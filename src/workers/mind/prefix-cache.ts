import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '../../kernel/is-alive.js';

interface Entry {
  readonly file: string;
  bytes: number;
  /** Resolves when the state is in the file; undefined from then on. */
  making: Promise<boolean> | undefined;
}

/** Fewer tokens are computed sooner than loaded. */
const MIN_TOKENS = 16;
const MAX_ENTRIES = 256;
/** Directory names: this, the owner's process id, a dash, random letters. */
const NAME = 'trunkline-mind-';

/**
 * The model's state after each known prefix, one file each, in memory (tmpfs)
 * where there is one. Loading 300 tokens takes 2 ms, computing them on one thread
 * a second; so a prefix is computed once, by whichever slot meets it first.
 */
export class PrefixCache {
  readonly #directory: string;
  readonly #maxBytes: number;
  /** Insertion order is age of use. */
  readonly #entries = new Map<string, Entry>();

  private constructor(directory: string, maxBytes: number) {
    this.#directory = directory;
    this.#maxBytes = maxBytes;
  }

  static async create(maxBytes: number): Promise<PrefixCache> {
    const base = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
    await removeOrphans(base);
    // mkdtemp makes it 0700: states hold the flows' text.
    return new PrefixCache(await mkdtemp(join(base, `${NAME}${process.pid}-`)), maxBytes);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The file with the state after these tokens; undefined if there is none. Waits if another slot is just making it. */
  async find(tokens: readonly number[]): Promise<string | undefined> {
    const key = keyOf(tokens);
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.making !== undefined && !(await entry.making)) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.file;
  }

  /**
   * Says that the caller computes the state of these tokens. It must call `save`
   * (which writes the state into the file that it is given) or `drop`; nobody else
   * computes them meanwhile. Undefined if they are not worth keeping, or another
   * one is at it.
   */
  claim(tokens: readonly number[]): { save(write: (file: string) => Promise<number>): Promise<void>; drop(): void } | undefined {
    if (tokens.length < MIN_TOKENS || this.#maxBytes === 0) return undefined;
    const key = keyOf(tokens);
    if (this.#entries.has(key)) return undefined;
    let settle = (_made: boolean): void => undefined;
    const entry: Entry = { file: join(this.#directory, `${key}.state`), bytes: 0, making: new Promise((resolve) => (settle = resolve)) };
    this.#entries.set(key, entry);
    const drop = (): void => {
      this.#entries.delete(key);
      settle(false);
    };
    return {
      drop,
      save: async (write) => {
        try {
          entry.bytes = await write(entry.file);
          entry.making = undefined;
          settle(true);
          await this.#shrink();
        } catch {
          // A full disk costs time at the next request, not this answer.
          drop();
          await rm(entry.file, { force: true });
        }
      },
    };
  }

  /** A file that could not be loaded is of no use. */
  async forget(tokens: readonly number[]): Promise<void> {
    const key = keyOf(tokens);
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.making !== undefined) return;
    this.#entries.delete(key);
    await rm(entry.file, { force: true });
  }

  async close(): Promise<void> {
    this.#entries.clear();
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #shrink(): Promise<void> {
    let total = [...this.#entries.values()].reduce((sum, entry) => sum + entry.bytes, 0);
    for (const [key, entry] of this.#entries) {
      if (total <= this.#maxBytes && this.#entries.size <= MAX_ENTRIES) return;
      if (entry.making !== undefined) continue;
      this.#entries.delete(key);
      total -= entry.bytes;
      await rm(entry.file, { force: true });
    }
  }
}

/** A worker that was killed could not remove its own; in tmpfs that would be memory lost for ever. */
async function removeOrphans(base: string): Promise<void> {
  for (const name of await readdir(base)) {
    const owner = name.startsWith(NAME) ? /^(\d+)-/.exec(name.slice(NAME.length))?.[1] : undefined;
    if (owner === undefined || isAlive(Number(owner))) continue;
    // Another user's directory is not ours to remove, and stays.
    await rm(join(base, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

function keyOf(tokens: readonly number[]): string {
  return createHash('sha256').update(Uint32Array.from(tokens)).digest('hex').slice(0, 32);
}
