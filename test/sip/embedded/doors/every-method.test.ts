import t from 'tap';
import { trunkOf } from '../../trunk/settings.js';
import { CARRIER, house, NUMBER, settled } from './house.js';
import type { RequestOptions } from './house.js';

/** RFC 3261, 3262, 3311, 3428, 3515, 3903, 6086, 6665. */
const METHODS = ['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS', 'REGISTER', 'PRACK', 'UPDATE', 'MESSAGE', 'REFER', 'PUBLISH', 'INFO', 'SUBSCRIBE', 'NOTIFY'];
const STRANGER = '127.0.0.2';

const credentials = (name: string): string => `${name}: Digest username="carrier", realm="trunkline", nonce="0123", uri="sip:${NUMBER}@127.0.0.1", response="00112233445566778899aabbccddeeff"`;
const CASES: Readonly<Record<string, RequestOptions>> = {
  'no auth': {},
  'wrong auth': { headers: [credentials('Authorization')] },
  'wrong auth for a proxy': { headers: [credentials('Proxy-Authorization')] },
  'another scheme of auth': { headers: ['Authorization: Basic Y2FycmllcjpjYXJyaWVy'] },
  'a number that nobody has': { to: '+19999999' },
  'in a dialog that does not exist': { toTag: 'guessed' },
};
/** What can be learnt from an answer: all but the tags that copy the question. */
const essence = (answer: string): string => answer.replace(/^(?:Via|From|To|Call-ID|CSeq):.*\r\n/gm, '');

t.test('reject: each method of a stranger gets the same 403, whatever it is and whoever it is for', async (t) => {
  const { server, answered, udp } = await house(t, { policy: 'reject' });
  const carrier = await udp(CARRIER);
  const stranger = await udp(STRANGER);
  const answers = new Set<string>();
  for (const method of METHODS) {
    for (const [name, options] of Object.entries(CASES)) {
      const request = stranger.request(method, options);
      if (method === 'ACK') {
        await stranger.send(request);
        continue;
      }
      const answer = await stranger.ask(request);
      t.match(answer, /^SIP\/2\.0 403 /, `${method}, ${name}`);
      answers.add(essence(answer));
    }
  }
  await settled(carrier, stranger);
  t.same(stranger.received, [], 'nothing else came, not even a 100, and nothing for the ACKs');
  t.equal(answers.size, 1, 'no answer tells more than another');
  t.notMatch([...answers][0]!, /trunkline|Allow|Authenticate|Server/i, 'nor anything about us');
  t.match(server.metrics(), { dialogs: 0, transactions: 1 }, 'no transaction but that of the carrier');
  t.same(answered, []);
});

t.test('drop: no method of a stranger gets any answer', async (t) => {
  const { server, doors, udp } = await house(t, { policy: 'drop' });
  const carrier = await udp(CARRIER);
  const stranger = await udp(STRANGER);
  for (const method of METHODS) for (const options of Object.values(CASES)) await stranger.send(stranger.request(method, options));
  for (const garbage of ['garbage', 'INVITE sip:x SIP/2.0\r\n\r\n', 'INVITE sip:x@y SIP/7.0\r\nVia: SIP/2.0/UDP h\r\n\r\n']) await stranger.send(garbage);
  await settled(carrier, stranger);
  t.same(stranger.received, []);
  t.equal(doors.counters.unknown, METHODS.length * Object.keys(CASES).length + 3);
  t.match(server.metrics(), { dialogs: 0, transactions: 1 });
});

t.test('the same requests of the carrier are served', async (t) => {
  const { answered, udp } = await house(t, { policy: 'drop' });
  const carrier = await udp(CARRIER);
  t.match(await carrier.ask(carrier.request('OPTIONS')), /^SIP\/2\.0 200 /);
  t.match(await carrier.ask(carrier.request('INVITE', { to: '+19999999' })), /^SIP\/2\.0 404 /);
  t.match(await carrier.ask(carrier.request('INVITE')), /^SIP\/2\.0 200 /);
  t.equal(answered.length, 1);
});

t.test('a trunk that must prove a password: without the right one no method is served, and guessing bans', async (t) => {
  const { answered, doors, trunks, udp } = await house(t, { policy: 'drop', doors: { banAfter: 5 } });
  const address = '127.0.0.8';
  trunks.put(trunkOf({ name: 'guarded', acl: [`${address}/32`], keepalive_s: 0, inbound_auth: { username: 'carrier', password: 'a right one' } }));
  const source = await udp(address);
  // RFC 3261 11: OPTIONS asks what we can do, and is answered as a keep-alive of the trunk.
  for (const method of METHODS.filter((one) => one !== 'ACK' && one !== 'OPTIONS')) {
    for (const [name, options] of Object.entries({ 'no auth': {}, 'wrong auth': { headers: [credentials('Authorization')] } })) {
      const answer = await source.ask(source.request(method, options));
      t.match(answer, method === 'INVITE' ? /^SIP\/2\.0 40[13] / : /^SIP\/2\.0 (?:4|5)\d\d /, `${method}, ${name}`);
      doors.lift(address);
    }
  }
  t.same(answered, []);
  for (let guess = 0; guess < 5; guess += 1) {
    const nonce = /nonce="([^"]+)"/.exec(await source.ask(source.request('INVITE')))?.[1];
    await source.ask(source.request('INVITE', { headers: [credentials('Authorization').replace('nonce="0123"', `nonce="${nonce}"`)] }));
  }
  t.match(doors.bans(), [{ source: address }]);
});
