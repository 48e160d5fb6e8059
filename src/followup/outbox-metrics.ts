import type { Registry } from '../kernel/metrics.js';
import { Counter } from '../kernel/metrics.js';
import type { OutboxEnd, OutboxEntry } from '../store/outbox.js';

export interface OutboxMetrics {
  ended(entry: OutboxEntry, end: OutboxEnd): void;
}

export function createOutboxMetrics(registry: Registry): OutboxMetrics {
  const tries = new Counter({ name: 'trunkline_outbox_tries_total', help: 'Webhooks and mails by what became of the try: succeeded, retry_wait or dead.', labelNames: ['channel', 'state'], registers: [registry] });
  return { ended: (entry, end) => tries.inc({ channel: entry.channel, state: end.state }) };
}
