import t from 'tap';
import { responseTo, SDP } from '../../../contract/sip-peer.js';
import { answer, flush, stage } from './stage.js';

t.test('RFC 3311 5.2: offers by UPDATE that cross get 491; a second offer of theirs before our answer gets 500 with Retry-After', async (t) => {
  const s = await stage(t);
  const { caller, sent } = await answer(s);
  const dialogId = sent.fields[11] ?? '';
  caller.learn(await s.peer.next(200));
  caller.send('ACK', { sequence: 1 });
  await s.application.sip('ACK');

  s.application.send(`sip||${dialogId}`, `UPDATE sip:placeholder SIP/2.0\r\n\r\n${SDP}`);
  const ours = await s.peer.next('UPDATE');
  caller.send('UPDATE', { body: SDP });
  await s.peer.next(491);
  caller.send('UPDATE');
  const empty = await s.application.sip('UPDATE');
  t.equal((await s.application.ask(`sip|${empty.fields[8]}|`, 'SIP/2.0 200 OK\r\n\r\n')).fields[3], 'OK', 'without an offer nothing crosses');
  ours.reply(responseTo(ours, 200, { body: SDP }));
  await flush(s);

  caller.send('UPDATE', { body: SDP });
  const theirs = await s.application.sip('UPDATE');
  t.equal((await s.application.ask(`sip||${dialogId}`, `UPDATE sip:placeholder SIP/2.0\r\n\r\n${SDP}`)).fields[3], 'NOK', 'ours waits for our answer to theirs');
  caller.send('UPDATE', { body: SDP });
  t.match((await s.peer.next(500)).header('Retry-After'), /^\d+$/);
  await s.application.ask(`sip|${theirs.fields[8]}|`, `SIP/2.0 200 OK\r\n\r\n${SDP}`);
  caller.send('UPDATE', { body: SDP });
  await s.application.sip('UPDATE');
});
