import chardet from 'chardet';
import iconv from 'iconv-lite';

/**
 * Text of files in any encoding. A CSV file is cut into cells as bytes, which is right for
 * every encoding that keeps ASCII in its place, and each cell is decoded for itself: a file
 * glued together of several encodings so loses the rows that cannot be read, and not the
 * rest. UTF-16 has no such place for ASCII and is decoded as a stream.
 */
export interface FileEncoding {
  readonly name: string;
  /** `stream`: the whole is decoded first. */
  readonly how: 'cells' | 'stream';
  /** Bytes of a byte order mark to leave out. */
  readonly skip: number;
}

const boms: readonly (readonly [bytes: string, name: string])[] = [
  ['efbbbf', 'utf-8'],
  ['fffe', 'utf-16le'],
  ['feff', 'utf-16be'],
];

/** Names that mean the larger set which all real files of that name use. */
const wider: Readonly<Record<string, string>> = { gb2312: 'gb18030', gbk: 'gb18030', ascii: 'utf-8', 'us-ascii': 'utf-8', utf8: 'utf-8', 'iso-8859-1': 'windows-1252', latin1: 'windows-1252' };

/** Those that a guess may land on: chardet takes short texts for rare ones. */
const likely: ReadonlySet<string> = new Set(['utf-8', 'gb18030', 'big5', 'shift_jis', 'euc-jp', 'euc-kr', 'windows-1252', 'windows-1251', 'windows-1250', 'windows-1256', 'windows-1254', 'windows-1253', 'windows-1255', 'iso-8859-2', 'koi8-r']);

export function isEncoding(name: string): boolean {
  return iconv.encodingExists(name);
}

/** What a declared name, or the first part of the file, says. */
export function findEncoding(head: Buffer, declared: string | undefined): FileEncoding {
  for (const [bytes, name] of boms) {
    if (head.subarray(0, bytes.length / 2).toString('hex') === bytes) return { name, how: name === 'utf-8' ? 'cells' : 'stream', skip: bytes.length / 2 };
  }
  const name = declared === undefined ? guess(head) : (wider[declared.toLowerCase()] ?? declared.toLowerCase());
  return { name, how: /utf-?(?:16|32)|ucs|utf-?7|iso-2022/.test(name) ? 'stream' : 'cells', skip: 0 };
}

function guess(head: Buffer): string {
  const zeros = zerosAt(head);
  if (zeros !== undefined) return zeros;
  if (isUtf8(head) || mostlyUtf8(head)) return 'utf-8';
  const chinese = guessChinese(head);
  if (chinese !== undefined) return chinese;
  for (const { name } of chardet.analyse(head)) {
    const lower = name.toLowerCase();
    const found = wider[lower] ?? lower;
    if (likely.has(found) && iconv.encodingExists(found)) return found;
  }
  return 'windows-1252';
}

/** Most lines that are not plain ASCII are whole UTF-8: a file of UTF-8 with something else glued in. */
function mostlyUtf8(head: Buffer): boolean {
  const lines = asBytes(head).split('\n').filter((line) => HIGH.test(line));
  const whole = lines.filter((line) => THREE.test(line) && utf8(Buffer.from(line, 'latin1')) !== undefined);
  return whole.length * 2 > lines.length;
}

/**
 * Chinese in two bytes, told by how many characters are common ones: statistics over pairs of
 * bytes, as chardet has them, need more text than a short list of names holds.
 */
function guessChinese(head: Buffer): string | undefined {
  let [pairs, simplified, beyondKorean, traditional] = [0, 0, 0, 0];
  for (let at = 0; at < head.length - 1; at += 1) {
    const [lead, trail] = [head[at]!, head[at + 1]!];
    if (lead < 0x80) continue;
    pairs += 1;
    // Level 1 of GB 2312; the Hangul of EUC-KR ends at 0xC8.
    if (lead >= 0xb0 && lead <= 0xd7 && trail >= 0xa1) {
      simplified += 1;
      if (lead > 0xc8) beyondKorean += 1;
    }
    // Level 1 of Big5.
    if (lead >= 0xa4 && lead <= 0xc6 && (trail >= 0xa1 || (trail >= 0x40 && trail <= 0x7e))) traditional += 1;
    at += 1;
  }
  if (pairs === 0) return undefined;
  if (simplified >= traditional && simplified / pairs > 0.7 && beyondKorean / pairs > 0.1) return 'gb18030';
  return traditional > simplified && traditional / pairs > 0.85 ? 'big5' : undefined;
}

/** UTF-16 without a mark: every second byte of Western text is zero. */
function zerosAt(head: Buffer): string | undefined {
  let even = 0;
  let odd = 0;
  const length = Math.min(head.length, 4_096);
  for (let i = 0; i < length; i += 1) {
    if (head[i] !== 0) continue;
    if (i % 2 === 0) even += 1;
    else odd += 1;
  }
  if (odd > length / 5 && even < odd / 4) return 'utf-16le';
  if (even > length / 5 && odd < even / 4) return 'utf-16be';
  return undefined;
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Whether it is UTF-8 but for a character that the end cuts through. */
function isUtf8(head: Buffer): boolean {
  for (let cut = 0; cut < 4 && cut < head.length; cut += 1) {
    if (cut > 0 && head[head.length - cut]! < 0x80) break;
    if (utf8(head.subarray(0, head.length - cut)) !== undefined) return true;
  }
  return head.length === 0;
}

function utf8(bytes: Buffer): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Bytes as a string of one character each, as the cells are cut. */
export const asBytes = (bytes: Buffer): string => bytes.toString('latin1');

// eslint-disable-next-line no-control-regex
const HIGH = /[^\x00-\x7f]/;
/** A sequence of three bytes as UTF-8 writes it: by chance, two-byte Chinese gives hardly any row of these. */
const THREE = /[\u00e0-\u00ef][\u0080-\u00bf]{2}/;

/** Decodes the cells of a row; undefined for those that are no text in this encoding. */
export function decodeRow(cells: readonly string[], { name }: FileEncoding): readonly (string | undefined)[] {
  if (!cells.some((cell) => HIGH.test(cell))) return cells;
  const all = cells.join('\n');
  const whole = name === 'utf-8' || THREE.test(all) ? utf8(Buffer.from(all, 'latin1')) : undefined;
  // A line that is whole UTF-8 inside a file of another encoding was glued in.
  const asUtf8 = name === 'utf-8' || whole !== undefined;
  return cells.map((cell) => {
    if (!HIGH.test(cell)) return cell;
    const bytes = Buffer.from(cell, 'latin1');
    if (asUtf8) return utf8(bytes);
    const text = iconv.decode(bytes, name, { stripBOM: false });
    return text.includes('\ufffd') ? undefined : text;
  });
}

/** For UTF-16: chunks of bytes to chunks that are UTF-8. */
export function streamDecoder({ name }: FileEncoding): { push(bytes: Buffer): Buffer; end(): Buffer } {
  const decoder = iconv.getDecoder(name, { stripBOM: true });
  return { push: (bytes) => Buffer.from(decoder.write(bytes)), end: () => Buffer.from(decoder.end() ?? '') };
}
