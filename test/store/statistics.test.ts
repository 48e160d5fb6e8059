import { sql } from 'kysely';
import type { Compilable } from 'kysely';
import t from 'tap';
import { insertMany } from '../../src/store/sql/bulk.js';
import { resultsAfter } from '../../src/store/sql/results.js';
import { attemptsWithin, spanOf } from '../../src/store/sql/statistics.js';
import type { Verdict } from '../../src/store/store.js';
import { callIdOf, newTask, resultOf } from '../contract/store.js';
import { settings } from '../outbound/campaigns/campaigns.js';
import { ManualClock } from '../support/manual-clock.js';
import { walked } from '../support/query-plans.js';
import { onEveryDatabase, onEveryStore } from '../support/stores.js';

await onEveryStore(t, async (t, adapter) => {
  // 23:50 in India, which lies half an hour off the hours of UTC.
  const clock = new ManualClock(Date.UTC(2026, 2, 10, 18, 20));
  const { store } = await adapter.fresh(t, { clock });
  const dial = async (task: Parameters<typeof newTask>[0], answered: boolean, verdict: Verdict): Promise<void> => {
    const { tasks } = await store.createTasks([newTask(task)]);
    const attempt = (await store.beginAttempt(tasks[0]!.id, 'node_a', callIdOf))!;
    clock.advance(1_000);
    if (answered) await store.markInCall(attempt.id);
    clock.advance(4_000);
    await store.finishAttempt(attempt.id, resultOf(clock, tasks[0]!, attempt, { disposition: answered ? 'answered_human' : 'no_answer', verdict, ...(answered ? {} : { answeredAt: undefined }), endedAt: clock.now() }));
  };
  const from = clock.now();
  await dial({ flow: 'greeting', from: '+14155550100', category: 'gold' }, true, { kind: 'follow_up', channel: 'mail', template: 't', reason: 'r' });
  await dial({ flow: 'greeting', from: '+14155550100' }, false, { kind: 'end', reason: 'r' });
  clock.advance(10 * 60_000);
  await dial({ flow: 'reminder', flowVersion: 3, from: '+14155550199', category: 'gold' }, true, { kind: 'handoff', queue: 'q', reason: 'r' });
  await dial({ flow: 'reminder', flowVersion: 3 }, true, { kind: 'redial_at', at: '2026-03-11T10:00:00Z', reason: 'r' });
  const { tasks } = await store.createTasks([newTask()]);
  await store.beginAttempt(tasks[0]!.id, 'node_a', callIdOf);
  const ask = async (by: Parameters<typeof store.statistics>[0]['by'], changes = {}) =>
    Object.fromEntries((await store.statistics({ by, from, to: clock.now() + 1, timeZone: 'Asia/Kolkata', ...changes })).map(({ key, ...row }) => [key, row]));
  t.same(await ask('flow'), {
    greeting: { attempts: 2, answered: 1, human: 1, results: 2, followUps: 1, handoffs: 0, redials: 0, talkMs: 4_000 },
    reminder: { attempts: 2, answered: 2, human: 2, results: 2, followUps: 0, handoffs: 1, redials: 1, talkMs: 8_000 },
  });
  t.match(await ask('flow_version'), { 'greeting@1': { attempts: 2 }, 'reminder@3': { attempts: 2 } });
  t.match(await ask('category'), { gold: { attempts: 2, human: 2 }, '': { attempts: 2, human: 1 } });
  t.match(await ask('caller'), { '+14155550100': { attempts: 2 }, '+14155550199': { attempts: 1 }, '': { attempts: 1 } });
  t.match(await ask('disposition'), { answered_human: { attempts: 3 }, no_answer: { attempts: 1, talkMs: 0 } });
  t.match(await ask('verdict'), { follow_up: { attempts: 1 }, end: { attempts: 1 }, handoff: { attempts: 1 }, redial_at: { attempts: 1 } });
  t.match(await ask('hour'), { 23: { attempts: 2, human: 1 }, '00': { attempts: 2, human: 2 } }, 'the hour of the callee');
  t.match(await ask('hour', { timeZone: 'UTC' }), { 18: { attempts: 4 } });
  t.same(Object.keys(await ask('flow', { from: from + 60_000 })), ['reminder'], 'of a span of time');
  t.same(await ask('campaign', { campaignId: 'camp_none' }), {});
  t.same(await store.campaignDay('camp_none', 0, clock.now()), { attempts: 0, answered: 0 });
  t.equal((await store.getTasks([tasks[0]!.id, 'task_none'])).length, 1);
  t.same((await store.listResults({ verdict: 'handoff', limit: 9 })).items.map(({ flow }) => flow), ['reminder']);

  const again = (await store.createTasks([newTask({ flow: 'again' })])).tasks[0]!;
  const attempt = (await store.beginAttempt(again.id, 'node_a', callIdOf))!;
  await store.finishAttempt(attempt.id, resultOf(clock, again, attempt, { verdict: { kind: 'redial_at', at: '2026-03-11T10:00:00Z', reason: 'r' } }), { retryAt: clock.now() + 1_000 });
  t.match(await ask('flow'), { again: { attempts: 1, results: 0, redials: 1 } }, 'a wish that is followed counts');

  const { id: campaignId } = await store.createCampaign(settings({ callerNumbers: ['+14155550100'] }));
  const { revision } = await store.moveCampaign(campaignId, 'start');
  const shown = (await store.createTasks([newTask({ campaignId, from: '+14155550100' })])).tasks[0]!;
  for (const [number, retryAt] of [['+14155550111', clock.now() + 1_000], ['+14155550122', undefined]] as const) {
    await store.dueParties();
    const dialled = (await store.beginAttempt(shown.id, 'node_a', callIdOf))!;
    await store.finishAttempt(dialled.id, resultOf(clock, shown, dialled), { retryAt });
    await store.updateCampaign(campaignId, retryAt === undefined ? revision + 1 : revision, settings({ callerNumbers: [number] }));
    clock.advance(1_000);
  }
  t.match(await ask('caller', { campaignId, to: clock.now() }), { '+14155550100': { attempts: 1 }, '+14155550111': { attempts: 1 } }, 'the number that each dial was to show, whatever later ones do');
});

/** Far more than one campaign has; two steps of counting, and a bit. */
const OTHERS = 12_000;

t.test('what is asked about one campaign or a span of time goes by an index, and counts all of it', (t) =>
  onEveryDatabase(t, async (t, place) => {
    const clock = new ManualClock();
    const { db, dialect, open } = await place(t);
    const store = open({ clock });
    await store.migrate();
    const { tasks } = await store.createTasks([newTask(), newTask({ campaignId: 'camp_small' })]);
    const [big, small] = tasks.map(({ id }) => id) as [string, string];
    const from = clock.now();
    // Many begin at the same moment, so that a step ends among them.
    const attempts = Array.from({ length: OTHERS + 20 }, (_, index) => ({ task: index < OTHERS ? big : small, campaign: index < OTHERS ? 'camp_big' : 'camp_small', at: from + Math.floor(index / 700) }));
    for (let start = 0; start < attempts.length; start += 500) {
      const some = attempts.slice(start, start + 500).map((one, index) => ({ ...one, number: start + index }));
      await insertMany({ dialect }, db, {
        table: 'attempts', columns: ['id', 'task_id', 'number', 'sip_call_id', 'call_id', 'node_id', 'started_at', 'answered_at', 'ended_at', 'campaign_id', 'disposition'],
        rows: some.map(({ task, campaign, at, number }) => [`att_${number}`, task, number, `s_${number}`, `c_${number}`, 'node_a', at, at + 10, at + 15, campaign, number % 2 === 0 ? 'answered_human' : 'answered_machine']),
      });
      await insertMany({ dialect }, db, {
        table: 'results', columns: ['id', 'attempt_id', 'call_id', 'flow', 'disposition', 'ended_at', 'body', 'campaign_id', 'verdict'],
        rows: some.map(({ campaign, number }) => [`res_${number}`, `att_${number}`, `c_${number}`, 'greeting', 'no_answer', from, '{}', campaign, 'end']),
      });
    }
    if (dialect.name === 'postgres') await sql`analyze attempts, results`.execute(db);

    const to = from + 100;
    const all = { attempts: OTHERS + 20, answered: OTHERS + 20, human: OTHERS / 2 + 10, results: OTHERS + 20, followUps: 0, handoffs: 0, redials: 0, talkMs: 5 * (OTHERS + 20) };
    t.same(await store.statistics({ by: 'flow', from, to, timeZone: 'UTC' }), [{ key: 'greeting', ...all }], 'none is left out or counted twice');
    t.match(await store.statistics({ by: 'campaign', from, to, timeZone: 'UTC' }), [{ key: 'camp_big', attempts: OTHERS }, { key: 'camp_small', attempts: 20 }]);
    t.match(await store.statistics({ by: 'hour', from, to, timeZone: 'UTC' }), [{ key: '00', attempts: OTHERS + 20 }]);
    t.match(await store.statistics({ by: 'flow', campaignId: 'camp_small', from, to, timeZone: 'UTC' }), [{ attempts: 20, results: 20 }]);
    t.equal((await store.listResults({ campaign: 'camp_small', limit: 50 })).items.length, 20);

    const asked: readonly (readonly [Compilable, string, number])[] = [
      [resultsAfter(db, 0, { campaign: 'camp_small', limit: 50 }), 'results_of_campaign', 20],
      ...[{ disposition: 'no_answer' as const }, { flow: 'greeting' }, { verdict: 'end' as const }].map((more) => [resultsAfter(db, 0, { campaign: 'camp_small', limit: 50, ...more }), 'results_of_campaign', 20] as const),
      [attemptsWithin(db, { campaignId: 'camp_small' }, from, to).select('started_at').orderBy('started_at'), 'attempts_campaign', 20],
      [attemptsWithin(db, {}, to - 1, to).select('started_at').orderBy('started_at'), 'attempts_started', 0],
      [spanOf(db, { by: 'flow', campaignId: 'camp_small', from, to, timeZone: 'UTC' }, from, to), 'attempts_campaign', 20],
      [spanOf(db, { by: 'flow', from, to, timeZone: 'UTC' }, to - 1, to), 'attempts_started', 0],
    ];
    for (const [query, index, rows] of asked) {
      const found = await walked(db, dialect.name, query);
      if (dialect.name === 'sqlite') t.match(found, new RegExp(`^${index}(;|$)`), index);
      else t.equal(found, rows, index);
    }
  }),
);
