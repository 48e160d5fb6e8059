#!/usr/bin/env node
// Builds build/Release/trunkline_media.node (and the far end that benches use) by
// driving the C++ compiler directly: no cmake, make or node-gyp is needed. Only
// what changed is compiled again; headers count, by the compiler's own list.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
export const native = join(root, 'native');

/** Every .cpp below `folder`, sorted. */
export function sources(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.cpp'))
    .sort()
    .map((name) => join(folder, name));
}

/** The compiler to use, or an end with the command that installs one. */
export function findCompiler(candidates = [process.env.CXX, 'g++', 'c++', 'clang++']) {
  for (const candidate of candidates.filter(Boolean)) {
    if (spawnSync(candidate, ['--version'], { stdio: 'ignore' }).status === 0) return candidate;
  }
  process.stderr.write('No C++ compiler was found. Install one with: apt-get install g++\n');
  process.exit(1);
}

function modified(file) {
  return existsSync(file) ? statSync(file).mtimeMs : 0;
}

/** True if `object` is older than any file it was made from, or was made by another command. */
function stale(object, command) {
  const made = modified(object);
  const depfile = object.replace(/\.o$/, '.d');
  if (made === 0 || !existsSync(depfile)) return true;
  if (!existsSync(`${object}.command`) || readFileSync(`${object}.command`, 'utf8') !== command) return true;
  const inputs = readFileSync(depfile, 'utf8').replace(/\\\n/g, ' ').replace(/^[^:]*:/, '').trim().split(/\s+/);
  // A header that is gone makes it stale as well: its modification time is 0 here.
  return inputs.some((input) => input !== '' && (modified(input) === 0 || modified(input) > made));
}

function run(command, args) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
    child.on('error', () => done(1));
    child.on('exit', (code) => done(code ?? 1));
  });
}

/** Compiles what is stale, `jobs` at a time. Returns the objects; ends the process if a file does not compile. */
export async function compile(compiler, files, flags, outputFolder, jobs = 2) {
  const waiting = [];
  const objects = [];
  for (const file of files) {
    const object = join(outputFolder, `${relative(native, file).replace(/\.cpp$/, '')}.o`);
    objects.push(object);
    const args = [...flags, '-MMD', '-MF', object.replace(/\.o$/, '.d'), '-c', file, '-o', object];
    const command = [compiler, ...args].join(' ');
    if (stale(object, command)) waiting.push({ file, object, args, command });
  }
  let failed = false;
  const total = waiting.length;
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined && !failed; item = waiting.shift()) {
      process.stdout.write(`[${total - waiting.length}/${total}] ${relative(root, item.file)}\n`);
      mkdirSync(dirname(item.object), { recursive: true });
      if ((await run(compiler, item.args)) !== 0) failed = true;
      else writeFileSync(`${item.object}.command`, item.command);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  if (failed) process.exit(1);
  return objects;
}

/** Links if any object is newer than the output. True if it did. */
export async function link(compiler, objects, flags, output) {
  const made = modified(output);
  if (made !== 0 && objects.every((object) => modified(object) <= made)) return false;
  mkdirSync(dirname(output), { recursive: true });
  process.stdout.write(`[link] ${relative(root, output)}\n`);
  // Renamed into place: a running process keeps the file that it mapped.
  const fresh = `${output}.new`;
  if ((await run(compiler, [...objects, ...flags, '-o', fresh])) !== 0) process.exit(1);
  renameSync(fresh, output);
  return true;
}

/** System libraries that make more possible. Without one the core is complete but for what it is for. */
const optionalLibraries = [
  { name: 'srtp', define: 'TRUNKLINE_SRTP', link: '-lsrtp2', package: 'libsrtp2-dev', use: 'SRTP', probe: '#include <srtp2/srtp.h>\nint main() { return srtp_init(); }\n' },
  { name: 'g722', define: 'TRUNKLINE_G722', link: '-lspandsp', package: 'libspandsp-dev', use: 'G.722', probe: '#include <cstdint>\n#include <spandsp/telephony.h>\n#include <spandsp/g722.h>\nint main() { return g722_decode_init(0, 64000, 0) == 0; }\n' },
  { name: 'opus', define: 'TRUNKLINE_OPUS', link: '-lopus', package: 'libopus-dev', use: 'Opus', probe: '#include <opus/opus.h>\nint main() { return opus_decoder_create(16000, 1, 0) == 0; }\n' },
];

/**
 * Compiler and linker flags of the optional libraries that this machine has.
 * `TRUNKLINE_WITHOUT=srtp` (names by comma) leaves libraries out that are there.
 */
export function findLibraries(compiler, leaveOut = (process.env.TRUNKLINE_WITHOUT ?? '').split(',')) {
  const found = { flags: [], links: [], names: [] };
  for (const library of optionalLibraries) {
    const args = ['-x', 'c++', '-', '-o', '/dev/null', library.link];
    const there = !leaveOut.includes(library.name) && spawnSync(compiler, args, { input: library.probe, stdio: ['pipe', 'ignore', 'ignore'] }).status === 0;
    if (!there) {
      process.stdout.write(`Without ${library.use}: install ${library.package} and build again to have it.\n`);
      continue;
    }
    found.flags.push(`-D${library.define}`);
    found.links.push(library.link);
    found.names.push(library.name);
  }
  return found;
}

export const warnings = ['-std=c++17', '-Wall', '-Wextra', '-Wshadow', `-I${join(native, 'core')}`];

async function main() {
  const compiler = findCompiler();
  const { include_dir: headers } = createRequire(import.meta.url)('node-api-headers');
  const folder = join(root, 'build/native');
  const libraries = findLibraries(compiler);
  const flags = [...warnings, ...libraries.flags, '-O3', '-g1', '-fPIC', '-fvisibility=hidden', '-fno-math-errno', '-DNAPI_VERSION=8', `-I${headers}`];
  const core = await compile(compiler, sources(join(native, 'core')), flags, folder);
  const addon = await compile(compiler, sources(join(native, 'addon')), flags, folder);
  const bench = await compile(compiler, sources(join(native, 'bench')), flags, folder);
  const built = await link(compiler, [...core, ...addon], ['-shared', '-pthread', ...libraries.links], join(root, 'build/Release/trunkline_media.node'));
  const far = bench.length > 0 && (await link(compiler, [...core, ...bench], ['-pthread', ...libraries.links], join(root, 'build/Release/trunkline_far_end')));
  if (!built && !far) process.stdout.write('The native media core is up to date.\n');
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) await main();
