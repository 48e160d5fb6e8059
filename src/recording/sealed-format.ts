import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';

/**
 * A sealed recording, numbers big-endian:
 *
 *     bytes   0-7   "TRKREC1" and a zero
 *             8-11  length of a chunk, bytes
 *            12-19  length of the recording, bytes
 *            20-27  which master key: the first 8 bytes of its sha256
 *            28-87  the recording's own key, sealed with the master key (nonce 12, key 32, tag 16);
 *                   bytes 0-27 are authenticated with it
 *            88-    chunks, each sealed with the recording's key, with its tag of 16 behind it
 *
 * AES-256-GCM throughout (NIST SP 800-38D). A chunk's nonce is its index: the key is of this
 * file alone, so no nonce comes twice. Chunks can be read without those before them; that none
 * is missing, doubled or moved is proved by index and length.
 */
export const CHUNK_BYTES = 64 * 1024;
export const TAG_BYTES = 16;
export const KEY_BYTES = 32;
export const HEADER_BYTES = 88;
const MAGIC = Buffer.from('TRKREC1\0', 'latin1');
const OPEN_BYTES = 28;
const NONCE_BYTES = 12;

export interface SealedHeader {
  readonly chunkBytes: number;
  readonly size: number;
  readonly keyId: string;
}

/** Name of a master key, hex; tells nothing about it. */
export function keyIdOf(masterKey: Uint8Array): string {
  return createHash('sha256').update(masterKey).digest('hex').slice(0, 16);
}

export function writeHeader(size: number, masterKey: Uint8Array, key: Uint8Array, nonce: Uint8Array): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt32BE(CHUNK_BYTES, 8);
  header.writeBigUInt64BE(BigInt(size), 12);
  header.write(keyIdOf(masterKey), 20, 'hex');
  Buffer.from(nonce).copy(header, OPEN_BYTES);
  sealInto(header.subarray(OPEN_BYTES + NONCE_BYTES), masterKey, nonce, key, header.subarray(0, OPEN_BYTES));
  return header;
}

/** Undefined if it is none of ours. Nothing in it is proved before `openKey`. */
export function readHeader(header: Buffer): SealedHeader | undefined {
  if (header.length < HEADER_BYTES || !header.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const chunkBytes = header.readUInt32BE(8);
  const size = Number(header.readBigUInt64BE(12));
  if (chunkBytes < 1024 || chunkBytes > 16 * 1024 * 1024 || !Number.isSafeInteger(size)) return undefined;
  return { chunkBytes, size, keyId: header.toString('hex', 20, 28) };
}

/** The recording's own key. Throws if the header was changed or the master key is another. */
export function openKey(header: Buffer, masterKey: Uint8Array): Buffer {
  const nonce = header.subarray(OPEN_BYTES, OPEN_BYTES + NONCE_BYTES);
  return open(header.subarray(OPEN_BYTES + NONCE_BYTES, HEADER_BYTES), masterKey, nonce, header.subarray(0, OPEN_BYTES));
}

export function sealChunk(key: Uint8Array, index: number, plain: Uint8Array): Buffer {
  const sealed = Buffer.alloc(plain.length + TAG_BYTES);
  sealInto(sealed, key, nonceOf(index), plain);
  return sealed;
}

/** Throws if one bit of it is another, or it is another chunk. */
export function openChunk(key: Uint8Array, index: number, sealed: Buffer): Buffer {
  return open(sealed, key, nonceOf(index));
}

/** Bytes of the whole file. */
export function sealedSize({ size, chunkBytes }: Pick<SealedHeader, 'size' | 'chunkBytes'>): number {
  return HEADER_BYTES + size + Math.ceil(size / chunkBytes) * TAG_BYTES;
}

function nonceOf(index: number): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeBigUInt64BE(BigInt(index), 4);
  return nonce;
}

function sealInto(target: Buffer, key: Uint8Array, nonce: Uint8Array, plain: Uint8Array, proved?: Uint8Array): void {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  if (proved !== undefined) cipher.setAAD(proved);
  const body = cipher.update(plain);
  cipher.final();
  body.copy(target);
  cipher.getAuthTag().copy(target, body.length);
}

function open(sealed: Buffer, key: Uint8Array, nonce: Uint8Array, proved?: Uint8Array): Buffer {
  const end = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  if (proved !== undefined) decipher.setAAD(proved);
  decipher.setAuthTag(sealed.subarray(end));
  return Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()]);
}
