import { Counter, Gauge, Histogram, LATENCY_BUCKETS_MS } from '../kernel/metrics.js';
import type { Registry } from '../kernel/metrics.js';
import type { CallService } from './call-service.js';

/** Counts what happens to calls, without a word of what was said. */
export function observeCalls(calls: CallService, registry: Registry): void {
  const registers = [registry];
  const ended = new Counter({ name: 'trunkline_calls_total', help: 'Calls that ended', labelNames: ['direction', 'disposition', 'ended_by'], registers });
  const reply = new Histogram({ name: 'trunkline_reply_ms', help: "From the caller's last speech frame to our first packet, by the engine's clock", buckets: LATENCY_BUCKETS_MS, registers });
  const mos = new Histogram({ name: 'trunkline_call_mos', help: 'E-model MOS of answered calls', buckets: [1, 2, 2.5, 3, 3.5, 3.8, 4, 4.2, 4.4, 4.5], registers });
  const lost = new Counter({ name: 'trunkline_rtp_packets_lost_total', help: 'RTP packets that never came', registers });
  const early = new Histogram({ name: 'trunkline_early_media_ms', help: 'Early media before the answer, of calls that had any', buckets: [500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000], registers });
  const transfers = new Counter({ name: 'trunkline_transfers_total', help: 'Transfers of calls, by us and by far ends', labelNames: ['mode', 'by', 'outcome'], registers });
  new Gauge({ name: 'trunkline_calls_live', help: 'Calls now', registers, collect() { this.set(calls.live().length); } });
  calls.onEvent((event) => {
    if (event.type === 'call.transcript' && event.replyMs !== undefined) reply.observe(event.replyMs);
    if (event.type === 'call.transfer') transfers.inc({ mode: event.transfer.mode, by: event.transfer.by ?? 'none', outcome: event.transfer.outcome });
    if (event.type !== 'call.ended') return;
    const { direction, disposition, endedBy, media } = event.result;
    ended.inc({ direction, disposition, ended_by: endedBy });
    if (event.result.earlyMediaMs !== undefined) early.observe(event.result.earlyMediaMs);
    if (media?.['mos'] !== undefined) mos.observe(media['mos']);
    if (media?.['packetsLost'] !== undefined && media['packetsLost'] > 0) lost.inc(media['packetsLost']);
  });
}
