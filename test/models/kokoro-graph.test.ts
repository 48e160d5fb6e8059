import t from 'tap';
import '../../src/workers/no-telemetry.js';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { floatConvolutions } from '../../src/models/kokoro-graph.js';
import { OnnxWriter } from '../../src/models/onnx-writer.js';

const CHANNELS = 2;
const OUTPUTS = 3;
const KERNEL = 3;
const WIDTH = 16;
const SCALE = 0.02;
const ZERO = 120;
const WEIGHTS = Uint8Array.from({ length: OUTPUTS * CHANNELS * KERNEL }, (_, at) => (at * 37 + 11) % 256);
const BIAS = Float32Array.of(0.5, -1.25, 2);

/** One convolution as the shipped Kokoro has 87 of them. */
function quantised(withBias: boolean): Uint8Array {
  const graph = new OnnxWriter();
  const input = graph.input('x', 'float', [1, CHANNELS, WIDTH]);
  const [values = '', scale = '', zero = ''] = graph.node('DynamicQuantizeLinear', [input], { count: 3 });
  const weights = graph.constant(WEIGHTS, [OUTPUTS, CHANNELS, KERNEL]);
  const whole = graph.one('ConvInteger', [values, weights, zero, graph.constant(Uint8Array.of(ZERO), [])], { pads: [2, 2], dilations: [2], kernel_shape: [KERNEL] });
  const scales = graph.one('Mul', [scale, graph.constant(Float32Array.of(SCALE), [1])]);
  const steps = graph.one('Cast', [graph.one('Floor', [graph.one('Div', [graph.constant(BIAS, [OUTPUTS]), scales])])], { to: 6 });
  const shaped = graph.one('Reshape', [steps, graph.constant(BigInt64Array.from([1n, -1n, 1n]), [3])]);
  const sum = withBias ? graph.one('Add', [whole, shaped]) : whole;
  graph.node('Mul', [graph.one('Cast', [sum], { to: 1 }), scales], { outputs: ['y'] });
  graph.output('y', [1, OUTPUTS, WIDTH]);
  return graph.model('one', { '': 17 });
}

async function run(model: Uint8Array, input: Float32Array): Promise<Float32Array> {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1 });
  try {
    return (await session.run({ x: new Tensor('float32', input, [1, CHANNELS, WIDTH]) }))['y']!.data as Float32Array;
  } finally {
    await session.release();
  }
}

/** The convolution by its definition. */
function expected(input: Float32Array, withBias: boolean): Float32Array {
  return Float32Array.from({ length: OUTPUTS * WIDTH }, (_, at) => {
    const [out, time] = [Math.floor(at / WIDTH), at % WIDTH];
    let sum = withBias ? BIAS[out]! : 0;
    for (let channel = 0; channel < CHANNELS; channel++) {
      for (let tap = 0; tap < KERNEL; tap++) {
        const from = time - 2 + 2 * tap;
        if (from >= 0 && from < WIDTH) sum += (WEIGHTS[(out * CHANNELS + channel) * KERNEL + tap]! - ZERO) * SCALE * input[channel * WIDTH + from]!;
      }
    }
    return sum;
  });
}

t.test('a quantised convolution becomes a float one that computes what its weights say', async (t) => {
  const input = Float32Array.from({ length: CHANNELS * WIDTH }, (_, at) => Math.sin(at * 1.7));
  for (const withBias of [true, false]) {
    const model = quantised(withBias);
    const rewritten = floatConvolutions(model);
    t.notOk(Buffer.from(rewritten).includes('ConvInteger'), 'nothing of the old chain is left');
    t.notOk(Buffer.from(rewritten).includes('DynamicQuantizeLinear'));
    const exact = expected(input, withBias);
    const worst = (values: Float32Array): number => values.reduce((most, value, at) => Math.max(most, Math.abs(value - exact[at]!)), 0);
    const after = worst(await run(rewritten, input));
    const before = worst(await run(model, input));
    t.ok(after < 1e-5, `off by ${after}`);
    t.ok(before > after && before < 0.2, `the quantised one is off by ${before}`);
  }
});

t.test('what is no such model is a coded error', async (t) => {
  t.throws(() => floatConvolutions(Buffer.from('not a model')), { code: 'TRK_MODEL_CORRUPT' });
  t.throws(() => floatConvolutions(new Uint8Array(0)), { code: 'TRK_MODEL_CORRUPT' });
  const plain = new OnnxWriter();
  plain.node('Relu', [plain.input('x', 'float', [1])], { outputs: ['y'] });
  plain.output('y', [1]);
  t.throws(() => floatConvolutions(plain.model('plain', { '': 17 })), { code: 'TRK_MODEL_CORRUPT' }, 'nothing to turn');
});
