import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { Test } from 'tap';
import { Phone } from '../../../src/demo/phone/phone.js';
import type { PhoneEvent } from '../../../src/demo/phone/phone-event.js';
import { checkScript } from '../../../src/demo/phone/script-file.js';
import { header, parameter, parseMessage, sequence } from '../../../src/demo/phone/sip-message.js';
import type { SipMessage, SipResponse } from '../../../src/demo/phone/sip-message.js';
import { systemClock } from '../../../src/kernel/clock.js';
import { parseSdp } from '../../../src/sdp/parse.js';
import { ManualClock } from '../../support/manual-clock.js';

const OFFER = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 39998 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n';

/** The server's side, message by message. */
class Peer {
  readonly #socket: Socket;
  readonly #to: number;
  readonly #received: SipMessage[] = [];
  readonly #waiting: (() => void)[] = [];

  private constructor(socket: Socket, to: number) {
    this.#socket = socket;
    this.#to = to;
    socket.on('message', (bytes) => {
      this.#received.push(parseMessage(bytes)!);
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  static async open(to: number): Promise<Peer> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new Peer(socket, to);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  request(method: string, options: { call?: string; cseq?: number; branch?: string; toTag?: string | undefined; body?: string; user?: string } = {}): void {
    const { call = 'call-1', cseq = 1, branch = `z9hG4bK-${method}-${cseq}`, toTag, body = '', user = '1001' } = options;
    this.send(
      [
        `${method} sip:${user}@127.0.0.1:${this.#to} SIP/2.0`,
        `Via: SIP/2.0/UDP 127.0.0.1:${this.port};branch=${branch};rport`,
        `From: <sip:bot@127.0.0.1>;tag=b1`,
        `To: <sip:${user}@127.0.0.1>${toTag === undefined ? '' : `;tag=${toTag}`}`,
        `Call-ID: ${call}`,
        `CSeq: ${cseq} ${method}`,
        `Contact: <sip:bot@127.0.0.1:${this.port}>`,
        `Record-Route: <sip:127.0.0.1:${this.port};lr>`,
        ...(body === '' ? [] : ['Content-Type: application/sdp']),
        '',
        body,
      ].join('\r\n'),
    );
  }

  send(text: string): void {
    this.#socket.send(text, this.#to, '127.0.0.1');
  }

  /** The next message, in order. */
  async next(): Promise<SipMessage> {
    while (this.#received.length === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.#received.shift()!;
  }

  async status(...expected: number[]): Promise<SipResponse> {
    for (;;) {
      const message = await this.next();
      if (message.kind !== 'response') throw new Error(`${message.method} came instead of ${expected.join(', ')}`);
      if (message.status !== expected[0]) throw new Error(`${message.status} came instead of ${expected.join(', ')}`);
      expected.shift();
      if (expected.length === 0) return message;
    }
  }

  close(): void {
    this.#socket.close();
  }
}

interface Rig {
  readonly phone: Phone;
  readonly peer: Peer;
  readonly clock: ManualClock;
  readonly events: PhoneEvent[];
  readonly ledger: () => Record<string, unknown>[];
  /** Resolves when an event of this name has come. */
  seen(name: PhoneEvent['event'], count?: number): Promise<PhoneEvent>;
}

async function rig(t: Test, file: object = {}): Promise<Rig> {
  const directory = mkdtempSync(join(tmpdir(), 'phone-sip-'));
  const clock = new ManualClock();
  const events: PhoneEvent[] = [];
  const waiting: (() => void)[] = [];
  const path = join(directory, 'ledger');
  // The RTP thread has the system's clock; both must have the same origin.
  const origin = systemClock.monotonic();
  const phone = await Phone.open({
    address: '127.0.0.1',
    port: 0,
    clock: { now: () => clock.now(), monotonic: () => origin + clock.monotonic(), after: (ms, run) => clock.after(ms, run) },
    scripts: [checkScript({ answerAfterMs: 100, hangupAfter: 'never', ...file }, 'script', '/')],
    ledger: path,
    onEvent: (event) => {
      events.push(event);
      for (const wake of waiting.splice(0)) wake();
    },
  });
  const peer = await Peer.open(phone.port);
  t.teardown(async () => {
    const closing = phone.close();
    await clock.run(2000);
    await closing;
    peer.close();
    rmSync(directory, { recursive: true });
  });
  return {
    phone,
    peer,
    clock,
    events,
    ledger: () => readFileSync(path, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>),
    async seen(name, count = 1) {
      for (;;) {
        const found = events.filter((event) => event.event === name);
        if (found.length >= count) return found[count - 1]!;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
}

/** A call that stands; returns the phone's tag. */
async function established({ peer, clock, seen }: Rig): Promise<string> {
  peer.request('INVITE', { body: OFFER });
  await peer.status(100, 180);
  clock.advance(100);
  const toTag = parameter(header(await peer.status(200), 'to'), 'tag')!;
  peer.request('ACK', { toTag, branch: 'z9hG4bK-ack' });
  await seen('established');
  return toTag;
}

t.test('a call as it should be: 100, 180, 200, ACK, BYE', async (t) => {
  const r = await rig(t);
  r.peer.request('INVITE', { body: OFFER });
  const trying = await r.peer.status(100);
  t.equal(parameter(header(trying, 'to'), 'tag'), undefined);
  t.match(header(trying, 'via'), `rport=${r.peer.port}`);
  const ringing = await r.peer.status(180);
  r.clock.advance(100);
  const ok = await r.peer.status(200);
  t.equal(header(ok, 'to'), header(ringing, 'to'));
  t.match(header(ok, 'record-route'), ';lr');
  t.match(header(ok, 'contact'), `:${r.phone.port}>`);
  t.match(parseSdp(ok.body).media, [{ kind: 'audio', protocol: 'RTP/AVP', formats: ['8', '101'] }]);
  const toTag = parameter(header(ok, 'to'), 'tag')!;
  r.peer.request('ACK', { toTag, branch: 'z9hG4bK-ack' });
  await r.seen('established');
  r.clock.advance(5000);
  r.peer.request('BYE', { toTag, cseq: 2 });
  await r.peer.status(200);
  t.match(await r.seen('ended'), { by: 'bot', status: 200, durationMs: 5000 });
  t.match(r.ledger(), [{ kind: 'invite', call: 'call-1', to: '1001', direction: 'in' }, { kind: 'result', status: 200, by: 'bot' }]);
  t.equal(r.ledger().length, 2);
});

t.test('RFC 3261 17.2.1: a repeated INVITE gets the last answer again and rings once', async (t) => {
  const r = await rig(t);
  r.peer.request('INVITE', { body: OFFER });
  await r.peer.status(100, 180);
  r.peer.request('INVITE', { body: OFFER });
  await r.peer.status(180);
  t.equal(r.events.filter((event) => event.event === 'ringing').length, 1);
  t.same(r.ledger().map(({ kind }) => kind), ['invite', 'repetition']);
});

t.test('RFC 3261 13.3.1.4: 200 is repeated after 500, 1000, 2000, 4000 ms until the ACK', async (t) => {
  const r = await rig(t);
  r.peer.request('INVITE', { body: OFFER });
  await r.peer.status(100, 180);
  r.clock.advance(100);
  const ok = await r.peer.status(200);
  for (const wait of [500, 1000, 2000, 4000]) {
    r.clock.advance(wait);
    await r.peer.status(200);
  }
  const toTag = parameter(header(ok, 'to'), 'tag')!;
  r.peer.request('ACK', { toTag, branch: 'z9hG4bK-ack' });
  await r.seen('established');
  r.clock.advance(30_000);
  r.peer.request('OPTIONS', { call: 'other', cseq: 9 });
  t.equal(sequence(await r.peer.status(200)).method, 'OPTIONS', 'nothing else came before it');
});

t.test('without any ACK the phone gives up after 32 s with BYE', async (t) => {
  const r = await rig(t);
  r.peer.request('INVITE', { body: OFFER });
  await r.peer.status(100, 180);
  r.clock.advance(100);
  await r.peer.status(200);
  r.clock.advance(32_000);
  for (;;) {
    const message = await r.peer.next();
    if (message.kind !== 'request') continue;
    t.equal(message.method, 'BYE');
    t.match(header(message, 'route'), ';lr');
    break;
  }
  t.match(await r.seen('ended'), { by: 'system', reason: 'no ACK' });
});

t.test('CANCEL while it rings: 200 for it and 487 for the INVITE, repeated until its ACK', async (t) => {
  const r = await rig(t);
  r.peer.request('INVITE', { body: OFFER });
  await r.peer.status(100, 180);
  r.peer.request('CANCEL', { branch: 'z9hG4bK-INVITE-1' });
  t.equal(sequence(await r.peer.status(200)).method, 'CANCEL');
  t.equal(sequence(await r.peer.status(487)).method, 'INVITE');
  r.clock.advance(500);
  await r.peer.status(487);
  t.match(await r.seen('ended'), { by: 'bot', status: 487 });
  r.clock.advance(100);
  t.notOk(r.events.some((event) => event.event === 'answered'));
});

t.test('RFC 3261 9.2: a CANCEL that comes after the 200 changes nothing', async (t) => {
  const r = await rig(t);
  const toTag = await established(r);
  r.peer.request('CANCEL', { branch: 'z9hG4bK-INVITE-1' });
  await r.peer.status(200);
  r.peer.request('BYE', { toTag, cseq: 2 });
  await r.peer.status(200);
  t.match(await r.seen('ended'), { status: 200 });
});

t.test('re-INVITE to hold and back: the answer follows, its version goes up by one each time', async (t) => {
  const r = await rig(t);
  const toTag = await established(r);
  const reinvite = async (cseq: number, body: string): Promise<{ version: number; body: string }> => {
    r.peer.request('INVITE', { toTag, cseq, body });
    const ok = await r.peer.status(200);
    r.peer.request('ACK', { toTag, cseq, branch: `z9hG4bK-ack-${cseq}` });
    return { version: Number(parseSdp(ok.body).origin.sessionVersion), body: ok.body };
  };
  const held = await reinvite(2, `${OFFER}a=sendonly\r\n`);
  t.match(held.body, 'a=recvonly');
  const back = await reinvite(3, OFFER);
  t.match(back.body, 'a=sendrecv');
  t.equal(back.version, held.version + 1);
  const same = await reinvite(4, OFFER);
  t.equal(same.version, back.version);
  r.peer.request('INVITE', { toTag, cseq: 5, body: OFFER.replace('8 101', '18') });
  await r.peer.status(488);
  t.equal(r.phone.calls, 1, 'a refused offer ends nothing');
});

t.test('an INVITE without offer is answered by one, and the ACK brings the answer', async (t) => {
  const r = await rig(t);
  r.peer.request('INVITE');
  await r.peer.status(100, 180);
  r.clock.advance(100);
  const ok = await r.peer.status(200);
  t.match(parseSdp(ok.body).media, [{ formats: ['8', '0', '101'] }]);
  r.peer.request('ACK', { toTag: parameter(header(ok, 'to'), 'tag'), branch: 'z9hG4bK-ack', body: OFFER });
  await r.seen('established');
});

t.test('an offer without a codec of ours gets 488, a broken one 400', async (t) => {
  const r = await rig(t);
  r.peer.request('INVITE', { body: OFFER.replace('8 101', '18') });
  await r.peer.status(100, 180);
  r.clock.advance(100);
  await r.peer.status(488);
  r.peer.request('INVITE', { call: 'call-2', branch: 'z9hG4bK-2', body: 'v=1\r\n' });
  await r.peer.status(100, 180);
  r.clock.advance(100);
  // The first refusal has no ACK yet and may be repeated meanwhile.
  for (;;) {
    const message = await r.peer.next();
    if (message.kind === 'response' && header(message, 'call-id') === 'call-2') {
      t.equal(message.status, 400);
      break;
    }
  }
});

t.test('requests outside of any call', async (t) => {
  const r = await rig(t);
  r.peer.request('OPTIONS');
  t.match(header(await r.peer.status(200), 'allow'), 'INVITE');
  r.peer.request('BYE', { call: 'none', toTag: 'x' });
  await r.peer.status(481);
  r.peer.request('INVITE', { call: 'none', toTag: 'x', cseq: 3, body: OFFER });
  await r.peer.status(481);
});

t.test('a placed call: INVITE repeated until an answer, ACK again for each 200, our BYE', async (t) => {
  const r = await rig(t, { hangupAfter: 'never' });
  const id = await r.phone.place(`sip:bot@127.0.0.1:${r.peer.port}`);
  const invite = await r.peer.next();
  t.match(invite, { kind: 'request', method: 'INVITE' });
  t.equal(header(invite, 'call-id'), id);
  r.clock.advance(500);
  t.equal(header(await r.peer.next(), 'via'), header(invite, 'via'));
  const answer = (status: string, body: string): void =>
    r.peer.send(
      [`SIP/2.0 ${status}`, `Via: ${header(invite, 'via')}`, `From: ${header(invite, 'from')}`, `To: ${header(invite, 'to')};tag=far`, `Call-ID: ${id}`, 'CSeq: 1 INVITE', `Contact: <sip:far@127.0.0.1:${r.peer.port}>`, '', body].join('\r\n'),
    );
  answer('180 Ringing', '');
  await r.seen('ringing');
  r.clock.advance(10_000);
  answer('200 OK', OFFER);
  const ack = await r.peer.next();
  t.match(ack, { method: 'ACK', uri: `sip:far@127.0.0.1:${r.peer.port}` });
  await r.seen('established');
  answer('200 OK', OFFER);
  t.same(await r.peer.next(), ack, 'the same ACK again');
  const closing = r.phone.close();
  const bye = await r.peer.next();
  t.match(bye, { method: 'BYE' });
  t.equal(parameter(header(bye, 'to'), 'tag'), 'far');
  t.equal(sequence(bye).number, 2);
  t.match(await r.seen('ended'), { by: 'caller', status: 200 });
  await r.clock.run(1000);
  await closing;
});

t.test('a placed call that nobody answers ends after 32 s', async (t) => {
  const r = await rig(t);
  await r.phone.place(`sip:bot@127.0.0.1:${r.peer.port}`);
  r.clock.advance(32_000);
  t.match(await r.seen('ended'), { by: 'system', status: 408 });
});

t.test('a target that is no SIP address of numbers is refused', async (t) => {
  const r = await rig(t);
  await t.rejects(r.phone.place('tel:+15550100'), { code: 'TRK_SIP_URI' });
  await t.rejects(r.phone.place('sip:bot@example.com'), { code: 'TRK_SIP_URI' });
});

t.test('garbage on the SIP port does no harm', async (t) => {
  const r = await rig(t);
  for (let index = 0; index < 200; index++) r.peer.send(`${'\u0000'.repeat(index)}INVITE sip:x SIP/2.0\r\n`.slice(index % 30));
  r.peer.request('OPTIONS');
  await r.peer.status(200);
});
