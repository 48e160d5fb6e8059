import { TrunklineError } from '../kernel/errors.js';
import type { SampleRate } from './frame.js';

/** Largest file that is read: an hour of stereo at 8 kHz is 115 MB. */
const WAV_MAX_BYTES = 128 * 1024 * 1024;
const MAX_CHUNKS = 64;
const RATES: readonly number[] = [8000, 16000, 22050, 24000, 48000] satisfies SampleRate[];
const FORMAT_PCM = 1;
const FORMAT_EXTENSIBLE = 0xfffe;

/** One (mono) or two (left, right) channels of the same length. */
export interface WavAudio {
  readonly sampleRate: SampleRate;
  readonly channels: readonly Int16Array[];
}

/** A RIFF file of 16-bit linear PCM. A shorter channel is filled with silence. TRK_AUDIO_FORMAT unless 1 or 2 channels. */
export function encodeWav(audio: WavAudio): Uint8Array {
  const count = audio.channels.length;
  if (count < 1 || count > 2) throw unsupported(`${count} channels`);
  const length = Math.max(...audio.channels.map((channel) => channel.length));
  const dataBytes = length * count * 2;
  const file = Buffer.alloc(44 + dataBytes);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(36 + dataBytes, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(FORMAT_PCM, 20);
  file.writeUInt16LE(count, 22);
  file.writeUInt32LE(audio.sampleRate, 24);
  file.writeUInt32LE(audio.sampleRate * count * 2, 28);
  file.writeUInt16LE(count * 2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(dataBytes, 40);
  audio.channels.forEach((channel, which) => {
    for (let index = 0; index < channel.length; index++) file.writeInt16LE(channel[index]!, 44 + (index * count + which) * 2);
  });
  // A plain array: `slice` of a Buffer would share memory with the caller.
  return new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
}

/** Reads 16-bit linear PCM, mono or stereo. TRK_AUDIO_FORMAT for anything else, and for what is cut off or too large. */
export function decodeWav(bytes: Uint8Array): WavAudio {
  if (bytes.length > WAV_MAX_BYTES) throw unsupported('file too large');
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.length < 12 || file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE') throw unsupported('not a WAV file');
  let format: { channels: number; sampleRate: SampleRate } | undefined;
  let offset = 12;
  for (let chunk = 0; chunk < MAX_CHUNKS && offset + 8 <= file.length; chunk++) {
    const name = file.toString('latin1', offset, offset + 4);
    const size = file.readUInt32LE(offset + 4);
    const start = offset + 8;
    if (start + size > file.length) throw unsupported('cut off');
    if (name === 'fmt ') format = readFormat(file.subarray(start, start + size));
    if (name === 'data') {
      if (format === undefined) throw unsupported('no format before the data');
      return { sampleRate: format.sampleRate, channels: readChannels(file.subarray(start, start + size), format.channels) };
    }
    // RIFF chunks begin at even offsets.
    offset = start + size + (size & 1);
  }
  throw unsupported('no data');
}

function readFormat(chunk: Buffer): { channels: number; sampleRate: SampleRate } {
  if (chunk.length < 16) throw unsupported('format chunk too short');
  let tag = chunk.readUInt16LE(0);
  // An extensible header carries the real tag at the start of its sub-format.
  if (tag === FORMAT_EXTENSIBLE && chunk.length >= 26) tag = chunk.readUInt16LE(24);
  const channels = chunk.readUInt16LE(2);
  const sampleRate = chunk.readUInt32LE(4);
  if (tag !== FORMAT_PCM) throw unsupported(`encoding ${tag}`);
  if (chunk.readUInt16LE(14) !== 16) throw unsupported('not 16 bits a sample');
  if (channels < 1 || channels > 2) throw unsupported(`${channels} channels`);
  if (!RATES.includes(sampleRate)) throw unsupported(`${sampleRate} Hz`);
  return { channels, sampleRate: sampleRate as SampleRate };
}

function readChannels(data: Buffer, count: number): Int16Array[] {
  const length = Math.floor(data.length / (2 * count));
  return Array.from({ length: count }, (_, which) => {
    const samples = new Int16Array(length);
    for (let index = 0; index < length; index++) samples[index] = data.readInt16LE((index * count + which) * 2);
    return samples;
  });
}

function unsupported(reason: string): TrunklineError {
  return new TrunklineError('TRK_AUDIO_FORMAT', { params: { reason } });
}
