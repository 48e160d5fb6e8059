/**
 * A SIP end that does exactly what a test says, wrong things included. It reads and
 * writes messages by its own few lines, so that a mistake in our parser cannot hide.
 */
import { createSocket, type Socket } from 'node:dgram';
import { createServer, connect, type Server, type Socket as TcpSocket } from 'node:net';
import { randomBytes } from 'node:crypto';

export interface PeerMessage {
  /** Start line. */
  readonly start: string;
  /** Method of a request; of a response the method in CSeq. */
  readonly method: string;
  readonly status: number | undefined;
  readonly uri: string;
  readonly body: string;
  readonly raw: string;
  header(name: string): string;
  all(name: string): string[];
  /** Sends on the way that the message came. */
  reply(text: string): void;
}

export const SDP = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', 'm=audio 40000 RTP/AVP 0', 'a=rtpmap:0 PCMU/8000', 'a=sendrecv', ''].join('\r\n');

export function token(): string {
  return randomBytes(6).toString('hex');
}

function parse(raw: string, reply: (text: string) => void): PeerMessage {
  const split = raw.indexOf('\r\n\r\n');
  const [start = '', ...lines] = raw.slice(0, split < 0 ? raw.length : split).split('\r\n');
  const fields = lines.map((line) => [line.slice(0, line.indexOf(':')).trim().toLowerCase(), line.slice(line.indexOf(':') + 1).trim()] as const);
  const all = (name: string): string[] => fields.filter(([key]) => key === name.toLowerCase()).map(([, value]) => value);
  const response = /^SIP\/2\.0 (\d{3})/.exec(start);
  return {
    start,
    raw,
    method: response ? (all('CSeq')[0]?.split(' ')[1] ?? '') : (start.split(' ')[0] ?? ''),
    status: response ? Number(response[1]) : undefined,
    uri: response ? '' : (start.split(' ')[1] ?? ''),
    body: split < 0 ? '' : raw.slice(split + 4),
    header: (name) => all(name)[0] ?? '',
    all,
    reply,
  };
}

type Matcher = string | number | ((message: PeerMessage) => boolean);

export class SipPeer {
  readonly received: PeerMessage[] = [];
  private readonly taken = new Set<PeerMessage>();
  private readonly waiting = new Set<() => void>();
  private udp: Socket | undefined;
  private server: Server | undefined;
  private readonly tcp = new Set<TcpSocket>();
  private answersByes = false;
  port = 0;

  static async udp(address = '127.0.0.1'): Promise<SipPeer> {
    const peer = new SipPeer();
    const socket = createSocket('udp4');
    peer.udp = socket;
    socket.on('message', (data, from) => peer.take(data.toString('utf8'), (text) => socket.send(text, from.port, from.address)));
    await new Promise<void>((resolve) => socket.bind(0, address, resolve));
    peer.port = socket.address().port;
    return peer;
  }

  /** Listens on TCP; `dial` opens a connection of its own. */
  static async tcp(): Promise<SipPeer> {
    const peer = new SipPeer();
    const server = createServer((socket) => peer.adopt(socket));
    peer.server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const address = server.address();
    peer.port = typeof address === 'object' && address ? address.port : 0;
    return peer;
  }

  get contact(): string {
    return `<sip:peer@127.0.0.1:${this.port}${this.udp ? '' : ';transport=tcp'}>`;
  }

  get uri(): string {
    return `sip:peer@127.0.0.1:${this.port}${this.udp ? '' : ';transport=tcp'}`;
  }

  send(text: string, port: number): void {
    this.udp?.send(text, port, '127.0.0.1');
  }

  async dial(port: number): Promise<(text: string) => void> {
    const socket = connect(port, '127.0.0.1');
    this.adopt(socket);
    await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
    return (text) => void socket.write(text);
  }

  /** The next message that fits and was not taken yet: a method (request), a status, or a predicate. */
  next(match: Matcher): Promise<PeerMessage> {
    const fits = typeof match === 'function' ? match : typeof match === 'number' ? (m: PeerMessage) => m.status === match : (m: PeerMessage) => m.status === undefined && m.method === match;
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.received.find((message) => !this.taken.has(message) && fits(message));
        if (!found) return;
        this.taken.add(found);
        this.waiting.delete(look);
        resolve(found);
      };
      this.waiting.add(look);
      look();
    });
  }

  /** From now on each BYE gets its 200: for the end of a test. */
  answerByes(): void {
    this.answersByes = true;
  }

  count(match: (message: PeerMessage) => boolean): number {
    return this.received.filter(match).length;
  }

  async close(): Promise<void> {
    for (const socket of this.tcp) socket.destroy();
    await new Promise<void>((resolve) => (this.udp ? this.udp.close(() => resolve()) : resolve()));
    await new Promise<void>((resolve) => (this.server ? this.server.close(() => resolve()) : resolve()));
  }

  private adopt(socket: TcpSocket): void {
    this.tcp.add(socket);
    let buffer = '';
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      buffer += data.toString('utf8');
      for (;;) {
        buffer = buffer.replace(/^(?:\r\n)+/, '');
        const end = buffer.indexOf('\r\n\r\n');
        if (end < 0) return;
        const length = Number(/^Content-Length:\s*(\d+)/im.exec(buffer.slice(0, end))?.[1] ?? 0);
        if (buffer.length < end + 4 + length) return;
        const raw = buffer.slice(0, end + 4 + length);
        buffer = buffer.slice(end + 4 + length);
        this.take(raw, (text) => void socket.write(text));
      }
    });
  }

  private take(raw: string, reply: (text: string) => void): void {
    const message = parse(raw, reply);
    this.received.push(message);
    if (this.answersByes && message.status === undefined && message.method === 'BYE') reply(responseTo(message, 200));
    for (const look of [...this.waiting]) look();
  }
}

/** A response to `request` with its Via, From, Call-ID and CSeq. */
export function responseTo(request: PeerMessage, status: number, options: { tag?: string; headers?: readonly string[]; body?: string } = {}): string {
  const to = request.header('To');
  const tagged = status === 100 || /;tag=/.test(to) ? to : `${to};tag=${options.tag ?? 'peer'}`;
  const body = options.body ?? '';
  return [
    `SIP/2.0 ${status} Whatever`,
    ...request.all('Via').map((via) => `Via: ${via}`),
    `From: ${request.header('From')}`,
    `To: ${tagged}`,
    `Call-ID: ${request.header('Call-ID')}`,
    `CSeq: ${request.header('CSeq')}`,
    ...(options.headers ?? []),
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

/** One end of a dialog that the test plays by hand. */
export class PeerDialog {
  sequence: number;

  constructor(
    readonly peer: SipPeer,
    readonly serverPort: number,
    readonly callId: string,
    readonly local: string,
    public remote: string,
    public target: string,
    sequence = 0,
  ) {
    this.sequence = sequence;
  }

  /** From the INVITE that we got, answered with `tag`. */
  static ofInvite(peer: SipPeer, serverPort: number, invite: PeerMessage, tag = 'peer'): PeerDialog {
    return new PeerDialog(peer, serverPort, invite.header('Call-ID'), `${invite.header('To')};tag=${tag}`, invite.header('From'), uriOf(invite.header('Contact')));
  }

  /** An INVITE that begins a call; `send` it. */
  static caller(peer: SipPeer, serverPort: number): PeerDialog {
    return new PeerDialog(peer, serverPort, `${token()}@peer`, `<sip:caller@127.0.0.1>;tag=${token()}`, '<sip:callee@127.0.0.1>', `sip:callee@127.0.0.1:${serverPort}`);
  }

  /** Text of a request; ACK and CANCEL repeat a number, others take the next. */
  request(method: string, options: { body?: string; headers?: readonly string[]; sequence?: number; branch?: string; contact?: boolean } = {}): string {
    const number = options.sequence ?? (this.sequence += 1);
    const body = options.body ?? '';
    return [
      `${method} ${this.target} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${this.peer.port};branch=${options.branch ?? `z9hG4bK${token()}`};rport`,
      'Max-Forwards: 70',
      `From: ${this.local}`,
      `To: ${this.remote}`,
      `Call-ID: ${this.callId}`,
      `CSeq: ${number} ${method}`,
      ...(options.contact === false || method === 'BYE' || method === 'CANCEL' || method === 'ACK' ? [] : [`Contact: ${this.peer.contact}`]),
      ...(options.headers ?? []),
      ...(body === '' || (options.headers ?? []).some((header) => /^content-type/i.test(header)) ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n');
  }

  send(method: string, options: Parameters<PeerDialog['request']>[1] = {}): void {
    this.peer.send(this.request(method, options), this.serverPort);
  }

  /** Takes the remote tag and target from a response. */
  learn(response: PeerMessage): void {
    this.remote = response.header('To');
    if (response.header('Contact') !== '') this.target = uriOf(response.header('Contact'));
  }
}

export function uriOf(header: string): string {
  return /<([^>]+)>/.exec(header)?.[1] ?? header;
}

export function tagOf(header: string): string {
  return /;tag=([^;\s]+)/.exec(header)?.[1] ?? '';
}
