import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deserialize, serialize } from 'node:v8';
import type { Clock } from '../../kernel/clock.js';

/** With the digest 64 bytes, so that what follows lies as numbers must and is not copied. */
const MAGIC = Buffer.from('trunkline trained 1\n'.padEnd(32, '.'));
const DIGEST_BYTES = 32;
/** A flow has three to ten, each some 1 MB; of those that were longest unused the oldest go. */
const MOST_FILES = 200;

let counter = 0;

/**
 * What training made, kept over restarts. Everything here may be lost or damaged: then
 * it is made again. Files are named by what they were made of, so that none is ever
 * out of date.
 */
export class TrainedFiles {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** `parts`: all that the value depends on, beside our own code and phrases. */
  path(...parts: readonly string[]): string {
    const name = createHash('sha256').update(JSON.stringify([madeBy(), ...parts])).digest('hex');
    return join(this.#directory, `${name.slice(0, 40)}.trained`);
  }
}

/** Undefined if the file is not there, or not exactly what was written. `clock` says when it was used. */
export function readTrained(path: string, clock: Pick<Clock, 'now'>): unknown {
  try {
    const bytes = readFileSync(path);
    const head = MAGIC.length + DIGEST_BYTES;
    if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
    const body = bytes.subarray(head);
    if (!bytes.subarray(MAGIC.length, head).equals(digest(body))) return undefined;
    const value: unknown = deserialize(body);
    // Used just now, so that others go first.
    const now = new Date(clock.now());
    utimesSync(path, now, now);
    return value;
  } catch {
    return undefined;
  }
}

/** Whole or not at all. A disk that is full or read-only is nobody's error: the value is made again next time. */
export function writeTrained(path: string, value: unknown): void {
  const partial = `${path}.${process.pid}-${counter++}`;
  try {
    const body = serialize(value);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(partial, Buffer.concat([MAGIC, digest(body), body]));
    renameSync(partial, path);
    keepNewest(dirname(path), MOST_FILES);
  } catch {
    discard(partial);
  }
}

function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Where nothing can be written nothing lies.
  }
}

/** Files that a crash left half written go as well, in time. */
export function keepNewest(directory: string, most: number): void {
  const names = readdirSync(directory).filter((name) => name.includes('.trained'));
  if (names.length <= most) return;
  const aged = names.map((name) => ({ path: join(directory, name), used: statSync(join(directory, name)).mtimeMs }));
  aged.sort((left, right) => left.used - right.used);
  for (const { path } of aged.slice(0, names.length - most)) discard(path);
}

function digest(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

let made: string | undefined;

/** Changes with every line of this folder: with the library's phrases and with how models are trained. */
function madeBy(): string {
  if (made === undefined) {
    const folder = dirname(fileURLToPath(import.meta.url));
    const hash = createHash('sha256').update(process.versions.v8);
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
      if (/\.(?:js|ts)$/.test(name)) hash.update(`\n${name}\n`).update(readFileSync(join(folder, name)));
    }
    made = hash.digest('hex');
  }
  return made;
}
