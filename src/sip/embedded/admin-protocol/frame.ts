/**
 * The frames of drachtio's application protocol: decimal length, `#`, payload.
 * The length counts UTF-8 bytes. A payload is one line of fields split by `|`,
 * then, only where there is a SIP message, CRLF and the message.
 */
import { TrunklineError } from '../../../kernel/errors.js';

/** The largest payload taken from an application, bytes. */
export const MAX_FRAME_BYTES = 256 * 1024;
/** Digits that a length may have: enough for `MAX_FRAME_BYTES`. */
const MAX_LENGTH_DIGITS = 6;
const HASH = 0x23;

export interface Frame {
  /** Field 0, the sender's own id. */
  readonly id: string;
  /** Field 1. */
  readonly type: string;
  /** Fields from 2 on. */
  readonly fields: readonly string[];
  /** The SIP message, `undefined` if the frame has none. */
  readonly message: string | undefined;
}

export function encodeFrame(header: string, message?: string): Buffer {
  const payload = Buffer.from(message === undefined ? header : `${header}\r\n${message}`, 'utf8');
  return Buffer.concat([Buffer.from(`${payload.length}#`, 'latin1'), payload]);
}

export function parsePayload(payload: string): Frame {
  const end = payload.indexOf('\r\n');
  const header = end < 0 ? payload : payload.slice(0, end);
  const [id = '', type = '', ...fields] = header.split('|');
  return { id, type, fields, message: end < 0 ? undefined : payload.slice(end + 2) };
}

/** Joins partial reads. After an error the stream cannot be read on and the socket must be closed. */
export class FrameDecoder {
  private chunks: Buffer[] = [];
  private buffered = 0;
  /** Bytes that must be there before looking again is worth it; keeps a slow sender from costing quadratic time. */
  private wanted = 1;

  /** The payloads completed by `chunk`. Throws TRK_SIP_PARSE and TRK_SIP_TOO_LARGE. */
  push(chunk: Buffer): string[] {
    this.chunks.push(chunk);
    this.buffered += chunk.length;
    if (this.buffered < this.wanted) return [];
    let data = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks);
    const payloads: string[] = [];
    for (;;) {
      const head = readLength(data);
      if (!head) {
        this.wanted = data.length + 1;
        break;
      }
      const end = head.start + head.length;
      if (data.length < end) {
        this.wanted = end;
        break;
      }
      payloads.push(data.toString('utf8', head.start, end));
      data = data.subarray(end);
    }
    this.chunks = data.length > 0 ? [data] : [];
    this.buffered = data.length;
    return payloads;
  }
}

/** The length in front of a frame; `undefined` if it is not there completely. */
function readLength(data: Buffer): { start: number; length: number } | undefined {
  let length = 0;
  for (let index = 0; index < data.length; index += 1) {
    const byte = data[index] ?? 0;
    if (byte === HASH && index > 0) {
      if (length === 0) throw new TrunklineError('TRK_SIP_PARSE', { params: { reason: 'empty frame' } });
      if (length > MAX_FRAME_BYTES) {
        throw new TrunklineError('TRK_SIP_TOO_LARGE', { params: { reason: `frame over ${MAX_FRAME_BYTES} bytes` } });
      }
      return { start: index + 1, length };
    }
    if (byte < 0x30 || byte > 0x39 || index >= MAX_LENGTH_DIGITS) {
      throw new TrunklineError('TRK_SIP_PARSE', { params: { reason: 'frame without a length' } });
    }
    length = length * 10 + (byte - 0x30);
  }
  return undefined;
}
