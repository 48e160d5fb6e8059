import t from 'tap';
import { PeerDialog, responseTo, SDP } from '../../../contract/sip-peer.js';
import { answer, flush, stage } from './stage.js';

t.test('a draining server takes no new call and says when to come again; calls that run live on, until their BYE', async (t) => {
  const s = await stage(t);
  const { caller, sent } = await answer(s);
  caller.learn(await s.peer.next(200));
  caller.send('ACK', { sequence: 1 });
  await s.application.sip('ACK');
  const ringing = PeerDialog.caller(s.peer, s.port);
  ringing.send('INVITE', { body: SDP });
  const waiting = await s.application.sip('INVITE');

  s.server.drain(30);
  for (const method of ['INVITE', 'OPTIONS']) {
    PeerDialog.caller(s.peer, s.port).send(method, method === 'INVITE' ? { body: SDP } : {});
    const refused = await s.peer.next((m) => m.status === 503 && m.method === method);
    t.equal(refused.header('Retry-After'), '30');
  }
  t.equal(s.application.received.filter((frame) => frame.message.startsWith('INVITE')).length, 2, 'the application does not hear of it');

  caller.send('INVITE', { body: SDP });
  const hold = await s.application.sip('INVITE');
  t.not(hold.fields[9], '', 'a re-INVITE of a running call goes through');
  await s.application.ask(`sip|${hold.fields[8]}|`, `SIP/2.0 200 OK\r\n\r\n${SDP}`);
  await s.peer.next(200);
  caller.send('ACK', { sequence: 2 });
  t.equal((await s.application.ask(`sip|${waiting.fields[8]}|`, `SIP/2.0 200 OK\r\n\r\n${SDP}`)).fields[3], 'OK', 'a call that rang before may be answered');
  await flush(s);
  s.application.send(`sip||${sent.fields[11]}`, 'BYE sip:placeholder SIP/2.0\r\n\r\n');
  const bye = await s.peer.next('BYE');
  bye.reply(responseTo(bye, 200));
});
