import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const BLOCK = Buffer.alloc(64 * 1024);

/** A disk of its own for the server's data, so that it can be full without harm to others. Needs root, as making networks does. */
export class SmallDisk {
  readonly path: string;
  readonly #ballast: string;

  constructor(path: string, megabytes: number) {
    this.path = path;
    this.#ballast = join(path, 'ballast');
    mkdirSync(path, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'tmpfs', path], { stdio: 'pipe' });
  }

  /** Takes every block that is left. */
  fill(): void {
    const file = openSync(this.#ballast, 'w');
    try {
      for (let size = BLOCK.length; size >= 4096; size /= 2) {
        while (writes(file, BLOCK.subarray(0, size)));
      }
    } finally {
      closeSync(file);
    }
  }

  empty(): void {
    rmSync(this.#ballast, { force: true });
  }

  remove(): void {
    execFileSync('umount', ['-l', this.path], { stdio: 'pipe' });
  }
}

function writes(file: number, block: Buffer): boolean {
  try {
    return writeSync(file, block) === block.length;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}
