import t from 'tap';
import { identitiesOf, proves } from '../../../../src/sip/embedded/transport/tls-identity.js';

t.test('RFC 5922 7.1: SIP URIs first, then DNS names, CN only without any alternative name', async (t) => {
  t.same(identitiesOf({ subjectaltname: 'URI:sip:Example.com, DNS:other.example', subject: { CN: 'third' } }).domains, ['example.com']);
  t.same(identitiesOf({ subjectaltname: 'DNS:other.example, DNS:b.example', subject: { CN: 'third' } }).domains, ['other.example', 'b.example']);
  t.same(identitiesOf({ subject: { CN: 'Third.example' } }).domains, ['third.example']);
  t.same(identitiesOf({ subject: {} }).domains, []);
  t.same(identitiesOf({ subjectaltname: 'URI:sip:alice@example.com, URI:https://example.com' }).domains, [], 'a person or a web page is no SIP domain');
  t.same(identitiesOf({ subjectaltname: 'IP Address:192.0.2.1', subject: { CN: 'named' } }).domains, [], 'CN does not count beside an alternative name');
});

t.test('RFC 5922 7.2: names are compared whole, without wildcards', async (t) => {
  t.ok(proves({ subjectaltname: 'DNS:sip.example.com' }, 'SIP.example.com.'));
  t.notOk(proves({ subjectaltname: 'DNS:*.example.com' }, 'sip.example.com'));
  t.notOk(proves({ subjectaltname: 'DNS:example.com' }, 'sip.example.com'));
  t.notOk(proves({ subjectaltname: 'DNS:127.0.0.1' }, '127.0.0.1'), 'an address is proven as an address');
  t.ok(proves({ subjectaltname: 'IP Address:127.0.0.1' }, '127.0.0.1'));
  t.ok(proves({ subjectaltname: 'IP Address:2001:DB8:0:0:0:0:0:1' }, '2001:db8::1'));
});
