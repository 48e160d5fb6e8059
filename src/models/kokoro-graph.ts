import { corrupt, extractPart, fields } from './onnx-graph.js';
import { concat, delimited, text, varint } from './protobuf.js';

/**
 * ConvInteger has no fast kernel on a CPU: a dynamically quantised Kokoro spends
 * half of its time there. Each of its convolutions is the chain
 *
 *   DynamicQuantizeLinear > ConvInteger [> Add bias in steps of the scale] > Cast > Mul scales
 *
 * and becomes one float Conv. The weights stay in the file as the bytes that they
 * are; Cast, Sub and Mul before the Conv make floats of them, which the runtime
 * computes once when it loads the graph.
 *
 * Field numbers are those of onnx.proto: NodeProto.input 1, output 2, name 3,
 * op_type 4, attribute 5; AttributeProto.name 1, i 3, type 20; TensorProto.name 8.
 */
export function floatConvolutions(model: Uint8Array): Uint8Array {
  let rewritten: Uint8Array | undefined;
  const whole: Uint8Array[] = [];
  const ends: { inputs: string[]; outputs: string[] } = { inputs: [], outputs: [] };
  for (const field of fields(model)) {
    if (field.number !== 7) {
      whole.push(field.raw);
      continue;
    }
    rewritten = rewriteGraph(field.body, ends);
    whole.push(...delimited(7, [rewritten]));
  }
  if (rewritten === undefined) throw corrupt('no graph');
  const spec = (name: string): { name: string; shape: [] } => ({ name, shape: [] });
  // What only the old chains used is left out.
  return extractPart(concat(whole), { inputs: ends.inputs.map(spec), outputs: ends.outputs.map(spec) });
}

interface Node {
  readonly raw: Uint8Array;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Whole fields, as they came in. */
  readonly attributes: readonly Uint8Array[];
}

interface Graph {
  readonly nodes: readonly Node[];
  readonly maker: ReadonlyMap<string, Node>;
  readonly users: ReadonlyMap<string, readonly Node[]>;
  readonly constants: ReadonlySet<string>;
}

const decoder = new TextDecoder();

function readNode(raw: Uint8Array, body: Uint8Array): Node {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: Uint8Array[] = [];
  let op = '';
  for (const part of fields(body)) {
    if (part.number === 1) inputs.push(decoder.decode(part.body));
    else if (part.number === 2) outputs.push(decoder.decode(part.body));
    else if (part.number === 4) op = decoder.decode(part.body);
    else if (part.number === 5) attributes.push(part.raw);
  }
  return { raw, op, inputs, outputs, attributes };
}

function nameOf(body: Uint8Array, number: number): string {
  for (const field of fields(body)) if (field.number === number) return decoder.decode(field.body);
  return '';
}

function rewriteGraph(body: Uint8Array, ends: { inputs: string[]; outputs: string[] }): Uint8Array {
  const nodes: Node[] = [];
  const constants = new Set<string>();
  const others: Uint8Array[] = [];
  for (const field of fields(body)) {
    if (field.number === 1) {
      nodes.push(readNode(field.raw, field.body));
      continue;
    }
    others.push(field.raw);
    if (field.number === 5) constants.add(nameOf(field.body, 8));
    else if (field.number === 11) ends.inputs.push(nameOf(field.body, 1));
    else if (field.number === 12) ends.outputs.push(nameOf(field.body, 1));
  }
  const users = new Map<string, Node[]>();
  for (const node of nodes) for (const input of node.inputs) users.set(input, [...(users.get(input) ?? []), node]);
  const graph: Graph = { nodes, constants, users, maker: new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node]))) };
  const replaced = new Map<Node, Uint8Array[]>();
  for (const node of nodes) {
    if (node.op !== 'ConvInteger') continue;
    const { last, made } = floatConvolution(graph, node);
    replaced.set(last, made);
  }
  if (replaced.size === 0) throw corrupt('no ConvInteger');
  // In the place of the chain's end: everything that the Conv needs stands before it.
  return concat([...nodes.flatMap((node) => replaced.get(node) ?? [node.raw]), ...others]);
}

/** The nodes that stand for the chain which begins with `start`, and the node that they replace. */
function floatConvolution(graph: Graph, start: Node): { last: Node; made: Uint8Array[] } {
  const [input = '', weights = '', , zeroPoint = ''] = start.inputs;
  const quantize = expect(graph.maker.get(input), 'DynamicQuantizeLinear');
  if (!graph.constants.has(weights) || !graph.constants.has(zeroPoint)) throw corrupt('a convolution whose weights are no constants');
  let next = onlyUser(graph, start);
  let bias: string | undefined;
  if (next.op === 'Add') {
    bias = biasOf(graph, otherInput(next, start.outputs[0] ?? ''));
    next = onlyUser(graph, next);
  }
  const last = onlyUser(graph, expect(next, 'Cast'));
  const scales = expect(graph.maker.get(otherInput(expect(last, 'Mul'), next.outputs[0] ?? '')), 'Mul');
  // DynamicQuantizeLinear gives values, scale, zero point; the other factor is the scale of the weights.
  const scale = otherInput(scales, quantize.outputs[1] ?? '');
  if (!graph.constants.has(scale)) throw corrupt('a scale of weights that is no constant');

  const output = last.outputs[0] ?? '';
  const name = (step: string): string => `${output}_float_${step}`;
  return {
    last,
    made: [
      ...node('Cast', [weights], name('bytes'), [toFloat]),
      ...node('Cast', [zeroPoint], name('zero'), [toFloat]),
      ...node('Sub', [name('bytes'), name('zero')], name('centred')),
      ...node('Mul', [name('centred'), scale], name('weights')),
      ...node('Conv', [quantize.inputs[0] ?? '', name('weights'), ...(bias === undefined ? [] : [bias])], output, start.attributes),
    ],
  };
}

/** The float bias that was divided by the scale, rounded down, cast and shaped to be added to integers. */
function biasOf(graph: Graph, from: string): string {
  let name = from;
  for (let steps = 0; steps < 4; steps++) {
    const maker = graph.maker.get(name);
    name = maker?.inputs[0] ?? '';
    if (maker?.op === 'Div' && graph.constants.has(name)) return name;
  }
  throw corrupt('a bias that is no constant');
}

function onlyUser(graph: Graph, node: Node): Node {
  const users = graph.users.get(node.outputs[0] ?? '') ?? [];
  if (users.length !== 1 || users[0] === undefined) throw corrupt(`${node.op} is used ${users.length} times`);
  return users[0];
}

function otherInput(node: Node, known: string): string {
  const others = node.inputs.filter((input) => input !== known);
  if (others.length !== 1 || others[0] === undefined) throw corrupt(`${node.op} has other inputs`);
  return others[0];
}

function expect(node: Node | undefined, op: string): Node {
  if (node?.op !== op) throw corrupt(`${node?.op ?? 'nothing'} where ${op} should be`);
  return node;
}

/** Attribute `to` of Cast: element type 1 is a 32-bit float; attribute type 2 is an integer. */
const toFloat = concat(delimited(5, [...delimited(1, [text('to')]), Uint8Array.from([3 << 3, 1, ...varint(20 << 3), 2])]));

function node(op: string, inputs: readonly string[], output: string, attributes: readonly Uint8Array[] = []): Uint8Array[] {
  return delimited(1, [...inputs.flatMap((name) => delimited(1, [text(name)])), ...delimited(2, [text(output)]), ...delimited(3, [text(`${output}_${op}`)]), ...delimited(4, [text(op)]), ...attributes]);
}
