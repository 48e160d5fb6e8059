import { Counter, Gauge, Histogram } from '../kernel/metrics.js';
import type { Registry } from '../kernel/metrics.js';
import type { Trunks } from '../sip/trunk/trunks.js';
import type { CallResult } from '../store/store.js';
import type { CallService } from './call-service.js';
import type { PostDialTimes } from './post-dial.js';
import { isEffective } from './trunk-figures.js';
import type { TrunkHour } from './trunk-figures.js';

/** One INVITE of ours had its final response. */
export type Tried = (trunk: string | undefined, status: number | undefined, times: PostDialTimes) => void;

/** Calls by SIP URI and from strangers have no trunk. */
const NO_TRUNK = 'none';
const PDD_BUCKETS_MS = [100, 250, 500, 1_000, 2_000, 3_000, 5_000, 8_000, 12_000, 20_000, 30_000];
const DURATION_BUCKETS_MS = [5_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000];
const EARLY_BUCKETS_MS = [500, 1_000, 2_000, 5_000, 10_000, 20_000, 40_000];
const MOS_BUCKETS = [1, 2, 2.5, 3, 3.5, 3.8, 4, 4.2, 4.4, 4.5];
const JITTER_BUCKETS_MS = [1, 2, 5, 10, 20, 30, 50, 100, 200];
/** Final responses that have a name (RFC 3261 21 and its additions); a far end may send any number, and each would be a series of its own. */
const KNOWN_CODES: ReadonlySet<number> = new Set([
  200, 202, 204, 300, 301, 302, 305, 380, 400, 401, 402, 403, 404, 405, 406, 407, 408, 410, 412, 413, 414, 415, 416, 417, 420, 421, 422, 423, 424, 425, 428, 429, 430, 433, 436, 437, 438, 439, 440,
  469, 470, 480, 481, 482, 483, 484, 485, 486, 487, 488, 489, 491, 493, 494, 500, 501, 502, 503, 504, 505, 513, 555, 580, 600, 603, 604, 606, 607, 608,
]);

/** Counts what each trunk does, for the carrier's bill and for the question whose fault it is. Its `tried` is for `LegParts`. */
export function observeTrunks(registry: Registry, hour: TrunkHour): { readonly tried: Tried; watch(calls: Pick<CallService, 'onEvent'>, trunks: Pick<Trunks, 'list'>): void } {
  const registers = [registry];
  const labelNames = ['trunk', 'direction'] as const;
  const outbound = ['trunk'] as const;
  const attempts = new Counter({ name: 'trunkline_trunk_attempts_total', help: 'Calls that were tried: an INVITE with its final response, or one that came', labelNames, registers });
  const answered = new Counter({ name: 'trunkline_trunk_answered_total', help: 'Of them answered; answered / attempts is the answer-seizure ratio', labelNames, registers });
  const effective = new Counter({ name: 'trunkline_trunk_effective_total', help: 'Of the outbound ones answered or refused by the callee (RFC 6076 4.7); effective / attempts is the network effectiveness', labelNames: outbound, registers });
  const responses = new Counter({ name: 'trunkline_trunk_responses_total', help: 'Final responses to our INVITEs; code is "other" where it has no name and "none" where nothing came', labelNames: ['trunk', 'class', 'code'], registers });
  const delay = new Histogram({ name: 'trunkline_trunk_post_dial_delay_ms', help: 'From our INVITE to its first 18x or 200', labelNames: outbound, buckets: PDD_BUCKETS_MS, registers });
  const early = new Histogram({ name: 'trunkline_trunk_early_media_ms', help: 'From the SDP of a 18x to the final response', labelNames: outbound, buckets: EARLY_BUCKETS_MS, registers });
  const duration = new Histogram({ name: 'trunkline_trunk_call_duration_ms', help: 'From answer to end; sum / count is the average call duration', labelNames, buckets: DURATION_BUCKETS_MS, registers });
  const mos = new Histogram({ name: 'trunkline_trunk_mos', help: 'E-model MOS of answered calls', labelNames, buckets: MOS_BUCKETS, registers });
  const jitter = new Histogram({ name: 'trunkline_trunk_jitter_ms', help: 'RFC 3550 interarrival jitter at the end of answered calls', labelNames, buckets: JITTER_BUCKETS_MS, registers });
  const received = new Counter({ name: 'trunkline_trunk_rtp_packets_received_total', help: 'RTP packets that came', labelNames, registers });
  const lost = new Counter({ name: 'trunkline_trunk_rtp_packets_lost_total', help: 'RTP packets that never came', labelNames, registers });

  function tried(name: string | undefined, status: number | undefined, times: PostDialTimes): void {
    const trunk = name ?? NO_TRUNK;
    attempts.inc({ trunk, direction: 'outbound' });
    if (status !== undefined && status < 300) answered.inc({ trunk, direction: 'outbound' });
    if (isEffective(status)) effective.inc({ trunk });
    responses.inc({ trunk, class: status === undefined ? 'none' : `${Math.floor(status / 100)}xx`, code: status === undefined ? 'none' : KNOWN_CODES.has(status) ? String(status) : 'other' });
    if (times.pddMs !== undefined) delay.observe({ trunk }, times.pddMs);
    if (times.earlyMediaMs !== undefined) early.observe({ trunk }, times.earlyMediaMs);
    if (name !== undefined) hour.tried(name, status, times.pddMs);
  }

  function ended({ trunk: name, direction, answeredAt, endedAt, media }: CallResult): void {
    const labels = { trunk: name ?? NO_TRUNK, direction };
    if (direction === 'inbound') {
      attempts.inc(labels);
      if (answeredAt !== undefined) answered.inc(labels);
    }
    if (answeredAt === undefined) return;
    const ms = Math.max(0, endedAt - answeredAt);
    duration.observe(labels, ms);
    if (name !== undefined && direction === 'outbound') hour.talked(name, ms);
    if (media?.['mos'] !== undefined) mos.observe(labels, media['mos']);
    if (media?.['jitterMs'] !== undefined) jitter.observe(labels, media['jitterMs']);
    received.inc(labels, Math.max(0, media?.['packetsReceived'] ?? 0));
    lost.inc(labels, Math.max(0, media?.['packetsLost'] ?? 0));
  }

  return {
    tried,
    watch(calls, trunks) {
      calls.onEvent((event) => {
        if (event.type === 'call.ended') ended(event.result);
      });
      observeStates(trunks, registry);
    },
  };
}

/** As of the moment that somebody asks. A trunk that is removed goes from the list. */
function observeStates(trunks: Pick<Trunks, 'list'>, registry: Registry): void {
  const registers = [registry];
  const gauge = (name: string, help: string, read: (status: ReturnType<Trunks['list']>[number]) => number | undefined): void => {
    new Gauge({
      name,
      help,
      labelNames: ['trunk'],
      registers,
      collect() {
        this.reset();
        for (const status of trunks.list()) {
          const value = read(status);
          if (value !== undefined) this.set({ trunk: status.name }, value);
        }
      },
    });
  };
  gauge('trunkline_trunk_up', '1 if it takes calls, 0 if it is down, registering or disabled', ({ state }) => (state === 'up' || state === 'unchecked' ? 1 : 0));
  gauge('trunkline_trunk_registered', '1 if the registration stands; missing where there is none', ({ registration }) => (registration.state === 'off' ? undefined : registration.state === 'registered' ? 1 : 0));
  gauge('trunkline_trunk_channels', 'Channels in use, both directions', ({ channels }) => channels);
}
