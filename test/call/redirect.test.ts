import t from 'tap';
import { followRedirects } from '../../src/call/redirect.js';
import type { RedirectRules } from '../../src/call/redirect.js';
import type { RoutedRequest } from '../../src/call/trunk-route.js';
import { parseTrunk } from '../../src/config/trunks.js';
import { TrunklineError } from '../../src/kernel/errors.js';

const request: RoutedRequest = { to: 'sip:a@127.0.0.1', from: 'us', callId: 'one@node', headers: { 'X-A': 'b' }, nextHop: 'sip:proxy', auth: { username: 'u', password: 'p' } };
const free: RedirectRules = { trunks: { routes: () => [] }, trunk: undefined, from: undefined, dialled: undefined };

function answers(...script: readonly [status: number, ...contacts: string[]][]) {
  const sent: RoutedRequest[] = [];
  const send = (one: RoutedRequest): Promise<string> => {
    const [status = 200, ...contacts] = script[sent.length] ?? [404];
    sent.push(one);
    if (status === 200) return Promise.resolve(one.to);
    return Promise.reject(new TrunklineError(status === 408 ? 'TRK_SIP_TIMEOUT' : 'TRK_SIP_REJECTED', { params: { status }, cause: { status, reason: '', ...(status < 400 ? { contacts } : {}) } }));
  };
  return { sent, send, targets: () => sent.map(({ to }) => to) };
}

t.test('contacts in their order; each INVITE has a Call-ID of its own, and goes where its contact says', async (t) => {
  const net = answers([302, 'sip:b@h', 'sip:c@h'], [480], [200]);
  t.equal(await followRedirects(free, request, net.send), 'sip:c@h');
  t.same(net.sent, [request, { to: 'sip:b@h', from: 'us', callId: 'one.r1@node', headers: { 'X-A': 'b' } }, { to: 'sip:c@h', from: 'us', callId: 'one.r2@node', headers: { 'X-A': 'b' } }], 'no password goes with it');
});

t.test('what a contact says itself is nearer to the callee', async (t) => {
  const net = answers([300, 'sip:b@h', 'sip:c@h'], [302, 'sip:d@h'], [503], [200]);
  t.equal(await followRedirects(free, request, net.send), 'sip:c@h');
  t.same(net.targets(), ['sip:a@127.0.0.1', 'sip:b@h', 'sip:d@h', 'sip:c@h']);
});

t.test('the callee has the last word', async (t) => {
  for (const status of [486, 600, 603]) {
    const net = answers([302, 'sip:b@h', 'sip:c@h'], [status], [200]);
    await t.rejects(followRedirects(free, request, net.send), { cause: { status } });
    t.equal(net.sent.length, 2);
  }
  const plain = answers([404]);
  await t.rejects(followRedirects(free, request, plain.send), { cause: { status: 404 } });
});

t.test('never to one place twice, never to more than five', async (t) => {
  const loop = answers([302, 'sip:a@127.0.0.1'], [200]);
  await t.rejects(followRedirects(free, request, loop.send), { code: 'TRK_SIP_REJECTED', cause: { status: 302 } });
  t.equal(loop.sent.length, 1);
  const circle = answers([302, 'sip:b@h'], [302, 'sip:c@h'], [302, 'sip:b@h', 'sip:a@127.0.0.1']);
  await t.rejects(followRedirects(free, request, circle.send), { cause: { status: 302 } });
  t.equal(circle.sent.length, 3);
  const endless = answers(...Array.from({ length: 30 }, (_, index): [number, string] => [302, `sip:x${index}@h`]));
  await t.rejects(followRedirects(free, request, endless.send), { cause: { status: 302 } });
  t.equal(endless.sent.length, 6, 'the first and five more');
});

t.test('a leg that is no dial: by a trunk only to numbers that it would carry, with its password only at its own hosts', async (t) => {
  const trunk = parseTrunk({ name: 'carrier', addresses: [{ host: 'sbc.test' }], username: 'u', password: 'p' });
  const asked: string[] = [];
  const rules: RedirectRules = {
    trunk,
    from: undefined,
    dialled: undefined,
    trunks: {
      routes: ({ to }) => {
        asked.push(to);
        if (to.startsWith('+900')) throw new TrunklineError('TRK_TRUNK_DENIED');
        return to.startsWith('+44') ? ['other'] : ['carrier'];
      },
    },
  };
  const net = answers([302, 'sip:voicemail@sbc.test', 'sip:+9001234@sbc.test', 'sip:+441234567@sbc.test', 'sip:4930123456@sbc.test', 'sip:+4930999@203.0.113.9'], [500], [200]);
  t.equal(await followRedirects(rules, request, net.send), 'sip:+4930999@203.0.113.9');
  t.same(net.sent.slice(1).map(({ to, auth }) => [to, auth !== undefined]), [['sip:4930123456@sbc.test', true], ['sip:+4930999@203.0.113.9', false]]);
  t.same(asked, ['+9001234', '+441234567', '+4930123456', '+4930999']);
});

t.test('a dial goes to other hosts, never to another number', async (t) => {
  const trunk = parseTrunk({ name: 'carrier', addresses: [{ host: 'sbc.test' }] });
  const rules: RedirectRules = { trunk, from: undefined, dialled: '+12125550100', trunks: { routes: () => ['carrier'] } };
  const rewritten: RoutedRequest = { ...request, to: 'sip:0012125550100@sbc.test' };
  const same = ['sip:+12125550100@b.test', 'sips:12125550100@c.test', 'sip:0012125550100@d.test:5070', 'sip:+1-212-555-0100;npdi;rn=+13475550000@e.test;user=phone'];
  const net = answers([302, 'sip:+447700900123@b.test', 'sip:voicemail@sbc.test', 'sip:sbc.test', ...same], [480], [480], [480], [200]);
  t.equal(await followRedirects(rules, rewritten, net.send), same[3]);
  t.same(net.targets(), [rewritten.to, ...same]);

  const away = answers([302, 'sip:+447700900123@sbc.test']);
  await t.rejects(followRedirects(rules, rewritten, away.send), { code: 'TRK_SIP_REDIRECTED', cause: { status: 302, reason: 'to another number, not followed' } });
  t.equal(away.sent.length, 1, 'nobody else was called');
  const later = answers([302, 'sip:+12125550100@b.test'], [302, 'sip:+12125550101@b.test']);
  await t.rejects(followRedirects(rules, rewritten, later.send), { code: 'TRK_SIP_REDIRECTED' }, 'also at the second place');
  const busy = answers([302, 'sip:+12125550100@b.test', 'sip:+12125550101@b.test'], [486]);
  await t.rejects(followRedirects(rules, rewritten, busy.send), { code: 'TRK_SIP_REJECTED', cause: { status: 486 } }, 'the callee has the last word');

  const uri: RedirectRules = { ...rules, trunk: undefined, dialled: 'sip:alice@pbx.test' };
  const pbx = answers([302, 'sip:+12125550100@gw.test', 'sip:Alice@desk.test', 'sip:alice@desk.test;transport=tcp'], [200]);
  t.equal(await followRedirects(uri, { ...request, to: 'sip:alice@pbx.test' }, pbx.send), 'sip:alice@desk.test;transport=tcp', 'names as they are written');
});
