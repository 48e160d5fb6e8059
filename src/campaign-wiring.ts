import { FlowLookup } from './api/flow-lookup.js';
import type { CampaignDesk, FlowDesk } from './api/deps.js';
import type { CallNeeds, CallService } from './call/call-service.js';
import { isSipUri } from './call/trunk-route.js';
import type { Config } from './config/schema.js';
import type { Clock } from './kernel/clock.js';
import { TrunklineError } from './kernel/errors.js';
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
import type { Trunks } from './sip/trunk/trunks.js';
import type { Duty } from './store/nodes.js';
import type { Store, Task } from './store/store.js';

interface Parts {
  readonly store: Store;
  readonly events: EventLog;
  readonly clock: Clock;
  readonly log: Logger;
  readonly holidays: Holidays;
  readonly timeZone: string;
  readonly check: FlowDesk['check'];
  readonly calls: Pick<CallService, 'serves'>;
  readonly trunks: Pick<Trunks, 'routes' | 'list'>;
  needsOf(task: Pick<Task, 'flow' | 'flowVersion'>): Promise<CallNeeds>;
  /** There is something new to dial. */
  wakeDialer(): void;
}

/** What people do to campaigns, and the runner that carries them out on one node at a time. */
export function startCampaigns(config: Config, parts: Parts, lifetime: Lifetime): CampaignDesk {
  const { store, events, clock, log, holidays, timeZone } = parts;
  const audiences = new StoredAudiences(store, clock);
  const settings = { rules: config.rules, timeZone };
  const rules = campaignRules({ settings, holidays, judge: createDialJudge(settings, holidays), store, clock });
  const lookup = new FlowLookup({ store, flows: { check: parts.check } });
  const flows = {
    async find(id: string, version: number | undefined, field: string) {
      const { record, compiled } = await lookup.find(id, version, field);
      return { version: record.version, requiredVariables: compiled.requiredVariables };
    },
  };
  const server: CampaignServer = { health: (task) => healthFor(task, parts), maxCalls: config.dialer.enabled ? config.dialer.max_calls : 0, callsPerSecond: config.dialer.calls_per_second, costPerMinute: config.rules.cost_per_minute };
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

/** Whether all that a call of this task takes is there now. */
export async function healthFor(task: Task, { calls, trunks, needsOf }: Pick<Parts, 'calls' | 'trunks' | 'needsOf'>): Promise<ServerHealth> {
  return { trunks: isSipUri(task.to) || carried(task, trunks), capacity: calls.serves(await needsOf(task)) };
}

function carried(task: Task, trunks: Pick<Trunks, 'routes' | 'list'>): boolean {
  let names: readonly string[];
  try {
    names = trunks.routes({ to: task.to, from: task.from });
  } catch (error) {
    // Not a trunk that is away: it is dialled, and its result says what is wrong.
    if (error instanceof TrunklineError) return true;
    throw error;
  }
  return trunks.list().some(({ name, state }) => names.includes(name) && (state === 'up' || state === 'unchecked'));
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
