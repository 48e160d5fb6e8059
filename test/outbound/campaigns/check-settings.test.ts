import t from 'tap';
import { TrunklineError } from '../../../src/kernel/errors.js';
import { checkChange } from '../../../src/outbound/campaigns/change-running.js';
import { checkSettings } from '../../../src/outbound/campaigns/check-settings.js';
import type { SettingsDesk } from '../../../src/outbound/campaigns/check-settings.js';
import type { CampaignSettings } from '../../../src/store/campaigns.js';
import { campaign, settings } from './campaigns.js';

const now = Date.UTC(2026, 0, 10);

const desk: SettingsDesk = {
  now,
  costPerMinute: 0.5,
  async flow(id, version, field) {
    if (!['greeting', 'named'].includes(id)) throw new TrunklineError('TRK_FLOW_UNKNOWN', { params: { flow: id }, field });
    return { version: version ?? 4, requiredVariables: id === 'named' ? ['who'] : [] };
  },
  audience: async (id) => (id === 'aud_1' || id === 'aud_2' ? { id, name: id, filter: '', kind: 'live', frozenAt: undefined, createdAt: 0, updatedAt: 0 } : undefined),
  async compile(filter, field) {
    if (filter === 'bad') throw new TrunklineError('TRK_INVALID_REQUEST', { params: { reason: 'no such attribute' }, field });
    return () => true;
  },
  team: async (name) => name === 'sales',
  holidayProblem: (country) => (country === 'GB' ? undefined : 'no holidays of this country are known'),
  everOpen: (hours) => Object.keys(hours).length > 0,
};

t.test('settings that are right give the versions of their flows', async (t) => {
  t.same(await checkSettings(settings(), desk), { greeting: 4 });
  const rich = settings({
    flowVersion: 2,
    audiences: ['aud_1', 'aud_2'],
    categories: [{ name: 'gold', filter: 'x', flow: 'named', variables: { who: { attribute: 'name' } } }],
    holidays: ['GB', 'callee'],
    ownerTeam: 'sales',
    spendCap: 100,
    startsAt: now + 1,
    endsAt: now + 90 * 86_400_000,
    recurrence: { every: 'week', on: ['mon'], at: '09:00' },
    callerNumbers: ['+442079460001', 'anonymous'],
  });
  t.same(await checkSettings(rich, desk), { greeting: 2, named: 4 });
});

t.test('each mistake names its field', async (t) => {
  const wrong: readonly (readonly [Partial<CampaignSettings>, string, string?])[] = [
    [{ timeZone: 'Europe/Atlantis' }, 'timeZone'],
    [{ endsAt: now }, 'endsAt'],
    [{ startsAt: now + 10, endsAt: now + 10 }, 'endsAt'],
    [{ recurrence: { every: 'day', at: '24:00' } }, 'recurrence.at'],
    [{ recurrence: { every: 'day', at: '09:00', on: [1] } }, 'recurrence.on'],
    [{ recurrence: { every: 'week', at: '09:00', on: ['mon', 'someday'] } }, 'recurrence.on[1]'],
    [{ recurrence: { every: 'month', at: '09:00', on: [0] } }, 'recurrence.on[0]'],
    [{ recurrence: { every: 'day', at: '09:00' }, endsAt: now + 3_600_000 }, 'recurrence'],
    [{ audiences: ['aud_1', 'aud_9'] }, 'audiences[1]'],
    [{ audiences: ['aud_1', 'aud_1'] }, 'audiences[1]'],
    [{ flow: 'nothing' }, 'flow', 'TRK_FLOW_UNKNOWN'],
    [{ flow: 'named' }, 'variables.who', 'TRK_FLOW_VARIABLE'],
    [{ categories: [{ name: 'a', filter: 'x', flow: 'nothing' }] }, 'categories[0].flow', 'TRK_FLOW_UNKNOWN'],
    [{ categories: [{ name: 'a', filter: 'x', flow: 'named' }] }, 'categories[0].variables.who', 'TRK_FLOW_VARIABLE'],
    [{ categories: [{ name: 'a', filter: 'bad' }] }, 'categories[0].filter'],
    [{ categories: [{ name: 'a', filter: 'x' }, { name: 'a', filter: 'y' }] }, 'categories[1].name'],
    [{ hours: {} }, 'hours'],
    [{ categories: [{ name: 'a', filter: 'x', hours: {} }] }, 'categories[0].hours'],
    [{ holidays: ['GB', 'XX'] }, 'holidays[1]'],
    [{ callerNumbers: ['+1'] }, 'callerNumbers[0]', 'TRK_NUMBER_INVALID'],
    [{ categories: [{ name: 'a', filter: 'x', callerNumber: '+99' }] }, 'categories[0].callerNumber', 'TRK_NUMBER_INVALID'],
    [{ ownerTeam: 'nobody' }, 'ownerTeam'],
  ];
  await t.rejects(checkSettings(settings({ spendCap: 100 }), { ...desk, costPerMinute: 0 }), { code: 'TRK_INVALID_REQUEST', field: 'spendCap', message: /rules\.cost_per_minute/ });
  for (const [changes, field, code = 'TRK_INVALID_REQUEST'] of wrong) await t.rejects(checkSettings(settings(changes), desk), { code, field }, field);
});

t.test('what may be changed depends on the state', async (t) => {
  const running = campaign({ categories: [{ name: 'a', filter: 'x' }] });
  const own: CampaignSettings = { ...settings(), categories: running.categories };
  checkChange(running, { ...own, name: 'Summer', priority: 80, categories: [{ filter: 'x', name: 'a' }], hours: { tue: [{ from: '10:00', to: '11:00' }] } });
  t.throws(() => checkChange(running, { ...own, flow: 'named' }), { code: 'TRK_CONFLICT', field: 'flow', message: /running/ });
  t.throws(() => checkChange({ ...running, state: 'paused' }, { ...own, audiences: ['aud_2'] }), { code: 'TRK_CONFLICT', field: 'audiences' });
  t.throws(() => checkChange({ ...running, state: 'finished' }, { ...own, name: 'Summer' }), { code: 'TRK_CONFLICT', message: /finished/ });
  t.doesNotThrow(() => checkChange({ ...running, state: 'draft' }, { ...own, flow: 'named', audiences: ['aud_2'] }));
});
