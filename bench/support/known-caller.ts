import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { delay, systemClock } from '../../src/kernel/clock.js';

const ADDRESS = '127.0.0.1';
const ANSWER_MS = 10_000;

/** A known source: one call, and OPTIONS whose answers are timed. Its messages are made by its own few lines. */
export class KnownCaller {
  readonly #socket: Socket;
  readonly #serverPort: number;
  readonly #waiting = new Map<string, (answer: string, at: number) => void>();
  #call: { readonly head: (method: string, sequence: number) => string[] } | undefined;

  private constructor(socket: Socket, serverPort: number) {
    this.#socket = socket;
    this.#serverPort = serverPort;
    socket.on('message', (data) => {
      const at = systemClock.monotonic();
      const text = data.toString('latin1');
      const key = `${/^Call-ID: (\S+)/im.exec(text)?.[1]} ${/^CSeq: (.*)\r$/im.exec(text)?.[1]}`;
      if (/^SIP\/2\.0 [2-6]/.test(text)) this.#waiting.get(key)?.(text, at);
      else if (text.startsWith('BYE ')) this.#socket.send(reply(text), this.#serverPort, ADDRESS);
    });
  }

  static async open(serverPort: number): Promise<KnownCaller> {
    const socket = createSocket('udp4');
    socket.bind(0, ADDRESS);
    await once(socket, 'listening');
    return new KnownCaller(socket, serverPort);
  }

  /** Calls `number`; the answer is the server's RTP port. */
  async call(number: string, rtpPort: number): Promise<number> {
    const sdp = `v=0\r\no=- 1 1 IN IP4 ${ADDRESS}\r\ns=-\r\nc=IN IP4 ${ADDRESS}\r\nt=0 0\r\nm=audio ${rtpPort} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n`;
    const tag = token();
    const callId = token();
    const head = (to: string) => (method: string, sequence: number): string[] => [
      `${method} sip:${number}@${ADDRESS}:${this.#serverPort} SIP/2.0`,
      `Via: SIP/2.0/UDP ${ADDRESS}:${this.#port};branch=z9hG4bK${token()};rport`,
      `From: <sip:1000@${ADDRESS}>;tag=${tag}`,
      `To: ${to}`,
      `Call-ID: ${callId}`,
      `CSeq: ${sequence} ${method}`,
      `Contact: <sip:1000@${ADDRESS}:${this.#port}>`,
      'Max-Forwards: 70',
    ];
    const to = `<sip:${number}@${ADDRESS}>`;
    const { answer } = await this.#ask([...head(to)('INVITE', 1), 'Content-Type: application/sdp', `Content-Length: ${sdp.length}`, '', sdp]);
    if (!answer.startsWith('SIP/2.0 200')) throw new Error(`the call was answered ${answer.split('\r\n')[0]}`);
    this.#call = { head: head(/^To: (.*)\r$/im.exec(answer)?.[1] ?? to) };
    this.#send([...this.#call.head('ACK', 1), 'Content-Length: 0', '', '']);
    return Number(/^m=audio (\d+)/m.exec(answer)?.[1]);
  }

  async hangUp(): Promise<void> {
    if (this.#call) await this.#ask([...this.#call.head('BYE', 2), 'Content-Length: 0', '', '']);
  }

  /** From sending to the answer, ms; undefined if none came. */
  async options(): Promise<number | undefined> {
    const from = systemClock.monotonic();
    const request = [`OPTIONS sip:${ADDRESS}:${this.#serverPort} SIP/2.0`, `Via: SIP/2.0/UDP ${ADDRESS}:${this.#port};branch=z9hG4bK${token()};rport`, `From: <sip:1000@${ADDRESS}>;tag=${token()}`, `To: <sip:${ADDRESS}>`, `Call-ID: ${token()}`, 'CSeq: 1 OPTIONS', 'Max-Forwards: 70', 'Content-Length: 0', '', ''];
    try {
      return (await this.#ask(request)).at - from;
    } catch {
      return undefined;
    }
  }

  close(): void {
    this.#socket.close();
  }

  get #port(): number {
    return this.#socket.address().port;
  }

  #send(lines: readonly string[]): void {
    this.#socket.send(lines.join('\r\n'), this.#serverPort, ADDRESS);
  }

  /** Sends once: a lost request shall be seen, not made up for. */
  async #ask(lines: readonly string[]): Promise<{ answer: string; at: number }> {
    const text = lines.join('\r\n');
    const key = `${/^Call-ID: (\S+)/im.exec(text)![1]} ${/^CSeq: (.*)\r$/im.exec(text)![1]}`;
    const answered = new Promise<{ answer: string; at: number }>((resolve) => this.#waiting.set(key, (answer, at) => resolve({ answer, at })));
    this.#socket.send(text, this.#serverPort, ADDRESS);
    const stop = new AbortController();
    try {
      return await Promise.race([
        answered,
        delay(systemClock, ANSWER_MS, stop.signal).then(() => {
          throw new Error(`no answer to ${lines[0]?.split(' ')[0]} within ${ANSWER_MS} ms`);
        }),
      ]);
    } finally {
      this.#waiting.delete(key);
      stop.abort(new Error('over'));
      answered.catch(() => undefined);
    }
  }
}

function token(): string {
  return randomBytes(8).toString('hex');
}

function reply(request: string): string {
  const copied = request.split('\r\n').filter((line) => /^(?:Via|From|To|Call-ID|CSeq):/i.test(line));
  return ['SIP/2.0 200 OK', ...copied, 'Content-Length: 0', '', ''].join('\r\n');
}
