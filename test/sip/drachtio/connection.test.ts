import t from 'tap';
import { silentLogger } from '../../../src/kernel/log.js';
import { systemRandom } from '../../../src/kernel/random.js';
import { systemClock } from '../../../src/kernel/clock.js';
import { createDrachtioSignalling } from '../../../src/sip/drachtio/signalling.js';
import { startEmbeddedSipServer, type EmbeddedSipServer } from '../../../src/sip/embedded/server.js';
import type { Signalling, SignallingState } from '../../../src/sip/signalling.js';
import { SDP } from '../../contract/sip-peer.js';
import { cuttableLine } from '../../support/cuttable-line.js';
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

t.test('a server that falls silent on an open connection is found by pings', async (t) => {
  const server = await serve();
  const line = await cuttableLine(server.adminPort);
  const clock = new ManualClock();
  const signalling = createDrachtioSignalling({ host: '127.0.0.1', port: line.port, secret, clock, log: silentLogger, userAgent: 'x' });
  await signalling.start();
  const lost = reached(signalling, 'lost');
  line.freeze();
  clock.advance(5_000);
  t.equal(signalling.state, 'connected', 'one answer may take its time');
  clock.advance(5_000);
  await lost;
  await signalling.close();
  await line.close();
  await server.close();
});
