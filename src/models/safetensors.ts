import { TrunklineError } from '../kernel/errors.js';

interface TensorPlace {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/**
 * Tensors of a safetensors file: 8 bytes of header length, a JSON header that gives
 * each tensor its type, shape and place, then the values, little-endian.
 */
export class Safetensors {
  readonly #places: Readonly<Record<string, TensorPlace>>;
  readonly #data: Uint8Array;

  /** TRK_MODEL_CORRUPT. */
  constructor(file: Uint8Array) {
    if (file.length < 8) throw corrupt('it is too short');
    const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
    if (length > file.length - 8) throw corrupt('its header runs past the end');
    try {
      this.#places = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length))) as Record<string, TensorPlace>;
    } catch (cause) {
      throw corrupt('its header is not JSON', cause);
    }
    this.#data = file.subarray(8 + length);
  }

  /** 32-bit floats, copied. TRK_MODEL_CORRUPT if there is no such tensor of this shape. */
  float(name: string, shape: readonly number[]): Float32Array {
    const place = Object.hasOwn(this.#places, name) ? this.#places[name] : undefined;
    if (place?.dtype !== 'F32' || place.shape.join() !== shape.join()) throw corrupt(`there is no tensor ${name} of ${shape.join(' x ')} floats`);
    const [from, to] = place.data_offsets;
    if (to - from !== 4 * shape.reduce((product, size) => product * size, 1) || to > this.#data.length) throw corrupt(`tensor ${name} runs past the end`);
    // Not `slice`: that of a Buffer is a view, and its place need not be a multiple of four.
    return new Float32Array(new Uint8Array(this.#data.subarray(from, to)).buffer);
  }
}

function corrupt(reason: string, cause?: unknown): TrunklineError {
  return new TrunklineError('TRK_MODEL_CORRUPT', { params: { file: 'safetensors' }, cause: cause ?? new Error(reason) });
}
