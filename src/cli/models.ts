import { defaultModelsDirectory } from '../models/cache.js';
import { listModels } from '../models/list.js';
import { loadManifest, selectModels } from '../models/manifest.js';
import type { ModelGroup } from '../models/manifest.js';
import { pullModels } from '../models/pull.js';
import type { PullProgress } from '../models/pull.js';
import { parseConfig } from '../config/load.js';
import { TrunklineError } from '../kernel/errors.js';
import { createLogger } from '../kernel/log.js';
import { prepareUnderstanding } from '../nlu-wiring.js';
import { EXIT, table } from './output.js';
import type { Output } from './output.js';

const GROUPS: readonly ModelGroup[] = ['default', 'test', 'optional', 'zh'];

/** `models list|verify|pull`. `verify` fails when something installed is corrupt, or something asked for is missing. */
export async function models(output: Output, verb: 'list' | 'verify' | 'pull', names: readonly string[], options: { group?: string[]; language?: string; dir?: string }): Promise<number> {
  const directory = options.dir ?? process.env['TRUNKLINE_MODELS_DIR'] ?? defaultModelsDirectory();
  const groups = [...(options.group ?? []).map(groupOf), ...groupsOf(options.language)];
  if (verb === 'pull') {
    const choice = names.length + groups.length === 0 ? { groups: ['default' as const] } : { names, groups };
    await pullModels({ ...choice, directory, onProgress: (progress) => showPull(output, progress) });
    output.note('  preparing what understands callers');
    await prepareUnderstanding(directory, createLogger({ ...parseConfig('').log, level: 'error' }));
    if (output.json) output.out(JSON.stringify({ directory }));
    return EXIT.ok;
  }
  const manifest = loadManifest();
  const wanted = names.length + groups.length === 0 ? manifest.models : selectModels(manifest, { names, groups });
  const rows = (await listModels({ ...manifest, models: [...wanted] }, directory, { verify: verb === 'verify' })).filter((row) => verb === 'list' || names.length + groups.length > 0 || row.state !== 'missing');
  if (output.json) output.out(JSON.stringify(rows));
  else output.out(table(['model', 'task', 'languages', 'size', 'state', 'licence', 'origin'], rows.map((row) => [row.name, row.task, row.languages.join(','), `${(row.bytes / 1e6).toFixed(1)} MB`, row.state, row.licence, origin(row.sources)])));
  const bad = rows.filter((row) => row.state === 'corrupt' || (verb === 'verify' && row.state !== 'installed'));
  return verb === 'verify' && bad.length > 0 ? EXIT.failed : EXIT.ok;
}

/** The first place is where it is fetched from; --json has them all. */
function origin(sources: readonly string[]): string {
  return `${sources[0] ?? '-'}${sources.length > 1 ? ` (+${sources.length - 1})` : ''}`;
}

function groupsOf(language: string | undefined): ModelGroup[] {
  if (language === undefined) return [];
  if (/^en\b/i.test(language)) return ['default'];
  if (/^zh\b/i.test(language)) return ['default', 'zh'];
  throw new TrunklineError('TRK_USAGE', { params: { reason: `No models for the language ${language}; there are some for en and zh.` }, field: 'language' });
}

function groupOf(text: string): ModelGroup {
  const group = GROUPS.find((one) => one === text);
  if (group === undefined) throw new TrunklineError('TRK_USAGE', { params: { reason: `Unknown group ${text}; known are ${GROUPS.join(', ')}.` }, field: 'group' });
  return group;
}

function showPull(output: Output, progress: PullProgress): void {
  const label = `${progress.index}/${progress.count} ${progress.model}`;
  if (progress.phase === 'download') output.progress(label, progress.bytes === undefined ? 0 : progress.bytes / progress.totalBytes);
  else if (progress.phase === 'installed') output.progress(label, 1);
  else if (progress.phase === 'waiting') output.note('  waiting for another pull to finish');
  else if (progress.phase === 'source_failed') output.note(`  ${label}: ${progress.detail ?? 'a source failed'}; trying the next one`);
}
