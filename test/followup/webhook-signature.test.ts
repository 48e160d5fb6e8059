import { Webhook } from 'standardwebhooks';
import t from 'tap';
import { checkWebhookSecret, newWebhookSecret, webhookHeaders } from '../../src/followup/webhook-signature.js';
import { verifyWebhook } from '../../src/index.js';
import { systemRandom } from '../../src/kernel/random.js';
import fc from '../support/property.js';

t.test("the specification's own library takes what we sign, and we take what it signs", (t) => {
  fc.assert(
    fc.property(fc.json(), fc.uuid(), (body, id) => {
      const secret = newWebhookSecret(systemRandom);
      const now = Date.now();
      const headers = webhookHeaders(id, now, body, [secret]);
      new Webhook(secret).verify(body, headers);
      const theirs = { 'webhook-id': id, 'webhook-timestamp': headers['webhook-timestamp'], 'webhook-signature': new Webhook(secret).sign(id, new Date(now), body) };
      return verifyWebhook(theirs, body, secret, now) && verifyWebhook(headers, body, secret, now);
    }),
  );
  t.end();
});

t.test('while a secret is being changed, both verify', (t) => {
  const secrets = [newWebhookSecret(systemRandom), newWebhookSecret(systemRandom)];
  const headers = webhookHeaders('evt_1', Date.now(), '{}', secrets);
  for (const secret of secrets) t.doesNotThrow(() => new Webhook(secret).verify('{}', headers));
  t.throws(() => new Webhook(newWebhookSecret(systemRandom)).verify('{}', headers));
  t.end();
});

t.test('what was changed, or is too old, is not taken', (t) => {
  const secret = newWebhookSecret(systemRandom);
  const headers = webhookHeaders('evt_1', 1_000_000_000_000, '{"a":1}', [secret]);
  const at = (nowMs: number, body = '{"a":1}', changed = {}): boolean => verifyWebhook({ ...headers, ...changed }, body, secret, nowMs);
  t.ok(at(1_000_000_299_000));
  t.notOk(at(1_000_000_301_000), 'too old');
  t.notOk(at(999_999_699_000), 'from the future');
  t.notOk(at(1_000_000_000_000, '{"a":2}'));
  t.notOk(at(1_000_000_000_000, '{"a":1}', { 'webhook-id': 'evt_2' }));
  t.notOk(at(1_000_000_000_000, '{"a":1}', { 'webhook-signature': 'v1,' }));
  t.notOk(at(1_000_000_000_000, '{"a":1}', { 'webhook-timestamp': 'x' }));
  t.ok(verifyWebhook(headers, Buffer.from('{"a":1}'), secret, 1_000_000_000_000), 'bytes as they came');
  t.notOk(verifyWebhook(webhookHeaders('evt_1', 1_000_000_000_000, '{}', ['']), '{}', '', 1_000_000_000_000), 'without a secret nothing is signed');
  t.end();
});

t.test('secrets that receivers could not use are refused', (t) => {
  for (const secret of ['', 'abc', 'whsec_', 'whsec_c2hvcnQ=', `whsec_${'A'.repeat(200)}`, `${newWebhookSecret(systemRandom)} `]) {
    t.throws(() => checkWebhookSecret(secret, 'secret'), { code: 'TRK_INVALID_REQUEST', field: 'secret' }, secret);
  }
  const good = newWebhookSecret(systemRandom);
  t.equal(checkWebhookSecret(good, 'secret'), good);
  t.end();
});
