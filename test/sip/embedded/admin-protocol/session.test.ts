import t from 'tap';
import { silentLogger } from '../../../../src/kernel/log.js';
import { systemRandom } from '../../../../src/kernel/random.js';
import { startEmbeddedSipServer, type EmbeddedSipServer } from '../../../../src/sip/embedded/server.js';
import { PeerDialog, responseTo, SDP, SipPeer } from '../../../contract/sip-peer.js';
import { ManualClock } from '../../../support/manual-clock.js';
import { RawApplication } from '../raw-application.js';

const secret = 'secret of the test';

async function serve(clock: ManualClock): Promise<EmbeddedSipServer> {
  return startEmbeddedSipServer({ address: '127.0.0.1', port: 0, maxTransactions: 100, clock, random: systemRandom, log: silentLogger, secret });
}

t.test('nothing is served before the right secret', async (t) => {
  const clock = new ManualClock();
  const server = await serve(clock);
  for (const frame of ['route|invite', 'ping', 'sip||', 'authenticate|wrong|', 'authenticate||', `authenticate|${secret}x|`]) {
    const application = await RawApplication.connect(server.adminPort);
    const answer = await application.ask(frame, frame.startsWith('sip') ? 'OPTIONS sip:a@127.0.0.1 SIP/2.0\r\n\r\n' : undefined);
    t.equal(answer.fields[3], 'NO', frame);
    await application.closed;
  }
  const garbage = await RawApplication.connect(server.adminPort);
  garbage.socket.write('GET / HTTP/1.1\r\n\r\n');
  await garbage.closed;
  const good = await RawApplication.connect(server.adminPort, secret);
  t.equal((await good.ask('ping')).fields[4], 'pong', 'others are served on');
  good.close();
  await server.close();
});

t.test('a socket that does not authenticate is closed after 2 s', async (t) => {
  const clock = new ManualClock();
  const server = await serve(clock);
  const silent = await RawApplication.connect(server.adminPort);
  const busy = await RawApplication.connect(server.adminPort, secret);
  await clock.run(1_999);
  t.equal(silent.socket.destroyed, false);
  await clock.run(1);
  await silent.closed;
  t.equal((await busy.ask('ping')).fields[3], 'OK');
  busy.close();
  await server.close();
});

t.test('the handshake tells the listeners and a version that srf pings', async (t) => {
  const server = await serve(new ManualClock());
  const application = await RawApplication.connect(server.adminPort);
  const answer = await application.ask(`authenticate|${secret}|tag-1,tag-2`);
  const port = server.listeners[0]?.port;
  t.same(answer.fields.slice(3, 5), ['OK', `udp/127.0.0.1:${port},tcp/127.0.0.1:${port}`]);
  t.match(answer.fields[5], /^v\d+\.\d+\.\d+\+keeps-calls$/);
  t.equal(answer.fields[6], answer.fields[4]);
  t.equal((await application.ask('proxy|x|||||||sip:a@b')).fields[3], 'NOK');
  t.equal((await application.ask('route|cdr:start')).fields[3], 'OK');
  t.equal((await application.ask('sip|nothing|', 'SIP/2.0 200 OK\r\n\r\n')).fields[3], 'NOK');
  t.match((await application.ask('sip||no;from-tag=such', 'BYE sip:placeholder SIP/2.0\r\n\r\n')).fields[4], /unable to find dialog/);
  application.close();
  await server.close();
});

t.test('requests that cannot be sent are refused with a reason', async (t) => {
  const server = await serve(new ManualClock());
  const application = await RawApplication.connect(server.adminPort, secret);
  const port = server.listeners[0]?.port;
  for (const [message, reason] of [
    ['INVITE tel:123 SIP/2.0\r\n\r\n', /scheme/],
    ['INVITE nonsense SIP/2.0\r\n\r\n', /URI/],
    ['OPTIONS sip:a@127.0.0.1;transport=tls SIP/2.0\r\n\r\n', /no transport/],
    ['OPTIONS sips:a@127.0.0.1 SIP/2.0\r\n\r\n', /no transport/],
    [`OPTIONS sip:a@127.0.0.1:${port} SIP/2.0\r\n\r\n`, /itself/],
    ['OPTIONS sip:a@127.0.0.1:9 SIP/2.0\r\nFrom: "open <sip:a@b>\r\n\r\n', /malformed header/],
    ['MESSAGE sip:a@127.0.0.1:9 SIP/2.0\r\n\r\nhello', /Content-Type/],
    ['OPTIONS sip:a@127.0.0.1:9 SIP/2.0\r\nX-A: b\rc\r\n\r\n', /malformed message/],
    ['BYE sip:a@127.0.0.1:9 SIP/2.0\r\n\r\n', /dialog/],
  ] as const) {
    const answer = await application.ask('sip||', message);
    t.equal(answer.fields[3], 'NOK', message);
    t.match(answer.fields[4], reason);
  }
  application.close();
  await server.close();
});

t.test('the copy of a sent request is complete, and no response is delivered in the same breath', async (t) => {
  const clock = new ManualClock();
  const server = await serve(clock);
  const peer = await SipPeer.udp();
  const application = await RawApplication.connect(server.adminPort, secret);
  const answer = await application.ask('sip||', `INVITE ${peer.uri} SIP/2.0\r\nfrom: sip:1000@localhost\r\nVia: SIP/2.0/UDP evil;branch=1\r\nRecord-Route: <sip:evil>\r\nContent-Length: 99999\r\nX-Own: é\r\n\r\n${SDP}`);
  t.same(answer.fields.slice(3, 5), ['OK', 'application']);
  t.equal(answer.fields[11], 'Msg sent:');
  const [, txn] = [answer.fields[9], answer.fields[10]];
  t.ok(txn);
  t.equal(Number(answer.fields[5]), Buffer.byteLength(answer.message));
  const invite = await peer.next('INVITE');
  t.equal(answer.message, invite.raw, 'it is what went out');
  t.match(invite.header('From'), /^<sip:1000@127\.0\.0\.1:\d+>;tag=\w+$/);
  t.equal(invite.header('To'), `<${peer.uri}>`);
  t.match(invite.header('Contact'), new RegExp(`^<sip:127\\.0\\.0\\.1:${server.listeners[0]?.port}>$`));
  t.equal(invite.header('CSeq'), '1 INVITE');
  t.equal(invite.header('Content-Type'), 'application/sdp');
  t.equal(invite.header('Content-Length'), String(Buffer.byteLength(SDP)));
  t.equal(invite.header('Record-Route'), '');
  t.equal(invite.all('Via').length, 1);
  t.equal(invite.header('X-Own'), 'é');
  invite.reply(responseTo(invite, 100));
  invite.reply(responseTo(invite, 180));
  // The ping's answer comes after the 180 was read: still nothing has been delivered.
  invite.reply(responseTo(invite, 486));
  await peer.next('ACK');
  await application.ask('ping');
  t.equal(application.received.filter((frame) => frame.fields[1] === 'sip').length, 0);
  clock.advance(5);
  const ringing = await application.sip('SIP/2.0 180');
  const busy = await application.sip('SIP/2.0 486');
  t.equal(ringing.fields[8], txn);
  t.equal(ringing.fields[9], `${invite.header('Call-ID')};from-tag=${/tag=(\w+)/.exec(invite.header('From'))?.[1]}`);
  t.equal(busy.fields[9], ringing.fields[9]);
  t.notOk(application.received.some((frame) => frame.message.startsWith('SIP/2.0 100')), '100 stays in the server');
  t.equal((await application.ask(`sip||${busy.fields[9]}`, `ACK ${peer.uri} SIP/2.0\r\n\r\n`)).fields[3], 'NOK', 'the ACK to a failure is the server\'s own');
  application.close();
  await server.close();
  await peer.close();
});

t.test('new requests go round the applications that asked for them', async (t) => {
  const clock = new ManualClock();
  const server = await serve(clock);
  const peer = await SipPeer.udp();
  const port = server.listeners[0]?.port ?? 0;
  PeerDialog.caller(peer, port).send('OPTIONS');
  t.equal((await peer.next(503)).method, 'OPTIONS', 'without an application');
  const first = await RawApplication.connect(server.adminPort, secret, ['options', 'options', 'options']);
  const second = await RawApplication.connect(server.adminPort, secret, ['options']);
  await RawApplication.connect(server.adminPort, secret, ['invite']);
  for (let i = 0; i < 4; i += 1) PeerDialog.caller(peer, port).send('OPTIONS');
  for (const application of [first, second, first, second]) {
    const { fields } = await application.sip('OPTIONS');
    t.same([fields[2], fields[4], fields[5], fields[6]], ['network', 'udp', '127.0.0.1', String(peer.port)]);
    t.same(fields.slice(9, 12), ['', '127.0.0.1', String(port)]);
    await application.ask(`sip|${fields[8]}|`, 'SIP/2.0 200 OK\r\nallow: INVITE\r\n\r\n');
  }
  await first.ask('remove_route|options');
  PeerDialog.caller(peer, port).send('OPTIONS');
  await second.sip('OPTIONS');
  await server.close();
  await peer.close();
});
