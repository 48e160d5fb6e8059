import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import t from 'tap';
import { PeerDialog, responseTo, SDP, SipPeer } from '../../../contract/sip-peer.js';
import { stage } from './stage.js';

// The ways that messages of a call take: around a NAT, over TCP when they are big, over IPv6.

t.test('RFC 3581 4, RFC 5853 3.4: a caller with a private Contact gets our requests where its own came from', async (t) => {
  const s = await stage(t);
  const caller = PeerDialog.caller(s.peer, s.port);
  s.peer.send(caller.request('INVITE', { body: SDP, contact: false, headers: ['Contact: <sip:phone@10.255.255.1:5060>'] }), s.port);
  const invite = await s.application.sip('INVITE');
  const sent = await s.application.ask(`sip|${invite.fields[8]}|`, `SIP/2.0 200 OK\r\n\r\n${SDP}`);
  caller.learn(await s.peer.next(200));
  caller.send('ACK', { sequence: 1 });
  await s.application.sip('ACK');
  s.application.send(`sip||${sent.fields[11]}`, 'INFO sip:placeholder SIP/2.0\r\n\r\n');
  const info = await s.peer.next('INFO');
  t.equal(info.uri, 'sip:phone@10.255.255.1:5060', 'the URI is what it said, the way is where it is');
  info.reply(responseTo(info, 200));
});

t.test('RFC 3581 4: the answer goes to the port that the request came from, whatever Via says', async (t) => {
  const s = await stage(t);
  const request = PeerDialog.caller(s.peer, s.port).request('OPTIONS').replace(/Via: SIP\/2\.0\/UDP 127\.0\.0\.1:\d+/, 'Via: SIP/2.0/UDP 10.1.2.3:9');
  s.peer.send(request, s.port);
  const final = await s.peer.next(503);
  t.match(final.header('Via'), new RegExp(`received=127\\.0\\.0\\.1`));
  t.match(final.header('Via'), new RegExp(`rport=${s.peer.port}`));
});

t.test('RFC 3261 18.1.1: an INVITE over 1300 bytes goes by TCP, and so does its ACK', async (t) => {
  const s = await stage(t);
  const peer = await SipPeer.tcp();
  t.teardown(() => peer.close());
  const uri = `sip:peer@127.0.0.1:${peer.port}`;
  await s.application.ask('sip||', `INVITE ${uri} SIP/2.0\r\nX-Long: ${'a'.repeat(1_400)}\r\n\r\n${SDP}`);
  const invite = await peer.next('INVITE');
  t.match(invite.header('Via'), /^SIP\/2\.0\/TCP /);
  t.notMatch(invite.header('Contact'), /transport/, 'only this message was too big: what follows may come by UDP');
  invite.reply(responseTo(invite, 200, { headers: [`Contact: ${peer.contact}`], body: SDP }));
  await s.clock.run(10);
  const ok = await s.application.sip('SIP/2.0 200');
  s.application.send(`sip||${ok.fields[9]}`, `ACK ${uri} SIP/2.0\r\n\r\n`);
  t.match((await peer.next('ACK')).header('Via'), /^SIP\/2\.0\/TCP /);
  const next = s.application.ask(`sip||${ok.fields[9]}`, 'BYE sip:placeholder SIP/2.0\r\n\r\n');
  const bye = await peer.next('BYE');
  bye.reply(responseTo(bye, 200));
  await next;
});

t.test('a call over IPv6: brackets where they belong, and an ACK and a BYE that arrive', async (t) => {
  const s = await stage(t, { address: '::1' });
  const phone = createSocket('udp6');
  t.teardown(() => phone.close());
  phone.bind(0, '::1');
  await once(phone, 'listening');
  const next = async (method: string): Promise<string> => {
    for (;;) {
      const [data] = (await once(phone, 'message')) as [Buffer];
      const text = data.toString();
      if (text.startsWith(method)) return text;
    }
  };
  const header = (text: string, name: string): string => new RegExp(`^${name}: (.*)\\r$`, 'mi').exec(text)?.[1] ?? '';
  const ok = (text: string, body = ''): void =>
    phone.send(
      ['SIP/2.0 200 OK', ...['Via', 'From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${header(text, name)}`), `To: ${header(text, 'To').replace(/;tag=.*/, '')};tag=six`,
        `Contact: <sip:phone@[::1]:${phone.address().port}>`, ...(body === '' ? [] : ['Content-Type: application/sdp']), `Content-Length: ${body.length}`, '', body].join('\r\n'),
      s.port, '::1',
    );
  const inviting = next('INVITE');
  await s.application.ask('sip||', `INVITE sip:phone@[::1]:${phone.address().port} SIP/2.0\r\n\r\n${SDP}`);
  const invite = await inviting;
  t.match(header(invite, 'Via'), new RegExp(`^SIP/2\\.0/UDP \\[::1\\]:${s.port};`));
  t.match(header(invite, 'Contact'), new RegExp(`<sip:\\[::1\\]:${s.port}>`));
  ok(invite, SDP);
  const answered = s.application.sip('SIP/2.0 200');
  await s.clock.run(10);
  const dialogId = (await answered).fields[9] ?? '';
  const acking = next('ACK');
  s.application.send(`sip||${dialogId}`, 'ACK sip:placeholder SIP/2.0\r\n\r\n');
  await acking;
  const ending = next('BYE');
  s.application.send(`sip||${dialogId}`, 'BYE sip:placeholder SIP/2.0\r\n\r\n');
  ok(await ending);
});

t.test('a PRACK, an UPDATE and a re-INVITE of one branch do not touch the other', async (t) => {
  const s = await stage(t);
  await s.application.ask('sip||', `INVITE ${s.peer.uri} SIP/2.0\r\nSupported: 100rel\r\n\r\n${SDP}`);
  const invite = await s.peer.next('INVITE');
  for (const [tag, rseq] of [['one', 100], ['two', 200]] as const) invite.reply(responseTo(invite, 183, { tag, headers: [`Contact: <sip:${tag}@127.0.0.1:${s.peer.port}>`, 'Require: 100rel', `RSeq: ${rseq}`], body: SDP }));
  await s.clock.run(10);
  const early = await s.application.sip('SIP/2.0 183');
  for (const [tag, rseq] of [['two', 200], ['one', 100]] as const) {
    s.application.send(`sip||${early.fields[9]}`, `PRACK sip:placeholder SIP/2.0\r\nRAck: ${rseq} 1 INVITE\r\n\r\n`);
    const prack = await s.peer.next('PRACK');
    t.match(prack.uri, new RegExp(`^sip:${tag}@`), 'each PRACK goes to its own branch');
    t.match(prack.header('To'), new RegExp(`tag=${tag}$`));
    prack.reply(responseTo(prack, 200));
  }
  const far = PeerDialog.ofInvite(s.peer, s.port, invite, 'two');
  far.send('UPDATE', { body: SDP });
  const update = await s.application.sip('UPDATE');
  await s.application.ask(`sip|${update.fields[8]}|`, `SIP/2.0 200 OK\r\n\r\n${SDP}`);
  t.equal((await s.peer.next((m) => m.method === 'UPDATE' && m.status !== undefined)).status, 200, 'RFC 3311 5.2: an early dialog may change its session');
  invite.reply(responseTo(invite, 200, { tag: 'one', headers: [`Contact: <sip:one@127.0.0.1:${s.peer.port}>`], body: SDP }));
  await s.clock.run(10);
  const ok = await s.application.sip('SIP/2.0 200');
  s.application.send(`sip||${ok.fields[9]}`, 'ACK sip:placeholder SIP/2.0\r\n\r\n');
  t.match((await s.peer.next('ACK')).header('To'), /tag=one$/, 'the first 2xx wins');
  far.send('UPDATE');
  t.equal((await s.peer.next((m) => m.method === 'UPDATE' && m.status === 481)).status, 481, 'the other branch is over');
  t.equal(s.metrics().dialogs, 1);
});
