import { Counter, Gauge } from '../kernel/metrics.js';
import type { Registry } from '../kernel/metrics.js';

/** What the dialer counts. */
export interface DialerMetrics {
  readonly attempts: Counter<'disposition'>;
  readonly noCapacity: Counter;
  readonly storeErrors: Counter<'code'>;
}

export function createDialerMetrics(registry: Registry, now: { running(): number; unsaved(): number }): DialerMetrics {
  const registers = [registry];
  new Gauge({ name: 'trunkline_dialer_running_calls', help: 'Outbound calls from their intent to their saved result.', registers, collect() { this.set(now.running()); } });
  new Gauge({ name: 'trunkline_dialer_unsaved_results', help: 'Results that the store did not take yet.', registers, collect() { this.set(now.unsaved()); } });
  return {
    attempts: new Counter({ name: 'trunkline_dialer_attempts_total', help: 'Finished attempts.', labelNames: ['disposition'], registers }),
    noCapacity: new Counter({ name: 'trunkline_dialer_no_capacity_total', help: 'Times a due task waited because ports or workers were taken.', registers }),
    storeErrors: new Counter({ name: 'trunkline_dialer_store_errors_total', help: 'Rounds that the store ended.', labelNames: ['code'], registers }),
  };
}
