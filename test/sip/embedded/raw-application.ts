/** An application that speaks drachtio's protocol by hand, frame by frame. */
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { encodeFrame, FrameDecoder } from '../../../src/sip/embedded/admin-protocol/frame.js';

export interface Received {
  readonly fields: readonly string[];
  readonly message: string;
}

export class RawApplication {
  readonly received: Received[] = [];
  private readonly taken = new Set<Received>();
  private readonly waiting = new Set<() => void>();
  private readonly decoder = new FrameDecoder();
  private count = 0;
  readonly closed: Promise<void>;

  private constructor(readonly socket: Socket) {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      for (const payload of this.decoder.push(chunk)) {
        const end = payload.indexOf('\r\n');
        this.received.push({ fields: (end < 0 ? payload : payload.slice(0, end)).split('|'), message: end < 0 ? '' : payload.slice(end + 2) });
      }
      for (const look of [...this.waiting]) look();
    });
    this.closed = new Promise((resolve) => socket.on('close', () => resolve()));
  }

  static async connect(port: number, secret?: string, verbs: readonly string[] = [], tag = ''): Promise<RawApplication> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const application = new RawApplication(socket);
    if (secret !== undefined) {
      application.send(`authenticate|${secret}|${tag}`);
      await application.next((frame) => frame.fields[3] === 'OK');
    }
    for (const verb of verbs) await application.ask(`route|${verb}`);
    return application;
  }

  /** Id of the frame. */
  send(header: string, message?: string): string {
    this.count += 1;
    this.socket.write(encodeFrame(`frame-${this.count}|${header}`, message));
    return `frame-${this.count}`;
  }

  /** Sends and resolves with the answer. */
  ask(header: string, message?: string): Promise<Received> {
    const id = this.send(header, message);
    return this.next((frame) => frame.fields[1] === 'response' && frame.fields[2] === id);
  }

  next(match: (frame: Received) => boolean): Promise<Received> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.received.find((frame) => !this.taken.has(frame) && match(frame));
        if (!found) return;
        this.taken.add(found);
        this.waiting.delete(look);
        resolve(found);
      };
      this.waiting.add(look);
      look();
    });
  }

  /** The next SIP message whose start line begins with `start`. */
  sip(start: string): Promise<Received> {
    return this.next((frame) => frame.fields[1] === 'sip' && frame.message.startsWith(start));
  }

  close(): void {
    this.socket.destroy();
  }
}
