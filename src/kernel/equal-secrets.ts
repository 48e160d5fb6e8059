import { createHash, timingSafeEqual } from 'node:crypto';

/** In constant time: both are hashed to one length first. */
export function equalSecrets(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
