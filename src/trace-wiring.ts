import type { FoundTrace, TraceDesk } from './api/deps.js';
import type { Trace } from './api/routes/traces.js';
import { CallSight } from './call/call-trace.js';
import type { Config } from './config/schema.js';
import type { Clock } from './kernel/clock.js';
import { TrunklineError } from './kernel/errors.js';
import type { Lifetime } from './kernel/lifetime.js';
import { Gauge } from './kernel/metrics.js';
import type { Registry } from './kernel/metrics.js';
import { bracketed } from './sip/embedded/message/via.js';
import { viewOf } from './sip/trace/call-view.js';
import { ladder } from './sip/trace/ladder.js';
import { pcapOf } from './sip/trace/pcap.js';
import { TraceRing } from './sip/trace/trace-ring.js';
import type { CallTrace, SipTap } from './sip/trace/trace.js';

/** What there is to see by; with tracing off only a desk on which nothing lies. */
export interface Seeing {
  readonly tap: SipTap | undefined;
  readonly sight: CallSight | undefined;
  readonly desk: TraceDesk;
}

export function openTrace(config: Config, parts: { clock: Clock; registry: Registry }, lifetime: Lifetime): Seeing {
  const { enabled, max_mb: megabytes, max_calls: maxCalls, per_call_messages: perCall, keep_ms: keepMs } = config.trace;
  if (!enabled) {
    const capture = (): never => {
      throw new TrunklineError('TRK_CONFLICT', { params: { reason: 'Tracing is switched off (trace.enabled).' } });
    };
    return { tap: undefined, sight: undefined, desk: { find: () => undefined, capture } };
  }
  const ring = new TraceRing(parts.clock, { maxBytes: megabytes * 1_000_000, maxCalls, perCall, keepMs });
  lifetime.onClose(() => ring.close());
  const registers = [parts.registry];
  new Gauge({ name: 'trunkline_trace_bytes', help: 'Memory of SIP traces', registers, collect() { this.set(ring.bytes); } });
  new Gauge({ name: 'trunkline_trace_calls', help: 'Calls of which a SIP trace is kept', registers, collect() { this.set(ring.calls); } });
  const { rtp: all, rtp_packets: packets, rtp_calls: calls } = config.trace;
  const sight = new CallSight(ring, { all, packets, calls });
  const find = (id: string): FoundTrace | undefined => {
    const trace = ring.find(id);
    return trace === undefined ? undefined : found(trace);
  };
  return { tap: ring, sight, desk: { find, capture: (callId) => sight.capture(callId) } };
}

function found(trace: CallTrace): FoundTrace {
  return { callId: trace.callId, json: () => wireTrace(trace), text: () => ladder(viewOf(trace)), pcap: () => pcapOf(trace) };
}

function wireTrace(trace: CallTrace): Trace {
  const view = viewOf(trace);
  return {
    ...(view.callId === undefined ? {} : { callId: view.callId }),
    sipCallIds: [...view.sipCallIds],
    live: view.live,
    startedAt: new Date(view.startedAt).toISOString(),
    leftOut: view.leftOut,
    rtpPackets: trace.rtp.length,
    lines: view.rows.map((row): Trace['lines'][number] => {
      if (row.kind === 'event') return { kind: 'event', atMs: row.atMs, event: row.event, ...(row.detail === undefined ? {} : { detail: row.detail }) };
      const { path, sdp } = row;
      return {
        kind: 'sip',
        atMs: row.atMs,
        direction: row.direction,
        protocol: path.protocol,
        local: `${bracketed(path.localAddress)}:${path.localPort}`,
        remote: `${bracketed(path.remoteAddress)}:${path.remotePort}`,
        sipCallId: row.sipCallId,
        method: row.method,
        ...(row.status === undefined ? {} : { status: row.status }),
        ...(row.phrase === undefined ? {} : { phrase: row.phrase }),
        ...(row.cseq === undefined ? {} : { cseq: row.cseq }),
        ...(row.reason === undefined ? {} : { reason: row.reason }),
        retransmission: row.repeated,
        ...(sdp === undefined ? {} : { sdp: { ...sdp, codecs: [...sdp.codecs] } }),
        raw: Buffer.from(row.raw, 'latin1').toString('utf8'),
      };
    }),
  };
}
