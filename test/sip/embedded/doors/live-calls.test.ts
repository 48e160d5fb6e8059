import t from 'tap';
import { SDP } from '../../../contract/sip-peer.js';
import { CARRIER, dial, house, requestText, settled } from './house.js';
import type { FarEnd, House } from './house.js';

const header = (message: string, name: string): string => new RegExp(`^${name}: (.*)\r$`, 'im').exec(message)?.[1] ?? '';

/** A call of ours to somebody who belongs to no trunk. */
async function callTo(callee: FarEnd, { signalling }: House) {
  const placed = signalling.place({ to: `sip:x@${callee.address}:${callee.port}`, from: '1000', sdp: SDP, callId: 'ours@test' });
  const invite = await callee.next((message) => message.startsWith('INVITE '));
  const answer = ['SIP/2.0 200 OK', ...['Via', 'From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${header(invite, name)}`), `To: ${header(invite, 'To')};tag=theirs`, `Contact: <sip:x@${callee.address}:${callee.port}>`, 'Content-Type: application/sdp', `Content-Length: ${SDP.length}`, '', SDP].join('\r\n');
  await callee.send(answer);
  const dialog = await placed;
  await callee.next((message) => message.startsWith('ACK '));
  return { dialog, invite, answer };
}

/** BYE of the callee, from wherever it is sent. */
function bye(invite: string, via: string): string {
  return ['BYE sip:x@127.0.0.1 SIP/2.0', `Via: ${via};branch=z9hG4bKbye;rport`, `From: ${header(invite, 'To')};tag=theirs`, `To: ${header(invite, 'From')}`, 'Call-ID: ours@test', 'CSeq: 7 BYE', 'Max-Forwards: 70', 'Content-Length: 0', '', ''].join('\r\n');
}

for (const policy of ['drop', 'reject'] as const) {
  t.test(`${policy}: a call of ours to a stranger lives, and ends by a BYE from yet another address`, async (t) => {
    const rooms = await house(t, { policy });
    const [carrier, callee, other] = await Promise.all([rooms.udp(CARRIER), rooms.udp('127.0.0.3'), rooms.udp('127.0.0.4')]);
    const { dialog, invite, answer } = await callTo(callee, rooms);
    await callee.send(answer);
    await callee.next((message) => message.startsWith('ACK '));
    t.pass('a repeated 2xx gets its ACK again');
    const ended = new Promise<string>((resolve) => dialog.onEnd((end) => resolve(end.by)));
    const request = bye(invite, `SIP/2.0/UDP 127.0.0.4:${other.port}`);
    t.match(await other.ask(request), /^SIP\/2\.0 200 /);
    t.equal(await ended, 'remote');
    t.match(await other.ask(request), /^SIP\/2\.0 200 /, 'a BYE that comes again has its answer again');
    await callee.send(callee.request('OPTIONS'));
    if (policy === 'reject') t.match(await callee.next(() => true), /^SIP\/2\.0 403 /, 'whom we called may not call us');
    await settled(carrier, callee);
    t.same(callee.received, [], 'and with drop hears nothing');
  });
}

t.test('drop: an answer to a request of ours may come from another address, one to nothing is dropped', async (t) => {
  const { signalling, doors, udp } = await house(t, { policy: 'drop' });
  const [callee, other] = await Promise.all([udp('127.0.0.3'), udp('127.0.0.4')]);
  const asked = signalling.request('OPTIONS', `sip:x@${callee.address}:${callee.port}`);
  const options = await callee.next((message) => message.startsWith('OPTIONS '));
  const answer = ['SIP/2.0 200 OK', ...['Via', 'From', 'To', 'Call-ID', 'CSeq'].map((name) => `${name}: ${header(options, name)}`), 'Content-Length: 0', '', ''].join('\r\n');
  await other.send(answer.replace(/branch=\w+/, 'branch=z9hG4bKguessed'));
  await other.send(answer);
  t.equal((await asked).status, 200);
  t.equal(doors.counters.stray, 1);
});

t.test('drop: a callee that opens a TCP connection for its BYE', async (t) => {
  const rooms = await house(t, { policy: 'drop' });
  const callee = await rooms.udp('127.0.0.3');
  const { dialog, invite } = await callTo(callee, rooms);
  const ended = new Promise<string>((resolve) => dialog.onEnd((end) => resolve(end.by)));
  const stranger = await dial(rooms.port, '127.0.0.5');
  stranger.socket.write(requestText('OPTIONS', '127.0.0.5', 5060, { transport: 'TCP' }));
  await stranger.closed;
  t.equal(stranger.text(), '', 'a stranger is cut off without a word');
  const theirs = await dial(rooms.port, '127.0.0.4');
  theirs.socket.write(bye(invite, 'SIP/2.0/TCP 127.0.0.4:5060'));
  t.equal(await ended, 'remote');
  await new Promise((resolve) => theirs.socket.once('data', resolve));
  t.match(theirs.text(), /^SIP\/2\.0 200 /);
  theirs.socket.destroy();
});
