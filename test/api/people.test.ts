import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { callIdOf, newTask, resultOf } from '../contract/store.js';
import { FOLDER, startApi } from './harness.js';

t.test('a person sees everything, and is forgotten', async (t) => {
  const { app, key, store, clock, recordingsDir } = await startApi(t);
  const headers = await key('admin');
  const ask = async (path: string, payload: object) => (await app.inject({ method: 'POST', url: `/v1/people:${path}`, headers, payload })).json<Record<string, unknown>>();
  await app.inject({ method: 'POST', url: '/v1/contacts', headers, payload: { externalId: 'c1', numbers: ['+8613812345678'], name: 'Li', consents: [{ purpose: 'marketing', granted: true }] } });
  const { tasks } = await store.createTasks([newTask({ to: '+8613812345678' })]);
  const attempt = (await store.beginAttempt(tasks[0]!.id, 'node_1', callIdOf))!;
  const file = join(recordingsDir, `${attempt.callId}.wav`);
  writeFileSync(file, 'RIFF');
  await store.finishAttempt(attempt.id, resultOf(clock, tasks[0]!, attempt, { recording: file }));

  t.match(await ask('export', { number: '+8613812345678' }), { contacts: [{ name: 'Li', consents: [{ purpose: 'marketing' }], history: { calls: 1 } }], tasks: [{ to: '+8613812345678' }], attempts: [{ taskId: tasks[0]!.id }], results: [{ transcript: [{ text: 'Hello.' }] }], recordings: [`${attempt.callId}.wav`] });
  t.match((await store.readEvents(0, 50)).at(-1), { type: 'person.exported', data: { contactIds: [/^con_/], keyId: /^key_/ } }, 'and it is known who asked');
  t.match(await ask('export', { externalId: 'c1', number: '+8613812345678' }), { error: { code: 'TRK_INVALID_REQUEST' } });
  // Two more calls of a task that is still to be dialled again, one of them on another server.
  const { tasks: again } = await store.createTasks([newTask({ to: '+8613812345678' })]);
  const files: string[] = [];
  for (const recordedIn of [FOLDER, 'b'.repeat(16)]) {
    await store.dueParties();
    const one = (await store.beginAttempt(again[0]!.id, 'node_1', callIdOf))!;
    files.push(join(recordingsDir, `${one.callId}.wav`));
    writeFileSync(files.at(-1)!, 'RIFF');
    await store.finishAttempt(one.id, resultOf(clock, again[0]!, one, { recording: `${one.callId}.wav`, recordedIn }), { retryAt: clock.now() });
  }
  t.match(await ask('export', { externalId: 'c1' }), { outcomes: [{ transcript: [{ text: 'Hello.' }], retryAt: String }, {}], recordings: [String, String, String] });
  t.match(await ask('erase', { externalId: 'c1' }), { erased: true, id: /^era_/, contacts: 1, tasks: 2, results: 2, recordings: 3, recordingsWaiting: 1 });
  t.equal(existsSync(file), false, 'the recording is gone');
  t.same(files.map((name) => existsSync(name)), [false, true], 'one waits for the server that has it');
  t.match(await ask('erase', { externalId: 'c1' }), { erased: false });
  t.match(await ask('export', { number: '+8613812345678' }), { contacts: [], tasks: [], results: [], recordings: [] });
  t.equal((await app.inject({ method: 'POST', url: '/v1/people:erase', headers: await key('contacts:write'), payload: { externalId: 'c1' } })).statusCode, 403);
});
