/** Calls that must prove a password, on the wire: sipp with MD5, an end written by hand with SHA-256. */
import { createHash } from 'node:crypto';
import { promises as dns } from 'node:dns';
import t from 'tap';
import type { Test } from 'tap';
import { parseConfig } from '../../../src/config/load.js';
import { systemClock } from '../../../src/kernel/clock.js';
import { silentLogger } from '../../../src/kernel/log.js';
import { systemRandom } from '../../../src/kernel/random.js';
import type { IncomingCall } from '../../../src/sip/signalling.js';
import { TrunkBook } from '../../../src/sip/trunk/trunk-book.js';
import { routeInbound } from '../../../src/trunk-wiring.js';
import { PeerDialog, SDP, SipPeer, type PeerMessage } from '../../contract/sip-peer.js';
import type { ContractEnd } from '../../contract/signalling-scenario.js';
import { allEnds } from '../../support/signalling-ends.js';
import { Sipp } from '../../support/sipp.js';
import { trunkOf } from './settings.js';

const auth = { username: 'pbx', password: 'a long password' };

interface House {
  readonly end: ContractEnd;
  /** Callers as the flow gets them. */
  readonly answered: Array<Readonly<Record<string, string>>>;
}

async function house(t: Test, makeEnd: () => Promise<ContractEnd>, asked: Readonly<Record<string, unknown>> = {}): Promise<House> {
  const end = await makeEnd();
  const parts = { clock: systemClock, random: systemRandom, log: silentLogger };
  const trunks = new TrunkBook({ ...parts, dns, signalling: end.signalling, caller: 'x', unknownSources: undefined });
  trunks.put(
    trunkOf({ addresses: [{ host: '127.0.0.1', port: 9 }], keepalive_s: 0, inbound_auth: { ...auth, ...asked }, rewrite: { in: { caller: [{ strip_prefix: '0', add_prefix: '+49' }], called: [{ strip_prefix: '00', add_prefix: '+' }] } } }),
  );
  const answered: Array<Readonly<Record<string, string>>> = [];
  const answer = async (call: IncomingCall, _flow: string, _channel: unknown, options: { variables: Readonly<Record<string, string>> }): Promise<void> => {
    answered.push(options.variables);
    await call.answer(SDP);
  };
  routeInbound(parseConfig('inbound: [{number: "*", flow: f}]'), end.signalling, trunks, { answer } as never, parts);
  t.teardown(async () => {
    await trunks.stop();
    await end.close();
  });
  return { end, answered };
}

async function sipp(port: number, password: string): Promise<void> {
  const process = await Sipp.start({ scenario: 'caller-with-digest', target: { port, user: '0049301' }, credentials: { username: auth.username, password }, limitMs: 15_000 });
  try {
    await process.done();
  } finally {
    await process.kill();
  }
}

/** The answer of a far end that knows SHA-256, by its own arithmetic. */
function proof(challenge: string, uri: string, count = 1, password = auth.password): string {
  const value = (name: string): string => new RegExp(`${name}="?([^",]+)`).exec(challenge)?.[1] ?? '';
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
  const nc = count.toString(16).padStart(8, '0');
  const response = hash(`${hash(`${auth.username}:${value('realm')}:${password}`)}:${value('nonce')}:${nc}:c0ffee:auth:${hash(`INVITE:${uri}`)}`);
  return `Authorization: Digest username="${auth.username}", realm="${value('realm')}", nonce="${value('nonce')}", uri="${uri}", response="${response}", algorithm=SHA-256, cnonce="c0ffee", qop=auth, nc=${nc}, opaque="${value('opaque')}"`;
}

for (const [name, makeEnd] of allEnds()) {
  t.test(`${name}: sipp proves its password by MD5 and calls; with a wrong one it is refused again`, async (t) => {
    // sipp 3.6 looks at the first challenge alone, and knows no SHA-256.
    const { end, answered } = await house(t, makeEnd, { algorithms: ['MD5', 'SHA-256'] });
    await sipp(end.sipPort, auth.password);
    t.same(answered, [{ caller: '+4930123', called: '+49301' }], 'by the rules of the trunk');
    await sipp(end.sipPort, 'a wrong password');
    t.equal(answered.length, 1);
  });

  t.test(`${name}: SHA-256, a count used twice, a wrong password, and what is no call`, async (t) => {
    const { end, answered } = await house(t, makeEnd);
    const peer = await SipPeer.udp();
    t.teardown(() => peer.close());
    const attempt = async (header?: (uri: string) => string): Promise<PeerMessage> => {
      const caller = PeerDialog.caller(peer, end.sipPort);
      caller.send('INVITE', { body: SDP, headers: header ? [header(caller.target)] : [] });
      const final = await peer.next((m) => m.method === 'INVITE' && (m.status ?? 0) >= 200 && m.header('Call-ID') === caller.callId);
      caller.learn(final);
      const { remote } = caller;
      caller.remote = remote;
      if (final.status === 200) {
        caller.send('ACK', { sequence: 1 });
        caller.send('BYE');
        await peer.next((m) => m.method === 'BYE' && m.status !== undefined);
      }
      return final;
    };
    const first = await attempt();
    t.equal(first.status, 401);
    const challenges = first.all('WWW-Authenticate');
    t.same(challenges.map((one) => /algorithm=([\w-]+)/.exec(one)?.[1]), ['SHA-256', 'MD5'], 'a header line each, the stronger first');
    const [sha = ''] = challenges;
    t.equal((await attempt((uri) => proof(sha, uri))).status, 200);
    const replayed = await attempt((uri) => proof(sha, uri));
    t.equal(replayed.status, 401);
    t.match(replayed.header('WWW-Authenticate'), /stale=true/);
    t.equal((await attempt((uri) => proof(sha, uri, 2))).status, 200, 'the next count opens');
    const wrong = await attempt((uri) => proof(sha, uri, 3, 'a wrong password'));
    t.equal(wrong.status, 401);
    t.notMatch(wrong.header('WWW-Authenticate'), /stale/);
    t.equal((await attempt((uri) => proof(replayed.header('WWW-Authenticate'), uri))).status, 200, 'and so does the new nonce');
    t.equal(answered.length, 3);
    const options = PeerDialog.caller(peer, end.sipPort);
    options.send('OPTIONS');
    t.equal((await peer.next((m) => m.method === 'OPTIONS' && m.status !== undefined)).status, 200, 'OPTIONS needs no password');
  });
}
