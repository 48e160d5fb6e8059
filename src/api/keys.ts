import { createHash } from 'node:crypto';
import type { Clock } from '../kernel/clock.js';
import { newId } from '../kernel/ids.js';
import { hex } from '../kernel/random.js';
import type { Random } from '../kernel/random.js';
import type { ApiKeyRecord, Store } from '../store/store.js';

export const scopes = [
  'admin',
  'tasks:write',
  'tasks:read',
  'flows:write',
  'flows:read',
  'calls:write',
  'calls:read',
  'results:read',
  'contacts:write',
  'contacts:read',
  'audiences:write',
  'audiences:read',
  'events:read',
  'webhooks:write',
  'webhooks:read',
  'suppressions:write',
  'suppressions:read',
  'campaigns:write',
  'campaigns:read',
] as const;

/** What a key may do; `admin` includes all others. */
export type Scope = (typeof scopes)[number];

export function isScope(text: string): text is Scope {
  return (scopes as readonly string[]).includes(text);
}

/** What the store keeps of a secret. 256 random bits need no salt and no slow hash. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

const SECRET = /^trk_[0-9a-f]{64}$/;

export function looksLikeSecret(text: string): boolean {
  return SECRET.test(text);
}

/** Makes and saves a key. The secret is in the answer only: nothing can show it again. */
export async function createApiKey(
  parts: { store: Pick<Store, 'putApiKey'>; clock: Clock; random: Random },
  wanted: { name: string; scopes: readonly Scope[] },
): Promise<{ record: ApiKeyRecord; secret: string }> {
  const secret = `trk_${hex(parts.random, 32)}`;
  const record: ApiKeyRecord = {
    id: newId('key', parts.clock, parts.random),
    name: wanted.name,
    hash: hashSecret(secret),
    scopes: [...wanted.scopes],
    createdAt: parts.clock.now(),
    revokedAt: undefined,
  };
  await parts.store.putApiKey(record);
  return { record, secret };
}
