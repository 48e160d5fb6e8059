import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { systemRandom } from '../../src/kernel/random.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import { createSubjects, openSubjects } from '../../src/store/subjects.js';
import { ruleStoreContract } from '../contract/store-rules.js';
import { ManualClock } from '../support/manual-clock.js';
import { onEveryStore } from '../support/stores.js';
import { storeOptions } from './store-options.js';

await onEveryStore(t, ruleStoreContract);

t.test('the key of subjects', async (t) => {
  const path = join(t.testdir(), 'made', 'subject.key');
  const subjects = openSubjects(path, systemRandom);
  t.equal(statSync(path).mode & 0o777, 0o600, 'for its owner only');
  t.equal(openSubjects(path, systemRandom).number('+14155550100'), subjects.number('+14155550100'), 'the same one again');
  t.not(createSubjects(new Uint8Array(32)).number('+14155550100'), subjects.number('+14155550100'), 'another key, another hash');
  t.not(subjects.number('x'), subjects.contact('x'), 'a number is no contact');
  writeFileSync(path, 'something else');
  t.throws(() => openSubjects(path, systemRandom), { code: 'TRK_CONFIG_INVALID', field: 'rules.subject_key_file' });
});

t.test('a store belongs to one key', async (t) => {
  const path = join(t.testdir(), 'trunkline.db');
  const open = async (byte: number) => {
    const store = openSqliteStore(storeOptions(path, { exclusive: false, clock: new ManualClock(), subjects: createSubjects(new Uint8Array(32).fill(byte)) }));
    t.teardown(() => store.close());
    await store.migrate();
    return store;
  };
  await (await open(1)).claimSubjectKey();
  await (await open(1)).claimSubjectKey();
  await t.rejects((await open(2)).claimSubjectKey(), { code: 'TRK_CONFIG_INVALID', field: 'rules.subject_key_file' });
});
