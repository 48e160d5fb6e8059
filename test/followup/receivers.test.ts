import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { AddressGuard } from '../../src/followup/address-guard.js';
import { WebhookSender } from '../../src/followup/webhook-sender.js';
import { newWebhookSecret, webhookHeaders } from '../../src/followup/webhook-signature.js';
import { systemClock } from '../../src/kernel/clock.js';
import { systemRandom } from '../../src/kernel/random.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const receivers = { 'receiver.mjs': process.execPath, 'receiver.py': 'python3' };

for (const [file, program] of Object.entries(receivers)) {
  t.test(`examples/webhooks/${file} takes what we sign, once, and nothing else`, async (t) => {
    const secret = newWebhookSecret(systemRandom);
    const child = spawn(program, [`examples/webhooks/${file}`, '0'], { cwd: root, env: { ...process.env, TRUNKLINE_WEBHOOK_SECRET: secret }, stdio: ['ignore', 'pipe', 'inherit'] });
    t.teardown(() => child.kill());
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const next = async (): Promise<string> => String((await lines.next()).value);
    const url = `http://127.0.0.1:${(await next()).replace('listening on ', '')}/`;
    const sender = new WebhookSender({ guard: new AddressGuard(['127.0.0.1/32']), clock: systemClock, timeoutMs: 20_000, userAgent: 'test' });
    const body = JSON.stringify({ type: 'task.done', timestamp: new Date().toISOString(), data: { taskId: 'task_1', disposition: '好' } });
    const now = systemClock.now();
    const send = (headers: Record<string, string>, text = body) => sender.send(url, headers, text);
    const signed = webhookHeaders('evt_1', now, body, [newWebhookSecret(systemRandom), secret]);
    t.match(await send(signed), { kind: 'delivered', status: 204 });
    t.match(await next(), /^task\.done task_1 好/);
    t.match(await send(signed), { kind: 'delivered', status: 204 }, 'the second time is answered well');
    t.match(await send(webhookHeaders('evt_2', now, body, [newWebhookSecret(systemRandom)])), { reason: 'http_401' });
    t.match(await send(signed, body.replace('task_1', 'task_2')), { reason: 'http_401' });
    t.match(await send(webhookHeaders('evt_3', now - 600_000, body, [secret])), { reason: 'http_401' });
    const last = JSON.stringify({ type: 'task.cancelled', data: {} });
    t.match(await send(webhookHeaders('evt_4', now, last, [secret]), last), { kind: 'delivered' });
    t.match(await next(), /^task\.cancelled/, 'and was taken once');
  });
}
