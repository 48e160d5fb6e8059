import { TrunklineError } from '../../kernel/errors.js';
import type { Campaign, CampaignSettings } from '../../store/campaigns.js';

/** What may be changed while a campaign runs or is paused: all that no task holds a copy of, and its end, which reaches those that are open. */
const changeable: ReadonlySet<keyof CampaignSettings> = new Set<keyof CampaignSettings>([
  'name', 'endsAt', 'hours', 'hoursIn', 'holidays', 'priority', 'retry', 'pacing', 'callerNumbers', 'ownerTeam', 'spendCap', 'recurrence',
]);

/** TRK_CONFLICT with `field` for what is settled once a campaign was started, or anything once it has ended. */
export function checkChange(campaign: Campaign, settings: CampaignSettings): void {
  if (campaign.state === 'draft') return;
  if (campaign.state === 'finished' || campaign.state === 'stopped') throw new TrunklineError('TRK_CONFLICT', { params: { reason: `The campaign is ${campaign.state}; it is kept as it was.` } });
  for (const key of Object.keys(settings) as (keyof CampaignSettings)[]) {
    if (changeable.has(key) || same(campaign[key], settings[key])) continue;
    throw new TrunklineError('TRK_CONFLICT', { params: { reason: `The campaign is ${campaign.state}; "${key}" can be changed in a draft only.` }, field: key });
  }
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

/** The order of keys means nothing, and what is undefined is not there. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value).filter(([, inner]) => inner !== undefined).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]);
}
