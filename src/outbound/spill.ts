import { mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isId } from '../kernel/ids.js';
import type { Logger } from '../kernel/log.js';
import type { AttemptEnding } from '../store/dialing.js';
import type { CallResult } from '../store/store.js';

/** Larger files are not ours. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;

export interface Spilled {
  readonly result: CallResult;
  /** Empty where an earlier version wrote it. */
  readonly ending: AttemptEnding;
}

/**
 * Results that the store did not take, one file each, in a folder beside it. A file is
 * `{"attemptId": ..., "result": ..., "ending": ...}`, named after the attempt, or after the result if
 * the call came in; it is there from the first failed try until the store has the
 * result, so that a crash between the two loses nothing.
 */
export class Spill {
  readonly #dir: string;
  readonly #log: Logger;

  constructor(dir: string, log: Logger) {
    this.#dir = dir;
    this.#log = log;
  }

  /** Whole or not at all: written beside, flushed, then renamed. */
  async write(result: CallResult, ending: AttemptEnding = {}): Promise<void> {
    // Words of people: for the owner only.
    await mkdir(this.#dir, { recursive: true, mode: 0o700 });
    const path = this.#path(result);
    const file = await open(`${path}.part`, 'w', 0o600);
    try {
      await file.writeFile(JSON.stringify({ attemptId: result.attemptId, result, ending }));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.part`, path);
  }

  async remove(result: CallResult): Promise<void> {
    await rm(this.#path(result), { force: true });
  }

  /** What an earlier process left; a file that is not readable is logged and put aside as `.broken`. */
  async read(): Promise<Spilled[]> {
    const found: Spilled[] = [];
    for (const name of await this.#names()) {
      const path = join(this.#dir, name);
      try {
        found.push(await readOne(path, name.slice(0, -'.json'.length)));
      } catch (error) {
        this.#log.error({ code: 'TRK_STORE', file: name, err: error }, 'an unsaved result cannot be read and is put aside');
        await rename(path, `${path}.broken`);
      }
    }
    return found;
  }

  async #names(): Promise<string[]> {
    try {
      return (await readdir(this.#dir)).filter(isOurs).sort();
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    }
  }

  #path(result: CallResult): string {
    return join(this.#dir, `${nameOf(result)}.json`);
  }
}

function isOurs(file: string): boolean {
  const name = file.slice(0, -'.json'.length);
  return file.endsWith('.json') && (isId('att', name) || isId('res', name));
}

function nameOf(result: CallResult): string {
  return result.attemptId ?? result.id;
}

async function readOne(path: string, name: string): Promise<Spilled> {
  const text = await readFile(path, 'utf8');
  if (text.length > MAX_FILE_BYTES) throw new Error('too large');
  const saved = parsed(text) as { attemptId?: unknown; result?: CallResult; ending?: AttemptEnding };
  const { result } = saved;
  if (typeof result?.id !== 'string' || nameOf(result) !== name || saved.attemptId !== result.attemptId) throw new Error('not the result that its name says');
  return { result, ending: saved.ending ?? {} };
}

/** The parser's own error repeats what stands around the mistake, and that is speech. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('not JSON');
  }
}
