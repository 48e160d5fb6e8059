#!/usr/bin/env node
// Builds the native tests and fuzz targets with AddressSanitizer and
// UndefinedBehaviorSanitizer and runs them. `--thread` runs the engine under
// ThreadSanitizer instead. Each fuzz target gets the same inputs each time; with
// `--fuzz-seconds N` it looks for others for so long.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { compile, findCompiler, findLibraries, link, native, root, sources, warnings } from './build-native.mjs';

const { values } = parseArgs({
  options: { thread: { type: 'boolean', default: false }, 'fuzz-seconds': { type: 'string' } },
});
/** Inputs of a fuzz target when no time is given: some seconds of work, and those of `speech` are whole conversations. */
const RUNS = { rtcp: 400_000, rtp: 400_000, speech: 10_000, 'telephone-event': 400_000 };
const totals = { passed: 0, failed: 0 };

/** Runs a program and shows what it prints; its "N passed, N failed" is added up, a crash counts as one failure. */
function runTests(program, args = []) {
  const { status, stdout } = spawnSync(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8', maxBuffer: 2 ** 26 });
  process.stdout.write((stdout ?? '').replace(/^\d+ passed, \d+ failed\n/m, ''));
  const counted = /^(\d+) passed, (\d+) failed$/m.exec(stdout ?? '');
  totals.passed += Number(counted?.[1] ?? 0);
  totals.failed += counted === null ? 1 : Number(counted[2]);
  if (counted === null) process.stdout.write(`FAILED ${basename(program)} ended with ${status}\n`);
}

async function buildTests(kind, sanitizer, files) {
  const compiler = findCompiler();
  const folder = join(root, 'build/test', kind);
  const libraries = findLibraries(compiler);
  const flags = [...warnings, ...libraries.flags, '-O1', '-g', `-fsanitize=${sanitizer}`, '-fno-omit-frame-pointer', '-fno-sanitize-recover=all', `-I${join(native, 'test')}`];
  const objects = await compile(compiler, [...sources(join(native, 'core')), ...files], flags, folder);
  const program = join(folder, 'native-test');
  await link(compiler, objects, ['-pthread', ...libraries.links, `-fsanitize=${sanitizer}`], program);
  return { program, compiler, folder, flags };
}

/** True if clang can build a libFuzzer program. */
function hasLibFuzzer() {
  return spawnSync('clang++', ['-fsanitize=fuzzer,address', '-x', 'c++', '-', '-o', '/dev/null'], {
    input: '#include <cstdint>\n#include <cstddef>\nextern "C" int LLVMFuzzerTestOneInput(const uint8_t*, size_t) { return 0; }\n',
    stdio: ['pipe', 'ignore', 'ignore'],
  }).status === 0;
}

async function fuzz() {
  const libFuzzer = hasLibFuzzer();
  const compiler = libFuzzer ? 'clang++' : findCompiler();
  const sanitizers = libFuzzer ? 'fuzzer-no-link,address,undefined' : 'address,undefined';
  const folder = join(root, 'build/test', libFuzzer ? 'fuzz' : 'fuzz-plain');
  const libraries = findLibraries(compiler);
  const flags = [...warnings, ...libraries.flags, '-O1', '-g', `-fsanitize=${sanitizers}`, '-fno-sanitize-recover=all'];
  const core = await compile(compiler, sources(join(native, 'core')), flags, folder);
  const driver = join(native, 'fuzz/plain-driver.cpp');
  const extra = libFuzzer ? [] : await compile(compiler, [driver], flags, folder);
  for (const source of sources(join(native, 'fuzz')).filter((file) => file !== driver)) {
    const target = basename(source, '.cpp');
    const objects = await compile(compiler, [source], flags, folder);
    const program = join(folder, target);
    await link(compiler, [...core, ...objects, ...extra], ['-pthread', ...libraries.links, `-fsanitize=${libFuzzer ? 'fuzzer,address,undefined' : sanitizers}`], program);
    const corpus = join(native, 'fuzz/corpus', target);
    if (!existsSync(corpus) || readdirSync(corpus).length === 0) throw new Error(`no corpus for ${target}`);
    const seconds = values['fuzz-seconds'];
    const runs = RUNS[target];
    if (runs === undefined) throw new Error(`how many inputs for ${target}?`);
    // New inputs go to build/, so that a run leaves the saved corpus as it is. What a longer run found would change the others.
    const found = join(folder, seconds === undefined ? 'found-by-runs' : 'found', target);
    if (seconds === undefined) rmSync(found, { recursive: true, force: true });
    mkdirSync(found, { recursive: true });
    const bound = seconds === undefined ? [`-runs=${runs}`, '-seed=1'] : [`-max_total_time=${seconds}`];
    const args = libFuzzer ? [...bound, '-max_len=1500', '-verbosity=0', '-print_final_stats=0', `-artifact_prefix=${folder}/`, found, corpus] : [bound[0], corpus];
    const { status, stderr } = spawnSync(program, args, { cwd: root, stdio: ['ignore', 'inherit', 'pipe'], encoding: 'utf8', maxBuffer: 2 ** 26 });
    if (status !== 0) process.stderr.write(stderr ?? '');
    process.stdout.write(`${status === 0 ? 'ok    ' : 'FAILED'} fuzz ${target}, ${seconds === undefined ? `${runs} inputs` : `${seconds} s`}\n`);
    totals[status === 0 ? 'passed' : 'failed']++;
  }
}

const tests = sources(join(native, 'test'));
if (values.thread) {
  const chosen = tests.filter((file) => /engine|recorder|harness/.test(basename(file)));
  runTests((await buildTests('thread', 'thread', chosen)).program);
} else {
  runTests((await buildTests('address', 'address,undefined', tests)).program);
  await fuzz();
}
process.stdout.write(`${totals.passed} passed, ${totals.failed} failed\n`);
process.exitCode = totals.failed === 0 ? 0 : 1;
