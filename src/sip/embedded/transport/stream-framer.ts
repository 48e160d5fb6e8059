import { limits } from '../message/limits.js';
import type { SipMessage } from '../message/message.js';
import { completeMessage, endOfHead, leadingEmptyLines, parseHead, parseMessage, SHORT_BODY } from '../message/parse.js';
import type { Head } from '../message/parse.js';
import { SipParseError } from '../message/parse-error.js';

export type Frame =
  | { readonly kind: 'message'; readonly message: SipMessage }
  /** `fatal`: where the next message begins is not known, so the stream must end. */
  | { readonly kind: 'failure'; readonly error: SipParseError; readonly fatal: boolean }
  /** CRLF CRLF between messages: the peer waits for a CRLF (RFC 5626 3.5.1). */
  | { readonly kind: 'ping' };

const EMPTY = Buffer.alloc(0);

/**
 * Cuts a byte stream into messages by Content-Length (RFC 3261 18.3). What it keeps
 * is at most one unfinished message, and that is at most `limits.streamMessageBytes`.
 */
export class StreamFramer {
  #chunks: Buffer[] = [];
  #length = 0;
  /** Head of the message whose body is awaited, and where that body begins. */
  #head: Head | undefined;
  #bodyStart = 0;
  /** Bytes already searched for the end of the head. */
  #searched = 0;
  #ended = false;

  /** Whether part of a message waits for the rest. */
  get partial(): boolean {
    return this.#length > 0;
  }

  /** Adds what was read and gives everything that is complete now. After a fatal failure nothing more is read. */
  push(chunk: Buffer): Frame[] {
    if (this.#ended) return [];
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    // Joining for each small piece of a large body would cost the square of its size.
    if (this.#head && this.#length < this.#bodyStart + this.#wantedBody()) return [];
    const frames: Frame[] = [];
    for (let frame = this.#next(); frame && !this.#ended; frame = this.#next()) this.#take(frames, frame);
    return frames;
  }

  /**
   * No more will come, or has not for too long: judges what there is. A message whose
   * end is open (`openEnded`) is whole; anything else that is incomplete is a fatal failure.
   */
  finish(): Frame[] {
    if (this.#ended || this.#length === 0) return [];
    if (this.openEnded) return this.flush();
    this.#ended = true;
    const data = this.#join();
    if (leadingEmptyLines(data) >= data.length - 1) return [];
    try {
      parseMessage(data, { stream: true });
    } catch (error) {
      if (!(error instanceof SipParseError)) throw error;
      return [{ kind: 'failure', error, fatal: true }];
    }
    return [];
  }

  /**
   * The unfinished message has its head but no Content-Length, which RFC 3261 20.14
   * demands on streams. Peers of RFC 2543 leave it out and fall silent after the body
   * (RFC 4475 3.4.1): after a silence `flush` takes what there is for the message.
   */
  get openEnded(): boolean {
    return this.#head !== undefined && this.#head.bodyLength === undefined;
  }

  /** Gives an open-ended message. */
  flush(): Frame[] {
    if (!this.openEnded) return [];
    return [this.#complete(this.#join(), this.#length - this.#bodyStart)];
  }

  /**
   * What is wrong with the unfinished head already, so that no rest could make it right.
   * The last field is left out, because a continuation line may follow it.
   */
  judge(): Frame[] {
    if (this.#ended || this.#head || this.#length === 0) return [];
    const data = this.#join();
    const lastLine = data.lastIndexOf('\r\n', data.lastIndexOf('\r\n') - 1);
    if (lastLine <= 0) return [];
    try {
      // The end of that line, and an empty one.
      parseMessage(Buffer.concat([data.subarray(0, lastLine), Buffer.from('\r\n\r\n')]), { stream: false });
      return [];
    } catch (error) {
      if (!(error instanceof SipParseError)) throw error;
      // The body may still come.
      if (error.reason === SHORT_BODY) return [];
      this.#ended = true;
      return [{ kind: 'failure', error, fatal: true }];
    }
  }

  #take(frames: Frame[], frame: Frame): void {
    frames.push(frame);
    if (frame.kind === 'failure' && frame.fatal) this.#ended = true;
  }

  #next(): Frame | undefined {
    if (this.#length === 0) return undefined;
    const data = this.#join();
    return this.#head ? this.#nextBody(data, this.#head) : this.#nextHead(data);
  }

  #nextHead(data: Buffer): Frame | undefined {
    const empty = leadingEmptyLines(data);
    if (empty > 0) {
      this.#drop(empty);
      return empty >= 4 ? { kind: 'ping' } : this.#next();
    }
    const end = endOfHead(data, Math.max(0, this.#searched - 3));
    if (end < 0) {
      this.#searched = data.length;
      if (data.length <= limits.headBytes) return undefined;
      return { kind: 'failure', error: new SipParseError('head is too large', { tooLarge: true, responseStatus: undefined }), fatal: true };
    }
    const head = parseHead(data.subarray(0, end));
    this.#head = head;
    this.#bodyStart = end + 4;
    if (head.start.kind === 'noise' || head.bodyLength === 'unknown') return this.#complete(data, 0);
    if (this.#bodyStart + this.#wantedBody() > limits.streamMessageBytes) {
      return this.#complete(data, 0, { reason: 'message is too large', status: 413, tooLarge: true });
    }
    return this.#nextBody(data, head);
  }

  #wantedBody(): number {
    return typeof this.#head?.bodyLength === 'number' ? this.#head.bodyLength : 0;
  }

  #nextBody(data: Buffer, head: Head): Frame | undefined {
    if (head.bodyLength === undefined) {
      return data.length <= limits.streamMessageBytes ? undefined : this.#complete(data, 0, { reason: 'message is too large', status: 413, tooLarge: true });
    }
    if (data.length < this.#bodyStart + this.#wantedBody()) return undefined;
    return this.#complete(data, this.#wantedBody());
  }

  /** The message in `data` is whole, or as whole as it gets. `fault` overrides: the end of the message is then unknown. */
  #complete(data: Buffer, bodyLength: number, fault?: Head['fault']): Frame {
    const head = fault ? { ...this.#head!, fault: this.#head!.fault ?? fault } : this.#head!;
    const end = this.#bodyStart + bodyLength;
    const body = data.subarray(this.#bodyStart, end);
    this.#head = undefined;
    this.#drop(end);
    try {
      return { kind: 'message', message: completeMessage(head, body, end) };
    } catch (error) {
      if (!(error instanceof SipParseError)) throw error;
      return { kind: 'failure', error, fatal: fault !== undefined || head.start.kind === 'noise' || head.bodyLength === 'unknown' };
    }
  }

  #join(): Buffer {
    if (this.#chunks.length === 1) return this.#chunks[0]!;
    const joined = this.#chunks.length === 0 ? EMPTY : Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }

  #drop(bytes: number): void {
    const rest = this.#join().subarray(bytes);
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#length = rest.length;
    this.#searched = 0;
  }
}
