import { concat, delimited, text, varint } from './protobuf.js';

/** Element types of TensorProto. */
const FLOAT = 1;
const UINT8 = 2;
const INT8 = 3;
const INT64 = 7;

type Attribute = number | readonly number[] | { readonly float: number };

/**
 * Builds an ONNX model node by node. Field numbers are those of onnx.proto:
 * ModelProto.ir_version 1, opset_import 8, graph 7; OperatorSetIdProto.domain 1,
 * version 2; GraphProto.node 1, name 2, initializer 5, input 11, output 12;
 * NodeProto.input 1, output 2, op_type 4, attribute 5, domain 7;
 * AttributeProto.name 1, f 2, i 3, ints 8, type 20; TensorProto.dims 1,
 * data_type 2, name 8, raw_data 9.
 */
export class OnnxWriter {
  readonly #nodes: Uint8Array[] = [];
  readonly #initializers: Uint8Array[] = [];
  readonly #inputs: Uint8Array[] = [];
  readonly #outputs: Uint8Array[] = [];
  #names = 0;

  input(name: string, type: 'int64' | 'float', shape: readonly (number | string)[]): string {
    this.#inputs.push(...delimited(11, [valueInfo(name, type === 'int64' ? INT64 : FLOAT, shape)]));
    return name;
  }

  output(name: string, shape: readonly (number | string)[]): void {
    this.#outputs.push(...delimited(12, [valueInfo(name, FLOAT, shape)]));
  }

  /** A constant; its name. */
  constant(values: Float32Array | Int8Array | Uint8Array | BigInt64Array, shape: readonly number[]): string {
    const name = `c${this.#names++}`;
    const type = values instanceof Float32Array ? FLOAT : values instanceof Int8Array ? INT8 : values instanceof Uint8Array ? UINT8 : INT64;
    const parts = [
      ...shape.map((size) => Uint8Array.from([8, ...varint(size)])),
      Uint8Array.from([16, type]),
      ...delimited(8, [text(name)]),
      // TensorProto.raw_data is little-endian, as every machine that this runs on.
      ...delimited(9, [new Uint8Array(values.buffer, values.byteOffset, values.byteLength)]),
    ];
    this.#initializers.push(...delimited(5, parts));
    return name;
  }

  /** Adds a node; the names of its outputs, or those given. `domain`: other than ONNX's own. */
  node(op: string, inputs: readonly string[], options: { attributes?: Readonly<Record<string, Attribute>>; outputs?: readonly string[]; count?: number; domain?: string } = {}): string[] {
    const outputs = options.outputs ?? Array.from({ length: options.count ?? 1 }, () => `t${this.#names++}`);
    const parts = [
      ...inputs.flatMap((name) => delimited(1, [text(name)])),
      ...outputs.flatMap((name) => delimited(2, [text(name)])),
      ...delimited(4, [text(op)]),
      ...Object.entries(options.attributes ?? {}).flatMap(([name, value]) => delimited(5, attribute(name, value))),
      ...(options.domain === undefined ? [] : delimited(7, [text(options.domain)])),
    ];
    this.#nodes.push(...delimited(1, parts));
    return [...outputs];
  }

  /** The first output of `node`. */
  one(op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}, domain?: string): string {
    const [name] = this.node(op, inputs, { attributes, ...(domain === undefined ? {} : { domain }) });
    return name ?? '';
  }

  /** `opsets`: domain to version; ONNX's own is the empty one. */
  model(name: string, opsets: Readonly<Record<string, number>>): Uint8Array {
    const graph = [...this.#nodes, ...delimited(2, [text(name)]), ...this.#initializers, ...this.#inputs, ...this.#outputs];
    const imports = Object.entries(opsets).flatMap(([domain, version]) => delimited(8, [...delimited(1, [text(domain)]), Uint8Array.from([16, ...varint(version)])]));
    return concat([Uint8Array.from([8, IR_VERSION]), ...delimited(7, graph), ...imports]);
  }
}

/** Version 8 goes with operator set 17. */
const IR_VERSION = 8;

function attribute(name: string, value: Attribute): Uint8Array[] {
  const named = delimited(1, [text(name)]);
  if (typeof value === 'number') return [...named, Uint8Array.from([3 << 3, ...signed(value)]), type(2)];
  if ('float' in value) return [...named, concat([Uint8Array.from([(2 << 3) | 5]), new Uint8Array(Float32Array.of(value.float).buffer)]), type(1)];
  return [...named, ...value.map((one) => Uint8Array.from([8 << 3, ...signed(one)])), type(7)];
}

/** AttributeProto.type, field 20. */
function type(number: number): Uint8Array {
  return Uint8Array.from([...varint(20 << 3), number]);
}

/** Protobuf writes a negative int64 as ten bytes of its two's complement. */
function signed(value: number): number[] {
  if (value >= 0) return varint(value);
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) + 128);
  return [...bytes, Number(rest)];
}

/** ValueInfoProto: name 1, type 2 > tensor_type 1 > elem_type 1, shape 2 > dim 1 > dim_value 1 or dim_param 2. */
function valueInfo(name: string, elementType: number, shape: readonly (number | string)[]): Uint8Array {
  const dimensions = shape.flatMap((size) => delimited(1, [typeof size === 'number' ? Uint8Array.from([8, ...varint(size)]) : concat(delimited(2, [text(size)]))]));
  const tensor = [Uint8Array.from([8, elementType]), ...delimited(2, dimensions)];
  return concat([...delimited(1, [text(name)]), ...delimited(2, delimited(1, tensor))]);
}
