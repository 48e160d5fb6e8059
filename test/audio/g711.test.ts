import t from 'tap';
import { G711_SILENCE, decodeG711, encodeG711 } from '../../src/audio/g711.js';
import type { G711 } from '../../src/audio/g711.js';

const codes = Uint8Array.from({ length: 256 }, (_, index) => index);

t.test('ITU-T G.711: ends of the scale and the smallest steps', async (t) => {
  t.same([...decodeG711('PCMA', Uint8Array.of(0xd5, 0x55, 0xaa, 0x2a, 0xd4, 0x80))], [8, -8, 32256, -32256, 24, 5504]);
  t.same([...decodeG711('PCMU', Uint8Array.of(0xff, 0x7f, 0x80, 0x00, 0xfe, 0x8f))], [0, 0, 32124, -32124, 8, 16764]);
  t.same([...encodeG711('PCMA', Int16Array.of(0, -1, 32767, -32768))], [0xd5, 0x55, 0xaa, 0x2a]);
  t.same([...encodeG711('PCMU', Int16Array.of(0, 32767, -32768))], [0xff, 0x80, 0x00]);
});

for (const law of ['PCMA', 'PCMU'] satisfies G711[]) {
  t.test(`${law}: every code survives being decoded and encoded`, async (t) => {
    const back = encodeG711(law, decodeG711(law, codes));
    // mu-law has two zeros; both mean silence and one of them is sent.
    const expected = law === 'PCMU' ? codes.map((code) => (code === 0x7f ? 0xff : code)) : codes;
    t.same([...back], [...expected]);
  });

  t.test(`${law}: each sample comes back within half a step of its segment`, async (t) => {
    const samples = Int16Array.from({ length: 65_536 }, (_, index) => index - 32_768);
    const back = decodeG711(law, encodeG711(law, samples));
    let worst = 0;
    samples.forEach((sample, index) => {
      const clipped = Math.max(-32_256, Math.min(32_256, sample));
      worst = Math.max(worst, Math.abs(clipped - back[index]!) / (Math.abs(clipped) + 260));
    });
    t.ok(worst < 0.034, `worst relative error ${worst}`);
  });

  t.test(`${law}: louder is never encoded as quieter`, async (t) => {
    const back = decodeG711(law, encodeG711(law, Int16Array.from({ length: 65_536 }, (_, index) => index - 32_768)));
    t.ok(back.every((sample, index) => index === 0 || sample >= back[index - 1]!));
  });

  t.test(`${law}: silence`, async (t) => {
    t.equal(encodeG711(law, new Int16Array(1))[0], G711_SILENCE[law]);
  });
}
