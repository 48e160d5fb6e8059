import { parseConfig } from '../../../src/config/load.js';
import type { TrunkSettings } from '../../../src/config/trunk-schema.js';

/** A trunk with the defaults of the schema. */
export function trunkOf(changes: Readonly<Record<string, unknown>> = {}): TrunkSettings {
  const [trunk] = parseConfig(JSON.stringify({ trunks: [{ name: 'carrier', addresses: [{ host: '192.0.2.1' }], ...changes }] })).trunks;
  if (trunk === undefined) throw new Error('no trunk');
  return trunk;
}
