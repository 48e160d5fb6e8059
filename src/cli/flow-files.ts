import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FlowLibrary } from '../call/flow-library.js';
import { TrunklineError, asTrunklineError } from '../kernel/errors.js';

/** A flow file as text. TRK_USAGE if it cannot be read. */
export function readFlow(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new TrunklineError('TRK_USAGE', { params: { reason: `Flow file cannot be read: ${(error as Error).message}` }, field: path, cause: error });
  }
}

/** Publishes every .yaml, .yml and .json of a folder. One bad file stops the start and is named. TRK_CONFIG_UNREADABLE, TRK_FLOW_INVALID. */
export async function loadFlows(flows: FlowLibrary, dir: string): Promise<{ id: string; version: number }[]> {
  const names = namesIn(dir).filter((name) => /\.(?:ya?ml|json)$/.test(name));
  const loaded: { id: string; version: number }[] = [];
  for (const name of names.sort()) {
    const path = join(dir, name);
    try {
      const { record } = await flows.publish(readFlow(path));
      loaded.push({ id: record.id, version: record.version });
    } catch (thrown) {
      const error = asTrunklineError(thrown);
      // A worker that is lost, or a server that is closing, is no fault of this file.
      if (error.code !== 'TRK_FLOW_INVALID') throw error;
      throw new TrunklineError('TRK_FLOW_INVALID', { params: { reason: `${path}: ${error.message}` }, field: error.field ?? path, cause: error });
    }
  }
  return loaded;
}

function namesIn(dir: string): readonly string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    throw new TrunklineError('TRK_CONFIG_UNREADABLE', { params: { reason: (error as Error).message }, field: 'flows_dir', cause: error });
  }
}
