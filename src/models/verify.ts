import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TrunklineError } from '../kernel/errors.js';
import { modelDirectory } from './cache.js';
import { findModel } from './manifest.js';
import type { ModelEntry, ModelFile, ModelManifest } from './manifest.js';

/** What was verified: as long as size and modification time stand, the sha256 is not computed again. */
interface Stamp {
  /** Kind of the source that the model came from. */
  readonly source: string;
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly size: number; readonly mtimeMs: number }>>;
}

export type ModelState = 'installed' | 'missing' | 'corrupt';

export interface ModelCheck {
  readonly state: ModelState;
  /** The first file that is missing or wrong. */
  readonly file?: string;
  /** `pip`, `npm` or `url`, as noted when it was pulled. */
  readonly source?: string;
}

/** A model whose files are there and right. */
export interface InstalledModel {
  readonly entry: ModelEntry;
  readonly directory: string;
  /** Absolute path of a file that the manifest lists for it. */
  file(path: string): string;
}

const STAMP = '.verified.json';

/** Lower-case hex, read as a stream: models are larger than memory should be. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** `full` computes every sha256 anew; otherwise an unchanged size and time are enough. */
export async function checkModel(cache: string, model: ModelEntry, full = false): Promise<ModelCheck> {
  const directory = modelDirectory(cache, model.name);
  const stamp = await readStamp(directory);
  const source = stamp === undefined ? {} : { source: stamp.source };
  for (const file of model.files) {
    const state = await checkFile(directory, file, full ? undefined : stamp);
    if (state !== 'installed') return { state, file: file.path, ...source };
  }
  if (stamp === undefined || full) await writeStamp(cache, model, stamp?.source ?? 'unknown');
  return { state: 'installed', ...source };
}

async function checkFile(directory: string, file: ModelFile, stamp: Stamp | undefined): Promise<ModelState> {
  const path = join(directory, file.path);
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) return 'missing';
  if (found.size !== file.bytes) return 'corrupt';
  const noted = stamp?.files[file.path];
  if (noted?.sha256 === file.sha256 && noted.size === found.size && noted.mtimeMs === found.mtimeMs) return 'installed';
  return (await sha256Of(path)) === file.sha256 ? 'installed' : 'corrupt';
}

/** TRK_MODEL_UNKNOWN, TRK_MODEL_MISSING, TRK_MODEL_CORRUPT. */
export async function requireModel(manifest: ModelManifest, cache: string, name: string): Promise<InstalledModel> {
  const entry = findModel(manifest, name);
  const check = await checkModel(cache, entry);
  if (check.state === 'missing') throw new TrunklineError('TRK_MODEL_MISSING', { params: { model: name } });
  if (check.state === 'corrupt') throw new TrunklineError('TRK_MODEL_CORRUPT', { params: { file: `${name}/${check.file ?? ''}` } });
  const directory = modelDirectory(cache, name);
  return { entry, directory, file: (path) => join(directory, path) };
}

/** Notes size and time of every file; the caller has just verified them. */
export async function writeStamp(cache: string, model: ModelEntry, source: string): Promise<void> {
  const directory = modelDirectory(cache, model.name);
  const files: Record<string, { sha256: string; size: number; mtimeMs: number }> = {};
  for (const file of model.files) {
    const { size, mtimeMs } = await stat(join(directory, file.path));
    files[file.path] = { sha256: file.sha256, size, mtimeMs };
  }
  const stamp: Stamp = { source, files };
  const partial = join(directory, `${STAMP}.${process.pid}`);
  // A cache that cannot be written to (a read-only image) still works: every check then computes.
  await writeFile(partial, JSON.stringify(stamp)).then(() => rename(partial, join(directory, STAMP)), () => undefined);
}

async function readStamp(directory: string): Promise<Stamp | undefined> {
  try {
    const value = JSON.parse(await readFile(join(directory, STAMP), 'utf8')) as Partial<Stamp>;
    return typeof value.files === 'object' && typeof value.source === 'string' ? (value as Stamp) : undefined;
  } catch {
    return undefined;
  }
}
