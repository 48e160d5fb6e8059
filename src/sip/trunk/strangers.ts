import type { TrunkSettings } from '../../config/trunk-schema.js';

/** What becomes of requests from addresses that no trunk knows. `drop`: no answer at all. */
export type StrangerPolicy = 'accept' | 'reject' | 'drop';

/** As configured; else strangers are welcome until a trunk says whose calls it takes. */
export function strangerPolicy(configured: StrangerPolicy | undefined, trunks: Iterable<Pick<TrunkSettings, 'enabled' | 'acl' | 'inbound_auth'>>): StrangerPolicy {
  if (configured !== undefined) return configured;
  for (const { enabled, acl, inbound_auth } of trunks) if (enabled && (acl.length > 0 || inbound_auth !== undefined)) return 'reject';
  return 'accept';
}
