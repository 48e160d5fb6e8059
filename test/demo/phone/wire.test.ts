import t from 'tap';
import { formatDigit, formatRtp, parseDigit, parseRtp } from '../../../src/demo/phone/rtp-packet.js';
import { addressUri, formatMessage, header, headerList, parameter, parseMessage, parseTarget, sequence } from '../../../src/demo/phone/sip-message.js';
import fc from '../../support/property.js';

const INVITE = [
  'INVITE sip:1001@127.0.0.1:5070 SIP/2.0',
  'v: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1;rport, SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK0',
  'f: "A, <B>" <sip:a@127.0.0.1>;tag=x1',
  'To: <sip:1001@127.0.0.1;tag=not-this>',
  'i: abc@host',
  'CSeq: 7 INVITE',
  'm: <sip:a@127.0.0.1:5060>',
  'Subject: goes',
  ' on',
  'c: application/sdp',
  '',
  'v=0',
].join('\r\n');

t.test('a request with compact names, folded lines and lists', async (t) => {
  const message = parseMessage(Buffer.from(INVITE))!;
  t.match(message, { kind: 'request', method: 'INVITE', uri: 'sip:1001@127.0.0.1:5070', body: 'v=0' });
  t.equal(header(message, 'subject'), 'goes on');
  t.equal(headerList(message, 'via').length, 2);
  t.equal(headerList(message, 'from').length, 1);
  t.equal(parameter(header(message, 'from'), 'tag'), 'x1');
  t.equal(parameter(header(message, 'to'), 'tag'), undefined);
  t.equal(parameter(header(message, 'via'), 'branch'), 'z9hG4bK1');
  t.equal(addressUri(header(message, 'contact')), 'sip:a@127.0.0.1:5060');
  t.same(sequence(message), { number: 7, method: 'INVITE' });
});

t.test('a message survives being written', async (t) => {
  const message = parseMessage(Buffer.from(INVITE))!;
  const again = parseMessage(formatMessage(message))!;
  t.equal(header(again, 'content-length'), '3');
  t.same(again.headers.filter(([name]) => name !== 'content-length'), message.headers);
  const response = formatMessage({ kind: 'response', status: 200, reason: 'OK', headers: message.headers, body: '' });
  t.match(parseMessage(response), { kind: 'response', status: 200, reason: 'OK' });
});

t.test('targets', async (t) => {
  t.same(parseTarget('sip:bob@192.0.2.1:5080;transport=udp'), { user: 'bob', host: '192.0.2.1', port: 5080 });
  t.same(parseTarget('sip:[2001:db8::1]'), { user: '', host: '2001:db8::1', port: 5060 });
  t.equal(parseTarget('tel:+15551234'), undefined);
});

t.test('garbage is no message and no packet, and never throws', async (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.string().map((text) => Buffer.from(`${text}${INVITE.slice(text.length)}`))), (bytes) => {
      parseMessage(Buffer.from(bytes));
      parseRtp(bytes);
      parseDigit(bytes);
      return true;
    }),
    { numRuns: 2000 },
  );
  t.equal(parseMessage(Buffer.from(INVITE.replace('CSeq', 'X-Other'))), undefined);
  t.equal(parseMessage(Buffer.alloc(70_000, 65)), undefined);
});

t.test('RTP: written, read, with padding, extension and contributing sources', async (t) => {
  const packet = { payloadType: 8, marker: true, sequence: 65_535, timestamp: 0xffff_ff60, ssrc: 0xdead_beef, payload: Uint8Array.of(1, 2, 3) };
  t.same(parseRtp(formatRtp(packet)), packet);
  const plain = formatRtp({ ...packet, marker: false });
  const rich = Uint8Array.of(0xb1, ...plain.subarray(1, 12), 9, 9, 9, 9, 0, 0, 0, 1, 7, 7, 7, 7, 1, 2, 3, 0, 2);
  t.same(parseRtp(rich)?.payload, packet.payload);
  t.equal(parseRtp(rich.subarray(0, 14)), undefined);
  t.equal(parseRtp(Uint8Array.of(0x80, 0xc8, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0)), undefined, 'RTCP');
  t.equal(parseRtp(Uint8Array.of(0xa0, ...plain.subarray(1, 12), 200)), undefined, 'padding longer than the packet');
});

t.test('RFC 4733 2.3: an event, byte for byte', async (t) => {
  t.same([...formatDigit('#', 800, true)], [11, 0x8a, 0x03, 0x20]);
  t.same(parseDigit(Uint8Array.of(11, 0x8a, 0x03, 0x20)), { digit: '#', end: true, duration: 800 });
  t.equal(parseDigit(Uint8Array.of(16, 0, 0, 0)), undefined);
});
