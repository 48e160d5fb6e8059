import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TrunklineError } from '../kernel/errors.js';
import { hex } from '../kernel/random.js';
import type { Random } from '../kernel/random.js';
import { derivedDirectory } from './cache.js';
import { writeAtomically } from './derived-file.js';
import type { ModelEntry } from './manifest.js';

/** Packages of the Python ear with the sha256 of each of their files; nothing else is installed. Lies beside the manifest. */
const REQUIREMENTS = fileURLToPath(new URL('../../models/ear-python.txt', import.meta.url));
const STAMP = 'python.json';
/** What the worker imports: if this works, the environment is whole. */
const IMPORTS = 'import ctranslate2, grpc, grpc_health.v1.health, google.protobuf, numpy, onnxruntime, tokenizers';
const ABOUT = 'import json, os, sys; print(json.dumps({"executable": os.path.realpath(sys.executable), "version": "%d.%d" % sys.version_info[:2]}))';

/** Packages are compiled for one version of Python, so the interpreter belongs to them. */
export interface PythonEnvironment {
  readonly executable: string;
  /** E.g. `3.11`. */
  readonly version: string;
  /** To be put in front of `sys.path`. */
  readonly packages: string;
}

/** Named by what is in it: another list of packages is another environment. */
async function environmentDirectory(cache: string, model: ModelEntry): Promise<string> {
  const fingerprint = createHash('sha256').update(await readFile(REQUIREMENTS)).digest('hex').slice(0, 16);
  return join(derivedDirectory(cache, model.name), `python-${fingerprint}`);
}

/** The environment that `models pull` made. TRK_MODEL_ENVIRONMENT if there is none, or its interpreter has gone. */
export async function pythonEnvironment(cache: string, model: ModelEntry): Promise<PythonEnvironment> {
  const directory = await environmentDirectory(cache, model);
  try {
    const { executable, version } = JSON.parse(await readFile(join(directory, STAMP), 'utf8')) as PythonEnvironment;
    await stat(executable);
    return { executable, version, packages: join(directory, 'packages') };
  } catch (cause) {
    throw new TrunklineError('TRK_MODEL_ENVIRONMENT', { params: { model: model.name }, cause });
  }
}

/**
 * Installs the packages into the cache, unless they are there for the `python3` of now.
 * Not a venv: that needs parts which Debian keeps apart, and the worker shuts out all other
 * packages by itself (`-I -S`). TRK_MODEL_SOURCE with pip's or Python's complaint.
 */
export async function derivePython(options: { model: ModelEntry; cache: string; random: Random; env?: NodeJS.ProcessEnv }): Promise<PythonEnvironment> {
  const { model, cache, random, env = process.env } = options;
  const failed = (reason: string): TrunklineError => new TrunklineError('TRK_MODEL_SOURCE', { params: { model: `${model.name} (its Python environment)`, reason } });
  const python = async (executable: string, args: readonly string[]): Promise<string> => {
    try {
      return await run(executable, args, env);
    } catch (error) {
      throw failed((error as Error).message);
    }
  };
  const about = JSON.parse(await python('python3', ['-c', ABOUT])) as Omit<PythonEnvironment, 'packages'>;
  const known = await pythonEnvironment(cache, model).catch(() => undefined);
  if (known !== undefined && known.version === about.version) return known;
  const directory = await environmentDirectory(cache, model);
  const partial = `${directory}.${hex(random, 6)}.part`;
  const packages = join(partial, 'packages');
  await mkdir(packages, { recursive: true });
  try {
    const quiet = ['--no-input', '--no-cache-dir', '--disable-pip-version-check', '--quiet', '--no-warn-script-location'];
    await python('python3', ['-m', 'pip', 'install', ...quiet, '--no-deps', '--only-binary=:all:', '--require-hashes', '--target', packages, '-r', REQUIREMENTS]);
    await python(about.executable, ['-I', '-S', '-c', `import sys; sys.path.insert(0, ${JSON.stringify(packages)}); ${IMPORTS}`]);
    await writeAtomically(join(partial, STAMP), Buffer.from(JSON.stringify(about)), random);
    await rm(directory, { recursive: true, force: true });
    await rename(partial, directory);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
  return { ...about, packages: join(directory, 'packages') };
}

/** Standard output; rejects with the last line of the complaint. */
function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let answer = '';
    let complaint = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (answer += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-4000)));
    child.once('error', (error) => reject(new Error(`${command} could not be run (${error.message})`)));
    child.once('close', (code) => {
      if (code === 0) return resolve(answer);
      const lines = complaint.trim().split('\n').filter((line) => !/^WARNING/.test(line));
      reject(new Error(lines.filter((line) => /error/i.test(line)).at(-1) ?? lines.at(-1) ?? `${command} ended with ${code}`));
    });
  });
}
