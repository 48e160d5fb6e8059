/** 32 bits at a time (mulberry32), decided by the seed alone. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

const DRAWS = 0x10000;

/** Draws of a normal distribution (Box-Muller), made once: a sentence needs a hundred thousand, and picks them from here. */
const NORMAL = ((): Float32Array => {
  const next = sequence(1);
  const draws = new Float32Array(DRAWS);
  for (let at = 0; at < DRAWS; at += 2) {
    // Never 0, of which there is no logarithm.
    const radius = Math.sqrt(-2 * Math.log((next() + 0.5) / 2 ** 32));
    const angle = (2 * Math.PI * next()) / 2 ** 32;
    draws[at] = radius * Math.cos(angle);
    draws[at + 1] = radius * Math.sin(angle);
  }
  return draws;
})();

/** Noise of mean 0 and deviation 1; the same seed is the same noise. */
export function gaussianNoise(seed: number, length: number): Float32Array {
  const next = sequence(seed);
  const noise = new Float32Array(length);
  for (let at = 0; at < length; at += 2) {
    const bits = next();
    noise[at] = NORMAL[bits & 0xffff]!;
    // Past the end of an odd length, where a typed array takes nothing.
    noise[at + 1] = NORMAL[bits >>> 16]!;
  }
  return noise;
}
