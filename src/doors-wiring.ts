import { networkList } from './config/doors-schema.js';
import type { Config } from './config/schema.js';
import { configuredTrunks } from './config/trunks.js';
import type { Clock } from './kernel/clock.js';
import type { Logger } from './kernel/log.js';
import { Counter, Gauge } from './kernel/metrics.js';
import type { Registry } from './kernel/metrics.js';
import type { EventLog } from './outbound/event-log.js';
import { Doors } from './sip/embedded/doors/doors.js';
import { strangerPolicy } from './sip/trunk/strangers.js';

/** Who may come in to the embedded server. A real drachtio-server has doors of its own: there is nothing to make then. */
export function openDoors(config: Config, parts: { clock: Clock; log: Logger; registry: Registry; events: EventLog }): Doors | undefined {
  if (config.drachtio !== undefined) return undefined;
  const { requests_per_second, burst, total_per_second, ban_after, ban_ms, max_sources, connections_per_source, allow } = config.sip.doors;
  const networks = networkList(allow);
  if (typeof networks === 'number') throw new TypeError('sip.doors.allow was not checked');
  const doors = new Doors({
    ...parts,
    settings: {
      requestsPerSecond: requests_per_second,
      burst,
      totalPerSecond: total_per_second,
      banAfter: ban_after,
      banMs: ban_ms,
      maxSources: max_sources,
      connectionsPerSource: connections_per_source,
      allow: networks,
    },
    policy: strangerPolicy(config.sip.unknown_sources, configuredTrunks(config)),
    onBan: ({ source, reason, times, until }) => void parts.events.append('sip.banned', { source, reason, times, until: new Date(until).toISOString() }),
  });
  observeDoors(doors, parts.registry);
  return doors;
}

function observeDoors(doors: Doors, registry: Registry): void {
  new Counter({
    name: 'trunkline_sip_turned_away_total',
    help: 'SIP messages and connections that were not taken in, by reason',
    labelNames: ['reason'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [reason, count] of Object.entries<number>({ ...doors.counters })) if (reason !== 'bans') this.inc({ reason }, count);
    },
  });
  new Counter({
    name: 'trunkline_sip_bans_total',
    help: 'Bans of SIP sources',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(doors.counters.bans);
    },
  });
  new Gauge({
    name: 'trunkline_sip_bans',
    help: 'SIP sources that are banned now',
    registers: [registry],
    collect() {
      this.set(doors.bans().length);
    },
  });
}
