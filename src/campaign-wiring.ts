import { FlowLookup } from './api/flow-lookup.js';
import type { CampaignDesk, FlowDesk } from './api/deps.js';
import type { Config } from './config/schema.js';
import type { Clock } from './kernel/clock.js';
import type { Lifetime } from './kernel/lifetime.js';
import type { Logger } from './kernel/log.js';
import { CampaignRunner } from './outbound/campaigns/campaign-runner.js';
import { CampaignService } from './outbound/campaigns/campaign-service.js';
import type { CampaignServer, SchedulerLock } from './outbound/campaigns/ports.js';
import { StoredAudiences } from './outbound/campaigns/stored-audiences.js';
import { campaignRules } from './outbound/campaigns/stored-rules.js';
import type { ServerHealth } from './outbound/campaigns/watch-trouble.js';
import type { EventLog } from './outbound/event-log.js';
import type { Holidays } from './outbound/rules/holidays.js';
import { createDialJudge } from './outbound/rules/judge-dial.js';
import type { Duty } from './store/nodes.js';
import type { Store } from './store/store.js';

interface Parts {
  readonly store: Store;
  readonly events: EventLog;
  readonly clock: Clock;
  readonly log: Logger;
  readonly holidays: Holidays;
  readonly timeZone: string;
  readonly check: FlowDesk['check'];
  health(): ServerHealth;
  /** There is something new to dial. */
  wakeDialer(): void;
}

/** What people do to campaigns, and the runner that carries them out on one node at a time. */
export function startCampaigns(config: Config, parts: Parts, lifetime: Lifetime): CampaignDesk {
  const { store, events, clock, log, holidays, timeZone } = parts;
  const audiences = new StoredAudiences(store, clock);
  const settings = { rules: config.rules, timeZone };
  const rules = campaignRules({ settings, holidays, judge: createDialJudge(settings, holidays), suppressionsOf: suppressionsIn(store), clock });
  const lookup = new FlowLookup({ store, flows: { check: parts.check } });
  const flows = {
    async find(id: string, version: number | undefined, field: string) {
      const { record, compiled } = await lookup.find(id, version, field);
      return { version: record.version, requiredVariables: compiled.requiredVariables };
    },
  };
  const server: CampaignServer = { health: () => parts.health(), maxCalls: config.dialer.enabled ? config.dialer.max_calls : 0, callsPerSecond: config.dialer.calls_per_second };
  const lock = schedulerLock(store);
  const runner = new CampaignRunner({ store, audiences, flows, rules, server, lock, events, clock, log, wakeDialer: () => parts.wakeDialer() });
  const service = new CampaignService({ store, audiences, flows, rules, server, clock, hasTeam: async (name) => (await store.getTeam(name)) !== undefined, changed: () => runner.wake() });
  lifetime.onClose(async () => {
    await runner.stop();
    await lock.release();
  });
  runner.start();
  return { service, timeZone };
}

/** A duty of the store: whoever has it keeps it until it stops, or loses its connection. */
function schedulerLock(store: Store): SchedulerLock & { release(): Promise<void> } {
  let duty: Duty | undefined;
  return {
    async hold() {
      if (duty !== undefined && (await duty.held())) return true;
      duty = await store.takeDuty('scheduler');
      return duty !== undefined;
    },
    async release() {
      await duty?.release();
    },
  };
}

/** Of both, as either keeps a dial back. */
function suppressionsIn(store: Store) {
  return async ({ to, contactId }: { readonly to: string; readonly contactId?: string | undefined }) => {
    const byNumber = await store.listSuppressions({ number: to, limit: 100 });
    const byContact = contactId === undefined ? [] : (await store.listSuppressions({ contactId, limit: 100 })).items;
    return [...byNumber.items, ...byContact];
  };
}
