import t from 'tap';
import { responseTo, SDP, SipPeer } from '../../../contract/sip-peer.js';
import type { Resolver } from '../../../../src/sip/embedded/dialog/resolver.js';
import { flush, stage, type Stage } from './stage.js';
import type { Test } from 'tap';

/** `trunk.example` with the given ports in their order. */
function resolver(ports: readonly number[]): Resolver {
  const nothing = async (): Promise<never[]> => [];
  return {
    naptr: nothing,
    srv: async () => ports.map((port, index) => ({ name: 'host.example', port, priority: index, weight: 0 })),
    ipv4: async () => [{ address: '127.0.0.1', ttl: 60 }],
    ipv6: nothing,
    hosts: nothing,
  };
}

async function two(t: Test): Promise<{ s: Stage; first: SipPeer; second: SipPeer }> {
  const first = await SipPeer.udp();
  const second = await SipPeer.udp();
  t.teardown(async () => {
    await first.close();
    await second.close();
  });
  return { s: await stage(t, { resolver: resolver([first.port, second.port]) }), first, second };
}

const INVITE = `INVITE sip:bot@trunk.example SIP/2.0\r\nFrom: <sip:a@localhost>\r\n\r\n${SDP}`;

t.test('RFC 3263 4.3: 503 leads to the next place, in a new transaction of the same call, and the first stands back', async (t) => {
  const { s, first, second } = await two(t);
  const asked = await s.application.ask('sip||', INVITE);
  const refused = await first.next('INVITE');
  refused.reply(responseTo(refused, 503));
  await first.next('ACK');
  const invite = await second.next('INVITE');
  t.equal(invite.header('Call-ID'), refused.header('Call-ID'));
  t.equal(invite.header('From'), refused.header('From'));
  t.not(invite.header('Via'), refused.header('Via'));
  invite.reply(responseTo(invite, 486));
  await flush(s);
  await s.clock.run(10);
  const busy = await s.application.sip('SIP/2.0 486');
  t.equal(busy.fields[8], asked.fields[10], 'one transaction for the application');
  t.equal(s.application.received.filter((frame) => frame.message.startsWith('SIP/2.0 503')).length, 0);
  s.application.send('sip||', INVITE);
  await second.next('INVITE');
  t.equal(first.count((m) => m.method === 'INVITE'), 1, 'the next call begins at the second');
});

t.test('a place that says nothing for 64*T1 is passed over; where all fail the last failure is told', async (t) => {
  const { s, first, second } = await two(t);
  s.application.send('sip||', INVITE);
  await first.next('INVITE');
  await s.clock.run(32_000);
  await second.next('INVITE');
  await s.clock.run(32_010);
  await s.application.sip('SIP/2.0 408');
  t.equal(s.application.received.filter((frame) => frame.message.startsWith('SIP/2.0 4')).length, 1);
});

t.test("486 is the callee's word, and a place that rang has been called: neither is tried elsewhere", async (t) => {
  const { s, first, second } = await two(t);
  s.application.send('sip||', INVITE);
  const busy = await first.next('INVITE');
  busy.reply(responseTo(busy, 486));
  await first.next('ACK');
  s.application.send('sip||', INVITE);
  const rung = await first.next('INVITE');
  rung.reply(responseTo(rung, 180));
  rung.reply(responseTo(rung, 503));
  await first.next('ACK');
  await flush(s);
  t.equal(second.count((m) => m.method === 'INVITE'), 0);
});

t.test('a cancelled call is not tried elsewhere; requests outside a call are', async (t) => {
  const { s, first, second } = await two(t);
  const asked = await s.application.ask('sip||', INVITE);
  const invite = await first.next('INVITE');
  invite.reply(responseTo(invite, 100));
  await flush(s);
  await s.application.ask(`sip|${asked.fields[10]}|`, 'CANCEL sip:bot@trunk.example SIP/2.0\r\n\r\n');
  const cancel = await first.next('CANCEL');
  cancel.reply(responseTo(cancel, 200));
  invite.reply(responseTo(invite, 503));
  await first.next('ACK');
  await flush(s);
  t.equal(second.count((m) => m.method === 'INVITE'), 0);
  s.application.send('sip||', 'MESSAGE sip:bot@trunk.example SIP/2.0\r\nFrom: <sip:a@localhost>\r\n\r\n');
  const message = await first.next('MESSAGE');
  message.reply(responseTo(message, 503));
  const again = await second.next('MESSAGE');
  again.reply(responseTo(again, 200));
  await flush(s);
  await s.clock.run(10);
  await s.application.sip('SIP/2.0 200');
});
