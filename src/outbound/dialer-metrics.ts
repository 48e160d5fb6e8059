import { Counter, Gauge } from '../kernel/metrics.js';
import type { Registry } from '../kernel/metrics.js';
import type { AbandonFigures } from './dialing/abandon-ledger.js';
import { brakeNames } from './dialing/brakes.js';
import type { BrakeName } from './dialing/brakes.js';

/** What the dialer counts. */
export interface DialerMetrics {
  readonly attempts: Counter<'disposition'>;
  readonly noCapacity: Counter;
  readonly refused: Counter<'rule'>;
  readonly storeErrors: Counter<'code'>;
}

/** What is read when somebody asks. */
interface DialerState {
  running(): number;
  unsaved(): number;
  allowed(): number;
  brakes(): readonly BrakeName[];
  abandoned(): AbandonFigures;
}

export function createDialerMetrics(registry: Registry, now: DialerState): DialerMetrics {
  const registers = [registry];
  new Gauge({ name: 'trunkline_dialer_running_calls', help: 'Outbound calls from their intent to their saved result.', registers, collect() { this.set(now.running()); } });
  new Gauge({ name: 'trunkline_dialer_unsaved_results', help: 'Results that the store did not take yet.', registers, collect() { this.set(now.unsaved()); } });
  new Gauge({ name: 'trunkline_dialer_allowed_calls', help: 'Outbound calls that may be up now, by what can be served.', registers, collect() { this.set(now.allowed()); } });
  new Gauge({ name: 'trunkline_dialer_brake', help: '1 while this brake is on.', labelNames: ['brake'], registers, collect() { for (const brake of brakeNames) this.set({ brake }, now.brakes().includes(brake) ? 1 : 0); } });
  new Gauge({ name: 'trunkline_dialer_answered_calls', help: 'Answered outbound calls within the window of the abandon limit.', registers, collect() { this.set(now.abandoned().answered); } });
  new Gauge({ name: 'trunkline_dialer_abandoned_calls', help: 'Of these, calls in which the callee heard nothing for two seconds.', registers, collect() { this.set(now.abandoned().abandoned); } });
  return {
    refused: new Counter({ name: 'trunkline_dial_refused_total', help: 'Dials that a rule kept back.', labelNames: ['rule'], registers }),
    attempts: new Counter({ name: 'trunkline_dialer_attempts_total', help: 'Finished attempts.', labelNames: ['disposition'], registers }),
    noCapacity: new Counter({ name: 'trunkline_dialer_no_capacity_total', help: 'Times a due task waited because ports or workers were taken.', registers }),
    storeErrors: new Counter({ name: 'trunkline_dialer_store_errors_total', help: 'Rounds that the store ended.', labelNames: ['code'], registers }),
  };
}
