import { createReadStream, createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';

/**
 * Reads members of a ZIP archive (a wheel is one) by its central directory.
 * Field offsets: PKWARE APPNOTE 4.3.7, 4.3.12, 4.3.16. ZIP64 and encryption are refused.
 */
export interface ZipEntry {
  readonly name: string;
  readonly size: number;
  readonly compressedSize: number;
  readonly method: number;
  readonly offset: number;
}

const END_SIGNATURE = 0x06054b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const END_BYTES = 22;
const LONGEST_COMMENT = 65_535;

export class ZipFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly entries: ReadonlyMap<string, ZipEntry>;

  private constructor(path: string, handle: FileHandle, entries: ReadonlyMap<string, ZipEntry>) {
    this.#path = path;
    this.#handle = handle;
    this.entries = entries;
  }

  static async open(path: string): Promise<ZipFile> {
    const handle = await open(path);
    try {
      return new ZipFile(path, handle, await readDirectory(handle));
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Writes a member to `target` (appending if asked); rejects if it is larger than the directory says. */
  async extract(name: string, target: string, append = false): Promise<void> {
    const entry = this.entries.get(name);
    if (entry === undefined) throw new Error(`the archive has no ${name}`);
    const local = await readAt(this.#handle, entry.offset, 30);
    // The local header's own name and extra lengths may differ from the central ones.
    const start = entry.offset + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
    const sink = createWriteStream(target, { flags: append ? 'a' : 'w' });
    if (entry.compressedSize === 0) return void (await pipeline([], sink));
    const source = createReadStream(this.#path, { start, end: start + entry.compressedSize - 1 });
    const limit = limitTo(entry.size);
    if (entry.method === 0) await pipeline(source, limit, sink);
    else if (entry.method === 8) await pipeline(source, createInflateRaw(), limit, sink);
    else throw new Error(`the archive compresses ${name} in an unknown way`);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

async function readDirectory(handle: FileHandle): Promise<Map<string, ZipEntry>> {
  const { size } = await handle.stat();
  const tailBytes = Math.min(size, END_BYTES + LONGEST_COMMENT);
  const tail = await readAt(handle, size - tailBytes, tailBytes);
  let end = tail.length - END_BYTES;
  while (end >= 0 && tail.readUInt32LE(end) !== END_SIGNATURE) end--;
  if (end < 0) throw new Error('not a ZIP archive');
  const count = tail.readUInt16LE(end + 10);
  const bytes = tail.readUInt32LE(end + 12);
  const offset = tail.readUInt32LE(end + 16);
  if (offset === 0xffffffff || count === 0xffff || offset + bytes > size) throw new Error('ZIP64 archives are not read');
  const directory = await readAt(handle, offset, bytes);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== CENTRAL_SIGNATURE) throw new Error('the archive directory is damaged');
    const nameLength = directory.readUInt16LE(at + 28);
    const name = directory.toString('utf8', at + 46, at + 46 + nameLength);
    entries.set(name, {
      name,
      method: directory.readUInt16LE(at + 10),
      compressedSize: directory.readUInt32LE(at + 20),
      size: directory.readUInt32LE(at + 24),
      offset: directory.readUInt32LE(at + 42),
    });
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  if (bytesRead !== length) throw new Error('the archive is cut off');
  return buffer;
}

/** A member that inflates to more than it declared is an attack on the disk. */
function limitTo(bytes: number): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen > bytes) done(new Error('a member is larger than the archive says'));
      else done(null, chunk);
    },
  });
}
