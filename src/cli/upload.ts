import { createReadStream, statSync } from 'node:fs';
import { request as http } from 'node:http';
import { request as https } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { TrunklineError } from '../kernel/errors.js';
import { keyHeader, refusalOf } from './server-client.js';

/** TRK_USAGE. */
export function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch (cause) {
    throw new TrunklineError('TRK_USAGE', { params: { reason: `The file ${file} cannot be read.` }, cause });
  }
}

/**
 * Sends a file as it is read: no faster than the server takes it, and held nowhere. `fetch`
 * keeps what it sends of a stream. The answer may take as long as it needs. Errors as of
 * `fetchFrom`.
 */
export async function upload(url: string, path: string, file: string, onSent: (bytes: number) => void, method: 'PUT' | 'POST' = 'PUT'): Promise<Response> {
  const target = new URL(`${url}${path}`);
  const outgoing = (target.protocol === 'https:' ? https : http)(target, { method, headers: { ...keyHeader(), 'content-type': 'application/octet-stream' } });
  const answer = new Promise<Response>((resolve, reject) => {
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part)).on('error', reject);
      incoming.on('end', () => resolve(new Response(Buffer.concat(parts), { status: incoming.statusCode ?? 500 })));
    });
  });
  // A server that refuses the file answers before all is sent, and hangs up: its answer counts.
  const sent = pipeline(createReadStream(file).on('data', (chunk) => onSent(chunk.length)), outgoing).catch(() => undefined);
  let response: Response;
  try {
    [response] = await Promise.all([answer, sent]);
  } catch (cause) {
    throw new TrunklineError('TRK_SERVER_UNREACHABLE', { params: { url }, cause });
  }
  if (!response.ok) throw await refusalOf(response, path);
  return response;
}
