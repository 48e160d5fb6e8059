import t from 'tap';
import type { Test } from 'tap';
import { inspectRequest } from '../../../../src/sip/embedded/message/inspect.js';
import { cseqOf, fromOf, serialize, toOf, topVia } from '../../../../src/sip/embedded/message/message.js';
import type { SipMessage, SipRequest, SipResponse } from '../../../../src/sip/embedded/message/message.js';
import { parseNameAddress } from '../../../../src/sip/embedded/message/name-address.js';
import { parseMessage, SipParseError } from '../../../../src/sip/embedded/message/parse.js';
import { parseUri, unescape } from '../../../../src/sip/embedded/message/uri.js';
import type { SipUri } from '../../../../src/sip/embedded/message/uri.js';
import { parseVia } from '../../../../src/sip/embedded/message/via.js';
import { tortureVectors } from '../../../support/torture.js';

// What a user agent makes of each message of RFC 4475 and RFC 5118: parsing first,
// then the inspection of RFC 3261 8.2. The same messages go over real sockets in
// test/sip/embedded/torture-wire.test.ts.

/** Either kind; each check reads only what its kind has. */
type Anything = SipRequest & Omit<SipResponse, 'kind'>;
type Check = (t: Test, message: Anything) => void;

const challenge = { challenge: (): string => 'Digest realm="r", nonce="n"' };

function sipUri(text: string): SipUri {
  const uri = parseUri(text);
  if (uri.kind !== 'sip') throw new Error('not a sip URI');
  return uri;
}

/** For the accepted ones: what must have been understood. */
const understood: Record<string, Check> = {
  wsinv(t, m) {
    t.equal(m.method, 'INVITE');
    t.equal(sipUri(m.uri).params.has('unknownparam'), true);
    t.equal(toOf(m)!.params.get('tag'), '1918181833n');
    t.equal(fromOf(m)!.displayName, 'J Rosenberg \\"');
    t.equal(fromOf(m)!.params.get('tag'), '98asjd8');
    t.same(cseqOf(m), { sequence: 9, method: 'INVITE' });
    t.equal(m.headers.get('Max-Forwards'), '0068');
    t.same(m.headers.getAll('Via').map((via) => parseVia(via)).map((via) => [via.protocol, via.host, via.params.get('branch')]), [
      ['UDP', '192.0.2.2', '390skdjuw'],
      ['TCP', 'spindle.example.com', 'z9hG4bK9ikj8'],
      ['UDP', '192.168.255.111', 'z9hG4bK30239'],
    ]);
    t.equal(m.headers.get('Subject'), '');
    t.equal(m.headers.get('NewFangledHeader'), 'newfangled value continued newfangled value');
    t.equal(m.headers.get('UnknownHeaderWithUnusualValue'), ';;,,;;,;');
    const contact = parseNameAddress(m.headers.get('Contact')!);
    t.equal(contact.displayName, 'Quoted string ""');
    t.same([...contact.params], [['newparam', 'newvalue'], ['secondparam', undefined], ['q', '0.33']]);
    t.equal(m.body.length, 150);
  },
  intmeth(t, m) {
    t.equal(m.method, "!interesting-Method0123456789_*+`.%indeed'~");
    t.equal(sipUri(m.uri).user, "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*");
    t.equal(sipUri(m.uri).password, "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)");
    t.equal(sipUri(m.uri).host, 'example.com');
    t.equal(topVia(m)!.params.get('branch'), "z9hG4bK-.!%66*_+`'~");
    t.equal(toOf(m)!.displayName, 'BEL:\u0007 NUL:\u0000 DEL:\u007f');
    t.equal(fromOf(m)!.displayName, "token1~` token2'+_ token3*%!.-");
    t.equal(fromOf(m)!.params.get('tag'), "_token~1'+`*%!-.");
    t.equal(fromOf(m)!.params.text("fromParam''~+*_!.-%"), 'работающий');
    t.equal(cseqOf(m)!.method, m.method);
    t.equal(m.headers.get("extensionHeader-!.%*+_`'~"), '\ufeff大停電', 'only SP and HTAB are white space');
  },
  esc01(t, m) {
    t.equal(sipUri(m.uri).user, 'sips%3Auser%40example.com');
    t.equal(sipUri(m.uri).host, 'example.net');
    t.equal(unescape((toOf(m)!.uri as SipUri).user!), 'user');
    const contact = parseNameAddress(m.headers.get('Contact')!).uri as SipUri;
    t.equal(unescape(contact.user!), 'caller');
    t.equal(contact.params.has('lr'), true);
    t.equal(unescape(contact.params.get('name')!), 'value%41');
  },
  escnull(t, m) {
    t.equal(unescape((toOf(m)!.uri as SipUri).user!), 'null-\0-null');
    t.equal(m.headers.getAll('Contact').length, 2);
  },
  esc02(t, m) {
    t.equal(m.method, 'RE%47IST%45R', 'not REGISTER');
    t.equal(toOf(m)!.displayName, '%Z%45', 'display names have no escapes');
    t.equal(m.headers.getAll('Contact').length, 2, 'C%6Fntact is another header');
    t.equal(m.headers.has('C%6Fntact'), true);
  },
  lwsdisp: (t, m) => t.equal(fromOf(m)!.displayName, 'caller'),
  longreq(t, m) {
    t.equal(m.headers.getAll('Via').length, 34);
    t.equal(m.headers.get('Call-ID')!.length, 'longreq.one'.length + 'really'.length * 20 + 'longcallid'.length);
    t.equal(m.body.length, 150);
  },
  dblreq(t, m) {
    t.equal(m.method, 'REGISTER');
    t.equal(m.headers.get('Call-ID'), 'dblreq.0ha0isndaksdj99sdfafnl3lk233412');
    t.equal(m.body.length, 0);
  },
  semiuri(t, m) {
    t.equal(unescape(sipUri(m.uri).user!), 'user;par=u@example.net');
    t.equal(sipUri(m.uri).params.size, 0);
    t.equal(m.headers.getAll('Accept').length, 6);
  },
  transports: (t, m) => t.same(m.headers.getAll('Via').map((via) => parseVia(via).protocol), ['UDP', 'SCTP', 'TLS', 'UNKNOWN', 'TCP']),
  mpart01(t, m) {
    t.equal(m.method, 'MESSAGE');
    t.equal(m.body.length, 553);
    t.ok(m.body.includes(Buffer.from([0x30, 0x82])), 'binary part untouched');
  },
  unreason(t, m) {
    t.equal(m.status, 200);
    t.equal(m.reason, '= 2**3 * 5**2 но сто девяносто девять - простое');
  },
  noreason: (t, m) => t.same([m.status, m.reason], [100, '']),
  baddate: (t, m) => t.equal(m.headers.get('Date'), 'Fri, 01 Jan 2010 16:00:00 EST', 'ignored, nothing here reads it'),
  badbranch: (t, m) => t.equal(topVia(m)!.params.get('branch'), 'z9hG4bK'),
  unksm2(t, m) {
    t.equal(toOf(m)!.uri.scheme, 'isbn');
    t.equal(fromOf(m)!.uri.scheme, 'http');
    t.equal(parseNameAddress(m.headers.get('Contact')!).uri.scheme, 'name');
  },
  zeromf: (t, m) => t.equal(m.headers.get('Max-Forwards'), '0'),
  cparam01(t, m) {
    const contact = parseNameAddress(m.headers.get('Contact')!);
    t.equal(contact.params.has('unknownparam'), true);
    t.equal((contact.uri as SipUri).params.size, 0);
  },
  cparam02(t, m) {
    const contact = parseNameAddress(m.headers.get('Contact')!);
    t.equal(contact.params.size, 0);
    t.equal((contact.uri as SipUri).params.has('unknownparam'), true);
  },
  regescrt: (t, m) => t.equal((parseNameAddress(m.headers.get('Contact')!).uri as SipUri).headers, 'Route=%3Csip:sip.example.com%3E'),
  inv2543(t, m) {
    t.equal(topVia(m)!.params.has('branch'), false);
    t.equal(m.body.length, Buffer.from(m.body).toString().length);
    t.ok(m.body.length > 100, 'without Content-Length the body fills the datagram');
  },
  'ipv6-good': (t, m) => t.same([sipUri(m.uri).host, sipUri(m.uri).port], ['[2001:db8::10]', undefined]),
  'port-ambiguous': (t, m) => t.same([sipUri(m.uri).host, sipUri(m.uri).port], ['[2001:db8::10:5070]', undefined]),
  'port-unambiguous': (t, m) => t.same([sipUri(m.uri).host, sipUri(m.uri).port], ['[2001:db8::10]', 5070]),
  'via-received-param-with-delim': (t, m) => t.equal(topVia(m)!.params.get('received'), '[2001:db8::9:255]'),
  'via-received-param-no-delim': (t, m) => t.equal(topVia(m)!.params.get('received'), '2001:db8::9:255'),
  'ipv6-in-sdp': (t, m) => t.match(m.body.toString(), /c=IN IP6 2001:db8::20\r\n/),
  'mult-ip-in-header': (t, m) => t.same(m.headers.getAll('Via').map((via) => parseVia(via).host), ['[2001:db8::9:1]', '192.0.2.1', '[2001:db8::9:255]']),
  'mult-ip-in-sdp': (t, m) => t.match(m.body.toString(), /c=IN IP4 192\.0\.2\.1\r\n[^]*c=IN IP6 2001:db8::1\r\n/),
  'ipv4-mapped-ipv6': (t, m) => t.same([topVia(m)!.host, topVia(m)!.port], ['[::ffff:192.0.2.10]', 19823]),
  'ipv6-bug-abnf-3-colons': (t, m) => t.equal(sipUri(m.uri).host, '[2001:db8:::192.0.2.1]'),
  'ipv6-correct-abnf-2-colons': (t, m) => t.equal(sipUri(m.uri).host, '[2001:db8::192.0.2.1]'),
};

/** For the refused ones: status, and what else the answer needs. The status must be one that the verdict names. */
const refused: Record<string, { status: number; header?: [name: string, value: RegExp] }> = {
  badinv01: { status: 400 }, clerr: { status: 400 }, ncl: { status: 400 }, scalar02: { status: 400 }, quotbal: { status: 400 },
  ltgtruri: { status: 400 }, lwsruri: { status: 400 }, lwsstart: { status: 400 }, trws: { status: 400 }, escruri: { status: 400 },
  regbadct: { status: 400 }, badaspec: { status: 400 }, baddn: { status: 400 }, badvers: { status: 505 }, mismatch01: { status: 400 },
  mismatch02: { status: 400 }, insuf: { status: 400 }, unkscm: { status: 416 }, novelsc: { status: 416 },
  bext01: { status: 420, header: ['Unsupported', /^nothingSupportsThis, nothingSupportsThisEither$/] },
  invut: { status: 415, header: ['Accept', /application\/sdp/] },
  regaut01: { status: 401, header: ['WWW-Authenticate', /^Digest /] },
  multi01: { status: 400 }, mcl01: { status: 400 }, sdp01: { status: 406 }, 'ipv6-bad': { status: 400 },
};

/** Responses that the parser itself throws away. */
const discarded = new Set(['scalarlg', 'bigcode']);

for (const { name, rfc, section, verdict, bytes } of tortureVectors()) {
  t.test(`${rfc} ${section} ${name}: ${verdict}`, (t) => {
    let message: SipMessage | undefined;
    let error: SipParseError | undefined;
    try {
      message = parseMessage(bytes, { stream: false }).message;
    } catch (thrown) {
      if (!(thrown instanceof SipParseError)) throw thrown;
      error = thrown;
    }
    if (discarded.has(name)) {
      t.match(verdict, /discard/);
      t.ok(error);
      t.equal(error?.responseStatus, undefined);
    } else if (name === 'bcast') {
      // Well formed; the transaction layer discards it for its two Vias (RFC 3261 8.1.3.3).
      t.equal(message?.headers.getAll('Via').length, 2);
    } else if (name === 'test') {
      // Not described by the RFC: no version, no Via, so nobody could be answered.
      t.equal(error?.responseStatus, undefined);
    } else if (refused[name]) {
      const expected = refused[name];
      t.match(verdict, String(expected.status));
      if (error) {
        t.equal(error.responseStatus, expected.status, error.reason);
        t.ok(error.partial?.headers.has('Via'), 'enough is known for the answer');
      } else {
        const refusal = inspectRequest(message as SipRequest, challenge);
        t.equal(refusal?.status, expected.status);
        if (expected.header) t.match(new Map(refusal?.headers).get(expected.header[0]), expected.header[1]);
      }
    } else {
      t.match(verdict, /accept|ignore the Date|matched by/);
      t.equal(error, undefined, error?.reason ?? 'parsed');
      if (message?.kind === 'request') t.equal(inspectRequest(message, challenge), undefined);
      const check = understood[name];
      if (!check) throw new Error(`no check for ${name}`);
      check(t, message as Anything);
      // What was understood survives the way back to the wire.
      const again = parseMessage(serialize(message!), { stream: true }).message;
      check(t, again as Anything);
    }
    t.end();
  });
}

t.test('RFC 4475 3.1.2.15 baddn: with the empty line that its file lacks, the unquoted comma is still refused', (t) => {
  const { bytes } = tortureVectors().find(({ name }) => name === 'baddn')!;
  try {
    parseMessage(Buffer.concat([bytes, Buffer.from('\r\n')]), { stream: false });
    t.fail('accepted');
  } catch (error) {
    t.match(error, { responseStatus: 400, reason: /display name/ });
  }
  t.end();
});

t.test('every published message is there', (t) => {
  const vectors = tortureVectors();
  t.equal(vectors.filter(({ rfc }) => rfc === 'RFC 4475').length, 50);
  t.equal(vectors.filter(({ rfc }) => rfc === 'RFC 5118').length, 12);
  t.end();
});
