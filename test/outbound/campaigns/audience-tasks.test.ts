import t from 'tap';
import { planFill, taskFor } from '../../../src/outbound/campaigns/audience-tasks.js';
import { mapVariables } from '../../../src/outbound/campaigns/variables.js';
import { callerFor } from '../../../src/store/campaigns.js';
import { campaign, contact, settings } from './campaigns.js';

t.test('variables come from attributes, fields and fixed values', async (t) => {
  const miller = contact({ attributes: { balance: 12.5, name: 'Dr Miller', vip: false }, address: { city: 'London' } });
  const sources = { who: { attribute: 'name' }, balance: { attribute: 'balance' }, town: { attribute: 'city' }, vip: { attribute: 'vip' }, bank: { value: 'ACME' }, mail: { attribute: 'email' }, tone: { attribute: 'tone', otherwise: 'warm' } };
  t.same(mapVariables(sources, [], miller), { ok: true, variables: { who: 'Dr Miller', balance: 12.5, town: 'London', vip: false, bank: 'ACME', tone: 'warm' } }, 'an attribute goes before a field of its name');
  t.same(mapVariables(sources, ['who', 'mail'], miller), { ok: false, missing: 'mail' });
  t.same(mapVariables({ x: { attribute: 'constructor' } }, ['x'], miller), { ok: false, missing: 'x' }, 'what every object has is no attribute');
});

t.test('the first category that fits says how a contact is called', async (t) => {
  const gold = { attributes: { tier: 'gold', amount: 7 } };
  const running = campaign({
    ...settings({
      flow: 'greeting',
      variables: { amount: { attribute: 'amount' } },
      callerNumbers: ['+442079460001', '+442079460002'],
      categories: [
        { name: 'gold', filter: 'gold', flow: 'gold-greeting', priority: 90, callerNumber: '+442079460009' },
        { name: 'all', filter: 'all', variables: { amount: { value: 0 } } },
      ],
    }),
    round: 3,
    flowVersions: { greeting: 2, 'gold-greeting': 5 },
  });
  const asked: string[] = [];
  const plan = await planFill(
    running,
    {
      compile: async (filter) => (one) => filter === 'all' || one.attributes['tier'] === filter,
      requiredOf: async (flow, version) => {
        asked.push(`${flow}@${version}`);
        return ['amount'];
      },
    },
    { notBefore: 5, expiresAt: 9 },
  );
  t.same(asked, ['greeting@2', 'gold-greeting@5'], 'each flow once, in its pinned version');
  t.match(taskFor(plan, contact(gold)), {
    task: { to: '+14155550100', from: '+442079460009', flow: 'gold-greeting', flowVersion: 5, priority: 90, variables: { amount: 7 }, notBefore: 5, expiresAt: 9, campaignId: 'camp_1', campaignRound: 3, contactId: 'con_1', category: 'gold', purpose: 'marketing', timeZones: ['America/Los_Angeles'] },
  });
  const plain = taskFor(plan, contact({ id: 'con_2' }));
  t.match(plain, { task: { flow: 'greeting', flowVersion: 2, priority: 50, category: 'all', variables: { amount: 0 } } });
  t.same(taskFor(plan, contact({ id: 'con_2' })), plain, 'with the same caller number each time');
  const callers = new Set(Array.from({ length: 50 }, (_, index) => taskFor(plan, contact({ id: `con_${index}` }))).map((made) => ('task' in made ? made.task.from : '')));
  t.same([...callers].sort(), running.callerNumbers, 'all caller numbers are used');

  // A list that changes moves nobody who need not move.
  const numbers = ['+442079460001', '+442079460002', '+442079460003'];
  const people = Array.from({ length: 300 }, (_, index) => `con_${index}`);
  const before = people.map((id) => callerFor({ callerNumbers: numbers }, id));
  const without = people.map((id) => callerFor({ callerNumbers: numbers.slice(1).reverse() }, id));
  t.ok(people.every((_, index) => before[index] === numbers[0] || before[index] === without[index]), 'whoever has one that stays keeps it, in whatever order they stand');
  for (const number of numbers) t.ok(before.filter((one) => one === number).length > 60, 'and all have their share');
  t.equal(callerFor({ callerNumbers: [] }, 'con_1'), undefined);

  const strict = await planFill({ ...running, categories: [] }, { compile: async () => () => true, requiredOf: async () => ['amount'] }, { notBefore: 0, expiresAt: undefined });
  t.same(taskFor(strict, contact()), { skipped: { contactId: 'con_1', reason: 'variable', detail: 'amount' } });
  t.same(taskFor(strict, contact({ numbers: [] })), { skipped: { contactId: 'con_1', reason: 'no_number', detail: '' } });
});
