import t from 'tap';
import { TrunklineError } from '../../src/kernel/errors.js';
import { payloadFormats } from '../../src/sdp/codecs.js';
import { SDP_LIMITS, parseSdp } from '../../src/sdp/parse.js';
import { serializeSdp } from '../../src/sdp/serialize.js';
import fc from '../support/property.js';

const MINIMAL = ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', 'm=audio 4000 RTP/AVP 0'];

function sdp(...lines: string[]): string {
  return `${lines.join('\r\n')}\r\n`;
}

t.test('reads the parts that a call needs', async (t) => {
  const description = parseSdp(sdp(...MINIMAL, 'c=IN IP6 2001:db8::1', 'a=rtpmap:0 PCMU/8000', 'a=sendonly'));
  t.same(description.origin, { username: '-', sessionId: '1', sessionVersion: '1', family: 4, address: '192.0.2.1' });
  t.equal(description.media.length, 1);
  t.equal(description.media[0]?.connection?.address, '2001:db8::1');
  t.equal(description.connection?.address, '192.0.2.1');
  t.same(description.media[0]?.attributes, [
    { name: 'rtpmap', value: '0 PCMU/8000' },
    { name: 'sendonly', value: undefined },
  ]);
});

t.test('takes LF alone, unknown letters, a missing s= and t=, and blank lines at the end', async (t) => {
  const description = parseSdp('v=0\no=- 1 1 IN IP4 192.0.2.1\nq=what\nm=audio 4000/2 RTP/AVP 8\nb=AS:64\n\n');
  t.equal(description.media[0]?.port, 4000);
});

const broken: readonly (readonly [name: string, line: number, lines: readonly string[]])[] = [
  ['no version', 1, ['o=- 1 1 IN IP4 192.0.2.1']],
  ['another version', 1, ['v=1']],
  ['second version', 3, ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 'v=0']],
  ['no origin', 2, ['v=0', 's=-']],
  ['origin too short', 2, ['v=0', 'o=- 1 1 IN IP4']],
  ['origin version is no number', 2, ['v=0', 'o=- 1 x IN IP4 192.0.2.1']],
  ['second origin', 3, ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 'o=- 1 1 IN IP4 192.0.2.1']],
  ['no letter', 2, ['v=0', 'hello']],
  ['blank line inside', 2, ['v=0', '', 's=-']],
  ['control character', 2, ['v=0', 's=a\u0000b']],
  ['bare carriage return', 2, ['v=0', 's=a\rb']],
  ['unknown network', 2, ['v=0', 'c=ATM IP4 192.0.2.1']],
  ['unknown address type', 2, ['v=0', 'c=IN IP5 192.0.2.1']],
  ['connection too long', 2, ['v=0', 'c=IN IP4 192.0.2.1 more']],
  ['TTL is no number', 2, ['v=0', 'c=IN IP4 224.2.1.1/x']],
  ['port above 65535', 7, [...MINIMAL, 'm=audio 65536 RTP/AVP 0']],
  ['port is no number', 7, [...MINIMAL, 'm=audio -1 RTP/AVP 0']],
  ['stream without format', 7, [...MINIMAL, 'm=audio 4000 RTP/AVP']],
  ['attribute without name', 7, [...MINIMAL, 'a=:x']],
  ['too many formats', 7, [...MINIMAL, `m=audio 4000 RTP/AVP${' 0'.repeat(SDP_LIMITS.formats + 1)}`]],
  ['too many streams', 6 + SDP_LIMITS.media, [...MINIMAL, ...Array<string>(SDP_LIMITS.media).fill('m=video 0 RTP/AVP 31')]],
  ['too many lines', SDP_LIMITS.lines + 1, [...MINIMAL, ...Array<string>(SDP_LIMITS.lines).fill('a=x')]],
];
for (const [name, line, lines] of broken) {
  t.test(`refuses: ${name}`, async (t) => {
    t.throws(() => parseSdp(sdp(...lines)), { code: 'TRK_SDP_PARSE', field: `line ${line}` });
  });
}

t.test('refuses more than 16 KiB, counted in bytes', async (t) => {
  const text = (letter: string, count: number): string => sdp(...MINIMAL, `a=x:${letter.repeat(count)}`);
  const room = SDP_LIMITS.bytes - text('', 0).length;
  t.doesNotThrow(() => parseSdp(text('x', room)));
  t.throws(() => parseSdp(text('x', room + 1)), { code: 'TRK_SDP_PARSE' });
  t.throws(() => parseSdp(text('\u00e9', room - 1)), { code: 'TRK_SDP_PARSE' });
});

t.test('formats: static ones need no rtpmap, dynamic ones do, names compare without case', async (t) => {
  const media = parseSdp(sdp(...MINIMAL.slice(0, 5), 'm=audio 4 RTP/AVP 96 0 97 8 999 x 13', 'a=rtpmap:96 pcma/8000/1', 'a=rtpmap:96 PCMU/8000', 'a=rtpmap:97')).media[0]!;
  t.same(payloadFormats(media).map((format) => `${format.payloadType} ${format.name}`), ['96 PCMA', '0 PCMU', '8 PCMA', '13 CN']);
});

t.test('any text is read or refused with a code; what was read survives being written', async (t) => {
  const line = fc.oneof(
    fc.constantFrom(...MINIMAL, 'a=sendonly', 'a=rtpmap:96 PCMA/8000', 'c=IN IP4 224.2.1.1/127', 'c=IN IP6 ::1', 'm=video 0 RTP/AVP 31', 'a=ptime:20'),
    fc.string({ maxLength: 40 }),
    fc.string({ maxLength: 20, unit: 'binary' }).map((value) => `a=${value}`),
  );
  const text = fc.array(line, { maxLength: 30 }).map((lines) => sdp('v=0', 'o=- 1 1 IN IP4 192.0.2.1', ...lines));
  let read = 0;
  fc.assert(
    fc.property(fc.oneof({ weight: 9, arbitrary: text }, { weight: 1, arbitrary: fc.string() }), (input) => {
      let first;
      try {
        first = parseSdp(input);
      } catch (error) {
        return error instanceof TrunklineError && error.code === 'TRK_SDP_PARSE';
      }
      read++;
      const written = serializeSdp(first);
      return serializeSdp(parseSdp(written)) === written;
    }),
    { numRuns: 2000 },
  );
  t.ok(read > 50, 'the generator makes descriptions that are read');
});
