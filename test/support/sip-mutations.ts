import { tortureVectors } from './torture.js';

/** A small seeded generator (mulberry32), so that a run can be repeated from its seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Things that break parsers. */
const PIECES = [
  '\r\n', '\r', '\n', '\r\n ', '\r\n\r\n', '\0', ' ', '\t', ';', ',', ':', '=', '"', '\\', '<', '>', '@', '?', '%', '%00', '%zz', '[', ']', '::', ';;',
  ';rport', ';lr', '*', '4294967296', '-1', '99999999999999999999', 'SIP/2.0', 'SIP/2.0 200 OK\r\n', 'z9hG4bK', 'Content-Length: ', 'l:', 'Via: ', 'v: SIP/2.0/UDP a,',
  '\u00e9', '\ufeff', '\u{1f600}', 'sip:', 'tel:', 'Contact: *\r\n',
].map((text) => Buffer.from(text));
const RAW = [Buffer.from([0xff]), Buffer.from([0xc3]), Buffer.from([0xe2, 0x82])];

const corpus = tortureVectors().map(({ bytes }) => bytes);

/** One of the torture messages with one to six random changes: cut, doubled, overwritten, spliced with another. */
export function mutated(random: () => number): Buffer {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  let bytes = Buffer.from(pick(corpus));
  const changes = 1 + Math.floor(random() * 6);
  for (let n = 0; n < changes; n++) {
    const at = Math.floor(random() * (bytes.length + 1));
    const length = Math.floor(random() ** 3 * 200);
    const head = bytes.subarray(0, at);
    const tail = bytes.subarray(Math.min(bytes.length, at + length));
    switch (Math.floor(random() * 7)) {
      case 0:
        bytes = Buffer.concat([head, tail]);
        break;
      case 1:
        bytes = Buffer.concat([head, bytes.subarray(at, at + length), bytes.subarray(at)]);
        break;
      case 2:
        bytes = Buffer.concat([head, pick(PIECES), bytes.subarray(at)]);
        break;
      case 3:
        bytes = Buffer.concat([head, pick(PIECES), tail]);
        break;
      case 4:
        bytes = Buffer.concat([head, pick(RAW), bytes.subarray(at)]);
        break;
      case 5: {
        const other = pick(corpus);
        bytes = Buffer.concat([head, other.subarray(Math.floor(random() * other.length))]);
        break;
      }
      default:
        if (at < bytes.length) bytes[at] = Math.floor(random() * 256);
    }
  }
  return bytes.length > 60_000 ? bytes.subarray(0, 60_000) : bytes;
}
