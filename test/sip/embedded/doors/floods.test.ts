import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { askAgain } from '../../../support/timer-e.js';
import { CARRIER, dial, house, requestText, settled } from './house.js';
import type { FarEnd } from './house.js';

const STRANGER = '127.0.0.2';

/** A thousand times, and the server gets its turn in between: what a kernel keeps for it is limited. */
async function flood(end: FarEnd, message: string): Promise<void> {
  for (let time = 0; time < 1_000; time += 1) {
    await end.send(message);
    if (time % 50 === 49) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** As `ask`, of a server that so much else was sent to. */
async function insist(end: FarEnd, message: string): Promise<string> {
  const answer = await askAgain(end.answerTo(message), () => end.send(message));
  if (answer === undefined) throw new Error(`no answer to ${message.split(' ', 1)[0]}`);
  return answer;
}

/** Collects garbage, so that only what is kept counts. */
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes on the heap of JavaScript and outside of it. */
function kept(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

t.test('a guesser of numbers is banned, and what it sends then is not looked at', async (t) => {
  const { doors, udp } = await house(t, { policy: 'reject', doors: { banAfter: 10 } });
  const [carrier, stranger] = await Promise.all([udp(CARRIER), udp(STRANGER)]);
  for (let number = 0; number < 10; number += 1) t.match(await stranger.ask(stranger.request('INVITE', { to: `+1555${number}` })), /^SIP\/2\.0 403 /);
  t.match(doors.bans(), [{ source: STRANGER, reason: '403', times: 1 }]);
  await stranger.send(stranger.request('INVITE'));
  await settled(carrier, stranger);
  t.same(stranger.received, []);
  t.equal(doors.counters.banned, 1);
  t.ok(doors.lift(STRANGER));
  t.match(await stranger.ask(stranger.request('INVITE')), /^SIP\/2\.0 403 /, 'heard again');
});

t.test('accept: numbers that nobody has and garbage count; a first challenge would not', async (t) => {
  const { doors, udp } = await house(t, { policy: 'accept', doors: { banAfter: 4 } });
  const [carrier, stranger] = await Promise.all([udp(CARRIER), udp(STRANGER)]);
  t.match(await stranger.ask(stranger.request('INVITE', { to: '+19' })), /^SIP\/2\.0 404 /);
  t.match(await stranger.ask(stranger.request('INVITE', { to: '+18' })), /^SIP\/2\.0 404 /);
  t.match(await stranger.ask(stranger.request('INVITE')), /^SIP\/2\.0 200 /);
  await stranger.send(randomBytes(300));
  await settled(carrier, stranger);
  t.same(doors.bans(), []);
  await stranger.send('no SIP at all');
  await settled(carrier, stranger);
  t.match(doors.bans(), [{ source: STRANGER, reason: 'garbage' }]);
});

t.test('wrong credentials count, a first challenge and an old nonce do not', async (t) => {
  const { doors, signalling, udp } = await house(t, { policy: 'accept', doors: { banAfter: 3 } });
  const stranger = await udp(STRANGER);
  let challenge = 'Digest realm="x", nonce="1"';
  signalling.onInvite((call) => void call.reject(401, { headers: { 'WWW-Authenticate': challenge } }));
  const given = { headers: ['Authorization: Digest username="x", realm="x", nonce="1", uri="sip:x", response="0"'] };
  for (let time = 0; time < 5; time += 1) await stranger.ask(stranger.request('INVITE'));
  challenge = 'Digest realm="x", nonce="2", stale=true';
  for (let time = 0; time < 5; time += 1) await stranger.ask(stranger.request('INVITE', given));
  t.same(doors.bans(), []);
  challenge = 'Digest realm="x", nonce="2"';
  for (let time = 0; time < 3; time += 1) await stranger.ask(stranger.request('INVITE', given));
  t.match(doors.bans(), [{ reason: 'credentials' }]);
});

t.test('one request sent a thousand times is one transaction and one call', async (t) => {
  const { server, answered, udp } = await house(t, { policy: 'drop' });
  const carrier = await udp(CARRIER);
  const invite = carrier.request('INVITE');
  await flood(carrier, invite);
  t.match(await carrier.next((message) => message.startsWith('SIP/2.0 200')), /^SIP\/2\.0 200 /);
  await insist(carrier, carrier.request('OPTIONS'));
  t.equal(answered.length, 1);
  t.match(server.metrics(), { dialogs: 1, transactions: 2 });
  const refused = carrier.request('INVITE', { to: '+19999' });
  t.match(await insist(carrier, refused), /^SIP\/2\.0 404 /);
  await flood(carrier, refused);
  await insist(carrier, carrier.request('OPTIONS'));
  t.match(server.metrics(), { dialogs: 1, transactions: 4 });
});

t.test('20,000 INVITEs with Call-IDs of their own from a trunk: 503 above the limit, and memory stays', async (t) => {
  const { server, doors, udp } = await house(t, { policy: 'drop', maxTransactions: 500 });
  const carrier = await udp(CARRIER);
  const { port } = carrier;
  // Warm first, so that what grows is not the compiled code.
  for (let sent = 0; sent < 1_000; sent += 1) await carrier.send(requestText('INVITE', CARRIER, port, { to: '+19999', callId: `warm-${sent}` }));
  await new Promise((resolve) => setImmediate(resolve));
  const before = kept();
  let most = 0;
  for (let sent = 0; sent < 20_000; sent += 1) {
    await carrier.send(requestText('INVITE', CARRIER, port, { to: '+19999', callId: `storm-${sent}` }));
    if (sent % 50 === 0) {
      await new Promise((resolve) => setImmediate(resolve));
      most = Math.max(most, server.metrics().transactions);
      carrier.received.splice(0, Math.max(0, carrier.received.length - 100));
    }
  }
  const refused = await carrier.next((message) => message.startsWith('SIP/2.0 503'));
  t.match(refused, /^Retry-After: 5\r$/m);
  t.ok(most <= 500, `at most 500 transactions, there were ${most}`);
  t.ok(most > 400, 'the limit was reached');
  const grown = (kept() - before) / 1_048_576;
  t.ok(grown < 20, `${grown.toFixed(0)} MB more are kept, the sender's part included`);
  t.equal(doors.counters.rate + doors.counters.total, 0, 'a trunk is not limited by the doors');
});

t.test('TCP: so many connections of a stranger, and only as long as it says something', async (t) => {
  const { doors, port } = await house(t, { policy: 'accept', doors: { connectionsPerSource: 3, banAfter: 5 } });
  const open = await Promise.all(Array.from({ length: 3 }, () => dial(port, STRANGER)));
  const more = await dial(port, STRANGER);
  await more.closed;
  t.equal(doors.counters.connections, 1);
  const other = await dial(port, '127.0.0.6');
  other.socket.write(requestText('OPTIONS', '127.0.0.6', 5060, { transport: 'TCP' }));
  await once(other.socket, 'data');
  t.match(other.text(), /^SIP\/2\.0 200 /, 'another source has its own');
  for (const { socket } of open) socket.write(Buffer.concat([randomBytes(2_000), Buffer.from('\r\n\r\n')]));
  await Promise.all(open.map(({ closed }) => closed));
  t.pass('garbage ends its connection');
  // The first ones may find that the server has not seen the last connection end.
  for (let time = 0; time < 50 && doors.bans().length === 0; time += 1) {
    const again = await dial(port, STRANGER);
    again.socket.write('garbage\r\n\r\n');
    await again.closed;
  }
  t.match(doors.bans(), [{ source: STRANGER, reason: 'garbage' }]);
  const before = doors.counters.connections;
  const last = await dial(port, STRANGER);
  last.socket.write(requestText('OPTIONS', STRANGER, 5060, { transport: 'TCP' }));
  await last.closed;
  t.equal(last.text(), '');
  t.equal(doors.counters.connections, before + 1, 'who is banned gets no connection');
  other.socket.destroy();
});
