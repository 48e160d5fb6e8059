/** Calls between two of our own ends over TLS, through everything from the adapter to the socket. */
import t from 'tap';
import type { Test } from 'tap';
import { systemClock } from '../../../src/kernel/clock.js';
import { silentLogger } from '../../../src/kernel/log.js';
import { systemRandom } from '../../../src/kernel/random.js';
import { createDrachtioSignalling } from '../../../src/sip/drachtio/signalling.js';
import { startEmbeddedSipServer } from '../../../src/sip/embedded/server.js';
import type { DialogEnd, IncomingCall } from '../../../src/sip/signalling.js';
import { SDP, token } from '../../contract/sip-peer.js';
import { CertificateMaker, type CertificateFiles } from '../embedded/certificate-maker.js';

async function end(t: Test, files: CertificateFiles) {
  const secret = 'a secret of the test';
  const server = await startEmbeddedSipServer({ address: '127.0.0.1', port: 0, maxTransactions: 100, clock: systemClock, random: systemRandom, log: silentLogger, secret, tls: { ...files, port: 0 } });
  const signalling = createDrachtioSignalling({ host: '127.0.0.1', port: server.adminPort, secret, clock: systemClock, log: silentLogger, userAgent: 'trunkline/test' });
  await signalling.start();
  t.teardown(async () => {
    await signalling.close();
    await server.close();
  });
  return { signalling, port: server.listeners.find(({ protocol }) => protocol === 'tls')?.port ?? 0 };
}

for (const [scheme, parameter] of [['sips', ''], ['sip', ';transport=tls']] as const) {
  t.test(`${scheme}:${parameter} a call over TLS, hung up by the callee on the caller's connection`, async (t) => {
    const maker = new CertificateMaker(t);
    const caller = await end(t, maker.issue('DNS:nobody.example'));
    const callee = await end(t, maker.issue('DNS:localhost'));
    t.ok(callee.signalling.addresses.includes(`tls/127.0.0.1:${callee.port}`));
    const coming = new Promise<IncomingCall>((resolve) => callee.signalling.onInvite(resolve));
    const placing = caller.signalling.place({ to: `${scheme}:bot@localhost:${callee.port}${parameter}`, from: '1000', sdp: SDP, callId: `${token()}@test` });
    const call = await coming;
    t.equal(call.source.protocol, 'tls');
    // RFC 3261 8.1.1.8: sips in the Request-URI asks for a sips Contact.
    t.match(call.headers['Contact'] ?? call.headers['contact'], scheme === 'sips' ? /^<sips:127\.0\.0\.1:\d+>$/ : /^<sip:127\.0\.0\.1:\d+;transport=tls>$/);
    const answered = await call.answer(SDP);
    const placed = await placing;
    t.equal(placed.remoteSdp, SDP, 'the ACK went to an address whose certificate only names the host');
    const ended = new Promise<DialogEnd>((resolve) => placed.onEnd(resolve));
    await answered.hangup();
    t.match(await ended, { by: 'remote' });
  });
}

t.test('a peer with a certificate that does not do: the call fails with a code that says why', async (t) => {
  const maker = new CertificateMaker(t);
  const caller = await end(t, maker.issue('DNS:localhost'));
  const stranger = await end(t, maker.issue('DNS:stranger.example'));
  const to = `sips:bot@localhost:${stranger.port}`;
  await t.rejects(caller.signalling.place({ to, from: '1000', sdp: SDP, callId: `${token()}@test` }), { code: 'TRK_SIP_CERTIFICATE', message: /^A TLS certificate cannot be used: the certificate of the peer is for another name\.$/ });
  await t.rejects(caller.signalling.request('OPTIONS', to), { code: 'TRK_SIP_CERTIFICATE', message: /another name/ });
});

t.test('digest over TLS: the second request goes to an address, and the name is still what is proven', async (t) => {
  const maker = new CertificateMaker(t);
  const caller = await end(t, maker.issue('DNS:nobody.example'));
  const registrar = await end(t, maker.issue('DNS:localhost'));
  const asked: boolean[] = [];
  registrar.signalling.onRequest((request) => {
    const proof = request.headers['Authorization'];
    asked.push(proof !== undefined);
    return proof === undefined ? { status: 401, headers: { 'WWW-Authenticate': 'Digest realm="test", nonce="abc", algorithm=MD5, qop="auth"' } } : { status: 200 };
  });
  const { status } = await caller.signalling.request('OPTIONS', `sips:bot@localhost:${registrar.port}`, { auth: { username: 'u', password: 'p' } });
  t.equal(status, 200);
  t.same(asked, [false, true]);
});
