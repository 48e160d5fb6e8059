import { createReadStream, createWriteStream } from 'node:fs';
import type { WriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

/**
 * Extracts the named members of a gzipped tar archive (an npm package, a Python
 * sdist) in one pass: `wanted` maps the member's name to the file to write.
 * Returns the names that were found. POSIX.1-2017 pax, "ustar Interchange Format".
 */
export async function extractTarGz(archive: string, wanted: ReadonlyMap<string, string>): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const reader = new BlockReader(createReadStream(archive).pipe(createGunzip()));
  let longName: string | undefined;
  for (;;) {
    const header = await reader.take(512);
    if (header === undefined || header.every((byte) => byte === 0)) return found;
    const size = parseInt(text(header, 124, 12).trim() || '0', 8);
    if (!Number.isSafeInteger(size) || size < 0) throw new Error('the archive is damaged');
    const type = String.fromCharCode(header[156] ?? 0);
    const prefix = text(header, 257, 5) === 'ustar' ? text(header, 345, 155) : '';
    const name = longName ?? (prefix === '' ? text(header, 0, 100) : `${prefix}/${text(header, 0, 100)}`);
    longName = undefined;
    const target = type === '0' || type === '\0' ? wanted.get(name) : undefined;
    if (type === 'x' && size < 65_536) {
      longName = paxPath(await reader.exactly(size));
    } else if (target === undefined) {
      await reader.skip(size);
    } else {
      await copy(reader, size, createWriteStream(target));
      found.add(name);
    }
    await reader.skip((512 - (size % 512)) % 512);
  }
}

async function copy(reader: BlockReader, size: number, sink: WriteStream): Promise<void> {
  const end = finished(sink);
  for (let left = size; left > 0; ) {
    const chunk = await reader.exactly(Math.min(left, 1 << 18));
    left -= chunk.length;
    if (!sink.write(chunk)) await Promise.race([once(sink, 'drain'), end]);
  }
  sink.end();
  await end;
}

function text(header: Buffer, start: number, length: number): string {
  const field = header.subarray(start, start + length);
  const zero = field.indexOf(0);
  return field.toString('utf8', 0, zero < 0 ? length : zero);
}

/** Records of an extended header: `LENGTH key=value\n`. */
function paxPath(body: Buffer): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(body.toString('utf8'))?.[1];
}

class BlockReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Buffer>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** Undefined at a clean end of the archive. */
  async take(length: number): Promise<Buffer | undefined> {
    while (this.#rest.length < length) {
      const next = await this.#chunks.next();
      if (next.done === true) return undefined;
      this.#rest = this.#rest.length === 0 ? next.value : Buffer.concat([this.#rest, next.value]);
    }
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return taken;
  }

  async exactly(length: number): Promise<Buffer> {
    const taken = await this.take(length);
    if (taken === undefined) throw new Error('the archive is cut off');
    return taken;
  }

  async skip(length: number): Promise<void> {
    for (let left = length; left > 0; ) left -= (await this.exactly(Math.min(left, 1 << 18))).length;
  }
}
