import t from 'tap';
import { silentLogger } from '../../../../src/kernel/log.js';
import { systemRandom } from '../../../../src/kernel/random.js';
import type { SipRequest } from '../../../../src/sip/embedded/message/message.js';
import { screenRequests } from '../../../../src/sip/embedded/transaction/screen.js';
import type { ScreenOptions } from '../../../../src/sip/embedded/transaction/screen.js';
import { bench, request } from './setup.js';

/** What goes up and what is answered when `incoming` comes through the screen. */
function screened(incoming: SipRequest, options: Partial<ScreenOptions> = {}) {
  const { layer, transport } = bench();
  const passed: SipRequest[] = [];
  layer.onRequest(screenRequests((_transaction, request) => passed.push(request), { random: systemRandom, log: silentLogger, ...options }));
  transport.receive(incoming);
  transport.receive(incoming);
  return { passed, transport };
}

t.test('a refused request is answered in its transaction, with To tag and what explains the refusal, and never goes up', (t) => {
  const { passed, transport } = screened(request('OPTIONS', { headers: 'Require: teleport' }));
  t.same(passed, []);
  t.same(transport.log, ['420', '420'], 'the repetition gets the same answer');
  const [first, second] = transport.take();
  t.equal(first!.headers.get('Unsupported'), 'teleport');
  t.match(first!.headers.get('To'), /;tag=\w+$/);
  t.equal(first!.headers.get('To'), second!.headers.get('To'));
  t.end();
});

t.test('RFC 3261 21.5.2: a method that nobody knows gets 501 with Allow, unless any may pass', (t) => {
  const { passed, transport } = screened(request('TELEPORT'));
  t.same([passed.length, transport.log[0]], [0, '501']);
  t.match(transport.lastResponse.headers.get('Allow'), /INVITE/);
  t.equal(screened(request('TELEPORT'), { methods: 'any' }).passed.length, 1);
  t.same(screened(request('INFO'), { methods: ['INVITE'] }).transport.log, ['501', '501']);
  for (const method of ['INVITE', 'OPTIONS', 'REGISTER', 'INFO', 'NOTIFY']) t.equal(screened(request(method, { headers: 'Contact: <sip:c@d>' })).passed.length, 1, method);
  t.end();
});

t.test('RFC 4475 3.3.7: credentials in an unknown scheme are challenged with a fresh nonce', (t) => {
  const nonces = [1, 2].map(() => {
    const { transport } = screened(request('REGISTER', { headers: 'Authorization: NoOneKnows x=y' }), { realm: 'here' });
    return /^Digest realm="here", nonce="([0-9a-f]{32})"/.exec(transport.lastResponse.headers.get('WWW-Authenticate') ?? '')?.[1];
  });
  t.ok(nonces[0]);
  t.not(nonces[0], nonces[1]);
  t.end();
});

t.test('RFC 4475 3.4.1: an INVITE of RFC 2543 without Contact gets that of its From; one of RFC 3261 does not', (t) => {
  const old = screened(request('INVITE', { via: 'SIP/2.0/UDP 192.0.2.9', from: '' })).passed[0]!;
  t.equal(old.headers.get('Contact'), '<sip:caller@192.0.2.9>');
  t.equal(screened(request('INVITE')).passed[0]!.headers.has('Contact'), false);
  t.equal(screened(request('OPTIONS', { via: 'SIP/2.0/UDP 192.0.2.9' })).passed[0]!.headers.has('Contact'), false);
  t.end();
});
