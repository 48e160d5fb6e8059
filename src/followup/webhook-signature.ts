import { createHmac, timingSafeEqual } from 'node:crypto';
import { TrunklineError } from '../kernel/errors.js';
import type { Random } from '../kernel/random.js';

/**
 * Standard Webhooks (https://www.standardwebhooks.com): `webhook-signature` is a list of
 * `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`, one for each secret that is
 * valid. Bodies are signed as they are sent, byte by byte.
 */
const PREFIX = 'whsec_';
/** The specification asks for 24 to 64 bytes. */
const SECRET_BYTES = 32;

export function newWebhookSecret(random: Random): string {
  return `${PREFIX}${Buffer.from(random.bytes(SECRET_BYTES)).toString('base64')}`;
}

/** TRK_INVALID_REQUEST, with `field`, for a secret that receivers' libraries would not take. */
export function checkWebhookSecret(secret: string, field: string): string {
  const bytes = secretBytes(secret);
  if (!/^whsec_[A-Za-z0-9+/]+={0,2}$/.test(secret) || bytes.length < 24 || bytes.length > 64) {
    throw new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: 'a secret is "whsec_" and base64 of 24 to 64 bytes' }, field });
  }
  return secret;
}

/** `atMs`: when it is sent, ms since the epoch; the header carries seconds. */
export function webhookHeaders(id: string, atMs: number, body: string, secrets: readonly string[]): Record<string, string> {
  const seconds = String(Math.floor(atMs / 1000));
  return {
    'webhook-id': id,
    'webhook-timestamp': seconds,
    'webhook-signature': secrets.map((secret) => `v1,${signature(secret, id, seconds, body)}`).join(' '),
  };
}

/** For receivers written on top of our library door; true if one of the signatures is right and not older than `toleranceMs`. `body`: as it came, unparsed. */
export function verifyWebhook(headers: Readonly<Record<string, string | undefined>>, body: string | Uint8Array, secret: string, nowMs: number, toleranceMs = 300_000): boolean {
  const id = headers['webhook-id'];
  const seconds = headers['webhook-timestamp'];
  const given = headers['webhook-signature'];
  // With no secret everybody could sign.
  if (secretBytes(secret).length === 0) return false;
  if (id === undefined || seconds === undefined || given === undefined || !/^\d{1,12}$/.test(seconds)) return false;
  if (Math.abs(nowMs - Number(seconds) * 1000) > toleranceMs) return false;
  const wanted = Buffer.from(signature(secret, id, seconds, body));
  return given.split(' ').some((one) => {
    const [version, text = ''] = one.split(',');
    const bytes = Buffer.from(text);
    return version === 'v1' && bytes.length === wanted.length && timingSafeEqual(bytes, wanted);
  });
}

function secretBytes(secret: string): Buffer {
  return Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : '', 'base64');
}

function signature(secret: string, id: string, seconds: string, body: string | Uint8Array): string {
  return createHmac('sha256', secretBytes(secret)).update(`${id}.${seconds}.`).update(body).digest('base64');
}
