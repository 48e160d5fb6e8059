import { TrunklineError } from '../kernel/errors.js';
import { BYTES, concat, delimited, text, varint } from './protobuf.js';

/**
 * Cuts a part out of an ONNX model without an ONNX library: protobuf at wire
 * level, with nodes and weights kept as the bytes they came in.
 *
 * Field numbers are those of onnx.proto (IR version 8 and later):
 * ModelProto.graph 7; GraphProto.node 1, initializer 5, input 11, output 12,
 * value_info 13; NodeProto.input 1, output 2, attribute 5; AttributeProto.g 6,
 * graphs 11; TensorProto.name 8; ValueInfoProto.name 1.
 */
export interface TensorSpec {
  readonly name: string;
  /** Only 32-bit floats are cut at: ONNX element type 1. A string is a symbolic dimension. */
  readonly shape: readonly (number | string)[];
}

export interface Cut {
  /** Tensors that become inputs of the part. An input of the whole model keeps its own type. */
  readonly inputs: readonly TensorSpec[];
  /** Tensors that the part produces. */
  readonly outputs: readonly TensorSpec[];
}

/** Wire types of protobuf; the fourth is BYTES. */
const VARINT = 0;
const FIXED_64 = 1;
const FIXED_32 = 5;

/** One field of a protobuf message. */
export interface Field {
  readonly number: number;
  readonly wire: number;
  /** The whole field, tag included. */
  readonly raw: Uint8Array;
  /** The payload of a length-delimited field; empty for the others. */
  readonly body: Uint8Array;
}

export function corrupt(reason: string): TrunklineError {
  return new TrunklineError('TRK_MODEL_CORRUPT', { params: { file: 'ONNX graph' }, cause: new Error(reason) });
}

/** Reads a base-128 varint; [value, position after it]. Values above 2^53 do not occur in lengths and tags. */
function readVarint(bytes: Uint8Array, from: number): [number, number] {
  let value = 0;
  let scale = 1;
  for (let at = from; at < bytes.length && at < from + 10; at++) {
    const byte = bytes[at]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return [value, at + 1];
    scale *= 128;
  }
  throw corrupt('a varint does not end');
}

/** The fields of a message in the order they came in. TRK_MODEL_CORRUPT. */
export function* fields(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  while (at < bytes.length) {
    const start = at;
    const [tag, afterTag] = readVarint(bytes, at);
    const wire = tag % 8;
    let bodyStart = afterTag;
    let end: number;
    if (wire === VARINT) end = readVarint(bytes, afterTag)[1];
    else if (wire === FIXED_64) end = afterTag + 8;
    else if (wire === FIXED_32) end = afterTag + 4;
    else if (wire === BYTES) {
      const [length, afterLength] = readVarint(bytes, afterTag);
      bodyStart = afterLength;
      end = afterLength + length;
    } else throw corrupt(`wire type ${wire}`);
    if (end > bytes.length) throw corrupt('a field runs past the end');
    yield {
      number: Math.floor(tag / 8),
      wire,
      raw: bytes.subarray(start, end),
      body: wire === BYTES ? bytes.subarray(bodyStart, end) : new Uint8Array(0),
    };
    at = end;
  }
}

const decoder = new TextDecoder();

function strings(bytes: Uint8Array, number: number): string[] {
  const found: string[] = [];
  for (const field of fields(bytes)) if (field.number === number && field.wire === BYTES) found.push(decoder.decode(field.body));
  return found;
}

interface Node {
  readonly raw: Uint8Array;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** Names that a node's subgraphs (If, Loop) take from outside count as its inputs. */
function readNode(field: Field): Node {
  const inputs: string[] = [];
  const outputs: string[] = [];
  for (const part of fields(field.body)) {
    if (part.number === 1) inputs.push(decoder.decode(part.body));
    else if (part.number === 2) outputs.push(decoder.decode(part.body));
    else if (part.number === 5) {
      for (const attribute of fields(part.body)) {
        if (attribute.wire === BYTES && (attribute.number === 6 || attribute.number === 11)) inputs.push(...graphInputs(attribute.body));
      }
    }
  }
  return { raw: field.raw, inputs, outputs };
}

function graphInputs(graph: Uint8Array): string[] {
  const names: string[] = [];
  for (const field of fields(graph)) {
    if (field.number === 1) names.push(...readNode(field).inputs);
    // A subgraph may hand out a tensor of the outer graph without touching it.
    else if (field.number === 12) names.push(...strings(field.body, 1));
  }
  return names;
}

/** ValueInfoProto: name 1, type 2 > tensor_type 1 > elem_type 1, shape 2 > dim 1 > dim_value 1 or dim_param 2. */
function valueInfo(spec: TensorSpec): Uint8Array {
  const shape = spec.shape.flatMap((size) =>
    delimited(1, [typeof size === 'number' ? Uint8Array.from([8, ...varint(size)]) : concat(delimited(2, [text(size)]))]),
  );
  const tensor = [Uint8Array.from([8, 1]), ...delimited(2, shape)];
  return concat([...delimited(1, [text(spec.name)]), ...delimited(2, delimited(1, tensor))]);
}

interface Graph {
  readonly nodes: Node[];
  readonly initializers: Map<string, Uint8Array>;
  readonly inputs: Map<string, Uint8Array>;
  readonly outputs: Map<string, Uint8Array>;
}

function readGraph(bytes: Uint8Array): Graph {
  const graph: Graph = { nodes: [], initializers: new Map(), inputs: new Map(), outputs: new Map() };
  for (const field of fields(bytes)) {
    if (field.number === 1) graph.nodes.push(readNode(field));
    else if (field.number === 5) graph.initializers.set(strings(field.body, 8)[0] ?? '', field.raw);
    else if (field.number === 11) graph.inputs.set(strings(field.body, 1)[0] ?? '', field.body);
    else if (field.number === 12) graph.outputs.set(strings(field.body, 1)[0] ?? '', field.body);
  }
  return graph;
}

/**
 * The part of `model` that computes `cut.outputs` from `cut.inputs`, as a model
 * of its own. Weights that the part does not use are left out.
 *
 * @throws TRK_MODEL_CORRUPT if the bytes are no ONNX model, a name is not in it,
 * or the part needs an input that the cut does not give.
 */
export function extractPart(model: Uint8Array, cut: Cut): Uint8Array {
  let graphBytes: Uint8Array | undefined;
  for (const field of fields(model)) if (field.number === 7 && field.wire === BYTES) graphBytes = field.body;
  if (!graphBytes) throw corrupt('no graph');
  const graph = readGraph(graphBytes);

  const given = new Set(cut.inputs.map((input) => input.name));
  const needed = new Set<string>(cut.outputs.map((output) => output.name));
  const known = new Set([...graph.inputs.keys(), ...graph.nodes.flatMap((node) => node.outputs)]);
  for (const spec of [...cut.inputs, ...cut.outputs]) if (!known.has(spec.name)) throw corrupt(`no tensor ${spec.name}`);

  // ONNX requires nodes in topological order, so one walk backwards reaches everything.
  const kept: Node[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((output) => needed.has(output) && !given.has(output))) continue;
    kept.push(node);
    for (const input of node.inputs) if (input !== '') needed.add(input);
  }
  kept.reverse();
  for (const name of needed) {
    if (graph.inputs.has(name) && !given.has(name) && !graph.initializers.has(name)) throw corrupt(`input ${name} is not given`);
  }

  const part = [
    ...kept.map((node) => node.raw),
    ...delimited(2, [text('part')]),
    ...[...graph.initializers].filter(([name]) => needed.has(name)).map(([, raw]) => raw),
    ...cut.inputs.flatMap((input) => delimited(11, [graph.inputs.get(input.name) ?? valueInfo(input)])),
    ...cut.outputs.flatMap((output) => delimited(12, [graph.outputs.get(output.name) ?? valueInfo(output)])),
  ];
  const whole: Uint8Array[] = [];
  for (const field of fields(model)) {
    if (field.number === 7) whole.push(...delimited(7, part));
    else whole.push(field.raw);
  }
  return concat(whole);
}
