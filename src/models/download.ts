import { createHash } from 'node:crypto';
import { mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ReadableStream } from 'node:stream/web';

export interface DownloadRequest {
  readonly url: string;
  /** Kept when the download is cut off, and continued by the next try. */
  readonly target: string;
  /** More than this is not the file that the manifest means. */
  readonly maxBytes: number;
  readonly onBytes: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Downloads over HTTP(S), going on where an earlier try was cut off (RFC 9110
 * section 14.2). No validator is sent with the range: the sha256 of the whole
 * tells afterwards whether both halves were of the same file.
 */
export async function download(request: DownloadRequest): Promise<void> {
  await mkdir(dirname(request.target), { recursive: true });
  const have = await stat(request.target).then((found) => found.size, () => 0);
  const response = await fetch(request.url, {
    ...(request.signal ? { signal: request.signal } : {}),
    redirect: 'follow',
    headers: { 'accept-encoding': 'identity', ...(have > 0 ? { range: `bytes=${have}-` } : {}) },
  });
  // RFC 9110 section 15.5.17: nothing lies after what we have; it is whole, or of another file: the sha256 tells.
  if (response.status === 416) {
    await response.body?.cancel();
    return;
  }
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new Error(`${new URL(request.url).host} answered ${response.status}`);
  }
  // RFC 9110 section 14.2: a server may ignore the range and send the whole with 200.
  const resumed = response.status === 206 && startOf(response.headers.get('content-range')) === have;
  if (response.status === 206 && !resumed) throw new Error('the server sent another range than the one asked for');
  let bytes = resumed ? have : 0;
  // Each chunk is on disk before the next is taken, so that a cut-off download loses nothing that came.
  const file = await open(request.target, resumed ? 'a' : 'w');
  try {
    for await (const chunk of response.body as ReadableStream<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > request.maxBytes) break;
      await file.write(chunk);
      request.onBytes(bytes);
    }
  } finally {
    await file.close();
  }
  if (bytes > request.maxBytes) {
    await rm(request.target, { force: true });
    throw new Error('the file is larger than the manifest says');
  }
}

/** First byte position of `bytes 100-199/200` (RFC 9110 section 14.4). */
function startOf(contentRange: string | null): number {
  return Number(/^bytes (\d+)-/.exec(contentRange ?? '')?.[1] ?? -1);
}

/** Name of a partial file: hex of what it is a part of. */
export function partialName(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
