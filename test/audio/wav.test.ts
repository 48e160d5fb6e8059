import t from 'tap';
import { TrunklineError } from '../../src/kernel/errors.js';
import { decodeWav, encodeWav } from '../../src/audio/wav.js';
import fc from '../support/property.js';

const left = Int16Array.of(1, -2, 32767, -32768);
const mono = encodeWav({ sampleRate: 8000, channels: [left] });

function changed(offset: number, ...bytes: number[]): Uint8Array {
  const copy = mono.slice();
  copy.set(bytes, offset);
  return copy;
}

t.test('mono and stereo come back', async (t) => {
  t.same(decodeWav(mono), { sampleRate: 8000, channels: [left] });
  const stereo = decodeWav(encodeWav({ sampleRate: 16000, channels: [left, Int16Array.of(5)] }));
  t.same(stereo, { sampleRate: 16000, channels: [left, Int16Array.of(5, 0, 0, 0)] });
});

t.test('the header, byte for byte', async (t) => {
  const file = Buffer.from(encodeWav({ sampleRate: 8000, channels: [Int16Array.of(258), Int16Array.of(-1)] }));
  t.equal(file.toString('hex'), '52494646280000005741564566' + '6d7420100000000100020040' + '1f0000007d00000400100064617461040000000201ffff');
});

t.test('chunks before the data are skipped, odd ones with their padding', async (t) => {
  const list = Buffer.from('LIST\x03\x00\x00\x00abc\x00', 'latin1');
  const file = Buffer.concat([mono.subarray(0, 36), list, mono.subarray(36)]);
  t.same(decodeWav(file).channels, [left]);
});

t.test('an extensible header is read by its sub-format', async (t) => {
  const format = Buffer.alloc(40);
  Buffer.from(mono).copy(format, 0, 20, 36);
  format.writeUInt16LE(0xfffe, 0);
  format.writeUInt16LE(1, 24);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(40);
  const file = Buffer.concat([mono.subarray(0, 16), size, format, mono.subarray(36)]);
  t.same(decodeWav(file).channels, [left]);
});

for (const [name, file] of [
  ['nothing', new Uint8Array(0)],
  ['other bytes', new Uint8Array(100)],
  ['a cut file', mono.subarray(0, mono.length - 1)],
  ['a header alone', mono.subarray(0, 36)],
  ['mu-law', changed(20, 7)],
  ['8 bits', changed(34, 8)],
  ['six channels', changed(22, 6)],
  ['no channel', changed(22, 0)],
  ['11025 Hz', changed(24, 0x11, 0x2b)],
  ['data before format', Buffer.concat([mono.subarray(0, 12), mono.subarray(36)])],
  ['a chunk that claims 4 GB', changed(40, 0xff, 0xff, 0xff, 0xff)],
] as const) {
  t.test(`refuses ${name}`, async (t) => {
    t.throws(() => decodeWav(file), { code: 'TRK_AUDIO_FORMAT' });
  });
}

t.test('refuses to write three channels', async (t) => {
  t.throws(() => encodeWav({ sampleRate: 8000, channels: [left, left, left] }), { code: 'TRK_AUDIO_FORMAT' });
});

t.test('changed bytes are read or refused with a code', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(mono.length - 1), fc.nat(255)), { maxLength: 6 }), (changes) => {
      const file = mono.slice();
      for (const [offset, byte] of changes) file[offset] = byte;
      try {
        return decodeWav(file).channels.length >= 1;
      } catch (error) {
        return error instanceof TrunklineError && error.code === 'TRK_AUDIO_FORMAT';
      }
    }),
    { numRuns: 1000 },
  );
  t.pass('no other error');
});
