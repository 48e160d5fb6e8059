import { constants, copyFileSync, existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Config } from './config/schema.js';
import type { Embedder } from './dialogue/nlu/meaning.js';
import { TrainedFiles, keepNewest } from './dialogue/nlu/trained-files.js';
import { ProcessTrainer } from './dialogue/nlu/trainer.js';
import { systemClock } from './kernel/clock.js';
import { asTrunklineError } from './kernel/errors.js';
import { HelperProcess } from './kernel/helper-process.js';
import { Lifetime } from './kernel/lifetime.js';
import type { Logger } from './kernel/log.js';
import { userCacheDirectory } from './kernel/user-cache.js';
import { defaultModelsDirectory } from './models/cache.js';
import { loadManifest } from './models/manifest.js';
import { SENTENCE_LANGUAGE, sentenceFiles } from './workers/sentence/from-models.js';
import { SentenceEmbedder } from './workers/sentence/sentence-embedder.js';

/** Of the configuration, where models lie. */
interface ModelsPlace {
  readonly speech: Pick<Config['speech'], 'models_dir'>;
}

/** What understands: intent models are trained in a process of their own and sentences embedded in another, so that calls go on meanwhile and the server stays small. */
export interface Understanding {
  readonly trainer: ProcessTrainer;
  /** Of a flow's language; undefined where words alone must do. */
  readonly embedder: (language: string) => Embedder | undefined;
}

/** Part of the composition root. Without the sentence model everything works, by words and letters alone. `keepIn`: directory in which what was trained outlives the process. */
export async function startUnderstanding(config: ModelsPlace, log: Logger, lifetime: Lifetime, keepIn: string | false = join(userCacheDirectory(), 'intents')): Promise<Understanding> {
  const opened = await openSentences(config, log);
  const sentences = opened?.embedder;
  if (sentences !== undefined) lifetime.onClose(() => sentences.close());
  if (keepIn !== false) takeOver(preparedDirectory(config.speech.models_dir ?? defaultModelsDirectory()), keepIn);
  const embedder = (language: string): Embedder | undefined => {
    if (language.split('-')[0] !== SENTENCE_LANGUAGE) return undefined;
    // Ready before a caller's first words; models from the files need no vectors, so that nothing else may have started it.
    sentences?.start();
    return sentences;
  };
  const trainer = new ProcessTrainer({
    start: () => new HelperProcess(new URL('./dialogue/nlu/training-process.js', import.meta.url)),
    clock: systemClock,
    files: keepIn === false ? undefined : new TrainedFiles(keepIn),
    sentences: opened?.version,
    embedder,
    onWithout: (error) => log.warn({ code: error.code, reason: error.message }, 'an intent model was made without sentence vectors'),
  });
  lifetime.onClose(() => trainer.close());
  return { trainer, embedder };
}

async function openSentences(config: ModelsPlace, log: Logger): Promise<{ embedder: SentenceEmbedder; version: string } | undefined> {
  try {
    const files = await sentenceFiles(loadManifest(), config.speech.models_dir ?? defaultModelsDirectory());
    // The graph's name carries the weights' sha256 and the version of what it was made with.
    return { embedder: new SentenceEmbedder(files), version: basename(files.graph) };
  } catch (error) {
    const { code, message } = asTrunklineError(error);
    log.warn({ code, reason: message }, 'no sentence model: intents are understood by words and letters alone, which is less sure');
    return undefined;
  }
}

/** What `models pull` has prepared lies beside the models. */
function preparedDirectory(models: string): string {
  return join(models, 'intents');
}

/** Of this version and one before; each has five. */
const PREPARED_FILES = 10;

/** What the library alone gives, of which every flow's model is made, in both languages: its vectors take 20 s of processor time. Costs nothing where it is there. */
export async function prepareUnderstanding(models: string, log: Logger): Promise<void> {
  const lifetime = new Lifetime();
  try {
    const { trainer, embedder } = await startUnderstanding({ speech: { models_dir: models } }, log, lifetime, preparedDirectory(models));
    // Without the sentence model nothing here takes long enough to be prepared.
    if (embedder(SENTENCE_LANGUAGE) === undefined) return;
    for (const language of ['en', 'zh']) await trainer.train(language, []);
    keepNewest(preparedDirectory(models), PREPARED_FILES);
  } finally {
    await lifetime.close();
  }
}

/** Files that another folder has and this one has not; a disk that cannot be read or written costs the time of making them again. */
function takeOver(from: string, to: string): void {
  if (from === to || !existsSync(from)) return;
  try {
    mkdirSync(to, { recursive: true });
    for (const name of readdirSync(from)) if (name.endsWith('.trained') && !existsSync(join(to, name))) copyWhole(join(from, name), join(to, name));
  } catch {
    // Made again, then.
  }
}

function copyWhole(from: string, to: string): void {
  const partial = `${to}.${process.pid}`;
  copyFileSync(from, partial, constants.COPYFILE_FICLONE);
  renameSync(partial, to);
}
