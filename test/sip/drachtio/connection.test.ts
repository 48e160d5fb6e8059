import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import t from 'tap';
import { silentLogger } from '../../../src/kernel/log.js';
import { systemRandom } from '../../../src/kernel/random.js';
import { systemClock } from '../../../src/kernel/clock.js';
import { createDrachtioSignalling } from '../../../src/sip/drachtio/signalling.js';
import { startEmbeddedSipServer, type EmbeddedSipServer } from '../../../src/sip/embedded/server.js';
import type { Signalling, SignallingState } from '../../../src/sip/signalling.js';
import { PeerDialog, responseTo, SDP, SipPeer } from '../../contract/sip-peer.js';
import { ManualClock } from '../../support/manual-clock.js';

const secret = 'secret of the test';

function serve(adminPort = 0, port = 0): Promise<EmbeddedSipServer> {
  return startEmbeddedSipServer({ address: '127.0.0.1', port, adminPort, maxTransactions: 100, clock: systemClock, random: systemRandom, log: silentLogger, secret });
}

function reached(signalling: Signalling, wanted: SignallingState): Promise<void> {
  return new Promise((resolve) => signalling.onState((state) => state === wanted && resolve()));
}

t.test('empty and published secrets are refused', async (t) => {
  for (const bad of ['', '   ', 'cymru']) {
    t.throws(() => createDrachtioSignalling({ host: '127.0.0.1', port: 1, secret: bad, clock: systemClock, log: silentLogger, userAgent: 'x' }), { code: 'TRK_DRACHTIO_SECRET' });
  }
  t.throws(() => createDrachtioSignalling({ host: '127.0.0.1', port: 1, secret: 'a|b', clock: systemClock, log: silentLogger, userAgent: 'x' }), { code: 'TRK_CONFIG_INVALID' });
});

t.test('a wrong secret is tried again later and later, never in a loop', async (t) => {
  const server = await serve();
  const clock = new ManualClock();
  const tries: number[] = [];
  let failed = (): void => undefined;
  const log = Object.assign(Object.create(silentLogger) as typeof silentLogger, {
    warn: (fields: { code: string; retryMs: number }) => {
      t.equal(fields.code, 'TRK_DRACHTIO_AUTH');
      tries.push(fields.retryMs);
      failed();
    },
  });
  const signalling = createDrachtioSignalling({ host: '127.0.0.1', port: server.adminPort, secret: 'not this one', clock, log, userAgent: 'x' });
  const starting = t.rejects(signalling.start(), { code: 'TRK_DRACHTIO_AUTH' });
  for (let attempt = 0; attempt < 6; attempt += 1) {
    await new Promise<void>((resolve) => {
      failed = resolve;
      // Only the clock makes it try again.
      if (attempt > 0) clock.advance((tries.at(-1) ?? 0) + 1);
    });
  }
  t.equal(tries.length, 6);
  t.ok((tries[0] ?? 0) >= 1_500, `first wait ${tries[0]} ms`);
  for (let i = 1; i < tries.length; i += 1) t.ok((tries[i] ?? 0) > (tries[i - 1] ?? 0), `wait ${i}: ${tries[i]} ms`);
  t.ok(Math.max(...tries) <= 60_000);
  t.equal(signalling.state, 'connecting');
  await signalling.close();
  await starting;
  await server.close();
});

t.test('a refused port is tried again, and the first connection resolves start', async (t) => {
  const probe = await serve();
  const port = probe.adminPort;
  await probe.close();
  const signalling = createDrachtioSignalling({ host: '127.0.0.1', port, secret, clock: systemClock, log: silentLogger, userAgent: 'x' });
  const starting = signalling.start();
  await t.rejects(signalling.place({ to: 'sip:a@127.0.0.1', from: '1', sdp: SDP, callId: 'x' }), { code: 'TRK_SIP_NOT_CONNECTED', cause: { status: 503 } });
  const server = await serve(port);
  await starting;
  t.equal(signalling.state, 'connected');
  t.same([...signalling.addresses].sort(), [`tcp/127.0.0.1:${server.listeners[0]?.port}`, `udp/127.0.0.1:${server.listeners[0]?.port}`]);
  await signalling.close();
  await server.close();
});

/** A TCP proxy that can be cut. */
async function cuttable(target: number): Promise<{ port: number; cut(): void; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const { connect } = await import('node:net');
  const server: Server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    for (const [from, to] of [[near, far], [far, near]] as const) {
      sockets.add(from);
      from.on('error', () => undefined);
      from.on('close', () => to.destroy());
      from.pipe(to);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    close: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

t.test('a lost connection ends its calls on both sides, and new calls work after it', async (t) => {
  const server = await serve();
  const line = await cuttable(server.adminPort);
  const signalling = createDrachtioSignalling({ host: '127.0.0.1', port: line.port, secret, clock: systemClock, log: silentLogger, userAgent: 'x' });
  const peer = await SipPeer.udp();
  await signalling.start();
  const placing = signalling.place({ to: peer.uri, from: '1', sdp: SDP, callId: 'one@test' });
  const invite = await peer.next('INVITE');
  invite.reply(responseTo(invite, 200, { headers: [`Contact: ${peer.contact}`], body: SDP }));
  const dialog = await placing;
  await peer.next('ACK');
  const ringing = signalling.place({ to: peer.uri, from: '1', sdp: SDP, callId: 'two@test' });
  const second = await peer.next('INVITE');
  second.reply(responseTo(second, 180));
  const asking = dialog.request('INFO');
  await peer.next('INFO');

  const lost = reached(signalling, 'lost');
  const ended = new Promise((resolve) => dialog.onEnd(resolve));
  const failures = Promise.all([t.rejects(ringing, { code: 'TRK_SIP_NOT_CONNECTED', cause: { status: 503 } }), t.rejects(asking, { code: 'TRK_SIP_DIALOG_GONE' })]);
  line.cut();
  await lost;
  t.match(await ended, { by: 'system' });
  await failures;
  const cancel = await peer.next('CANCEL');
  cancel.reply(responseTo(cancel, 200));
  second.reply(responseTo(second, 487));
  const bye = await peer.next('BYE');
  t.equal(bye.header('Call-ID'), 'one@test');
  bye.reply(responseTo(bye, 200));

  if (signalling.state !== 'connected') await reached(signalling, 'connected');
  const coming = new Promise<void>((resolve) => signalling.onInvite((call) => void call.reject(486).then(resolve)));
  PeerDialog.caller(peer, server.listeners[0]?.port ?? 0).send('INVITE', { body: SDP });
  await peer.next(486);
  await coming;
  await signalling.close();
  await line.close();
  await server.close();
  await peer.close();
});
