import t from 'tap';
import { parseCSeq } from '../../../../src/sip/embedded/message/cseq.js';
import { parseNameAddress, serializeNameAddress, tagOf } from '../../../../src/sip/embedded/message/name-address.js';
import { escapeUser, parseUri, serializeUri, unescape, uriEquals } from '../../../../src/sip/embedded/message/uri.js';
import { parseVia, serializeVia } from '../../../../src/sip/embedded/message/via.js';

t.test('RFC 3261 19.1.4: the examples of equal and unequal URIs', (t) => {
  const equal: [string, string][] = [
    ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtLanTa.CoM;Transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
    ['sip:carol@chicago.com;newparam=5', 'sip:carol@chicago.com;security=on'],
    ['sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com', 'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com'],
    ['sip:alice@atlanta.com?subject=project%20x&priority=urgent', 'sip:alice@atlanta.com?priority=urgent&subject=project%20x'],
    ['tel:+1-201-555-0123', 'tel:+12015550123'],
    ['mailto:a@b', 'MAILTO:a@b'],
  ];
  const unequal: [string, string][] = [
    ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:6000;transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
    ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4'],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off'],
    ['sips:alice@atlanta.com', 'sip:alice@atlanta.com'],
    ['sip:a%3Bb@c', 'sip:a;b@c'],
    ['tel:+12015550123', 'tel:+12015550124'],
    ['tel:911;phone-context=+1', 'tel:911'],
    ['tel:+1', 'sip:+1@a'],
  ];
  for (const [a, b] of equal) t.same([uriEquals(parseUri(a), parseUri(b)), uriEquals(parseUri(b), parseUri(a))], [true, true], `${a} = ${b}`);
  for (const [a, b] of unequal) t.same([uriEquals(parseUri(a), parseUri(b)), uriEquals(parseUri(b), parseUri(a))], [false, false], `${a} != ${b}`);
  t.end();
});

t.test('URIs: parts', (t) => {
  t.match(parseUri('sips:alice:secret@[2001:db8::1]:5061;transport=tcp;lr?Subject=x&y=z'), {
    kind: 'sip', scheme: 'sips', user: 'alice', password: 'secret', host: '[2001:db8::1]', port: 5061, headers: 'Subject=x&y=z',
  });
  const uri = parseUri('sip:*70#@h;lr;TTL=5');
  t.equal(uri.kind === 'sip' && uri.params.has('LR') && uri.params.get('ttl') === '5' && uri.user, '*70#');
  t.match(parseUri('tel:7042;phone-context=example.com'), { kind: 'tel', number: '7042' });
  t.match(parseUri('urn:service:sos'), { kind: 'opaque', scheme: 'urn', opaque: 'service:sos' });
  for (const text of ['sip:a@b', 'sip:b:5060;x=y', 'tel:+1;ext=2', 'http://x/y?z#w']) t.equal(serializeUri(parseUri(text)), text);
  t.end();
});

t.test('URIs: what is none', (t) => {
  const bad = ['', 'a@b', ':', 'sip:', 'sip:@b', 'sip:a@', 'sip:a b@c', 'sip:a@b c', 'sip:a@b@c', 'sip:a%@b', 'sip:a%4@b', 'sip:a@b:', 'sip:a@b:0', 'sip:a@b:65536', 'sip:a@b:1x', 'sip:[::1', 'sip:[1::2::3]', 'sip:[zz]',
    'sip:::1', 'sip:a@b;', 'sip:a@b;;x', 'sip:a@b;=x', 'sip:a@-b', 'sip:a@b;x=<y>', 'sip:a@b?', 'tel:', 'tel:abc-xyz', 'http://a b', 'sip:ä@b', '<sip:a@b>'];
  for (const text of bad) t.throws(() => parseUri(text), { code: 'TRK_SIP_PARSE' }, JSON.stringify(text));
  t.throws(() => parseUri(`sip:${'a'.repeat(3_000)}`), { code: 'TRK_SIP_TOO_LARGE', responseStatus: 414 });
  t.end();
});

t.test('escapes', (t) => {
  t.equal(escapeUser('a b@ü%'), 'a%20b%40%C3%BC%25');
  t.equal(unescape(escapeUser('a b@ü%')), 'a b@ü%');
  t.equal(unescape('%zz'), '%zz');
  t.end();
});

t.test('name-addr and addr-spec', (t) => {
  t.match(parseNameAddress('"A \\"B\\" \\\\ C" <sip:a@b;lr>;tag=x;p="q;,"'), { displayName: 'A "B" \\ C' });
  t.equal(tagOf(parseNameAddress('sip:a@b;tag=x')), 'x', 'without brackets the parameter is that of the header');
  t.equal(tagOf(parseNameAddress('<sip:a@b;tag=x>')), undefined);
  t.equal(parseNameAddress('sip:a@b;p="<x>"').params.text('p'), '<x>');
  t.equal(parseNameAddress('Ünal Müller <sip:a@b>').displayName, 'Ünal Müller', 'raw UTF-8 without quotes is let pass');
  t.equal(serializeNameAddress(parseNameAddress('A <sip:a@b>;tag=x')), '"A" <sip:a@b>;tag=x');
  for (const text of ['', '<>', '<sip:a@b', 'sip:a@b>', '"x <sip:a@b>', '"x" sip:a@b', 'a,b <sip:a@b>', '<sip:a@b>x', '<sip:a@b>;', '<sip:a@b>;;', '<sip:a@b>;=x', '< sip:a@b >', 'sip:a@b?x=y', 'sip:a@b, sip:c@d', '<sip:a@b>;x="y']) {
    t.throws(() => parseNameAddress(text), { code: 'TRK_SIP_PARSE' }, JSON.stringify(text));
  }
  t.end();
});

t.test('Via', (t) => {
  const via = parseVia('SIP / 2.0 / tcp   host : 5070 ; branch = z9hG4bK1 ;rport;received=2001:db8::9');
  t.match(via, { protocol: 'TCP', host: 'host', port: 5070 });
  t.same([...via.params], [['branch', 'z9hG4bK1'], ['rport', undefined], ['received', '2001:db8::9']]);
  t.equal(serializeVia(via), 'SIP/2.0/TCP host:5070;branch=z9hG4bK1;rport;received=2001:db8::9');
  for (const text of ['', 'SIP/2.0/UDP', 'SIP/2.0/UDP ', 'SIP/3.0/UDP a', 'HTTP/2.0/UDP a', 'SIP/2.0 a', 'SIP/2.0/UDP a b', 'SIP/2.0/UDP a;;', 'SIP/2.0/UDP a:0', 'SIP/2.0/UDP ::1', 'SIP/2.0/UDP a;x=']) {
    t.throws(() => parseVia(text), { code: 'TRK_SIP_PARSE' }, JSON.stringify(text));
  }
  t.end();
});

t.test('RFC 3261 8.1.1.5: CSeq is below 2**31', (t) => {
  t.same(parseCSeq('0000002147483647 \t INVITE'), { sequence: 2_147_483_647, method: 'INVITE' });
  for (const text of ['2147483648 INVITE', '99999999999999 INVITE', '-1 INVITE', '1', '1INVITE', 'x INVITE', '1 A,B', '1 A B', '']) t.throws(() => parseCSeq(text), { code: 'TRK_SIP_PARSE' }, text);
  t.end();
});
