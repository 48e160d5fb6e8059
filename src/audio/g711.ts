/** ITU-T G.711 companding, by the segments of its tables 1a (A-law) and 2a (mu-law). */
export type G711 = 'PCMA' | 'PCMU';

/** What a code byte stands for, full scale +-32256 (A-law) and +-32124 (mu-law). */
const EXPANDED: Readonly<Record<G711, Int16Array>> = { PCMA: table(expandALaw), PCMU: table(expandMuLaw) };

/** The byte that each law sends for silence. */
export const G711_SILENCE: Readonly<Record<G711, number>> = { PCMA: 0xd5, PCMU: 0xff };

/** One byte a sample. */
export function encodeG711(law: G711, samples: Int16Array): Uint8Array {
  const bytes = new Uint8Array(samples.length);
  const compress = law === 'PCMA' ? compressALaw : compressMuLaw;
  for (let index = 0; index < samples.length; index++) bytes[index] = compress(samples[index]!);
  return bytes;
}

export function decodeG711(law: G711, bytes: Uint8Array): Int16Array {
  const expanded = EXPANDED[law];
  const samples = new Int16Array(bytes.length);
  for (let index = 0; index < bytes.length; index++) samples[index] = expanded[bytes[index]!]!;
  return samples;
}

/** A-law works on 13 bits; the two lowest segments share one step. Even bits are inverted on the line (0x55). */
function compressALaw(sample: number): number {
  const negative = sample < 0;
  const magnitude = (negative ? ~sample : sample) >> 3;
  const segment = Math.max(0, 32 - Math.clz32(magnitude) - 5);
  const step = segment < 2 ? magnitude >> 1 : magnitude >> segment;
  return ((segment << 4) | (step & 0x0f)) ^ (negative ? 0x55 : 0xd5);
}

function expandALaw(code: number): number {
  const plain = code ^ 0x55;
  const segment = (plain >> 4) & 0x07;
  const step = ((plain & 0x0f) << 4) + (segment === 0 ? 8 : 0x108);
  const magnitude = segment < 2 ? step : step << (segment - 1);
  return (plain & 0x80) === 0 ? -magnitude : magnitude;
}

/** mu-law works on 14 bits with a bias of 33, so that each segment begins at a power of two. All bits are inverted. */
function compressMuLaw(sample: number): number {
  const scaled = sample >> 2;
  const negative = scaled < 0;
  const magnitude = Math.min(negative ? -scaled : scaled, 8158) + 33;
  const segment = 31 - Math.clz32(magnitude) - 5;
  return ((segment << 4) | ((magnitude >> (segment + 1)) & 0x0f)) ^ (negative ? 0x7f : 0xff);
}

function expandMuLaw(code: number): number {
  const plain = ~code;
  const magnitude = ((((plain & 0x0f) << 3) + 0x84) << ((plain >> 4) & 0x07)) - 0x84;
  return (plain & 0x80) === 0 ? magnitude : -magnitude;
}

function table(expand: (code: number) => number): Int16Array {
  return Int16Array.from({ length: 256 }, (_, code) => expand(code));
}
