import t from 'tap';
import { PeerDialog, responseTo, SDP } from '../../../contract/sip-peer.js';
import { RawApplication } from '../raw-application.js';
import { answer, flush, stage, untilAway } from './stage.js';

t.test('RFC 3261 13.3.1.4: a 200 is repeated after T1 doubled to T2, and BYE follows after 64*T1', async (t) => {
  const s = await stage(t);
  const { sent } = await answer(s);
  const dialogId = sent.fields[11] ?? '';
  t.match(dialogId, /@peer;from-tag=/);
  const times: number[] = [];
  let seen = 1;
  await s.peer.next(200);
  for (let ms = 0; ms < 32_000; ms += 500) {
    s.clock.advance(500);
    await flush(s);
    const now = s.peer.count((m) => m.status === 200 && m.method === 'INVITE');
    if (now > seen) times.push(ms + 500);
    seen = now;
  }
  t.same(times, [500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
  const bye = await s.peer.next('BYE');
  bye.reply(responseTo(bye, 200));
  const told = await s.application.sip('BYE');
  t.same([told.fields[2], told.fields[8], told.fields[9]], ['application', 'unsolicited', dialogId]);
  t.match(told.message, /Reason: SIP;cause=200;text="ACK timeout"/);
  t.match(s.metrics(), { dialogs: 0, ackTimeouts: 1 });
  t.match((await s.application.ask(`sip||${dialogId}`, 'BYE sip:placeholder SIP/2.0\r\n\r\n')).fields[4], /unable to find dialog/);
});

t.test('RFC 3261 15: a BYE of ours waits for the ACK', async (t) => {
  const s = await stage(t);
  const { caller, sent } = await answer(s);
  caller.learn(await s.peer.next(200));
  t.equal((await s.application.ask(`sip||${sent.fields[11]}`, 'BYE sip:placeholder SIP/2.0\r\n\r\n')).fields[3], 'OK');
  await flush(s);
  t.equal(s.peer.count((m) => m.method === 'BYE'), 0);
  caller.send('ACK', { sequence: 1 });
  const bye = await s.peer.next('BYE');
  bye.reply(responseTo(bye, 200));
  s.clock.advance(10);
  await s.application.sip('SIP/2.0 200');
});

t.test('RFC 3262 3: a reliable 183 without PRACK ends the INVITE with 504 after 64*T1', async (t) => {
  const s = await stage(t);
  const caller = PeerDialog.caller(s.peer, s.port);
  caller.send('INVITE', { body: SDP, headers: ['Supported: 100rel'] });
  const invite = await s.application.sip('INVITE');
  const sent = await s.application.ask(`sip|${invite.fields[8]}|`, 'SIP/2.0 183 Session Progress\r\nrequire: 100rel\r\n\r\n');
  t.match(sent.message, /RSeq: \d+\r\n/);
  await s.peer.next(183);
  await s.clock.run(32_500);
  await s.peer.next(504);
  t.ok(s.peer.count((m) => m.status === 183) >= 6);
  await s.application.sip('CANCEL');
  t.equal(s.metrics().dialogs, 0);
});

t.test('100rel that the caller did not offer is refused', async (t) => {
  const s = await stage(t);
  PeerDialog.caller(s.peer, s.port).send('INVITE', { body: SDP });
  const invite = await s.application.sip('INVITE');
  t.equal((await s.application.ask(`sip|${invite.fields[8]}|`, 'SIP/2.0 183 Session Progress\r\nrequire: 100rel\r\n\r\n')).fields[3], 'NOK');
});

t.test('RFC 3262 3: a 200 waits for the PRACK of the 183 before it', async (t) => {
  const s = await stage(t);
  const caller = PeerDialog.caller(s.peer, s.port);
  caller.send('INVITE', { body: SDP, headers: ['Supported: 100rel'] });
  const invite = await s.application.sip('INVITE');
  await s.application.ask(`sip|${invite.fields[8]}|`, 'SIP/2.0 183 Session Progress\r\nrequire: 100rel\r\n\r\n');
  const progress = await s.peer.next(183);
  t.equal((await s.application.ask(`sip|${invite.fields[8]}|`, `SIP/2.0 200 OK\r\n\r\n${SDP}`)).fields[3], 'OK');
  await flush(s);
  t.equal(s.peer.count((m) => m.status === 200 && m.method === 'INVITE'), 0);
  caller.learn(progress);
  caller.send('PRACK', { headers: [`RAck: ${progress.header('RSeq')} 1 INVITE`] });
  t.equal((await s.peer.next((m) => m.status === 200 && m.method === 'INVITE')).body, SDP);
});

t.test('an application that never answers: 480', async (t) => {
  const s = await stage(t);
  PeerDialog.caller(s.peer, s.port).send('MESSAGE', { headers: ['Content-Type: text/plain'], body: 'x' });
  await s.application.sip('MESSAGE');
  PeerDialog.caller(s.peer, s.port).send('INVITE', { body: SDP });
  await s.application.sip('INVITE');
  await s.clock.run(25_000);
  t.equal((await s.peer.next(480)).method, 'MESSAGE');
  await s.clock.run(155_000);
  t.equal((await s.peer.next(480)).method, 'INVITE');
  await s.application.sip('CANCEL');
  t.equal(s.metrics().unansweredByApplication, 2);
});

t.test('no answer of the network: 408 made up for INVITE and BYE', async (t) => {
  const s = await stage(t);
  const { caller, sent } = await answer(s);
  caller.learn(await s.peer.next(200));
  caller.send('ACK', { sequence: 1 });
  const ack = await s.application.sip('ACK');
  t.equal(ack.fields[9], sent.fields[11]);
  await s.application.ask(`sip||${sent.fields[11]}`, 'BYE sip:placeholder SIP/2.0\r\n\r\n');
  await s.application.ask('sip||', `INVITE ${s.peer.uri} SIP/2.0\r\n\r\n${SDP}`);
  await s.clock.run(32_100);
  t.match((await s.application.sip('SIP/2.0 408')).message, /CSeq: 1 (BYE|INVITE)/);
  t.match((await s.application.sip('SIP/2.0 408')).message, /CSeq: 1 (BYE|INVITE)/);
  t.equal(s.metrics().dialogs, 0);
});

t.test('a CANCEL without any final response ends in a made-up 487', async (t) => {
  const s = await stage(t);
  const sent = await s.application.ask('sip||', `INVITE ${s.peer.uri} SIP/2.0\r\n\r\n${SDP}`);
  const invite = await s.peer.next('INVITE');
  invite.reply(responseTo(invite, 180));
  s.clock.advance(5);
  await s.application.sip('SIP/2.0 180');
  const cancelled = await s.application.ask(`sip|${sent.fields[10]}|`, `CANCEL ${s.peer.uri} SIP/2.0\r\nreason: SIP;cause=487\r\n\r\n`);
  t.equal(cancelled.fields[3], 'OK');
  t.not(cancelled.fields[10], sent.fields[10]);
  t.match((await s.peer.next('CANCEL')).header('Reason'), /cause=487/);
  await s.clock.run(33_000);
  await s.application.sip('SIP/2.0 487');
  t.equal((await s.application.ask(`sip|${sent.fields[10]}|`, `CANCEL ${s.peer.uri} SIP/2.0\r\n\r\n`)).fields[3], 'NOK');
});

t.test('calls of a lost application end with BYE after a grace time; a BYE of theirs gets 200 meanwhile', async (t) => {
  const s = await stage(t);
  const one = await answer(s);
  one.caller.learn(await s.peer.next(200));
  one.caller.send('ACK', { sequence: 1 });
  await s.application.sip('ACK');
  const two = await answer(s);
  two.caller.learn(await s.peer.next(200));
  two.caller.send('ACK', { sequence: 1 });
  await s.application.sip('ACK');
  s.application.close();
  await untilAway(s);
  two.caller.send('INFO');
  t.equal((await s.peer.next((m) => m.method === 'INFO' && m.status !== undefined)).status, 500);
  two.caller.send('BYE');
  t.equal((await s.peer.next((m) => m.method === 'BYE' && m.status !== undefined)).status, 200);
  t.equal(s.peer.count((m) => m.method === 'BYE' && m.status === undefined), 0);
  await s.clock.run(2_000);
  const bye = await s.peer.next('BYE');
  t.equal(bye.header('Call-ID'), one.caller.callId);
  bye.reply(responseTo(bye, 200));
  t.equal(s.metrics().dialogs, 0);
});

t.test('an application with a name of its own may come back for its calls, up to a limit', async (t) => {
  const tag = 'again:0123456789abcdef';
  const s = await stage(t, {}, tag);
  const { caller, sent } = await answer(s);
  caller.learn(await s.peer.next(200));
  caller.send('ACK', { sequence: 1 });
  await s.application.sip('ACK');
  const dialogId = sent.fields[11] ?? '';
  s.application.close();
  await untilAway(s);
  await s.clock.run(30_000);
  t.equal(s.metrics().dialogs, 1);
  const second = await RawApplication.connect(s.server.adminPort, s.secret, [], tag);
  t.match((await second.ask(`sip||${dialogId}`, 'INFO sip:placeholder SIP/2.0\r\n\r\nx')).fields[4], /Content-Type/, 'the dialog is there');
  await s.clock.run(40_000);
  t.equal(s.metrics().dialogs, 1, 'no limit while it is here');
  caller.send('INFO');
  t.equal((await second.sip('INFO')).fields[9], dialogId, 'and hears of it');
  second.close();
  await untilAway(s, caller);
  await s.clock.run(32_000);
  const bye = await s.peer.next('BYE');
  bye.reply(responseTo(bye, 200));
  t.equal(s.metrics().dialogs, 0);
});

t.test('a Call-ID that would shift the fields of a frame is refused', async (t) => {
  const s = await stage(t);
  const caller = PeerDialog.caller(s.peer, s.port);
  s.peer.send(caller.request('INVITE', { body: SDP }).replace(/Call-ID: .*/, 'Call-ID: a|b|c'), s.port);
  await s.peer.next(400);
  t.equal(s.application.received.filter((frame) => frame.fields[1] === 'sip').length, 0);
});

t.test('RFC 3261 12.2.1.1: the route set, loose and strict', async (t) => {
  for (const [recordRoute, uri, route] of [
    [(port: number) => `<sip:127.0.0.1:${port};lr>`, /^sip:callerphone@192\.0\.2\.7/, /^<sip:127\.0\.0\.1:\d+;lr>$/],
    [(port: number) => `<sip:127.0.0.1:${port}>`, /^sip:127\.0\.0\.1:\d+$/, /^<sip:callerphone@192\.0\.2\.7>$/],
  ] as const) {
    const s = await stage(t);
    const caller = PeerDialog.caller(s.peer, s.port);
    s.peer.send(caller.request('INVITE', { body: SDP, contact: false, headers: ['Contact: <sip:callerphone@192.0.2.7>', `Record-Route: ${recordRoute(s.peer.port)}`] }), s.port);
    const invite = await s.application.sip('INVITE');
    const sent = await s.application.ask(`sip|${invite.fields[8]}|`, `SIP/2.0 200 OK\r\n\r\n${SDP}`);
    const ok = await s.peer.next(200);
    t.match(ok.header('Record-Route'), recordRoute(s.peer.port));
    caller.learn(ok);
    caller.send('ACK', { sequence: 1 });
    await s.application.sip('ACK');
    s.application.send(`sip||${sent.fields[11]}`, 'BYE sip:placeholder SIP/2.0\r\n\r\n');
    const bye = await s.peer.next('BYE');
    t.match(bye.uri, uri);
    t.match(bye.header('Route'), route);
    bye.reply(responseTo(bye, 200));
  }
});

t.test('a 200 that crosses our CANCEL: passed up, and after the ACK the server sends BYE', async (t) => {
  const s = await stage(t);
  const sent = await s.application.ask('sip||', `INVITE ${s.peer.uri} SIP/2.0\r\n\r\n${SDP}`);
  const invite = await s.peer.next('INVITE');
  invite.reply(responseTo(invite, 180));
  s.clock.advance(5);
  await s.application.sip('SIP/2.0 180');
  await s.application.ask(`sip|${sent.fields[10]}|`, `CANCEL ${s.peer.uri} SIP/2.0\r\n\r\n`);
  await s.peer.next('CANCEL');
  invite.reply(responseTo(invite, 200, { headers: [`Contact: ${s.peer.contact}`], body: SDP }));
  const answered = await s.application.sip('SIP/2.0 200');
  t.equal(s.peer.count((m) => m.method === 'BYE'), 0);
  t.equal((await s.application.ask(`sip||${answered.fields[9]}`, `ACK ${s.peer.uri} SIP/2.0\r\n\r\n`)).fields[3], 'OK');
  await s.peer.next('ACK');
  await s.peer.next('BYE');
  t.match((await s.application.sip('BYE')).message, /200 OK after CANCEL/);
});

t.test('an application that never acknowledges: ACK and BYE after 64*T1', async (t) => {
  const s = await stage(t);
  await s.application.ask('sip||', `INVITE ${s.peer.uri} SIP/2.0\r\n\r\n${SDP}`);
  const invite = await s.peer.next('INVITE');
  invite.reply(responseTo(invite, 200, { headers: [`Contact: ${s.peer.contact}`], body: SDP }));
  await flush(s);
  await s.clock.run(32_100);
  await s.peer.next('ACK');
  await s.peer.next('BYE');
  await s.application.sip('BYE');
  t.equal(s.metrics().dialogs, 0);
});
