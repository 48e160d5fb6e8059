import t from 'tap';
import type { CallEvent } from '../../src/call/call-service.js';
import { TrunkHour } from '../../src/call/trunk-figures.js';
import { observeTrunks } from '../../src/call/trunk-metrics.js';
import { createRegistry } from '../../src/kernel/metrics.js';
import type { TrunkStatus } from '../../src/sip/trunk/trunks.js';
import type { CallResult } from '../../src/store/store.js';
import { ManualClock } from '../support/manual-clock.js';

const status = (name: string, more: Partial<TrunkStatus> = {}): TrunkStatus => ({ name, state: 'up', reason: undefined, channels: 0, talkedMsToday: 0, targets: [], registration: { state: 'off', expiresAt: undefined, error: undefined }, ...more });

function setUp() {
  const registry = createRegistry();
  const hour = new TrunkHour(new ManualClock());
  const meter = observeTrunks(registry, hour);
  let tell: (event: CallEvent) => void = () => undefined;
  const trunks: TrunkStatus[] = [];
  meter.watch({ onEvent: (listener) => void (tell = listener) }, { list: () => trunks });
  const ended = (result: Partial<CallResult>): void => tell({ type: 'call.ended', result } as CallEvent);
  const value = async (line: string): Promise<number | undefined> => {
    const text = await registry.metrics();
    const found = text.split('\n').find((one) => one.startsWith(`${line} `));
    return found === undefined ? undefined : Number(found.split(' ').at(-1));
  };
  return { registry, hour, meter, trunks, ended, value };
}

t.test('every INVITE counts for the trunk that carried it', async (t) => {
  const { meter, value, hour } = setUp();
  meter.tried('a', 503, {});
  meter.tried('b', 200, { pddMs: 800, earlyMediaMs: 600 });
  meter.tried('b', 486, { pddMs: 400 });
  meter.tried('b', 699, {});
  meter.tried('b', undefined, {});
  meter.tried(undefined, 200, {});
  t.equal(await value('trunkline_trunk_attempts_total{trunk="a",direction="outbound"}'), 1);
  t.equal(await value('trunkline_trunk_attempts_total{trunk="b",direction="outbound"}'), 4);
  t.equal(await value('trunkline_trunk_attempts_total{trunk="none",direction="outbound"}'), 1);
  t.equal(await value('trunkline_trunk_answered_total{trunk="b",direction="outbound"}'), 1);
  t.equal(await value('trunkline_trunk_answered_total{trunk="a",direction="outbound"}'), undefined);
  t.equal(await value('trunkline_trunk_effective_total{trunk="b"}'), 2);
  t.equal(await value('trunkline_trunk_responses_total{trunk="a",class="5xx",code="503"}'), 1);
  t.equal(await value('trunkline_trunk_responses_total{trunk="b",class="6xx",code="other"}'), 1);
  t.equal(await value('trunkline_trunk_responses_total{trunk="b",class="none",code="none"}'), 1);
  t.equal(await value('trunkline_trunk_post_dial_delay_ms_sum{trunk="b"}'), 1_200);
  t.equal(await value('trunkline_trunk_post_dial_delay_ms_count{trunk="b"}'), 2);
  t.equal(await value('trunkline_trunk_early_media_ms_sum{trunk="b"}'), 600);
  t.match(hour.of('b'), { attempts: 4, answered: 1, effective: 2 });
});

t.test('ended calls give durations and the quality of their audio', async (t) => {
  const { ended, value, hour } = setUp();
  const media = { mos: 4.1, jitterMs: 3, packetsReceived: 500, packetsLost: 5 };
  ended({ trunk: 'a', direction: 'outbound', answeredAt: 10_000, endedAt: 40_000, media });
  ended({ trunk: 'a', direction: 'inbound', answeredAt: 10_000, endedAt: 20_000, media: { ...media, packetsLost: -1 } });
  ended({ trunk: 'a', direction: 'inbound', answeredAt: undefined, endedAt: 20_000, media: undefined });
  ended({ trunk: undefined, direction: 'outbound', answeredAt: undefined, endedAt: 20_000, media: undefined });
  t.equal(await value('trunkline_trunk_call_duration_ms_sum{trunk="a",direction="outbound"}'), 30_000);
  t.equal(await value('trunkline_trunk_call_duration_ms_count{trunk="a",direction="outbound"}'), 1);
  t.equal(await value('trunkline_trunk_mos_bucket{le="4",trunk="a",direction="outbound"}'), 0);
  t.equal(await value('trunkline_trunk_mos_bucket{le="4.2",trunk="a",direction="outbound"}'), 1);
  t.equal(await value('trunkline_trunk_jitter_ms_sum{trunk="a",direction="outbound"}'), 3);
  t.equal(await value('trunkline_trunk_rtp_packets_received_total{trunk="a",direction="outbound"}'), 500);
  t.equal(await value('trunkline_trunk_rtp_packets_lost_total{trunk="a",direction="outbound"}'), 5);
  t.equal(await value('trunkline_trunk_rtp_packets_lost_total{trunk="a",direction="inbound"}'), 0);
  t.equal(await value('trunkline_trunk_attempts_total{trunk="a",direction="inbound"}'), 2);
  t.equal(await value('trunkline_trunk_answered_total{trunk="a",direction="inbound"}'), 1);
  t.equal(hour.of('a').acdMs, 30_000, 'the hour is of outbound calls');
});

t.test('states are those of the moment, and go with their trunk', async (t) => {
  const { trunks, value } = setUp();
  trunks.push(status('a', { channels: 3 }), status('b', { state: 'down', registration: { state: 'failed', expiresAt: undefined, error: 'x' } }), status('c', { registration: { state: 'registered', expiresAt: 1, error: undefined } }));
  t.equal(await value('trunkline_trunk_up{trunk="a"}'), 1);
  t.equal(await value('trunkline_trunk_up{trunk="b"}'), 0);
  t.equal(await value('trunkline_trunk_channels{trunk="a"}'), 3);
  t.equal(await value('trunkline_trunk_registered{trunk="a"}'), undefined);
  t.equal(await value('trunkline_trunk_registered{trunk="b"}'), 0);
  t.equal(await value('trunkline_trunk_registered{trunk="c"}'), 1);
  trunks.shift();
  t.equal(await value('trunkline_trunk_up{trunk="a"}'), undefined);
});
