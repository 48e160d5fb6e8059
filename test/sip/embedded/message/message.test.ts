import t from 'tap';
import { Headers } from '../../../../src/sip/embedded/message/headers.js';
import { inspectRequest } from '../../../../src/sip/embedded/message/inspect.js';
import { limits } from '../../../../src/sip/embedded/message/limits.js';
import { createResponse, emptyBody, fromTag, serialize, topVia } from '../../../../src/sip/embedded/message/message.js';
import type { SipRequest } from '../../../../src/sip/embedded/message/message.js';
import { parseMessage, SipParseError } from '../../../../src/sip/embedded/message/parse.js';
import { parseText } from '../../../support/fake-transport.js';

const base = `INVITE sip:a@b SIP/2.0
Via: SIP/2.0/UDP one;branch=z9hG4bK1, SIP/2.0/UDP two;branch=z9hG4bK2
v: SIP/2.0/UDP three;branch=z9hG4bK3
Record-Route: <sip:p1;lr>, <sip:p2;lr>
f: "A, B" <sip:c@d>;tag=1
t: <sip:a@b>
i: id@d
CSeq: 7 INVITE
m: <sip:c,x@d>
k: timer, 100rel
Timestamp: 54
X-Own: a, b`;

function request(text = base): SipRequest {
  const message = parseText(text);
  if (message.kind !== 'request') throw new Error('not a request');
  return message;
}

t.test('Headers: names without regard to case, compact forms, lists element by element', (t) => {
  const { headers } = request();
  t.equal(headers.get('call-id'), 'id@d');
  t.equal(headers.get('I'), 'id@d');
  t.equal(headers.get('FROM'), '"A, B" <sip:c@d>;tag=1', 'From is no list');
  t.same(headers.getAll('Via').map((via) => via.slice(12, 15)), ['one', 'two', 'thr']);
  t.same(headers.getAll('Contact'), ['<sip:c,x@d>'], 'a comma in angle brackets separates nothing');
  t.ok(headers.includes('Supported', 'TIMER'));
  t.notOk(headers.includes('Supported', 'tim'));
  t.same(headers.getAll('x-own'), ['a, b'], 'what is not known is not split');
  t.same([headers.get('Nope'), headers.getAll('Nope'), headers.has('Nope'), headers.count('Via')], [undefined, [], false, 2]);
  t.end();
});

t.test('Headers: wire order, canonical spelling, and changes that keep both', (t) => {
  const headers = new Headers().add('v', 'one').add('call-ID', 'x').add('X-mine', '1').add('via', 'two');
  t.same([...headers.entries()], [['Via', 'one'], ['Call-ID', 'x'], ['X-mine', '1'], ['Via', 'two']]);
  headers.set('VIA', ['a', 'b']).prepend('Route', '<sip:r>').set('Expires', '5').delete('x-MINE');
  t.same([...headers.entries()], [['Route', '<sip:r>'], ['Via', 'a'], ['Via', 'b'], ['Call-ID', 'x'], ['Expires', '5']]);
  const copy = headers.clone().set('Call-ID', 'y');
  t.same([headers.get('Call-ID'), copy.get('Call-ID')], ['x', 'y']);
  t.end();
});

t.test('Headers: first element off or changed, within a combined line too', (t) => {
  const headers = new Headers().add('Route', '<sip:a;lr>, <sip:b;lr>').add('Route', '<sip:c;lr>');
  headers.replaceFirst('Route', '<sip:A;lr>');
  t.same(headers.getAll('Route'), ['<sip:A;lr>', '<sip:b;lr>', '<sip:c;lr>']);
  t.same([headers.removeFirst('Route'), headers.removeFirst('Route'), headers.removeFirst('Route'), headers.removeFirst('Route')], ['<sip:A;lr>', '<sip:b;lr>', '<sip:c;lr>', undefined]);
  t.end();
});

t.test('Headers: nothing that goes out can split a message', (t) => {
  for (const value of ['a\r\nVia: x', 'a\nb', 'a\rb']) {
    t.throws(() => new Headers().add('X', value), { code: 'TRK_SIP_PARSE' });
    t.throws(() => new Headers().set('X', [value]), { code: 'TRK_SIP_PARSE' });
    t.throws(() => new Headers().prepend('X', value), { code: 'TRK_SIP_PARSE' });
    t.throws(() => new Headers().replaceFirst('X', value), { code: 'TRK_SIP_PARSE' });
  }
  for (const name of ['', 'a b', 'a:b', 'a\r\n']) t.throws(() => new Headers().add(name, 'x'), { code: 'TRK_SIP_PARSE' });
  t.end();
});

t.test('parsed values are kept until the headers change', (t) => {
  const message = request();
  const first = topVia(message);
  t.equal(topVia(message), first);
  message.headers.replaceFirst('Via', 'SIP/2.0/TCP new;branch=z9hG4bK9');
  t.equal(topVia(message)?.host, 'new');
  t.equal(fromTag(message), '1');
  t.end();
});

t.test('serialize: Content-Length is counted in bytes, given ones are dropped', (t) => {
  const headers = new Headers().add('Content-Length', '999').add('Call-ID', 'x');
  const text = serialize({ kind: 'request', method: 'MESSAGE', uri: 'sip:a', headers, body: Buffer.from('größer') }).toString();
  t.equal(text, 'MESSAGE sip:a SIP/2.0\r\nCall-ID: x\r\nContent-Length: 8\r\n\r\ngrößer');
  t.equal(serialize({ kind: 'response', status: 200, reason: 'OK', headers: new Headers(), body: emptyBody }).toString(), 'SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n');
  t.end();
});

t.test('RFC 3261 8.2.6, 12.1.1: what an answer copies', (t) => {
  const from = request();
  const trying = createResponse(from, 100, undefined, { toTag: 'x' });
  t.equal(trying.headers.get('To'), '<sip:a@b>', '100 has no tag of ours');
  t.equal(trying.headers.get('Timestamp'), '54');
  t.equal(trying.headers.has('Record-Route'), false);
  const ok = createResponse(from, 200, undefined, { toTag: 'x', headers: [['Contact', '<sip:us>']], body: 'v=0' });
  t.same([ok.reason, ok.headers.get('To'), ok.headers.get('Contact'), ok.body.toString()], ['OK', '<sip:a@b>;tag=x', '<sip:us>', 'v=0']);
  t.equal(ok.headers.has('Timestamp'), false);
  for (const name of ['Via', 'Record-Route', 'From', 'Call-ID', 'CSeq']) t.same(ok.headers.getAll(name), from.headers.getAll(name), name);
  t.equal(createResponse(from, 180, undefined, { toTag: 'x' }).headers.has('Record-Route'), true);
  t.equal(createResponse(from, 404).headers.has('Record-Route'), false);
  t.same([createResponse(from, 404, 'Gone Fishing').reason, createResponse(from, 499).reason], ['Gone Fishing', 'Request Failure']);
  const inDialog = request(base.replace('t: <sip:a@b>', 't: <sip:a@b>;tag=old'));
  t.equal(createResponse(inDialog, 200, undefined, { toTag: 'x' }).headers.get('To'), '<sip:a@b>;tag=old');
  const bare = request(base.replace('t: <sip:a@b>', 't: sip:a@b'));
  t.equal(createResponse(bare, 200, undefined, { toTag: 'x' }).headers.get('To'), 'sip:a@b;tag=x');
  t.end();
});

function failure(bytes: Buffer | string, stream = false): SipParseError {
  try {
    parseMessage(typeof bytes === 'string' ? Buffer.from(bytes) : bytes, { stream });
  } catch (error) {
    if (error instanceof SipParseError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

const wire = `${base.replaceAll('\n', '\r\n')}\r\n`;

t.test('limits: each has its status and code', (t) => {
  const cases: [what: string, text: string, status: number | undefined, code: string][] = [
    ['header count', `${wire}${'X: y\r\n'.repeat(limits.headerCount)}\r\n`, 513, 'TRK_SIP_TOO_LARGE'],
    ['header line', `${wire}X: ${'y'.repeat(limits.headerLine)}\r\n\r\n`, 513, 'TRK_SIP_TOO_LARGE'],
    ['folded header line', `${wire}X:${'\r\n y'.repeat(limits.headerLine)}\r\n\r\n`, 513, 'TRK_SIP_TOO_LARGE'],
    ['head', `${wire}${`X: ${'y'.repeat(8_000)}\r\n`.repeat(9)}\r\n`, 513, 'TRK_SIP_TOO_LARGE'],
    ['Request-URI', `${wire.replace('sip:a@b', `sip:${'a'.repeat(limits.uri)}@b`)}\r\n`, 414, 'TRK_SIP_TOO_LARGE'],
    ['URI in a header', `${wire.replace('<sip:c@d>', `<sip:${'a'.repeat(limits.uri)}@b>`)}\r\n`, 414, 'TRK_SIP_TOO_LARGE'],
    ['Call-ID', `${wire.replace('id@d', 'x'.repeat(limits.identifier + 1))}\r\n`, 400, 'TRK_SIP_TOO_LARGE'],
    ['tag', `${wire.replace('tag=1', `tag=${'x'.repeat(limits.identifier + 1)}`)}\r\n`, 400, 'TRK_SIP_TOO_LARGE'],
    ['branch', `${wire.replace('z9hG4bK1', 'z'.repeat(limits.identifier + 1))}\r\n`, 400, 'TRK_SIP_TOO_LARGE'],
    ['method', `${'M'.repeat(limits.method + 1)}${wire.slice(6)}\r\n`, undefined, 'TRK_SIP_PARSE'],
  ];
  for (const [what, text, status, code] of cases) t.match(failure(text), { responseStatus: status, code }, what);
  const body = `l: ${limits.streamMessageBytes}\r\n\r\n`;
  t.match(failure(`${wire}${body}`, true), { responseStatus: 413, code: 'TRK_SIP_TOO_LARGE' });
  t.ok(parseMessage(Buffer.from(`${wire}${'X: y\r\n'.repeat(limits.headerCount - 12)}\r\n`), { stream: false }), 'one below the limit passes');
  t.end();
});

t.test('failures: answered with what was read; responses and ACK never', (t) => {
  const bad = failure(`${wire.replace('CSeq: 7', 'CSeq: x')}\r\n`);
  t.equal(bad.responseStatus, 400);
  t.equal(bad.partial?.headers.get('Call-ID'), 'id@d');
  t.equal(failure(`${wire.replaceAll('INVITE', 'ACK').replace('7 ACK', 'x ACK')}\r\n`).responseStatus, undefined);
  t.equal(failure(`SIP/2.0 200 OK\r\n${wire.slice(wire.indexOf('\n') + 1).replace('CSeq: 7', 'CSeq: x')}\r\n`).responseStatus, undefined);
  t.equal(failure('INVITE sip:a SIP/2.0\r\nFrom: x\r\n\r\n').responseStatus, undefined, 'without a Via there is nobody to answer');
  t.equal(failure('GET / HTTP/1.1\r\nVia: x\r\n\r\n').partial, undefined);
  t.equal(failure(wire.replaceAll('\r\n', '\n')).responseStatus, undefined, 'lines end in CRLF');
  t.equal(failure(`${wire}X: a\rb\r\n\r\n`).responseStatus, 400);
  t.end();
});

t.test('old text encodings are read, not refused', (t) => {
  const latin = Buffer.concat([Buffer.from(wire.replace('"A, B"', '"M')), Buffer.from('\r\n')]);
  const at = latin.indexOf('"M') + 2;
  const bytes = Buffer.concat([latin.subarray(0, at), Buffer.from([0xfc]), Buffer.from('ller"'), latin.subarray(at)]);
  const { message } = parseMessage(bytes, { stream: false });
  t.match(message.headers.get('From'), /^"Müller"/);
  t.end();
});

t.test('the body is a copy: later writes to the receive buffer do not reach it', (t) => {
  const bytes = Buffer.from(`${wire}\r\nbody`);
  const { message } = parseMessage(bytes, { stream: false });
  bytes.fill(0);
  t.equal(message.body.toString(), 'body');
  t.end();
});

t.test('inspectRequest: the order and the exceptions of RFC 3261 8.2', (t) => {
  const status = (text: string, options = {}): number | undefined => inspectRequest(request(text), options)?.status;
  t.equal(status(base), undefined);
  t.equal(status(`${base}\nRequire: 100rel, timer`), undefined);
  t.equal(status(`${base}\nRequire: path`), 420);
  t.equal(status(`${base}\nRequire: path`, { supported: ['path'] }), undefined);
  t.equal(status(`${base.replaceAll('INVITE', 'CANCEL')}\nRequire: path`), undefined, '8.2.2.3: not for CANCEL');
  t.equal(status(base.replace('sip:a@b SIP', 'mailto:a@b SIP')), 416);
  t.equal(status(base.replace('sip:a@b SIP', 'tel:+15551234 SIP')), undefined);
  t.same(inspectRequest(request(base), { methods: ['OPTIONS', 'BYE'] })?.headers, [['Allow', 'OPTIONS, BYE']]);
  t.equal(status(`${base}\nAccept: */*`), undefined);
  t.equal(status(`${base}\nAccept: text/plain, application/sdp;q=0.1`), undefined);
  t.equal(status(`${base}\nAccept: text/plain`), 406);
  t.equal(status(`${base.replaceAll('INVITE', 'OPTIONS')}\nAccept: text/plain`), undefined, 'only where the answer is SDP');
  t.equal(status(`${base}\nContent-Type: application/sdp; charset=x\n\nv=0`), undefined);
  t.equal(status(`${base}\nContent-Type: text/plain\n\nv=0`), 415);
  t.equal(status(`${base}\nContent-Type: text/plain\nContent-Disposition: icon;handling=optional\n\nv=0`), undefined, '20.11: an optional body may be left unread');
  t.equal(status(`${base.replaceAll('INVITE', 'MESSAGE')}\nContent-Type: text/plain\n\nhi`), undefined);
  t.equal(status(`${base}\nContent-Type: application/sdp\nContent-Encoding: gzip\n\nv=0`), 415);
  const challenge = { challenge: (): string => 'Digest x' };
  t.equal(status(`${base}\nAuthorization: Digest username="x"`, challenge), undefined);
  t.equal(status(`${base}\nAuthorization: Basic abc`, challenge), 401);
  t.equal(status(`${base}\nAuthorization: Basic abc`), undefined);
  t.end();
});
