/** Trunks over TLS: a carrier by Node's own TLS with certificates of openssl, right and wrong ones. */
import { readFileSync } from 'node:fs';
import { createServer as createPlainServer, type AddressInfo, type Server } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import t from 'tap';
import type { Test } from 'tap';
import { systemClock } from '../../../src/kernel/clock.js';
import { silentLogger } from '../../../src/kernel/log.js';
import { systemRandom } from '../../../src/kernel/random.js';
import { createDrachtioSignalling } from '../../../src/sip/drachtio/signalling.js';
import { startEmbeddedSipServer } from '../../../src/sip/embedded/server.js';
import { probeTrunk } from '../../../src/sip/trunk/probe.js';
import { TrunkBook } from '../../../src/sip/trunk/trunk-book.js';
import { SDP } from '../../contract/sip-peer.js';
import { CertificateMaker, type CertificateFiles } from '../embedded/certificate-maker.js';
import { trunkOf } from './settings.js';

const dns = { resolveSrv: () => Promise.resolve([]), resolve4: () => Promise.resolve([]), resolve6: () => Promise.resolve([]) };

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return (server.address() as AddressInfo).port;
}

/** Answers each OPTIONS with 200 and each INVITE with 486. `clients`: subjects of the certificates that were shown to it. */
async function carrier(t: Test, files: CertificateFiles, clients: string[] = []): Promise<number> {
  const sockets = new Set<TLSSocket>();
  const server = createServer({ key: readFileSync(files.keyFile), cert: readFileSync(files.certFile), ca: readFileSync(files.caFile), requestCert: true, rejectUnauthorized: false }, (socket) => {
    sockets.add(socket);
    clients.push(socket.authorized ? String(socket.getPeerCertificate().subject.CN) : 'nobody');
    socket.on('error', () => undefined);
    socket.on('data', (data: Buffer) => {
      for (const text of data.toString().split(/(?<=\r\n\r\n)(?=[A-Z]+ sip)/)) {
        const [method = ''] = text.split(' ');
        if (method === 'ACK' || !/^[A-Z]+ sips?:/.test(text)) continue;
        const kept = text.split('\r\n').filter((line) => /^(Via|From|To|Call-ID|CSeq):/i.test(line)).map((line) => (/^To:/i.test(line) ? `${line};tag=carrier` : line));
        socket.write([`SIP/2.0 ${method === 'INVITE' ? '486 Busy' : '200 OK'}`, ...kept, 'Content-Length: 0', '', ''].join('\r\n'));
      }
    });
  });
  server.on('tlsClientError', () => undefined);
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return listening(server);
}

async function setUp(t: Test) {
  const maker = new CertificateMaker(t);
  const secret = 'a secret of the test';
  const parts = { clock: systemClock, random: systemRandom, log: silentLogger };
  const server = await startEmbeddedSipServer({ ...parts, address: '127.0.0.1', port: 0, maxTransactions: 100, secret, tls: { ...maker.issue('DNS:us.example', { commonName: 'us' }), port: 0 } });
  const signalling = createDrachtioSignalling({ ...parts, host: '127.0.0.1', port: server.adminPort, secret, userAgent: 'x' });
  await signalling.start();
  const book = new TrunkBook({ ...parts, signalling, dns, caller: 'x', unknownSources: undefined });
  t.teardown(async () => {
    await book.stop();
    await signalling.close();
    await server.close();
  });
  const trunk = (port: number) => trunkOf({ addresses: [{ host: '127.0.0.1', port, transport: 'tls' }], keepalive_s: 0 });
  return {
    maker,
    probe: (port: number) => probeTrunk({ ...parts, signalling, dns }, trunk(port)),
    /** A call by the trunk, as it would be placed. */
    call: async (port: number) => {
      book.put(trunk(port));
      const lease = book.take('carrier');
      if (lease === undefined) throw new Error('no channel');
      const order = { to: '+49301234', from: undefined };
      const [first] = await book.tries(lease, order);
      lease.release();
      if (first === undefined) throw new Error('no place');
      return await signalling.place({ ...first.request, sdp: SDP, callId: `${port}-${systemClock.monotonic()}@test` });
    },
  };
}

t.test('a carrier that proves its address: OPTIONS and calls go through, and ours is shown to it', async (t) => {
  const { maker, probe, call } = await setUp(t);
  const clients: string[] = [];
  const port = await carrier(t, maker.issue('IP:127.0.0.1'), clients);
  t.match(await probe(port), { ok: true, steps: [{ step: 'resolve' }, { step: 'options', ok: true, answer: '200' }] });
  await t.rejects(call(port), { code: 'TRK_SIP_REJECTED', cause: { status: 486 } });
  t.same([...new Set(clients)], ['us'], 'mutual TLS: our certificate stands up to its root');
});

t.test('certificates that do not do are told apart, and named', async (t) => {
  const { maker, probe, call } = await setUp(t);
  const stranger = new CertificateMaker(t);
  for (const [what, files, reason] of [
    ['expired', maker.issue('IP:127.0.0.1', { days: -1 }), /expired/],
    ['for another name', maker.issue('DNS:stranger.example'), /another name/],
    ['of a root that nobody knows', stranger.issue('IP:127.0.0.1'), /root|issuer|trust|verify|chain/i],
  ] as const) {
    const port = await carrier(t, files);
    const report = await probe(port);
    t.match(report, { ok: false, problem: { code: 'TRK_SIP_CERTIFICATE', message: reason }, steps: [{ ok: true }, { step: 'options', ok: false, code: 'TRK_SIP_CERTIFICATE', answer: reason }] }, what);
    await t.rejects(call(port), { code: 'TRK_SIP_CERTIFICATE', message: reason }, what);
  }
});

t.test('a carrier that speaks no TLS there, or nothing, is unreachable', async (t) => {
  const { probe } = await setUp(t);
  const server = createPlainServer((socket) => {
    socket.on('error', () => undefined);
    socket.end('SIP/2.0 400 Bad Request\r\n\r\n', () => socket.destroy());
  });
  const port = await listening(server);
  t.match(await probe(port), { ok: false, problem: { code: 'TRK_TRUNK_UNREACHABLE' } });
  await new Promise((resolve) => server.close(resolve));
  t.match(await probe(port), { ok: false, problem: { code: 'TRK_TRUNK_UNREACHABLE' } });
});
