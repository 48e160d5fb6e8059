import t from 'tap';
import { STALL_MS, WANT_MS } from '../../../src/outbound/campaigns/watch-trouble.js';
import { contact, settings } from './campaigns.js';
import { startWorld } from './world.js';

const MINUTE = 60_000;
const DAY = 86_400_000;

t.test('from an audience to one result each, then finished', async (t) => {
  const { service, audiences, store, events, dial, pass, clock } = await startWorld(t);
  audiences.add('aud_1', 'frozen', 1_203);
  const { id } = await service.create(settings());
  await pass(2_000);
  t.equal((await store.listTasks({ limit: 10 })).items.length, 0, 'a draft calls nobody');
  await service.start(id, undefined);
  await pass(3_000);
  t.match(await store.getCampaign(id), { state: 'running', round: 1, startedAt: clock.now() - 3_000, flowVersions: { greeting: 1 } });
  t.match(await service.progress(await service.get(id)), { tasks: { queued: 1_203 }, filling: false, skipped: 0 });
  while ((await dial(500)) > 0);
  await pass(1_000);
  t.match(await store.getCampaign(id), { state: 'finished', endedAt: clock.now() });
  t.match(await store.campaignCounts(id), { tasks: { done: 1_203 }, dispositions: { answered_human: 1_203 } });
  t.same(await events(), ['created', 'started 1', 'finished']);
});

t.test('a filling that was cut off goes on where it was: nobody twice, nobody left out', async (t) => {
  const { service, audiences, store, pass, restart } = await startWorld(t);
  audiences.add('aud_1', 'frozen', 2_100);
  const second = audiences.add('aud_2', 'frozen', 5);
  second.push(...(audiences.lists.get('aud_1')?.contacts.slice(0, 20) ?? []));
  let calls = 0;
  const { members } = audiences;
  audiences.members = async (...given) => {
    if (++calls === 3) throw new Error('the disk is gone');
    return await members.apply(audiences, given);
  };
  const { id } = await service.create(settings({ audiences: ['aud_1', 'aud_2'] }));
  await service.start(id, undefined);
  await pass(1_000);
  const half = (await store.campaignCounts(id)).tasks.queued ?? 0;
  t.ok(half > 0 && half < 2_100, 'some are there');
  await restart();
  await pass(10_000);
  t.equal((await store.campaignCounts(id)).tasks.queued, 2_105);
  const seen = new Set<string>();
  for (let cursor: string | undefined; ; ) {
    const page = await store.listTasks({ campaignId: id, limit: 1_000, ...(cursor === undefined ? {} : { cursor }) });
    for (const task of page.items) seen.add(task.contactId ?? '');
    cursor = page.next;
    if (cursor === undefined) break;
  }
  t.equal(seen.size, 2_105);
});

t.test('whoever lacks what the flow needs is told of, and called when it is there', async (t) => {
  const { service, audiences, store, pass, events, clock } = await startWorld(t);
  await store.putFlow('named', 'id: named\nneeds: who');
  const people = audiences.add('aud_1', 'live', 2);
  people[1] = contact({ id: 'con_nameless', name: undefined });
  const { id } = await service.create(settings({ flow: 'named', variables: { who: { attribute: 'name' } }, endsAt: clock.now() + DAY }));
  await service.start(id, undefined);
  await pass(2_000);
  t.match((await store.listSkipped({ campaignId: id, limit: 10 })).items, [{ contactId: 'con_nameless', reason: 'variable', detail: 'who' }]);
  people[1] = contact({ id: 'con_nameless', name: 'Ms Late' });
  people.push(contact({ id: 'con_new' }));
  await pass(MINUTE + 2_000);
  t.same((await store.listTasks({ campaignId: id, limit: 10 })).items.map(({ contactId, variables }) => [contactId, variables['who']]), [['con_aud_1_0', 'Ms Miller'], ['con_nameless', 'Ms Late'], ['con_new', 'Ms Miller']], 'new members of a live audience, too');
  t.same((await store.listSkipped({ campaignId: id, limit: 10 })).items, []);
  t.same(await events(), ['created', 'started 1']);
});

t.test('a wake in the moment in which a look ends is not lost', async (t) => {
  const { clock, pass, wake } = await startWorld(t);
  await pass(0);
  const after = clock.after.bind(clock);
  let woken = false;
  clock.after = (...given) => {
    // Between the timer of the next look and the end of this one there is one turn of promises.
    if (!woken) queueMicrotask(wake);
    woken = true;
    return after(...given);
  };
  await pass(1_000);
  t.ok(woken);
  t.equal(clock.pending, 1, 'the next look will come');
});

t.test('a live audience is looked at again by the time that filling took, not by a pause in it', async (t) => {
  const { service, audiences, store, pass, clock } = await startWorld(t);
  const people = audiences.add('aud_1', 'live', 700);
  const { members } = audiences;
  let reads = 0;
  audiences.members = async (...given) => {
    clock.advance(20_000);
    if (++reads === 1) await service.pause(id, undefined);
    return await members.apply(audiences, given);
  };
  const { id } = await service.create(settings({ endsAt: clock.now() + 20 * DAY }));
  await service.start(id, undefined);
  await pass(2_000);
  t.match(await store.getCampaign(id), { state: 'paused' });
  clock.advance(DAY / 2);
  await service.resume(id, undefined);
  await pass(1_000);
  const count = async () => (await store.campaignCounts(id)).tasks.queued;
  t.equal(await count(), 700);
  people.push(contact({ id: 'con_new' }));
  // The first step was not saved, so two were worked at, 20 s each.
  clock.advance(20 * 40_000 - 10_000);
  await pass(2_000);
  t.equal(await count(), 700, 'looking takes a twentieth of the time');
  clock.advance(10_000);
  await pass(4_000);
  t.equal(await count(), 701);
});

t.test('a campaign begins at its time and ends at its end', async (t) => {
  const { service, audiences, store, pass, events, clock } = await startWorld(t);
  audiences.add('aud_1', 'live', 3);
  const { id } = await service.create(settings({ startsAt: clock.now() + 10_000, endsAt: clock.now() + 30_000 }));
  await service.start(id, undefined);
  await pass(9_000);
  t.match(await store.getCampaign(id), { state: 'running', round: 0, startedAt: undefined });
  await pass(2_000);
  t.same(await events(), ['created', 'started 1']);
  t.same((await store.listTasks({ campaignId: id, limit: 10 })).items.map(({ expiresAt }) => expiresAt), [1, 2, 3].map(() => clock.now() + 19_000), 'no task outlives it');
  await pass(20_000);
  await store.expireTasks();
  await pass(1_000);
  t.match(await store.getCampaign(id), { state: 'finished' });
  t.match(await store.campaignCounts(id), { tasks: { expired: 3 }, dispositions: { cancelled: 3 } });
});

t.test('every day again: all are called again, and what was left is ended first', async (t) => {
  const { service, audiences, store, pass, events, dial, clock, holidays } = await startWorld(t);
  audiences.add('aud_1', 'frozen', 3);
  // The clock begins at midnight of 1 January 2026, a Thursday; Saturday is left out.
  holidays.add('2026-01-03');
  const { id } = await service.create(settings({ timeZone: 'UTC', recurrence: { every: 'day', at: '09:00' }, holidays: ['GB'], endsAt: clock.now() + 3.5 * DAY }));
  await service.start(id, undefined);
  await pass(2_000);
  await dial(2);
  t.match(await store.getCampaign(id), { round: 1, nextRoundAt: Date.UTC(2026, 0, 1, 9) });
  clock.advance(9 * 3_600_000 - 5_000);
  await pass(5_000);
  t.match(await store.getCampaign(id), { round: 2, nextRoundAt: Date.UTC(2026, 0, 2, 9) });
  t.match(await store.campaignCounts(id), { tasks: { done: 2, cancelled: 1, queued: 3 } });
  clock.advance(DAY);
  await pass(5_000);
  t.match(await store.getCampaign(id), { round: 3, nextRoundAt: Date.UTC(2026, 0, 4, 9) }, 'not on the holiday');
  t.same(await events(), ['created', 'started 1', 'round 2', 'round 3']);
});

t.test('another end or recurrence reaches the round that is under way', async (t) => {
  const { service, audiences, store, pass, events, dial, clock } = await startWorld(t);
  audiences.add('aud_1', 'frozen', 3);
  const daily = settings({ timeZone: 'UTC', recurrence: { every: 'day', at: '09:00' }, endsAt: clock.now() + 20 * DAY });
  const { id } = await service.create(daily);
  await service.start(id, undefined);
  await pass(2_000);
  const ends = async () => [...new Set((await store.listTasks({ campaignId: id, state: 'queued', limit: 10 })).items.map(({ expiresAt }) => expiresAt))];
  t.same(await ends(), [Date.UTC(2026, 0, 1, 9)]);
  t.match(await service.update(id, { ...daily, recurrence: undefined }, undefined), { nextRoundAt: undefined });
  t.same(await ends(), [daily.endsAt]);
  clock.advance(DAY);
  await pass(2_000);
  t.match(await store.getCampaign(id), { round: 1, state: 'running' }, 'nobody is called again');
  t.match(await service.update(id, { ...daily, name: 'Later', recurrence: { every: 'day', at: '10:00' } }, undefined), { nextRoundAt: Date.UTC(2026, 0, 2, 10) });
  t.equal(await dial(5), 3);
  await pass(2_000);
  t.match(await store.getCampaign(id), { state: 'running' }, 'it is not over: a round comes');
  clock.advance(10 * 3_600_000);
  await pass(4_000);
  t.match(await store.getCampaign(id), { round: 2, nextRoundAt: Date.UTC(2026, 0, 3, 10) });
  const soon = clock.now() + 3_600_000;
  t.match(await service.update(id, { ...daily, recurrence: { every: 'day', at: '10:00' }, endsAt: soon }, undefined), { nextRoundAt: undefined }, 'none comes after the end');
  t.same(await ends(), [soon]);
  clock.advance(3_600_000);
  t.equal(await dial(5), 0, 'no call after the end');
  await store.expireTasks();
  await pass(2_000);
  t.match(await store.getCampaign(id), { state: 'finished' });
  t.same(await events(), ['created', 'started 1', 'round 2', 'finished']);
});

t.test('a round that is due is not put off by another name', async (t) => {
  const { service, audiences, store, pass, clock } = await startWorld(t);
  audiences.add('aud_1', 'frozen', 1);
  const daily = settings({ timeZone: 'UTC', recurrence: { every: 'day', at: '09:00' } });
  const { id } = await service.create(daily);
  await service.start(id, undefined);
  await pass(2_000);
  await service.pause(id, undefined);
  clock.advance(10 * 3_600_000);
  t.match(await service.update(id, { ...daily, name: 'Later', endsAt: clock.now() + DAY }, undefined), { nextRoundAt: Date.UTC(2026, 0, 1, 9) });
  await service.resume(id, undefined);
  await pass(3_000);
  t.match(await store.getCampaign(id), { round: 2 });
});

t.test('pause, resume and stop', async (t) => {
  const { service, audiences, store, pass, events, dial } = await startWorld(t);
  audiences.add('aud_1', 'frozen', 10);
  const { id } = await service.create(settings());
  const { revision } = await service.start(id, undefined);
  await pass(2_000);
  t.equal(await dial(2), 2);
  await service.pause(id, revision);
  t.equal(await dial(2), 0, 'at once');
  await t.rejects(service.resume(id, revision), { code: 'TRK_CONFLICT', message: /paused/ });
  await service.resume(id, revision + 1);
  t.equal(await dial(2), 2);
  await service.stop(id, undefined);
  t.equal(await dial(2), 0);
  await pass(2_000);
  t.match(await store.getCampaign(id), { state: 'stopped' });
  t.type((await store.getCampaign(id))?.endedAt, 'number');
  t.match(await store.campaignCounts(id), { tasks: { done: 4, cancelled: 6 } });
  for (const task of (await store.listTasks({ campaignId: id, limit: 20 })).items) t.ok(await store.getResult(task.id), 'each has its result');
  t.same(await events(), ['created', 'paused', 'resumed', 'stopped'].flatMap((type) => (type === 'created' ? ['created', 'started 1'] : [type])));
});

t.test('trouble is told', async (t) => {
  const { service, audiences, pass, events, dial, clock, server } = await startWorld(t);
  audiences.add('aud_1', 'frozen', 30);
  const { id } = await service.create(settings());
  await service.start(id, undefined);
  await pass(2_000);
  await dial(10, { disposition: 'congestion' });
  await pass(11_000);
  t.same((await events()).slice(2), ['trouble failure_burst']);
  server.trunks = false;
  await pass(12_000);
  clock.advance(WANT_MS);
  await pass(11_000);
  t.same((await events()).slice(3), ['trouble no_trunk']);
  clock.advance(STALL_MS);
  await pass(11_000);
  t.same((await events()).slice(4), ['stalled']);
});

t.test('a preview says who would be called, who not and why', async (t) => {
  const { service, audiences, judgements, store, clock } = await startWorld(t);
  await store.putFlow('named', 'id: named\nneeds: who');
  const people = audiences.add('aud_1', 'frozen', 4);
  people.push(contact({ id: 'con_nameless', name: undefined }), contact({ id: 'con_mute', numbers: [] }));
  for (const [index, number] of ['+442079460001', '+442079460002'].entries()) people[index] = contact({ id: `con_${index}`, tags: ['gold'], numbers: [{ number, kind: 'fixed', country: 'GB', label: undefined }] });
  judgements.set('+442079460001', { allowed: false, rule: 'suppression', until: undefined, detail: '' });
  judgements.set('+442079460002', { allowed: false, rule: 'calling_hours', until: clock.now() + 5, detail: '' });
  const campaign = await service.create(settings({ flow: 'named', variables: { who: { attribute: 'name' } }, categories: [{ name: 'best', filter: 'gold' }], retry: { maxAttempts: 1, delays: {}, varyDayPart: false } }));
  t.same(await service.preview(campaign), {
    members: 6, judged: 6, sampled: false, callable: 2, blocked: { suppression: 1, calling_hours: 1 }, over: 0, skipped: { noNumber: 1, variables: { who: 1 } }, categories: { best: 2 },
    expectedFinish: clock.now() + Math.round((3 * 45_000) / 4), basis: { calls: 4, answerRate: 0.33, attemptMs: 45_000, assumed: true },
  });
  t.equal((await store.listTasks({ limit: 10 })).items.length, 0, 'and makes nothing');
  audiences.add('aud_2', 'frozen', 12_000);
  t.match(await service.preview(await service.create(settings({ audiences: ['aud_2'] }))), { members: 12_000, judged: 10_000, sampled: true, callable: 10_000 });
});

t.test('a preview of a campaign that runs leaves out whose task of the round is over', async (t) => {
  const { service, audiences, pass, dial } = await startWorld(t);
  audiences.add('aud_1', 'frozen', 5);
  const { id } = await service.create(settings());
  await service.start(id, undefined);
  await pass(2_000);
  await dial(2);
  t.match(await service.preview(await service.get(id)), { members: 5, judged: 5, callable: 3, over: 2 });
});
