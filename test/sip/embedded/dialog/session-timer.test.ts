import t from 'tap';
import { PeerDialog, responseTo, SDP, type PeerMessage } from '../../../contract/sip-peer.js';
import { flush, stage, type Stage } from './stage.js';

const TIMED = (seconds: number, refresher?: string): string => `Session-Expires: ${seconds}${refresher ? `;refresher=${refresher}` : ''}`;

/** A call of theirs, answered and acknowledged. */
async function incoming(s: Stage, headers: readonly string[]): Promise<{ caller: PeerDialog; ok: PeerMessage; dialogId: string }> {
  const caller = PeerDialog.caller(s.peer, s.port);
  caller.send('INVITE', { body: SDP, headers });
  const invite = await s.application.sip('INVITE');
  const sent = await s.application.ask(`sip|${invite.fields[8]}|`, `SIP/2.0 200 OK\r\n\r\n${SDP}`);
  const ok = await s.peer.next(200);
  caller.learn(ok);
  caller.send('ACK', { sequence: 1 });
  await s.application.sip('ACK');
  return { caller, ok, dialogId: sent.fields[11] ?? '' };
}

/** A call of ours, answered with `headers` and acknowledged. */
async function outgoing(s: Stage, headers: readonly string[]): Promise<{ far: PeerDialog; dialogId: string }> {
  s.application.send('sip||', `INVITE ${s.peer.uri} SIP/2.0\r\nFrom: <sip:a@localhost>\r\n\r\n${SDP}`);
  const invite = await s.peer.next('INVITE');
  invite.reply(responseTo(invite, 200, { headers: [`Contact: ${s.peer.contact}`, ...headers], body: SDP }));
  await s.clock.run(10);
  const upward = s.application.sip('SIP/2.0 200');
  await s.clock.run(10);
  const dialogId = (await upward).fields[9] ?? '';
  await s.application.ask(`sip||${dialogId}`, 'ACK sip:placeholder SIP/2.0\r\n\r\n');
  await s.peer.next('ACK');
  return { far: PeerDialog.ofInvite(s.peer, s.port, invite), dialogId };
}

async function expired(s: Stage, dialogId: string): Promise<boolean> {
  const bye = await s.peer.next('BYE');
  bye.reply(responseTo(bye, 200));
  const told = await s.application.sip('BYE');
  return told.fields[2] === 'application' && told.fields[8] === 'unsolicited' && told.fields[9] === dialogId && told.message.includes('Session timer expired');
}

t.test('RFC 4028 9, 10: a caller that refreshes is held to it, and ended 32 s before its time', async (t) => {
  const s = await stage(t);
  const { caller, ok, dialogId } = await incoming(s, ['Supported: timer', TIMED(200)]);
  t.equal(ok.header('Session-Expires'), '200;refresher=uac');
  t.equal(ok.header('Require'), 'timer');
  s.clock.advance(100_000);
  caller.send('UPDATE', { headers: ['Supported: timer', TIMED(200, 'uac')] });
  const update = await s.application.sip('UPDATE');
  await s.application.ask(`sip|${update.fields[8]}|`, 'SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n');
  t.equal((await s.peer.next(200)).header('Session-Expires'), '200;refresher=uac');
  s.clock.advance(167_000);
  await flush(s);
  t.equal(s.peer.count((m) => m.method === 'BYE'), 0, 'refreshed in time');
  s.clock.advance(1_001);
  t.ok(await expired(s, dialogId));
  t.equal(s.metrics().dialogs, 0);
});

t.test('RFC 4028 9 table 2: for a caller without timers we refresh, with the same SDP, and nobody above hears of it', async (t) => {
  const s = await stage(t);
  const { ok } = await incoming(s, [TIMED(120, 'uac')]);
  t.equal(ok.header('Session-Expires'), '120;refresher=uas');
  t.equal(ok.header('Require'), '');
  for (let round = 1; round <= 2; round += 1) {
    s.clock.advance(60_000);
    const refresh = await s.peer.next('INVITE');
    t.equal(refresh.body, SDP);
    t.equal(refresh.header('Session-Expires'), '120;refresher=uac');
    t.match(refresh.header('Supported'), /timer/);
    refresh.reply(responseTo(refresh, 200, { headers: [`Contact: ${s.peer.contact}`], body: SDP }));
    t.equal((await s.peer.next('ACK')).header('CSeq').split(' ')[0], refresh.header('CSeq').split(' ')[0]);
  }
  t.equal(s.application.received.filter((frame) => frame.message.startsWith('INVITE')).length, 1);
  t.equal(s.metrics().dialogs, 1);
});

t.test('RFC 4028 9: below 90 s a caller that knows timers gets 422 with Min-SE, in a call as well', async (t) => {
  const s = await stage(t);
  PeerDialog.caller(s.peer, s.port).send('INVITE', { body: SDP, headers: ['Supported: timer', TIMED(60)] });
  t.equal((await s.peer.next(422)).header('Min-SE'), '90');
  const { caller, ok } = await incoming(s, [TIMED(60)]);
  t.equal(ok.header('Session-Expires'), '90;refresher=uas', 'who does not know timers does not know 422');
  caller.send('UPDATE', { headers: ['Require: timer', TIMED(89, 'uac')] });
  t.equal((await s.peer.next(422)).header('Min-SE'), '90');
  t.equal(s.application.received.filter((frame) => frame.message.startsWith('INVITE') || frame.message.startsWith('UPDATE')).length, 1);
});

t.test('RFC 4028 7: a callee that leaves refreshing to us gets UPDATE; 491 and 422 are tried again, 481 ends the call', async (t) => {
  const s = await stage(t);
  const { dialogId } = await outgoing(s, [TIMED(180, 'uac'), 'Allow: INVITE, ACK, BYE, CANCEL, UPDATE']);
  // Repetitions of one request are not another one.
  const after = (earlier: PeerMessage): Promise<PeerMessage> => s.peer.next((m) => m.status === undefined && m.method === 'UPDATE' && Number.parseInt(m.header('CSeq'), 10) > Number.parseInt(earlier.header('CSeq'), 10));
  s.clock.advance(89_000);
  await flush(s);
  t.equal(s.peer.count((m) => m.method === 'UPDATE'), 0);
  s.clock.advance(1_000);
  const first = await s.peer.next('UPDATE');
  t.equal(first.header('Session-Expires'), '180;refresher=uac');
  t.equal(first.body, '');
  first.reply(responseTo(first, 491));
  await flush(s);
  s.clock.advance(2_099);
  await flush(s);
  t.same([...new Set(s.peer.received.filter((m) => m.method === 'UPDATE').map((m) => m.header('CSeq')))], [first.header('CSeq')], 'not before 2.1 s');
  s.clock.advance(1_902);
  const second = await after(first);
  second.reply(responseTo(second, 422, { headers: ['Min-SE: 300'] }));
  await flush(s);
  s.clock.advance(1);
  const third = await after(second);
  t.equal(third.header('Session-Expires'), '300;refresher=uac');
  third.reply(responseTo(third, 200, { headers: [TIMED(300, 'uac')] }));
  await flush(s);
  s.clock.advance(150_000);
  const fourth = await after(third);
  fourth.reply(responseTo(fourth, 481));
  t.ok(await expired(s, dialogId));
});

t.test('RFC 4028 10: a callee that promised to refresh and does not is hung up; our own re-INVITE says the timer again', async (t) => {
  const s = await stage(t);
  const { dialogId } = await outgoing(s, [TIMED(90, 'uas')]);
  s.clock.advance(30_000);
  const asked = s.application.ask(`sip||${dialogId}`, `INVITE sip:placeholder SIP/2.0\r\n\r\n${SDP}`);
  const hold = await s.peer.next('INVITE');
  t.equal(hold.header('Session-Expires'), '90;refresher=uas');
  t.equal((await asked).fields[3], 'OK');
  hold.reply(responseTo(hold, 200, { headers: [`Contact: ${s.peer.contact}`, TIMED(90, 'uas')], body: SDP }));
  await flush(s);
  await s.application.ask(`sip||${dialogId}`, 'ACK sip:placeholder SIP/2.0\r\n\r\n');
  s.clock.advance(59_000);
  await flush(s);
  t.equal(s.peer.count((m) => m.method === 'BYE'), 0);
  s.clock.advance(1_001);
  t.ok(await expired(s, dialogId));
});
