import t from 'tap';
import { RetryPolicies } from '../../../src/outbound/dialing/policies.js';
import { singleCall } from '../../../src/outbound/dialing/retry.js';
import type { Campaign } from '../../../src/store/campaigns.js';
import { campaign } from '../campaigns/campaigns.js';

const policy = (maxAttempts: number) => ({ maxAttempts, delays: { busy: [1] }, varyDayPart: false });

t.test('a task takes its own policy, its category\'s, its campaign\'s, or has one call', async (t) => {
  let stored: Campaign | undefined = campaign({ retry: policy(3), categories: [{ name: 'gold', filter: 'x', retry: policy(7) }, { name: 'plain', filter: 'y' }] });
  let away = false;
  const policies = new RetryPolicies({
    getCampaign: async () => {
      if (away) throw new Error('the store is away');
      return stored;
    },
  });
  const task = { retry: undefined, campaignId: 'camp_1', category: undefined };
  t.same(await policies.of({ ...task, retry: policy(2) }), policy(2));
  t.same(await policies.of({ ...task, campaignId: undefined }), singleCall);
  t.same(await policies.of(task), policy(3));
  t.same(await policies.of({ ...task, category: 'gold' }), policy(7));
  t.same(await policies.of({ ...task, category: 'plain' }), policy(3));
  away = true;
  t.same(await policies.of({ ...task, category: 'gold' }), policy(7), 'as it was last seen');
  t.same(await policies.of({ ...task, campaignId: 'camp_2' }), singleCall, 'of one that never was seen');
  away = false;
  stored = campaign({ state: 'stopped', retry: policy(3) });
  t.same(await policies.of(task), singleCall, 'what was stopped calls nobody again');
  stored = undefined;
  t.same(await policies.of(task), singleCall);
});
