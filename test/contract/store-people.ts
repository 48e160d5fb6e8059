import type { Test } from 'tap';
import type { CallResult, Store, Task } from '../../src/store/store.js';
import { ManualClock } from '../support/manual-clock.js';
import { newContact } from './store-contacts.js';
import { callIdOf, newTask, resultOf } from './store.js';
import type { StoreUnderTest } from './store.js';

const NUMBER = '+8613800000001';
const OTHER = '+8613800000002';

/** Every adapter of the store port passes this. */
export async function peopleContract(t: Test, adapter: StoreUnderTest): Promise<void> {
  const fresh = async (t: Test): Promise<{ store: Store; clock: ManualClock }> => {
    const clock = new ManualClock(1_800_000_000_000);
    return { store: (await adapter.fresh(t, { clock })).store, clock };
  };
  const called = async (store: Store, clock: ManualClock, to: string, changes: Partial<CallResult> = {}, task: Parameters<typeof newTask>[0] = {}): Promise<Task> => {
    const { tasks } = await store.createTasks([newTask({ to, variables: { name: 'Ms Miller' }, metadata: { order: '1' }, ...task })]);
    const attempt = await store.beginAttempt(tasks[0]!.id, 'node_1', callIdOf);
    await store.finishAttempt(attempt!.id, resultOf(clock, tasks[0]!, attempt!, { recording: `/rec/${attempt!.callId}.wav`, ...changes }));
    return tasks[0]!;
  };

  await t.test('a call is part of the history of whoever has its number', async (t) => {
    const { store, clock } = await fresh(t);
    await store.saveContacts([newContact(NUMBER, { numbers: [...newContact(NUMBER).numbers, ...newContact(OTHER).numbers] }), newContact('+8613800000003')], 'update');
    await called(store, clock, OTHER, { slots: { amount: 5 }, verdict: { kind: 'continue' } });
    clock.advance(1_000);
    await called(store, clock, NUMBER, { disposition: 'busy', answeredAt: undefined, slots: {}, endedAt: clock.now() });
    const [first, second] = (await store.listContacts({ limit: 5 })).items;
    t.same(first?.history, { calls: 2, lastCallAt: clock.now(), lastDisposition: 'busy', lastVerdict: 'end', slots: { amount: 5 } }, 'what was heard last stays where nobody answered');
    t.equal(second?.history.calls, 0);
    const { tasks } = await store.createTasks([newTask({ to: NUMBER })]);
    await store.cancelTask(tasks[0]!.id);
    t.equal((await store.getContact(first!.id))?.history.calls, 2, 'what was never dialled is no call');
    const again = (await store.createTasks([newTask({ to: NUMBER })])).tasks[0]!;
    const attempt = (await store.beginAttempt(again.id, 'node_1', callIdOf))!;
    await store.finishAttempt(attempt.id, resultOf(clock, again, attempt, { slots: { amount: 6 } }), { retryAt: clock.now() + 1_000 });
    t.match((await store.getContact(first!.id))?.history, { calls: 3, lastDisposition: 'answered_human', slots: { amount: 6 } }, 'one after which the task is dialled again counts');
    await store.saveContacts([newContact(NUMBER, { name: 'Li' })], 'update');
    t.match((await store.getContact(first!.id))?.history, { calls: 3, slots: { amount: 6 } }, 'an import changes nothing of it');
  });

  await t.test('a person is exported and erased with everything', async (t) => {
    const { store, clock } = await fresh(t);
    const consent = { purpose: 'marketing', granted: true, at: 5, expiresAt: undefined, source: 'api', evidence: undefined };
    await store.saveContacts([newContact(NUMBER, { externalId: 'c1', name: 'Ms Miller', numbers: [...newContact(NUMBER).numbers, ...newContact(OTHER).numbers], consents: [consent] }), newContact('+8613800000003')], 'update');
    const done = await called(store, clock, NUMBER, { mood: { label: 'calm', valence: 0, trend: 0, evidence: ['words'] }, transfer: { mode: 'blind', to: OTHER, outcome: 'completed', ms: 1 } });
    const stranger = await called(store, clock, '+8613800000003');
    const { tasks } = await store.createTasks([newTask({ to: OTHER })]);
    const open = tasks[0]!;
    for (const taskId of [done.id, stranger.id]) await store.appendEvent('call.transcript', { callId: 'call_1', taskId, line: { speaker: 'caller', text: 'My name is Miller.', atMs: 1 } });
    const audience = await store.createAudience({ name: 'all', filter: '' });
    await store.freezeAudience(audience.id, { kind: 'all' });

    for (const who of [{ externalId: 'c1' }, { number: OTHER }, { contactId: (await store.listContacts({ externalId: 'c1', limit: 1 })).items[0]!.id }]) {
      const records = await store.personRecords(who);
      t.match(records, { contacts: [{ name: 'Ms Miller', consents: [{ purpose: 'marketing' }] }], numbers: [NUMBER, OTHER].sort((a) => (a === records.numbers[0] ? -1 : 1)), attempts: [{ taskId: done.id }], results: [{ taskId: done.id, transcript: [{ text: 'Hello.' }] }] });
      t.same(records.tasks.map((task) => task.id), [done.id, open.id]);
    }

    // They called, too.
    const rang = { ...(await store.getResult(done.id))!, id: 'res_in', taskId: undefined, attemptId: undefined, callId: 'call_in', sipCallId: 'in@h', direction: 'inbound' as const, caller: OTHER, transfer: undefined };
    await store.saveInboundResult(rang);
    await store.appendEvent('call.transcript', { callId: 'call_in', line: { speaker: 'caller', text: 'Miller again.', atMs: 1 } });
    t.match((await store.personRecords({ number: NUMBER })).results, [{ taskId: done.id }, { id: 'res_in', caller: OTHER }]);
    t.equal((await store.personRecords({ number: '+8613800000003' })).results.length, 1);

    const attempt = await store.beginAttempt(open.id, 'node_1', callIdOf);
    await t.rejects(store.erasePerson({ number: NUMBER }), { code: 'TRK_CONFLICT' }, 'not during a call');
    await store.finishAttempt(attempt!.id, resultOf(clock, open, attempt!, { slots: {} }));
    const { tasks: later } = await store.createTasks([newTask({ to: OTHER })]);

    const { id } = (await store.listContacts({ externalId: 'c1', limit: 1 })).items[0]!;
    await store.addSuppressions([
      { number: undefined, contactId: id, scope: 'all', source: 'api', reason: 'asked', evidence: undefined, expiresAt: undefined },
      { number: '+8613800000003', contactId: undefined, scope: 'all', source: 'api', reason: undefined, evidence: undefined, expiresAt: undefined },
    ]);
    t.match((await store.personRecords({ number: NUMBER })).suppressions, [{ contactId: id, reason: 'asked' }]);
    const erasure = await store.erasePerson({ externalId: 'c1' });
    t.match(erasure, { contacts: 1, tasks: 3, results: 4, recordings: 2, at: clock.now() });
    const kept = (await store.listSuppressions({ limit: 10 })).items;
    t.same(kept.map(({ number, contactId }) => number ?? contactId), [undefined, '+8613800000003', undefined, undefined], 'the no of the person went over to both numbers, which nobody can read any more');
    t.same((await store.listSuppressions({ number: OTHER, limit: 10 })).items.map(({ reason }) => reason), ['asked'], 'who said no stays uncalled');
    t.same((await store.readCompliance({ after: 0, limit: 10 })).map(({ kind, subject }) => [kind, subject]).slice(-2).sort(), [NUMBER, OTHER].map((number) => ['erased', store.subjects.number(number)]).sort());
    t.equal(await store.countContacts({}), 1);
    t.equal(await store.countContacts({ frozenAudience: audience.id }), 1);
    for (const id of [done.id, open.id, later[0]!.id]) t.match(await store.getTask(id), { to: 'sip:erased@trunkline.invalid', variables: {}, metadata: {} });
    t.match(await store.getTask(later[0]!.id), { state: 'cancelled' });
    const result = await store.getResult(done.id);
    t.match(result, { disposition: 'answered_human', slots: {}, transcript: [], recording: undefined, mood: { evidence: [] }, transfer: { to: 'sip:erased@trunkline.invalid' } });
    t.match(await store.getResult(stranger.id), { transcript: [{ text: 'Hello.' }] }, 'others keep theirs');
    t.same((await store.readEvents(0, 100)).filter(({ type }) => type === 'call.transcript').map(({ data }) => (data as { line: { text: string } }).line.text), ['', 'My name is Miller.', '']);
    t.match(await store.getResult('res_in'), { direction: 'inbound', caller: undefined, transcript: [], slots: {} });
    t.equal((await store.listContacts({ number: NUMBER, limit: 5 })).items.length, 0);
    t.equal(await store.erasePerson({ externalId: 'c1' }), undefined, 'twice does no harm');
    t.equal(await store.erasePerson({ number: NUMBER }), undefined);
    t.match(await store.personRecords({ number: NUMBER }), { contacts: [], tasks: [], results: [] });
    t.equal((await store.saveContacts([newContact(NUMBER)], 'refuse'))[0]?.kind, 'created', 'nothing is left to be found by');
  });

  await t.test('what was heard before a retry is exported and erased, too', async (t) => {
    const { store, clock } = await fresh(t);
    const { tasks } = await store.createTasks([newTask({ to: NUMBER })]);
    const attempt = (await store.beginAttempt(tasks[0]!.id, 'node_1', callIdOf))!;
    const heard = resultOf(clock, tasks[0]!, attempt, { recording: `${attempt.callId}.wav`, recordedIn: 'a'.repeat(16) });
    await store.finishAttempt(attempt.id, heard, { retryAt: clock.now() + 1_000 });
    await store.appendEvent('call.transcript', { callId: attempt.callId, line: { speaker: 'caller', text: 'My name is Miller.', atMs: 1 } });
    t.match(await store.personRecords({ number: NUMBER }), { results: [], outcomes: [{ id: heard.id, transcript: [{ text: 'Hello.' }] }] });
    const erasure = await store.erasePerson({ number: NUMBER });
    t.match(erasure, { tasks: 1, results: 1, recordings: 1 }, 'its task was ended');
    t.match(await store.getResult(attempt.callId), { id: heard.id, disposition: 'answered_human', slots: {}, transcript: [], recording: undefined, recordedIn: undefined });
    t.same((await store.readEvents(0, 100)).filter(({ type }) => type === 'call.transcript').map(({ data }) => (data as { line: { text: string } }).line.text), ['']);
    t.match(await store.recordingsToRemove(['a'.repeat(16)], 0, 10), [{ name: `${attempt.callId}.wav` }]);
    t.equal(await store.countRemovals({ erasureId: erasure!.id }), 1);
  });

  await t.test('a SIP URI that names the number is the same person', async (t) => {
    const { store, clock } = await fresh(t);
    await store.saveContacts([newContact(NUMBER, { externalId: 'c1' })], 'update');
    const uris = [`sip:${NUMBER}@gw.example`, `sips:+86-138%30000-0001;phone-context=x@other.example;user=phone`];
    const done = await called(store, clock, uris[0]!);
    const waiting = (await store.createTasks([newTask({ to: uris[1]!, notBefore: clock.now() + 60_000, variables: { name: 'Ms Miller' } })])).tasks[0]!;
    const stranger = await called(store, clock, `sip:${OTHER}@gw.example`);
    for (const who of [{ number: NUMBER }, { externalId: 'c1' }]) {
      const found = await store.personRecords(who);
      t.same([found.tasks.map(({ id }) => id), found.results.map(({ taskId }) => taskId)], [[done.id, waiting.id], [done.id]]);
    }
    const ringing = (await store.createTasks([newTask({ to: uris[0]! })])).tasks[0]!;
    const attempt = (await store.beginAttempt(ringing.id, 'node_1', callIdOf))!;
    await t.rejects(store.erasePerson({ number: NUMBER }), { code: 'TRK_CONFLICT' }, 'not while it is called, however it is written');
    await store.finishAttempt(attempt.id, resultOf(clock, ringing, attempt));

    t.match(await store.erasePerson({ number: NUMBER }), { contacts: 1, tasks: 3, results: 3, recordings: 1 });
    t.match(await store.getTask(waiting.id), { state: 'cancelled', to: 'sip:erased@trunkline.invalid', variables: {} });
    t.match(await store.getResult(done.id), { transcript: [], slots: {}, recording: undefined });
    t.match(await store.getResult(stranger.id), { transcript: [{ text: 'Hello.' }] });
    t.equal(await store.erasePerson({ number: NUMBER }), undefined, 'nothing of it is found again');
  });

  await t.test('whom a call was handed over to is forgotten in events, too', async (t) => {
    const { store, clock } = await fresh(t);
    const done = await called(store, clock, NUMBER);
    const transfer = { mode: 'blind', to: OTHER, outcome: 'completed', ms: 1 };
    for (const taskId of [done.id, 'task_other']) await store.appendEvent('call.transfer', { call: { id: `call_of_${taskId}`, taskId }, transfer });
    await store.erasePerson({ number: NUMBER });
    const told = (await store.readEvents(0, 100)).filter(({ type }) => type === 'call.transfer').map(({ data }) => data as { call: object; transfer: { to: string } });
    t.match(told[0], { call: { taskId: done.id }, transfer: { mode: 'blind', outcome: 'completed' } });
    t.same(told.map(({ transfer: { to } }) => to), ['sip:erased@trunkline.invalid', OTHER]);
  });

  await t.test('a person is found though the number of the call was forgotten or has changed', async (t) => {
    const DAY_MS = 86_400_000;
    const { store, clock } = await fresh(t);
    await store.saveContacts([newContact(NUMBER, { externalId: 'c1' })], 'update');
    const { id: contactId } = (await store.listContacts({ limit: 1 })).items[0]!;
    const byContact = await called(store, clock, 'sip:miller@example.com', { recording: undefined }, { contactId });
    const byNumber = await called(store, clock, NUMBER);
    const stranger = await called(store, clock, OTHER);
    await store.saveInboundResult({ ...(await store.getResult(byNumber.id))!, id: 'res_in', taskId: undefined, attemptId: undefined, callId: 'call_in', sipCallId: 'in@h', direction: 'inbound', caller: NUMBER });
    clock.advance(40 * DAY_MS);
    t.ok((await store.forgetNumbers(clock.now() - 31 * DAY_MS, 100)) > 0);
    const found = await store.personRecords({ externalId: 'c1' });
    t.same(found.tasks.map(({ id }) => id), [byContact.id, byNumber.id]);
    t.same(found.results.map(({ id, taskId }) => taskId ?? id), [byContact.id, byNumber.id, 'res_in']);
    t.match(await store.erasePerson({ contactId }), { tasks: 2, results: 3, recordings: 2 });
    for (const id of [byContact.id, byNumber.id, 'res_in']) t.match(await store.getResult(id), { transcript: [], slots: {} });
    t.match(await store.getResult(stranger.id), { transcript: [{ text: 'Hello.' }] });
    clock.advance(40 * DAY_MS);
    await store.forgetNumbers(clock.now() - 31 * DAY_MS, 100);
    t.equal(await store.erasePerson({ number: NUMBER }), undefined, 'nothing of it is found again');
    t.match(await store.personRecords({ number: NUMBER }), { tasks: [], results: [] });
  });
}
