import t from 'tap';
import { Parties } from '../../../src/outbound/dialing/parties.js';

const pacing = { mode: 'preview', maxCalls: 1, callsPerSecond: undefined, weight: 10 } as const;

t.test('calls count for a party that is not known yet, and none counts as less than nothing', async (t) => {
  const parties = new Parties();
  parties.began('camp_1', 0);
  parties.refresh([{ campaignId: 'camp_1', pacing }]);
  t.equal(parties.full('camp_1'), true);
  parties.ended('camp_1');
  t.equal(parties.full('camp_1'), false);
  parties.ended('camp_1');
  parties.began('camp_1', 0);
  t.equal(parties.full('camp_1'), true);
});

t.test('a party without a pace of its own never waits for it', async (t) => {
  const parties = new Parties();
  parties.refresh([{ campaignId: 'camp_1', pacing: { ...pacing, callsPerSecond: 2 } }, { campaignId: '', pacing: undefined }]);
  for (const id of ['camp_1', '', 'camp_2']) t.equal(parties.waitOf(id, 0), 0);
  parties.began('camp_1', 0);
  t.same(['camp_1', '', 'camp_2'].map((id) => parties.waitOf(id, 0)), [500, 0, 0]);
});
