import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, readdir, realpath, rename, rm } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { TrunklineError, asTrunklineError } from '../kernel/errors.js';
import type { Logger } from '../kernel/log.js';
import type { Random } from '../kernel/random.js';
import type { MasterKeys } from './master-keys.js';
import { CHUNK_BYTES, HEADER_BYTES, KEY_BYTES, TAG_BYTES, openChunk, openKey, readHeader, sealChunk, sealedSize, writeHeader } from './sealed-format.js';

/** PORT: recordings of finished calls, on disk. A result names one as `call_....wav`, whether it is sealed or not. */
export interface RecordingFile {
  /** Bytes of the WAV file. */
  readonly size: number;
  /** Bytes `start` to `end`, both included; closes the file when it has ended. Breaks off with TRK_RECORDING_CORRUPT at what was changed. */
  read(start: number, end: number): Readable;
  close(): Promise<void>;
}

const SEALED = '.sealed';

export class RecordingVault {
  readonly dir: string;
  readonly #keys: MasterKeys | undefined;
  readonly #random: Random;
  readonly #log: Logger;

  /** Without `keys` recordings stay as they are written; those sealed before cannot be read then. */
  constructor(parts: { dir: string; keys: MasterKeys | undefined; random: Random; log: Logger }) {
    this.dir = parts.dir;
    this.#keys = parts.keys;
    this.#random = parts.random;
    this.#log = parts.log;
  }

  /**
   * Puts a finished recording under a key of its own and takes the plain file away. It is
   * complete on disk under its new name before that, so a crash leaves one of the two whole.
   * TRK_MEDIA_RECORDING; the plain file then stays, and the next start tries again.
   */
  async seal(name: string): Promise<void> {
    if (this.#keys === undefined) return;
    const plain = join(this.dir, name);
    const half = `${plain}${SEALED}.part`;
    try {
      await this.#write(plain, half, this.#keys.current);
      await rename(half, `${plain}${SEALED}`);
      await rm(plain);
    } catch (error) {
      await rm(half, { force: true }).catch(() => undefined);
      throw new TrunklineError('TRK_MEDIA_RECORDING', { params: { reason: 'it could not be sealed' }, cause: error });
    }
  }

  /** What a process that died left unsealed. To be called when no call is being recorded yet; never rejects. */
  async sealLeftOvers(): Promise<number> {
    if (this.#keys === undefined) return 0;
    let sealed = 0;
    for (const name of await readdir(this.dir).catch(() => [])) {
      if (name.endsWith(`${SEALED}.part`)) await rm(join(this.dir, name), { force: true }).catch(() => undefined);
      if (!name.endsWith('.wav')) continue;
      try {
        await this.seal(name);
        sealed++;
      } catch (error) {
        this.#log.error({ code: asTrunklineError(error).code, err: error }, 'a recording stays unsealed');
      }
    }
    return sealed;
  }

  /** By the name in its result; undefined if it is gone, no file, or not inside the folder. TRK_RECORDING_KEY, TRK_RECORDING_CORRUPT. */
  async open(name: string): Promise<RecordingFile | undefined> {
    const sealed = await this.#openInside(`${name}${SEALED}`);
    if (sealed !== undefined) return await this.#openSealed(sealed);
    const file = await this.#openInside(name);
    if (file === undefined) return undefined;
    const { size } = await file.stat();
    return { size, read: (start, end) => file.createReadStream({ start, end, autoClose: true }), close: () => file.close() };
  }

  /** False if there was none. */
  async remove(name: string): Promise<boolean> {
    let found = false;
    for (const path of [`${name}${SEALED}`, `${name}${SEALED}.part`, name]) {
      const file = await this.#openInside(path);
      if (file === undefined) continue;
      await file.close();
      await rm(resolve(this.dir, path), { force: true });
      found = true;
    }
    return found;
  }

  async #write(plain: string, sealed: string, masterKey: Uint8Array): Promise<void> {
    const from = await open(plain, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const to = await open(sealed, 'w', 0o600);
      try {
        const { size } = await from.stat();
        const key = this.#random.bytes(KEY_BYTES);
        await to.write(writeHeader(size, masterKey, key, this.#random.bytes(12)));
        const chunk = Buffer.alloc(CHUNK_BYTES);
        for (let index = 0; index * CHUNK_BYTES < size; index++) {
          const length = Math.min(CHUNK_BYTES, size - index * CHUNK_BYTES);
          await readFully(from, chunk.subarray(0, length), index * CHUNK_BYTES);
          await to.write(sealChunk(key, index, chunk.subarray(0, length)));
        }
        await to.sync();
      } finally {
        await to.close();
      }
    } finally {
      await from.close();
    }
  }

  async #openSealed(file: FileHandle): Promise<RecordingFile> {
    try {
      const header = Buffer.alloc(HEADER_BYTES);
      await readFully(file, header, 0);
      const about = readHeader(header);
      if (about === undefined || (await file.stat()).size !== sealedSize(about)) throw new TrunklineError('TRK_RECORDING_CORRUPT');
      const masterKey = this.#keys?.find(about.keyId);
      if (masterKey === undefined) throw new TrunklineError('TRK_RECORDING_KEY', { params: { key: about.keyId } });
      const key = proved(() => openKey(header, masterKey));
      return { size: about.size, read: (start, end) => Readable.from(chunksOf(file, key, about, start, end), { objectMode: false }), close: () => file.close() };
    } catch (error) {
      await file.close();
      throw error instanceof TrunklineError ? error : new TrunklineError('TRK_RECORDING_CORRUPT', { cause: error });
    }
  }

  /** Links are followed first: a link inside that leads outside is outside. */
  async #openInside(name: string): Promise<FileHandle | undefined> {
    let path: string;
    try {
      const root = await realpath(this.dir);
      path = await realpath(resolve(root, name));
      if (!path.startsWith(root + sep)) return undefined;
    } catch {
      return undefined;
    }
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => undefined);
    if (file === undefined) return undefined;
    if ((await file.stat()).isFile()) return file;
    await file.close();
    return undefined;
  }
}

async function* chunksOf(file: FileHandle, key: Buffer, { size, chunkBytes }: { size: number; chunkBytes: number }, start: number, end: number): AsyncGenerator<Buffer> {
  try {
    const last = Math.min(end, size - 1);
    for (let index = Math.floor(start / chunkBytes); index * chunkBytes <= last; index++) {
      const from = index * chunkBytes;
      const sealed = Buffer.alloc(Math.min(chunkBytes, size - from) + TAG_BYTES);
      await readFully(file, sealed, HEADER_BYTES + index * (chunkBytes + TAG_BYTES));
      const plain = proved(() => openChunk(key, index, sealed));
      yield plain.subarray(Math.max(0, start - from), Math.min(plain.length, last - from + 1));
    }
  } finally {
    await file.close();
  }
}

function proved<T>(unseal: () => T): T {
  try {
    return unseal();
  } catch (error) {
    throw new TrunklineError('TRK_RECORDING_CORRUPT', { cause: error });
  }
}

async function readFully(file: FileHandle, into: Buffer, position: number): Promise<void> {
  for (let done = 0; done < into.length; ) {
    const { bytesRead } = await file.read(into, done, into.length - done, position + done);
    if (bytesRead === 0) throw new TrunklineError('TRK_RECORDING_CORRUPT');
    done += bytesRead;
  }
}
