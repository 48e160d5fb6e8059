import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import t from 'tap';
import type { Test } from 'tap';
import { systemClock } from '../../../src/kernel/clock.js';
import { silentLogger } from '../../../src/kernel/log.js';
import { systemRandom } from '../../../src/kernel/random.js';
import { createResponse } from '../../../src/sip/embedded/message/message.js';
import type { SipMessage, SipRequest, SipResponse } from '../../../src/sip/embedded/message/message.js';
import { parseHead } from '../../../src/sip/embedded/message/parse.js';
import { screenRequests } from '../../../src/sip/embedded/transaction/screen.js';
import { TransactionLayer } from '../../../src/sip/embedded/transaction/transaction-layer.js';
import { SipTransport } from '../../../src/sip/embedded/transport/sip-transport.js';
import { tortureVectors } from '../../support/torture.js';
import type { Vector } from '../../support/torture.js';

// Every message of RFC 4475 and RFC 5118 over real sockets, UDP and TCP: the answer is
// what verdicts.json says, and an OPTIONS afterwards is still answered. Each message has a
// server of its own, because several carry the same branch and would be taken for copies.

const KNOWN_METHODS = new Set(['INVITE', 'OPTIONS', 'REGISTER', 'MESSAGE', 'BYE']);

/** Notes what the transport could read. */
class WatchedTransport extends SipTransport {
  readonly read: SipMessage[] = [];

  override onMessage(handler: Parameters<SipTransport['onMessage']>[0]): void {
    super.onMessage((message, source) => {
      this.read.push(message);
      handler(message, source);
    });
  }
}

interface Composition {
  readonly port: number;
  readonly read: readonly SipMessage[];
  readonly handled: SipRequest[];
  close(): Promise<void>;
}

/** Transport, transactions, screening, and a user that answers 200 to what it knows and 501 to the rest. */
async function compose(): Promise<Composition> {
  const transport = new WatchedTransport({ address: '127.0.0.1', port: 0, clock: systemClock, log: silentLogger, tcp: { stallMs: 60, incompleteMs: 200 } });
  const layer = new TransactionLayer({ transport, clock: systemClock, random: systemRandom, log: silentLogger, maxTransactions: 100 });
  const handled: SipRequest[] = [];
  layer.onRequest(
    screenRequests(
      (transaction, request) => {
        handled.push(request);
        transaction.respond(createResponse(request, KNOWN_METHODS.has(request.method) ? 200 : 501, undefined, { toTag: 'wire' })).catch((error: unknown) => t.fail(String(error)));
      },
      { random: systemRandom, log: silentLogger, methods: 'any' },
    ),
  );
  await transport.start();
  return {
    port: transport.listeners[0]!.port,
    read: transport.read,
    handled,
    async close() {
      layer.close();
      await transport.close();
    },
  };
}

/** A phone with one socket that gives back responses one at a time. */
interface Phone {
  send(bytes: Buffer): void;
  /** The next response that is not provisional. */
  final(): Promise<SipResponse>;
  close(): void;
}

class Inbox {
  readonly #ready: SipResponse[] = [];
  #waiting: ((response: SipResponse) => void) | undefined;

  deliver(bytes: Buffer): void {
    const end = bytes.indexOf('\r\n\r\n');
    const { start, headers } = parseHead(bytes.subarray(0, end));
    if (start.kind !== 'response' || start.status < 200) return;
    const response: SipResponse = { ...start, headers, body: bytes.subarray(end + 4) };
    if (this.#waiting) this.#waiting(response);
    else this.#ready.push(response);
    this.#waiting = undefined;
  }

  next(): Promise<SipResponse> {
    const ready = this.#ready.shift();
    if (ready) return Promise.resolve(ready);
    return new Promise((resolve, reject) => {
      const limit = systemClock.after(5_000, () => reject(new Error('no answer came')));
      this.#waiting = (response) => {
        limit.cancel();
        resolve(response);
      };
    });
  }
}

async function udpPhone(port: number): Promise<Phone> {
  const socket = createSocket('udp4');
  const inbox = new Inbox();
  socket.on('message', (data) => inbox.deliver(data));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return { send: (bytes) => socket.send(bytes, port, '127.0.0.1'), final: () => inbox.next(), close: () => socket.close() };
}

async function tcpPhone(port: number): Promise<Phone> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const inbox = new Inbox();
  let pending = '';
  socket.on('data', (data) => {
    pending += data.toString('latin1');
    // Our own answers carry no body here, so each ends with its empty line.
    for (let end = pending.indexOf('\r\n\r\n'); end >= 0; end = pending.indexOf('\r\n\r\n')) {
      inbox.deliver(Buffer.from(pending.slice(0, end + 4), 'latin1'));
      pending = pending.slice(end + 4);
    }
  });
  // A server that gave the stream up may reset it while the rest of the test still writes.
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  return { send: (bytes) => socket.write(bytes), final: () => inbox.next(), close: () => socket.destroy() };
}

let probes = 0;

function probe(protocol: 'UDP' | 'TCP'): { bytes: Buffer; callId: string } {
  const callId = `probe-${++probes}`;
  const lines = [
    'OPTIONS sip:127.0.0.1 SIP/2.0',
    `Via: SIP/2.0/${protocol} 127.0.0.1;branch=z9hG4bKprobe${probes};rport`,
    'Max-Forwards: 70',
    'From: <sip:probe@127.0.0.1>;tag=p',
    'To: <sip:127.0.0.1>',
    `Call-ID: ${callId}`,
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
  ];
  return { bytes: Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), callId };
}

/** Statuses that a verdict allows, or what else is to happen. */
function expectation(vector: Vector): { statuses: number[]; reaches: boolean } | 'discard' {
  if (/discard the response|accept the response|no verdict/.test(vector.verdict)) return 'discard';
  const statuses = [...vector.verdict.matchAll(/\b([4-6]\d\d)\b(?! at a proxy)/g)].map((match) => Number(match[1]));
  const accept = /accept|ignore the Date|matched by/.test(vector.verdict);
  // The methods that only these messages use are unknown to the user above: 501 is how it is handled.
  return { statuses: accept ? [...statuses, 200, 501] : statuses, reaches: accept };
}

/** Fields that must have come through unharmed for a message that was handed on. */
function compare(t: Test, vector: Vector, request: SipRequest): void {
  const text = vector.bytes.toString('utf8');
  t.ok(text.startsWith(`${request.method} ${request.uri} SIP/2.0\r\n`), 'method and Request-URI');
  t.ok(text.includes(request.headers.get('Call-ID')!), 'Call-ID');
  const tail = text.slice(text.indexOf('\r\n\r\n') + 4);
  if (vector.name !== 'dblreq') t.ok(request.body.equals(vector.bytes.subarray(vector.bytes.length - request.body.length)), 'body');
  t.equal(request.body.length > 0, tail.length > 0 && vector.name !== 'dblreq', 'body or none');
}

const headersDue: Record<string, string> = { '420': 'Unsupported', '415': 'Accept', '401': 'WWW-Authenticate' };

async function exercise(t: Test, vector: Vector, protocol: 'UDP' | 'TCP'): Promise<void> {
  const server = await compose();
  t.teardown(() => server.close());
  const dial = protocol === 'UDP' ? udpPhone : tcpPhone;
  const phone = await dial(server.port);
  t.teardown(() => phone.close());
  const expected = expectation(vector);
  phone.send(vector.bytes);
  if (expected === 'discard') {
    const next = probe(protocol);
    phone.send(next.bytes);
    // Messages of one socket are read in order, so whatever it led to would have come before this.
    // A stream whose framing is lost is closed instead; then the probe below tells.
    if (vector.name !== 'test' || protocol === 'UDP') {
      const answer = await phone.final();
      t.equal(answer.headers.get('Call-ID'), next.callId, 'nothing was answered to it');
    }
    if (/accept the response/.test(vector.verdict)) t.equal(server.read[0]?.kind, 'response', 'it was read');
    if (vector.name === 'noreason') t.match(server.read[0], { status: 100, reason: '' });
    if (vector.name === 'unreason') t.match(server.read[0], { status: 200, reason: /^= 2\*\*3/ });
  } else {
    const answer = await phone.final();
    t.ok(expected.statuses.includes(answer.status), `${answer.status} is one of ${expected.statuses.join(', ')}`);
    const due = headersDue[String(answer.status)];
    if (due) t.ok(answer.headers.has(due), due);
    t.equal(server.handled.length > 0, expected.reaches, expected.reaches ? 'it was handed on' : 'it was not handed on');
    if (expected.reaches) compare(t, vector, server.handled[0]!);
    t.match(answer.headers.get('Call-ID') ?? 'none', /./);
  }
  const after = await dial(server.port);
  t.teardown(() => after.close());
  const options = probe(protocol);
  after.send(options.bytes);
  const alive = await after.final();
  t.same([alive.status, alive.headers.get('Call-ID')], [200, options.callId], 'OPTIONS afterwards');
}

for (const protocol of ['UDP', 'TCP'] as const) {
  for (const vector of tortureVectors()) {
    t.test(`${vector.rfc} ${vector.section} ${vector.name} over ${protocol}: ${vector.verdict}`, (t) => exercise(t, vector, protocol));
  }
}

t.test('after a refusal whose length is known, the same TCP connection goes on', async (t) => {
  const server = await compose();
  t.teardown(() => server.close());
  const phone = await tcpPhone(server.port);
  t.teardown(() => phone.close());
  for (const name of ['badinv01', 'badvers', 'lwsruri', 'quotbal', 'regbadct', 'badaspec', 'trws', 'ltgtruri', 'scalar02', 'insuf', 'unkscm', 'bext01']) {
    phone.send(tortureVectors().find((vector) => vector.name === name)!.bytes);
    t.equal((await phone.final()).status >= 400, true, name);
    const options = probe('TCP');
    phone.send(options.bytes);
    t.equal((await phone.final()).headers.get('Call-ID'), options.callId);
  }
});
