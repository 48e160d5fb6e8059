import t from 'tap';
import { systemRandom } from '../../../../src/kernel/random.js';
import { Refusal } from '../../../../src/sip/embedded/dialog/application-message.js';
import { AVOID_MS, NextHops } from '../../../../src/sip/embedded/dialog/next-hop.js';
import type { Resolver } from '../../../../src/sip/embedded/dialog/resolver.js';
import type { Destination, SipProtocol } from '../../../../src/sip/embedded/transport/transport.js';
import { ManualClock } from '../../../support/manual-clock.js';

interface Zone {
  naptr?: Record<string, readonly [order: number, preference: number, service: string, replacement: string][]>;
  srv?: Record<string, readonly [priority: number, weight: number, port: number, name: string][]>;
  a?: Record<string, readonly string[]>;
  aaaa?: Record<string, readonly string[]>;
  hosts?: Record<string, readonly string[]>;
  ttl?: number;
}

/** A DNS of one zone that counts what it is asked. */
function resolverOf(zone: Zone): Resolver & { asked: string[] } {
  const asked: string[] = [];
  const answer = async <T>(kind: string, name: string, records: readonly T[] | undefined): Promise<readonly T[]> => {
    asked.push(`${kind} ${name}`);
    if (!records) throw Object.assign(new Error(`no ${kind} of ${name}`), { code: 'ENOTFOUND' });
    return records;
  };
  const withTtl = (records: readonly string[] | undefined) => records?.map((address) => ({ address, ttl: zone.ttl ?? 60 }));
  return {
    asked,
    naptr: (name) => answer('NAPTR', name, zone.naptr?.[name]?.map(([order, preference, service, replacement]) => ({ order, preference, service, replacement, flags: 'S' }))),
    srv: (name) => answer('SRV', name, zone.srv?.[name]?.map(([priority, weight, port, target]) => ({ priority, weight, port, name: target }))),
    ipv4: (name) => answer('A', name, withTtl(zone.a?.[name])),
    ipv6: (name) => answer('AAAA', name, withTtl(zone.aaaa?.[name])),
    hosts: (name) => answer('hosts', name, withTtl(zone.hosts?.[name])),
  };
}

function bench(zone: Zone, options: { protocols?: SipProtocol[]; families?: (4 | 6)[] } = {}) {
  const clock = new ManualClock();
  const resolver = resolverOf(zone);
  const hops = new NextHops({ clock, random: systemRandom, resolver, protocols: () => new Set(options.protocols ?? ['udp', 'tcp', 'tls']), reaches: (family) => (options.families ?? [4, 6]).includes(family) });
  const all = (uri: string): Promise<readonly Destination[] | Refusal> => new Promise((resolve) => hops.findAll(uri, resolve));
  const places = async (uri: string): Promise<string[]> => {
    const found = await all(uri);
    return found instanceof Refusal ? [found.message] : found.map(({ protocol, address, port }) => `${protocol} ${address} ${port}`);
  };
  return { clock, resolver, hops, all, places };
}

t.test('RFC 3263 4.2: literals and ports ask for no SRV', async (t) => {
  const { places, resolver } = bench({ a: { 'trunk.example': ['192.0.2.1'] }, srv: { '_sip._udp.trunk.example': [[1, 1, 9, 'no.example']] } });
  t.same(await places('sip:a@192.0.2.9'), ['udp 192.0.2.9 5060']);
  t.same(await places('sip:a@[2001:db8::1]:5080;transport=tcp'), ['tcp 2001:db8::1 5080']);
  t.same(await places('sips:a@192.0.2.9'), ['tls 192.0.2.9 5061']);
  t.same(resolver.asked, []);
  t.same(await places('sip:a@trunk.example:5070'), ['udp 192.0.2.1 5070']);
  t.same(resolver.asked, ['A trunk.example', 'AAAA trunk.example']);
});

t.test('RFC 2782: SRV by priority, then by weight; each name with all its addresses', async (t) => {
  const srv = { '_sip._tcp.trunk.example': [[20, 0, 5062, 'c.example'], [10, 90, 5060, 'a.example'], [10, 10, 5061, 'b.example']] as [number, number, number, string][] };
  const zone: Zone = { srv, a: { 'a.example': ['192.0.2.1', '192.0.2.2'], 'b.example': ['192.0.2.3'], 'c.example': ['192.0.2.4'] }, aaaa: { 'c.example': ['2001:db8::4'] } };
  let heavyFirst = 0;
  for (let round = 0; round < 200; round += 1) {
    const found = await bench(zone).places('sip:a@trunk.example;transport=tcp');
    t.same([...found].sort(), ['tcp 192.0.2.1 5060', 'tcp 192.0.2.2 5060', 'tcp 192.0.2.3 5061', 'tcp 192.0.2.4 5062', 'tcp 2001:db8::4 5062'].sort());
    t.same(found.slice(3), ['tcp 192.0.2.4 5062', 'tcp 2001:db8::4 5062'], 'the higher number is the last resort');
    if (found[0] === 'tcp 192.0.2.1 5060') heavyFirst += 1;
  }
  t.ok(heavyFirst > 150 && heavyFirst < 200, `90 of 100 shares came first in ${heavyFirst} of 200`);
});

t.test('RFC 3263 4.1: NAPTR chooses among the protocols that we have; without it SRV for UDP, then TCP, then the address', async (t) => {
  const naptr = { 'trunk.example': [[50, 1, 'SIPS+D2T', '_sips._tcp.trunk.example'], [90, 1, 'SIP+D2T', '_sip._tcp.trunk.example'], [10, 1, 'E2U+sip', 'x']] as [number, number, string, string][] };
  const zone: Zone = { naptr, srv: { '_sips._tcp.trunk.example': [[1, 1, 5061, 'a.example']], '_sip._tcp.trunk.example': [[1, 1, 5060, 'a.example']] }, a: { 'a.example': ['192.0.2.1'] } };
  const secure = bench(zone);
  t.same(await secure.places('sip:trunk.example'), ['tls 192.0.2.1 5061']);
  t.match(await secure.all('sip:trunk.example'), [{ serverName: 'trunk.example' }], 'RFC 5922: the domain is proven, not the name behind SRV');
  t.same(await bench(zone, { protocols: ['udp', 'tcp'] }).places('sip:trunk.example'), ['tcp 192.0.2.1 5060']);
  t.same(await bench({ ...zone, naptr: {} }).places('sip:trunk.example'), ['tcp 192.0.2.1 5060']);
  t.same(await bench({ a: { 'trunk.example': ['192.0.2.7'] } }).places('sip:trunk.example'), ['udp 192.0.2.7 5060']);
  t.same(await bench({ srv: { '_sip._udp.trunk.example': [[0, 0, 0, '.']] }, hosts: { 'trunk.example': ['192.0.2.8'] } }).places('sip:trunk.example'), ['udp 192.0.2.8 5060'], 'the host table comes last');
});

t.test('names that lead nowhere and families that we do not have', async (t) => {
  const six = { aaaa: { 'six.example': ['2001:db8::6'] } };
  t.same(await bench(six).places('sip:six.example'), ['udp 2001:db8::6 5060']);
  t.same(await bench(six, { families: [4] }).places('sip:six.example'), ['transport: host name cannot be resolved']);
  t.same(await bench({}).places('sip:no.example'), ['transport: host name cannot be resolved']);
  t.same(await bench({}, { protocols: ['udp'] }).places('sips:no.example'), ['no transport for the wanted protocol']);
});

t.test('answers are kept for their time to live, at least 1 s; a place that failed stands back for a minute', async (t) => {
  const { clock, resolver, places, hops, all } = bench({ a: { 'trunk.example': ['192.0.2.1', '192.0.2.2'] }, ttl: 20 });
  const uri = 'sip:trunk.example:5060';
  await places(uri);
  clock.advance(19_999);
  let now: unknown;
  hops.findAll(uri, (found) => (now = found));
  t.match(now, [{ address: '192.0.2.1' }, { address: '192.0.2.2' }], 'at once');
  t.equal(resolver.asked.length, 2);
  clock.advance(2);
  const found = await all(uri);
  t.equal(resolver.asked.length, 4);
  if (found instanceof Refusal || !found[0]) throw new Error('no destination');
  hops.avoid(found[0]);
  t.same(await places(uri), ['udp 192.0.2.2 5060', 'udp 192.0.2.1 5060']);
  clock.advance(AVOID_MS + 1);
  t.same(await places(uri), ['udp 192.0.2.1 5060', 'udp 192.0.2.2 5060']);
});
