import t from 'tap';
import { limits } from '../../../../src/sip/embedded/message/limits.js';
import { parseMessage } from '../../../../src/sip/embedded/message/parse.js';
import { parseNameAddress, serializeNameAddress } from '../../../../src/sip/embedded/message/name-address.js';
import { parseUri, serializeUri, uriEquals } from '../../../../src/sip/embedded/message/uri.js';
import { parseVia, serializeVia } from '../../../../src/sip/embedded/message/via.js';
import { growth, isLinear } from '../../../support/growth.js';
import { mutated, seeded } from '../../../support/sip-mutations.js';
import { checkBytes, checkStream } from '../../../support/sip-properties.js';
import fc from '../../../support/property.js';

// A short run with fixed seeds; `node --import tsx test/fuzz/sip.ts SECONDS [SEED]` runs longer.

t.test('any bytes: a message or a SipParseError', (t) => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => void checkBytes(Buffer.from(bytes))), { numRuns: 2_000, seed: 1 });
  t.end();
});

t.test('lines that look like SIP', (t) => {
  const value = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 60 }),
    fc.constantFrom('SIP/2.0/UDP a;branch=z9hG4bKx', '<sip:a@b>;tag=1', '"x" <sip:a@[::1]:5060;lr>', '1 INVITE', '70', '0', 'a, b, <c,d>, "e,f"'),
  );
  const line = fc.tuple(fc.constantFrom('Via', 'v', 'From', 'To', 't', 'CSeq', 'Call-ID', 'Contact', 'Route', 'l', 'Max-Forwards', 'X', ''), fc.constantFrom(':', ' : ', ':\r\n '), value).map((parts) => parts.join(''));
  const start = fc.oneof(fc.constantFrom('INVITE sip:a@b SIP/2.0', 'SIP/2.0 200 OK', 'OPTIONS tel:+1 SIP/2.0'), fc.string({ maxLength: 40 }));
  const message = fc.tuple(start, fc.array(line, { maxLength: 14 }), fc.string({ maxLength: 30 })).map(([first, lines, body]) => [first, ...lines, '', body].join('\r\n'));
  fc.assert(fc.property(message, (text) => void checkBytes(Buffer.from(text))), { numRuns: 3_000, seed: 2 });
  t.end();
});

t.test('mutated torture messages: never anything but SipParseError, and what passes is stable', (t) => {
  const random = seeded(3);
  let passed = 0;
  const runs = 6_000;
  for (let n = 0; n < runs; n++) if (checkBytes(mutated(random))) passed++;
  // If all or none passed, the mutations would be too strong or too weak to test anything.
  t.ok(passed > runs * 0.02 && passed < runs * 0.8, `${passed} of ${runs} were still messages`);
  t.end();
});

t.test('mutated streams: framing does not depend on where TCP cuts', (t) => {
  const random = seeded(4);
  for (let n = 0; n < 1_500; n++) {
    const data = Buffer.concat([mutated(random), mutated(random)]);
    checkStream(data, Array.from({ length: 6 }, () => Math.floor(random() * data.length)));
  }
  t.end();
});

/** Text of a limit's size that makes careless patterns backtrack. */
const nasty = [' ', '\t', ',', ';', ';a', ';a=', '"', '\\', '<', '%41', 'a', ':', '\r\n ', '=', '.', '-', 'a.', '[', '%'];

t.test('bounded time: everything within the limits costs as much as it is long', (t) => {
  for (const piece of nasty) {
    const steep: string[] = [];
    for (const name of ['Via', 'From', 'Contact', 'CSeq', 'Call-ID', 'Max-Forwards', 'X']) {
      for (const [before, after] of [['', ''], ['SIP/2.0/UDP a', 'x'], ['<sip:', '>'], ['"', '" <sip:a>'], ['sip:a', '"'], ['1 ', ' x']]) {
        const whole = piece === '\r\n ' ? piece.repeat(20_000) : piece.repeat(limits.headerLine).slice(0, limits.headerLine - 100);
        const [short, long] = [whole.slice(0, whole.length / 2), whole].map((filling) => Buffer.from(`INVITE sip:a SIP/2.0\r\n${name}: ${before}${filling}${after}\r\n\r\n`));
        const factor = growth(() => void checkBytes(short!), () => void checkBytes(long!));
        if (!isLinear(factor)) steep.push(`${name}: ${before}...${after} takes ${factor.toFixed(1)} times as long for twice the length`);
      }
    }
    t.same(steep, [], JSON.stringify(piece));
  }
  t.end();
});

const host = fc.constantFrom('example.com', 'a', '192.0.2.1', '[2001:db8::1]', 'under_score');
const escaped = fc.stringMatching(/^(?:[A-Za-z0-9\-_.!~*'()&=+$,;?/]|%[0-9A-F]{2}){1,20}$/);
const uriParams = fc.array(fc.tuple(fc.stringMatching(/^[a-z]{1,8}$/), fc.option(fc.stringMatching(/^[A-Za-z0-9\-.]{1,8}$/), { nil: undefined })), { maxLength: 4 });
const uri = fc.record({ user: fc.option(escaped, { nil: undefined }), host, port: fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }), uriParams }).map(
  (parts) =>
    `sip:${parts.user === undefined ? '' : `${parts.user}@`}${parts.host}${parts.port === undefined ? '' : `:${parts.port}`}${parts.uriParams.map(([name, value]) => `;${name}${value === undefined ? '' : `=${value}`}`).join('')}`,
);

t.test('URIs, addresses and Vias: serialize(parse(x)) is x, and equality is reflexive', (t) => {
  fc.assert(
    fc.property(uri, (text) => {
      const parsed = parseUri(text);
      return serializeUri(parsed) === text && uriEquals(parsed, parseUri(text));
    }),
    { numRuns: 2_000, seed: 5 },
  );
  fc.assert(
    fc.property(uri, fc.string({ unit: 'grapheme', maxLength: 30 }).filter((name) => !/[\r\n]/.test(name)), (text, displayName) => {
      const value = serializeNameAddress({ ...parseNameAddress(`<${text}>;tag=x`), displayName });
      return parseNameAddress(value).displayName === displayName && serializeNameAddress(parseNameAddress(value)) === value;
    }),
    { numRuns: 2_000, seed: 6 },
  );
  fc.assert(
    fc.property(host, fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }), fc.stringMatching(/^[A-Za-z0-9\-.]{1,20}$/), (name, port, branch) => {
      const text = `SIP/2.0/TCP ${name}${port === undefined ? '' : `:${port}`};branch=${branch};rport`;
      return serializeVia(parseVia(text)) === text;
    }),
    { numRuns: 500, seed: 7 },
  );
  t.end();
});

t.test('the smallest inputs', (t) => {
  for (const text of ['', '\r\n', '\r\n\r\n', ' ', 'INVITE', 'INVITE \r\n\r\n', 'SIP/2.0 \r\n\r\n', ':\r\n\r\n']) {
    t.throws(() => parseMessage(Buffer.from(text), { stream: false }), { code: 'TRK_SIP_PARSE' }, JSON.stringify(text));
  }
  t.end();
});
