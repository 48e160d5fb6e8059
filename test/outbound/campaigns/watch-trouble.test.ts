import t from 'tap';
import { BURST_WINDOW_MS, STALL_MS, WANT_MS, lookForTrouble, noTrouble } from '../../../src/outbound/campaigns/watch-trouble.js';
import type { ServerHealth, Trouble, TroubleMemory } from '../../../src/outbound/campaigns/watch-trouble.js';
import type { CampaignPulse } from '../../../src/store/campaigns.js';
import type { Disposition } from '../../../src/store/store.js';

const quiet: CampaignPulse = { due: 5, live: 0, lastAttemptAt: undefined, lately: [] };
const well: ServerHealth = { trunks: true, capacity: true };

/** Looks every ten seconds, as long as `pulses` says so. */
function watch(looks: readonly { at: number; pulse?: Partial<CampaignPulse>; health?: Partial<ServerHealth> }[]): { at: number; news: readonly Trouble[] }[] {
  let memory: TroubleMemory = noTrouble;
  const told: { at: number; news: readonly Trouble[] }[] = [];
  for (const { at, pulse = {}, health = {} } of looks) {
    const look = lookForTrouble(memory, { ...quiet, ...pulse }, { ...well, ...health }, at);
    memory = look.memory;
    if (look.news.length > 0) told.push({ at, news: look.news });
  }
  return told;
}

t.test('a campaign that dials nothing though it could is stalled, once', async (t) => {
  t.same(watch([{ at: 0 }, { at: STALL_MS - 1 }, { at: STALL_MS }, { at: 2 * STALL_MS }]), [{ at: STALL_MS, news: ['stalled'] }]);
  t.same(watch([{ at: 0 }, { at: STALL_MS, pulse: { due: 0 } }, { at: STALL_MS + 1 }, { at: 2 * STALL_MS }]), [], 'nothing is due at night');
  t.same(watch([{ at: 0 }, { at: STALL_MS - 1, pulse: { live: 1 } }, { at: STALL_MS }]), [], 'a call is under way');
  t.same(watch([{ at: 0 }, { at: STALL_MS, pulse: { lastAttemptAt: STALL_MS - 5 } }]), [], 'one was dialled meanwhile');
  t.same(watch([{ at: 0 }, { at: STALL_MS }, { at: STALL_MS + 1, pulse: { live: 1 } }, { at: STALL_MS + 2 }, { at: 2 * STALL_MS + 2 }]).map(({ at }) => at), [STALL_MS, 2 * STALL_MS + 2], 'told again after it was over');
});

t.test('wants that last are told, with what is wanting', async (t) => {
  const health = { trunks: false };
  t.same(watch([{ at: 0, health }, { at: WANT_MS - 1, health }, { at: WANT_MS, health }]), [{ at: WANT_MS, news: ['no_trunk'] }]);
  t.same(watch([{ at: 0, health: { capacity: false } }, { at: WANT_MS, health: { capacity: false } }]), [{ at: WANT_MS, news: ['no_capacity'] }]);
  t.same(watch([{ at: 0, health: { capacity: false } }, { at: WANT_MS, health: { capacity: false }, pulse: { live: 3 } }]), [], 'what its own calls use is not wanting');
  t.same(watch([{ at: 0, health }, { at: 10 }, { at: WANT_MS, health }]), [], 'it came back between');
  t.same(watch([{ at: 0, health, pulse: { due: 0 } }, { at: WANT_MS, health, pulse: { due: 0 } }]), [], 'nobody misses it');
});

t.test('a burst of failures', async (t) => {
  const lately = (failed: number, fine: number, kind: Disposition = 'congestion') => ({
    live: 1,
    lately: [...Array.from({ length: failed }, () => ({ endedAt: 0, disposition: kind })), ...Array.from({ length: fine }, () => ({ endedAt: 0, disposition: 'no_answer' as const }))],
  });
  t.same(watch([{ at: 0, pulse: lately(5, 5) }]), [{ at: 0, news: ['failure_burst'] }]);
  t.same(watch([{ at: 0, pulse: lately(9, 0) }]), [], 'too few to say');
  t.same(watch([{ at: 0, pulse: lately(4, 6) }]), []);
  t.same(watch([{ at: 0, pulse: lately(10, 0, 'busy') }]), [], 'busy is no failure');
  t.same(watch([{ at: 0, pulse: lately(5, 5) }, { at: 1, pulse: lately(3, 7) }, { at: 2, pulse: lately(5, 5) }]).map(({ at }) => at), [0], 'not over yet: not told again');
  t.same(watch([{ at: 0, pulse: lately(5, 5) }, { at: 1, pulse: lately(2, 8) }, { at: 2, pulse: lately(5, 5) }]).map(({ at }) => at), [0, 2]);
  t.ok(BURST_WINDOW_MS >= STALL_MS);
});
