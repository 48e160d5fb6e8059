import { writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { mutated, seeded } from '../support/sip-mutations.js';
import { checkBytes, checkStream } from '../support/sip-properties.js';

// Long fuzz run of the SIP parser and stream framer:
//   node --import tsx test/fuzz/sip.ts [SECONDS=60] [SEED]
// Prints its seed first. On a finding it writes the input to a file and exits with 1.

/** One input may take this long, ms; a pattern that backtracks takes far longer. */
const SLOW_MS = 1_000;

const seconds = Number(process.argv[2] ?? 60);
const seed = Number(process.argv[3] ?? process.hrtime.bigint() % 2n ** 32n);
if (!Number.isFinite(seconds) || !Number.isFinite(seed)) {
  console.error('usage: node --import tsx test/fuzz/sip.ts [SECONDS] [SEED]');
  process.exit(2);
}
console.log(`seed ${seed}, ${seconds} s`);

const random = seeded(seed);
const end = performance.now() + seconds * 1_000;
let runs = 0;
let messages = 0;
let slowest = 0;
while (performance.now() < end) {
  const input = mutated(random);
  const begin = performance.now();
  try {
    if (checkBytes(input)) messages++;
    if (runs % 4 === 0) checkStream(Buffer.concat([input, mutated(random)]), [random, random, random].map((next) => Math.floor(next() * 4_000)));
  } catch (error) {
    report(input, error);
  }
  const took = performance.now() - begin;
  slowest = Math.max(slowest, took);
  if (took > SLOW_MS) report(input, new Error(`took ${took.toFixed(0)} ms`));
  runs++;
}
console.log(`${runs} inputs, ${messages} of them messages, slowest ${slowest.toFixed(1)} ms, no finding`);

function report(input: Buffer, error: unknown): never {
  const file = `fuzz-sip-${seed}-${runs}.dat`;
  writeFileSync(file, input);
  console.error(`finding after ${runs} inputs, seed ${seed}, input in ${file}:`, error);
  process.exit(1);
}
