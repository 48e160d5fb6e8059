import { once } from 'node:events';
import { X509Certificate } from 'node:crypto';
import { writeFileSync, readFileSync } from 'node:fs';
import { connect as connectPlain, createServer as createPlainServer } from 'node:net';
import { connect, createServer } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import t from 'tap';
import type { Test } from 'tap';
import { systemClock } from '../../../../src/kernel/clock.js';
import { silentLogger } from '../../../../src/kernel/log.js';
import { parseVia } from '../../../../src/sip/embedded/message/via.js';
import { CERTIFICATE_POLL_MS } from '../../../../src/sip/embedded/transport/certificates.js';
import { SipTransport } from '../../../../src/sip/embedded/transport/sip-transport.js';
import type { Source } from '../../../../src/sip/embedded/transport/transport.js';
import type { Clock } from '../../../../src/kernel/clock.js';
import { ManualClock } from '../../../support/manual-clock.js';
import { CertificateMaker, type CertificateFiles } from '../certificate-maker.js';

const OPTIONS = ['OPTIONS sip:a SIP/2.0', 'Via: SIP/2.0/TLS 127.0.0.1;branch=z9hG4bKa', 'From: <sip:b>;tag=1', 'To: <sip:a>', 'Call-ID: x', 'CSeq: 1 OPTIONS', 'Content-Length: 0', '', ''].join('\r\n');

async function open(t: Test, files: CertificateFiles, clock: Clock = systemClock) {
  const transport = new SipTransport({ address: '127.0.0.1', port: 0, clock, log: silentLogger, tls: { ...files, port: 0 } });
  const sources: Source[] = [];
  let wake: (() => void) | undefined;
  transport.onMessage((_message, source) => {
    sources.push(source);
    wake?.();
  });
  await transport.start();
  t.teardown(() => transport.close());
  const port = transport.listeners.find((listener) => listener.protocol === 'tls')?.port ?? 0;
  const arrived = async (count: number): Promise<Source[]> => {
    while (sources.length < count) await new Promise<void>((resolve) => (wake = resolve));
    return sources;
  };
  return { transport, port, arrived };
}

async function dial(t: Test, port: number, caFile: string): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, ca: readFileSync(caFile) });
  t.teardown(() => socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  return socket;
}

/** A TLS end that keeps what it reads. */
async function farEnd(t: Test, files: CertificateFiles) {
  const names: (string | false | null)[] = [];
  const server = createServer({ cert: readFileSync(files.certFile), key: readFileSync(files.keyFile) }, (socket) => {
    names.push((socket as TLSSocket & { servername: string | false | null }).servername);
    socket.on('error', () => undefined);
    socket.on('data', (data: Buffer) => server.emit('text', data.toString()));
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return { server, names, port: (server.address() as { port: number }).port };
}

t.test('a peer speaks SIP over TLS, and its answer goes back on the connection', async (t) => {
  const maker = new CertificateMaker(t);
  const files = maker.issue('IP:127.0.0.1');
  const { transport, port, arrived } = await open(t, files);
  const socket = await dial(t, port, files.caFile);
  socket.write(OPTIONS);
  const [source] = await arrived(1);
  t.match(source, { protocol: 'tls', address: '127.0.0.1', port: socket.localPort, localPort: port });
  await transport.send(Buffer.from('SIP/2.0 200 OK\r\n\r\n'), { protocol: 'tls', address: '127.0.0.1', port: 1 }, { connection: source?.connection });
  const [data] = (await once(socket, 'data')) as [Buffer];
  t.match(data.toString(), /^SIP\/2\.0 200/);
  t.ok(transport.isOwnSentBy(parseVia(`SIP/2.0/TLS 127.0.0.1:${port}`)));
  t.notOk(transport.isOwnSentBy(parseVia(`SIP/2.0/TCP 127.0.0.1:${port}`)), 'each transport has its own port');
  t.equal(transport.localAddressFor({ protocol: 'tls', address: '127.0.0.1', port: 5061 }).port, port);
  socket.write('\r\n\r\n');
  t.equal(((await once(socket, 'data')) as [Buffer])[0].toString(), '\r\n', 'RFC 5626 4.4.1: ping and pong');
});

t.test('RFC 5922 7.3: the peer that we call must prove the name that we called', async (t) => {
  const maker = new CertificateMaker(t);
  const { transport } = await open(t, maker.issue('IP:127.0.0.1'));
  const far = await farEnd(t, maker.issue('URI:sip:trunk.example,DNS:other.example'));
  const to = { protocol: 'tls', address: '127.0.0.1', port: far.port } as const;
  const text = once(far.server, 'text');
  await transport.send(Buffer.from(OPTIONS), { ...to, serverName: 'trunk.example' });
  t.match((await text)[0], /^OPTIONS/);
  t.same(far.names, ['trunk.example'], 'the name was sent');
  await t.rejects(transport.send(Buffer.from(OPTIONS), { ...to, serverName: 'other.example' }), { code: 'TRK_SIP_CERTIFICATE', message: /another name/ }, 'a DNS name does not count beside a SIP URI, nor the open connection of another name');
  await t.rejects(transport.send(Buffer.from(OPTIONS), to), { code: 'TRK_SIP_CERTIFICATE' }, 'nor does an address');
});

t.test('expired, unknown or no certificate: coded, and told apart', async (t) => {
  const maker = new CertificateMaker(t);
  const { transport, port } = await open(t, maker.issue('IP:127.0.0.1'));
  const send = async (files: CertificateFiles): Promise<void> => {
    const far = await farEnd(t, files);
    await transport.send(Buffer.from(OPTIONS), { protocol: 'tls', address: '127.0.0.1', port: far.port });
  };
  await t.rejects(send(maker.issue('IP:127.0.0.1', { days: -1 })), { code: 'TRK_SIP_CERTIFICATE', message: /expired/ });
  await t.rejects(send(new CertificateMaker(t).issue('IP:127.0.0.1')), { code: 'TRK_SIP_CERTIFICATE', message: /\broot/ });
  const rude = createPlainServer((socket) => socket.end('no\r\n')).listen(0, '127.0.0.1');
  await once(rude, 'listening');
  t.teardown(() => rude.close());
  await t.rejects(transport.send(Buffer.from(OPTIONS), { protocol: 'tls', address: '127.0.0.1', port: (rude.address() as { port: number }).port }), { code: 'TRK_SIP_TRANSPORT' }, 'a peer that does not speak TLS');
  // The listener outlives whoever speaks no TLS.
  const plain = connectPlain(port, '127.0.0.1');
  t.teardown(() => plain.destroy());
  plain.on('error', () => undefined);
  plain.write(OPTIONS);
  await once(plain, 'close');
  t.ok((await dial(t, port, maker.caFile)).authorized);
});

t.test('our own certificate: expired, foreign key, unreadable, no PEM', async (t) => {
  const maker = new CertificateMaker(t);
  const start = (files: CertificateFiles): Promise<void> => new SipTransport({ address: '127.0.0.1', port: 0, clock: systemClock, log: silentLogger, tls: { ...files, port: 0 } }).start();
  const good = maker.issue('DNS:a');
  await t.rejects(start(maker.issue('DNS:a', { days: -1 })), { code: 'TRK_SIP_CERTIFICATE', message: /expired on \d{4}-/ });
  await t.rejects(start({ ...good, keyFile: maker.issue('DNS:b').keyFile }), { code: 'TRK_SIP_CERTIFICATE', message: /does not belong/ });
  await t.rejects(start({ ...good, keyFile: '/no/such/file' }), { code: 'TRK_SIP_CERTIFICATE', message: /cannot be read/ });
  await t.rejects(start({ ...good, certFile: good.keyFile }), { code: 'TRK_SIP_CERTIFICATE', message: /not PEM/ });
});

t.test('renewed files are found once a minute; connections that stand live on', async (t) => {
  const maker = new CertificateMaker(t);
  const files = maker.issue('IP:127.0.0.1', { commonName: 'first' });
  const clock = new ManualClock(Date.now());
  const { port, transport, arrived } = await open(t, files, clock);
  const first = await dial(t, port, files.caFile);
  t.equal(first.getPeerCertificate().subject.CN, 'first');
  // The client ends its handshake before the server does; a message shows that both have.
  first.write(OPTIONS);
  await arrived(1);
  maker.replace(files, maker.issue('IP:127.0.0.1', { commonName: 'second' }));
  clock.advance(CERTIFICATE_POLL_MS);
  t.equal((await dial(t, port, files.caFile)).getPeerCertificate().subject.CN, 'second');
  first.write(OPTIONS);
  await arrived(2);
  t.pass('the old connection still carries messages');
  // Half a renewal: certificate without its key.
  const third = maker.issue('IP:127.0.0.1', { commonName: 'third' });
  const key = readFileSync(files.keyFile);
  maker.replace(files, third);
  writeFileSync(files.keyFile, key);
  clock.advance(CERTIFICATE_POLL_MS);
  t.equal((await dial(t, port, files.caFile)).getPeerCertificate().subject.CN, 'second', 'what does not fit together is not taken');
  t.throws(() => transport.reloadCertificates(), { code: 'TRK_SIP_CERTIFICATE' });
  writeFileSync(files.keyFile, readFileSync(third.keyFile));
  t.equal(transport.reloadCertificates(), true, 'by hand, without waiting');
  t.equal(transport.reloadCertificates(), false);
  t.equal((await dial(t, port, files.caFile)).getPeerCertificate().subject.CN, 'third');
  t.match(new X509Certificate(readFileSync(files.certFile)).subject, 'third');
});
