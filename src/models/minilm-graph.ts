import { OnnxWriter } from './onnx-writer.js';
import type { Safetensors } from './safetensors.js';

/** all-MiniLM-L6-v2: a BERT of six layers. */
const WIDTH = 384;
const INNER = 1536;
const HEADS = 12;
const LAYERS = 6;
const WORDS = 30_522;
const EPSILON = 1e-12;
/** Positions kept; a sentence of a caller is far shorter. */
export const MAX_TOKENS = 128;
/** Operators of ONNX Runtime itself. */
const RUNTIME = 'com.microsoft';
/**
 * Weights use 7 of their 8 bits: on machines without VNNI the sum of two products of
 * full range does not fit into its 16 bits.
 */
const LARGEST_WEIGHT = 64;

export interface Precision {
  /** False keeps 32-bit floats; for comparison. */
  readonly int8: boolean;
}

/**
 * The model as an ONNX graph that gives one vector of length 1 for each sentence.
 * Inputs: `tokens` [batch, length] of one length, so that nothing needs a mask, and
 * `positions` [length], 0, 1, 2...; output: `sentence` [batch, 384].
 */
export function minilmGraph(weights: Safetensors, precision: Precision = { int8: true }): Uint8Array {
  const graph = new OnnxWriter();
  const tokens = graph.input('tokens', 'int64', ['batch', 'length']);
  const positions = graph.input('positions', 'int64', ['length']);
  let state = embeddings(graph, weights, precision, tokens, positions);
  for (let layer = 0; layer < LAYERS; layer++) {
    const prefix = `encoder.layer.${layer}`;
    const attended = attention(graph, weights, precision, prefix, state);
    state = norm(graph, weights, `${prefix}.attention.output.LayerNorm`, graph.one('Add', [state, attended]));
    const inner = graph.one('Gelu', [dense(graph, weights, precision, `${prefix}.intermediate.dense`, state, WIDTH, INNER)], {}, RUNTIME);
    const outer = dense(graph, weights, precision, `${prefix}.output.dense`, inner, INNER, WIDTH);
    state = norm(graph, weights, `${prefix}.output.LayerNorm`, graph.one('Add', [state, outer]));
  }
  const mean = graph.one('ReduceMean', [state], { axes: [1], keepdims: 0 });
  graph.node('LpNormalization', [mean], { attributes: { axis: 1, p: 2 }, outputs: ['sentence'] });
  graph.output('sentence', ['batch', WIDTH]);
  return graph.model('sentence', { '': 17, [RUNTIME]: 1 });
}

function embeddings(graph: OnnxWriter, weights: Safetensors, { int8 }: Precision, tokens: string, positions: string): string {
  const words = weights.float('embeddings.word_embeddings.weight', [WORDS, WIDTH]);
  const places = weights.float('embeddings.position_embeddings.weight', [512, WIDTH]).slice(0, MAX_TOKENS * WIDTH);
  // Each sentence is one segment, so its type is part of the position.
  const segment = weights.float('embeddings.token_type_embeddings.weight', [2, WIDTH]);
  for (let at = 0; at < places.length; at++) places[at] = (places[at] ?? 0) + (segment[at % WIDTH] ?? 0);
  const place = graph.one('Gather', [graph.constant(places, [MAX_TOKENS, WIDTH]), positions]);
  const word = int8 ? smallWords(graph, words, tokens) : graph.one('Gather', [graph.constant(words, [WORDS, WIDTH]), tokens]);
  return norm(graph, weights, 'embeddings.LayerNorm', graph.one('Add', [word, place]));
}

/** Half of the model is its table of words: one scale a word keeps it in a quarter of the space. */
function smallWords(graph: OnnxWriter, words: Float32Array, tokens: string): string {
  const small = new Int8Array(words.length);
  const scales = new Float32Array(WORDS);
  for (let word = 0; word < WORDS; word++) {
    const row = words.subarray(word * WIDTH, (word + 1) * WIDTH);
    const scale = row.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-12) / 127;
    scales[word] = scale;
    row.forEach((value, at) => (small[word * WIDTH + at] = Math.round(value / scale)));
  }
  const row = graph.one('Cast', [graph.one('Gather', [graph.constant(small, [WORDS, WIDTH]), tokens])], { to: 1 });
  return graph.one('Mul', [row, graph.one('Gather', [graph.constant(scales, [WORDS, 1]), tokens])]);
}

function norm(graph: OnnxWriter, weights: Safetensors, name: string, input: string): string {
  const scale = graph.constant(weights.float(`${name}.weight`, [WIDTH]), [WIDTH]);
  const bias = graph.constant(weights.float(`${name}.bias`, [WIDTH]), [WIDTH]);
  return graph.one('LayerNormalization', [input, scale, bias], { axis: -1, epsilon: { float: EPSILON } });
}

/** Query, key and value in one multiplication. */
function attention(graph: OnnxWriter, weights: Safetensors, precision: Precision, prefix: string, state: string): string {
  const parts = ['query', 'key', 'value'].map((part) => `${prefix}.attention.self.${part}`);
  const joined = multiply(graph, precision, state, {
    rows: parts.map((part) => weights.float(`${part}.weight`, [WIDTH, WIDTH])),
    bias: join(parts.map((part) => weights.float(`${part}.bias`, [WIDTH]))),
    inputs: WIDTH,
  });
  const heads = graph.constant(BigInt64Array.from([0n, 0n, BigInt(HEADS), BigInt(WIDTH / HEADS)]), [4]);
  const split = graph.node('Split', [joined], { attributes: { axis: 2 }, count: 3 });
  const [query, key, value] = split.map((part, at) => graph.one('Transpose', [graph.one('Reshape', [part, heads])], { perm: at === 1 ? [0, 2, 3, 1] : [0, 2, 1, 3] }));
  const scale = graph.constant(Float32Array.of(1 / Math.sqrt(WIDTH / HEADS)), []);
  const scores = graph.one('Mul', [graph.one('MatMul', [query ?? '', key ?? '']), scale]);
  const mixed = graph.one('MatMul', [graph.one('Softmax', [scores], { axis: -1 }), value ?? '']);
  const flat = graph.one('Reshape', [graph.one('Transpose', [mixed], { perm: [0, 2, 1, 3] }), graph.constant(BigInt64Array.from([0n, 0n, BigInt(WIDTH)]), [3])]);
  return dense(graph, weights, precision, `${prefix}.attention.output.dense`, flat, WIDTH, WIDTH);
}

function dense(graph: OnnxWriter, weights: Safetensors, precision: Precision, name: string, input: string, inputs: number, outputs: number): string {
  return multiply(graph, precision, input, { rows: [weights.float(`${name}.weight`, [outputs, inputs])], bias: weights.float(`${name}.bias`, [outputs]), inputs });
}

/** `rows`: one row for each output, as PyTorch keeps them; ONNX wants columns. */
function multiply(graph: OnnxWriter, { int8 }: Precision, input: string, layer: { rows: readonly Float32Array[]; bias: Float32Array; inputs: number }): string {
  const rows = join(layer.rows);
  const { inputs } = layer;
  const outputs = layer.bias.length;
  const bias = graph.constant(layer.bias, [outputs]);
  if (!int8) {
    const columns = new Float32Array(rows.length);
    for (let out = 0; out < outputs; out++) for (let at = 0; at < inputs; at++) columns[at * outputs + out] = rows[out * inputs + at] ?? 0;
    return graph.one('Add', [graph.one('MatMul', [input, graph.constant(columns, [inputs, outputs])]), bias]);
  }
  const columns = new Int8Array(rows.length);
  const scales = new Float32Array(outputs);
  for (let out = 0; out < outputs; out++) {
    let largest = 1e-12;
    for (let at = 0; at < inputs; at++) largest = Math.max(largest, Math.abs(rows[out * inputs + at] ?? 0));
    const scale = largest / LARGEST_WEIGHT;
    scales[out] = scale;
    for (let at = 0; at < inputs; at++) columns[at * outputs + out] = Math.round((rows[out * inputs + at] ?? 0) / scale);
  }
  const zero = graph.constant(new Int8Array(outputs), [outputs]);
  return graph.one('DynamicQuantizeMatMul', [input, graph.constant(columns, [inputs, outputs]), graph.constant(scales, [outputs]), zero, bias], {}, RUNTIME);
}

function join(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
