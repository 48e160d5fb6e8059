/** One application's connection: authenticate first, then verbs, strictly in the order of the frames. */
import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../../kernel/clock.js';
import { equalSecrets } from '../../../kernel/equal-secrets.js';
import { asTrunklineError } from '../../../kernel/errors.js';
import type { Logger } from '../../../kernel/log.js';
import { hex, type Random } from '../../../kernel/random.js';
import type { DownwardAnswer, MessageMeta, SipCore, UpwardMessage } from '../application.js';
import { encodeFrame, FrameDecoder, parsePayload, type Frame } from './frame.js';
import type { Seat, SeatConnection, Seats } from './seat.js';

/** A socket that does not authenticate in this time is closed, ms. */
const AUTHENTICATE_MS = 2_000;
/** An application that does not read is cut off at this many bytes waiting. */
const MAX_UNREAD_BYTES = 16 * 1024 * 1024;
/** Clients send pings only to a server that calls itself v0.8.2 or later; the end tells ours that it may come back for its calls. */
const PROTOCOL_VERSION = 'v0.9.10+keeps-calls';
const MAX_TAGS = 20;
const TAG = /^[A-Za-z0-9\-_+@:]{1,32}$/;
const VERB = /^(?:[a-z]{2,20}|cdr:(?:attempt|start|stop))$/;

export interface SessionOptions {
  readonly socket: Socket;
  readonly secret: string;
  readonly core: SipCore;
  readonly seats: Seats;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly onClosed: () => void;
}

export class AdminSession implements SeatConnection {
  readonly id: string;
  closed = false;
  /** Undefined before it has authenticated. */
  private seat: Seat | undefined;
  private readonly decoder = new FrameDecoder();
  private readonly deadline: Timer;
  private readonly socket: Socket;
  private sequence = 0;

  constructor(private readonly options: SessionOptions) {
    const { socket, clock, random } = options;
    this.socket = socket;
    this.id = uuid(random);
    // Each request and its answer are two small writes; Nagle's algorithm with delayed ACK makes 44 ms of them.
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.onData(chunk));
    socket.on('error', () => this.close());
    socket.on('close', () => this.close());
    this.deadline = clock.after(AUTHENTICATE_MS, () => this.close(), { keepAlive: false });
  }

  deliver(message: UpwardMessage): void {
    const { source, meta, transactionId, dialogId, receivedOn } = message;
    const local = receivedOn ? `${receivedOn.address}|${receivedOn.port}|` : '';
    this.write(`sip|${source}|${this.meta(meta, message.message)}|${transactionId}|${dialogId}|${local}`, message.message);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.deadline.cancel();
    this.socket.destroy();
    this.seat?.leave(this);
    this.options.onClosed();
  }

  private onData(chunk: Buffer): void {
    let payloads: string[];
    try {
      payloads = this.decoder.push(chunk);
    } catch (error) {
      this.options.log.warn({ code: asTrunklineError(error).code }, 'an application sent what is no frame');
      return this.close();
    }
    for (const payload of payloads) {
      if (this.closed || this.socket.writableEnded) return;
      this.onFrame(parsePayload(payload));
    }
  }

  private onFrame(frame: Frame): void {
    if (frame.type === 'authenticate') return this.authenticate(frame);
    const { seat } = this;
    if (!seat) return this.refuse(frame, 'not authenticated');
    switch (frame.type) {
      case 'route':
      case 'remove_route':
        return this.routeVerb(seat, frame);
      case 'sip':
        return this.send(seat, frame);
      case 'ping':
        return this.respond(frame, 'OK|pong');
      case 'cdr':
        return this.respond(frame, 'OK');
      case 'proxy':
        return this.respond(frame, 'NOK|this server does not proxy');
      default:
        return this.refuse(frame, 'unknown verb');
    }
  }

  private authenticate(frame: Frame): void {
    const [secret = '', tags = ''] = frame.fields;
    const valid = tags.split(',').filter((tag) => tag !== '');
    if (this.seat || !equalSecrets(secret, this.options.secret)) return this.refuse(frame, 'authentication failed');
    if (valid.length > MAX_TAGS || !valid.every((tag) => TAG.test(tag))) return this.refuse(frame, 'malformed tags');
    this.deadline.cancel();
    const { external, local } = this.options.core.hostports();
    this.respond(frame, `OK|${external}|${PROTOCOL_VERSION}|${local}`);
    this.seat = this.options.seats.of(this.id, valid);
    this.seat.take(this);
  }

  private routeVerb(seat: Seat, frame: Frame): void {
    const [verb = ''] = frame.fields;
    if (!VERB.test(verb)) return this.refuse(frame, 'malformed verb');
    if (frame.type === 'route') this.options.core.route(seat, verb);
    else this.options.core.removeRoute(seat, verb);
    this.respond(frame, 'OK');
  }

  private send(seat: Seat, frame: Frame): void {
    const [transactionId = '', dialogId = '', nextHop = ''] = frame.fields;
    if (frame.message === undefined) return this.refuse(frame, 'no message');
    if (dialogId !== '') seat.tellEnd(dialogId);
    this.options.core.send(seat, { transactionId, dialogId, nextHop, message: frame.message }, (answer) => this.answer(frame, answer));
  }

  private answer(frame: Frame, answer: DownwardAnswer): void {
    if (answer.sent === 'nothing') return this.respond(frame, `NOK|${oneField(answer.reason)}`);
    const head = `OK|application|${this.meta(answer.meta, answer.message)}|${answer.transactionId}`;
    if (answer.sent === 'request') return this.respond(frame, `${head}|Msg sent:|`, answer.message);
    return this.respond(frame, `${head}|${answer.dialogId}||Msg sent:|`, answer.message);
  }

  private respond(frame: Frame, rest: string, message?: string): void {
    this.write(`response|${oneField(frame.id)}|${rest}`, message);
  }

  /** A verb error; drachtio closes the connection after it. */
  private refuse(frame: Frame, reason: string): void {
    this.respond(frame, `NO|${reason}`);
    this.socket.end();
    this.options.clock.after(AUTHENTICATE_MS, () => this.close(), { keepAlive: false });
  }

  private write(header: string, message?: string): void {
    if (this.closed || this.socket.writableEnded) return;
    this.sequence += 1;
    this.socket.write(encodeFrame(`${this.id}-${this.sequence}|${header}`, message));
    if (this.socket.writableLength > MAX_UNREAD_BYTES) {
      this.options.log.error({ code: 'TRK_SIP_OVERLOAD' }, 'an application does not read; its connection is closed');
      this.close();
    }
  }

  /** `bytes|protocol|address|port|time`. */
  private meta(meta: MessageMeta, message: string): string {
    const time = new Date(this.options.clock.now()).toISOString().slice(11, 23);
    return `${Buffer.byteLength(message)}|${meta.protocol}|${meta.address}|${meta.port}|${time}000`;
  }
}

function oneField(text: string): string {
  return text.replace(/[|\r\n\0]/g, ' ');
}

function uuid(random: Random): string {
  const text = hex(random, 16);
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-4${text.slice(13, 16)}-8${text.slice(17, 20)}-${text.slice(20)}`;
}
