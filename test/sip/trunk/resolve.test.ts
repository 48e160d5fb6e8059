import t from 'tap';
import { systemRandom } from '../../../src/kernel/random.js';
import { TargetResolver, hostPort } from '../../../src/sip/trunk/resolve.js';
import type { Dns } from '../../../src/sip/trunk/resolve.js';
import { ManualClock } from '../../support/manual-clock.js';
import { trunkOf } from './settings.js';

const zone = {
  srv: { '_sip._udp.carrier.test': [{ name: 'b.carrier.test', port: 5080, priority: 20, weight: 1 }, { name: 'a.carrier.test', port: 5070, priority: 10, weight: 1 }], '_sips._tcp.carrier.test': [{ name: 'a.carrier.test', port: 5071, priority: 1, weight: 1 }] } as Record<string, { name: string; port: number; priority: number; weight: number }[]>,
  a: { 'a.carrier.test': ['192.0.2.1', '192.0.2.2'], 'b.carrier.test': ['192.0.2.3'], 'carrier.test': ['192.0.2.9'] } as Record<string, string[]>,
  aaaa: { 'b.carrier.test': ['2001:db8::3'] } as Record<string, string[]>,
};

function setUp() {
  const asked: string[] = [];
  const answer = <T>(table: Record<string, T[]>, name: string): Promise<T[]> => {
    asked.push(name);
    const found = table[name];
    return found ? Promise.resolve(found) : Promise.reject(new Error('ENOTFOUND'));
  };
  const dns: Dns = { resolveSrv: (name) => answer(zone.srv, name), resolve4: (name) => answer(zone.a, name), resolve6: (name) => answer(zone.aaaa, name) };
  const clock = new ManualClock();
  const resolver = new TargetResolver({ dns, clock, random: systemRandom });
  const resolve = async (address: object): Promise<string[]> => {
    const [declared] = trunkOf({ addresses: [address] }).addresses;
    if (declared === undefined) throw new Error('no address');
    return (await resolver.resolve(declared)).map(({ host, port }) => hostPort(host, port));
  };
  return { asked, clock, resolve };
}

t.test('RFC 3263 4.2: SRV by priority, then A and AAAA of each', async (t) => {
  const { resolve, asked, clock } = setUp();
  t.same(await resolve({ host: 'carrier.test' }), ['192.0.2.1:5070', '192.0.2.2:5070', '192.0.2.3:5080', '[2001:db8::3]:5080']);
  const questions = asked.length;
  await resolve({ host: 'CARRIER.test' });
  t.equal(asked.length, questions, 'known for a while');
  clock.advance(30_001);
  await resolve({ host: 'carrier.test' });
  t.equal(asked.length, 2 * questions);
});

t.test('a port that is given wants no SRV; without SRV records A counts', async (t) => {
  const { resolve, asked } = setUp();
  t.same(await resolve({ host: 'carrier.test', port: 5062 }), ['192.0.2.9:5062']);
  t.notOk(asked.some((name) => name.startsWith('_')));
  t.same(await resolve({ host: 'carrier.test', transport: 'tcp' }), ['192.0.2.9:5060']);
  t.same(await resolve({ host: 'carrier.test', transport: 'tls' }), ['a.carrier.test:5071'], 'TLS keeps the name that the certificate is for');
});

t.test('literals ask nobody; what does not exist says so', async (t) => {
  const { resolve, asked } = setUp();
  t.same(await resolve({ host: '192.0.2.7' }), ['192.0.2.7:5060']);
  t.same(await resolve({ host: '[2001:db8::7]', transport: 'tls' }), ['[2001:db8::7]:5061']);
  t.same(asked, []);
  await t.rejects(resolve({ host: 'nowhere.test' }), { code: 'TRK_TRUNK_UNRESOLVED' });
});
