import { checkModel } from './verify.js';
import type { ModelState } from './verify.js';
import type { ModelGroup, ModelManifest } from './manifest.js';

export interface ModelRow {
  readonly name: string;
  readonly task: string;
  readonly languages: readonly string[];
  readonly licence: string;
  readonly bytes: number;
  readonly groups: readonly ModelGroup[];
  readonly state: ModelState;
  /** Where it came from if it is installed, otherwise where it can be had, in order: `pip moonshine-voice==0.0.49`. */
  readonly sources: readonly string[];
}

/** What `trunkline models list` prints. `verify` computes every sha256 anew. */
export async function listModels(manifest: ModelManifest, cache: string, options: { readonly verify?: boolean } = {}): Promise<readonly ModelRow[]> {
  const rows: ModelRow[] = [];
  for (const model of manifest.models) {
    const check = await checkModel(cache, model, options.verify === true);
    const known = model.sources.filter((source) => check.state !== 'installed' || check.source === undefined || source.kind === check.source);
    const { name, task, languages, licence, bytes, groups } = model;
    rows.push({ name, task, languages, licence, bytes, groups, state: check.state, sources: known.flatMap(describeSource) });
  }
  return rows;
}

function describeSource(source: ModelManifest['models'][number]['sources'][number]): string[] {
  const places = Object.values<readonly ({ package: string } | { url: string })[]>(source.files).flatMap((parts) => parts.map((part) => ('url' in part ? part.url : part.package)));
  return [...new Set(places)].map((place) => `${source.kind} ${place}`);
}
