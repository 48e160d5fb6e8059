import { join } from 'node:path';
import t from 'tap';
import type { Test } from 'tap';
import { silentLogger } from '../../../src/kernel/log.js';
import { runImport } from '../../../src/outbound/contacts/importer.js';
import type { ImportSettings } from '../../../src/outbound/contacts/importer.js';
import { reportRows } from '../../../src/outbound/contacts/report.js';
import type { ContactImport } from '../../../src/store/contacts.js';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.js';
import type { Store } from '../../../src/store/store.js';
import { storeOptions } from '../../store/store-options.js';
import { ManualClock } from '../../support/manual-clock.js';

async function fresh(t: Test): Promise<{ store: Store; run: (file: string, changes?: Partial<ImportSettings>) => Promise<ContactImport>; report: (id: string) => Promise<string[]> }> {
  const clock = new ManualClock();
  const store = openSqliteStore(storeOptions(join(t.testdir(), 'trunkline.db'), { clock }));
  t.teardown(() => store.close());
  await store.migrate();
  return {
    store,
    async run(file, changes = {}) {
      const settings: ImportSettings = { format: 'csv', encoding: undefined, delimiter: undefined, map: {}, defaultCountry: 'CN', merge: 'update', dryRun: false, tags: [], ...changes };
      async function* source(): AsyncGenerator<Buffer> {
        for (let at = 0; at < file.length; at += 1_000) yield Buffer.from(file.slice(at, at + 1_000));
      }
      return runImport({ store, clock, log: silentLogger, nodeId: 'node_1' }, await store.createImport(JSON.stringify(settings)), settings, source());
    },
    async report(id) {
      let text = '';
      for await (const part of reportRows(store, id)) text += part;
      return text.split('\r\n').slice(1, -1).map((line) => line.split(',').slice(0, 3).join(','));
    },
  };
}

const twice = ['id,phone,name', 'a,13800000001,A', 'b,13800000002,B', 'a,13800000003,A2', ',13800000002,B2', 'c,13800000001,C', 'a,13800000002,A3', ',13800000009,D', 'd,13800000009,D2', 'd,13800000009,D3'].join('\n');

t.test('a dry run says what an import does, for each merge rule', async (t) => {
  for (const merge of ['update', 'keep', 'refuse'] as const) {
    const { store, run, report } = await fresh(t);
    const dry = await run(twice, { merge, dryRun: true });
    t.equal(await store.countContacts({}), 0, 'nothing was saved');
    const real = await run(twice, { merge });
    t.match(real, { state: 'done', rows: 9, created: 3 });
    const counts = ({ rows, created, updated, kept, refused }: ContactImport) => ({ rows, created, updated, kept, refused });
    t.same(counts(dry), counts(real), merge);
    t.same(await report(dry.id), await report(real.id));
    const again = await run(twice, { merge, dryRun: true });
    t.equal(again.created, 0);
  }
  const { store, run, report } = await fresh(t);
  const done = await run(twice);
  t.same(await report(done.id), ['6,,number_taken', '7,,number_taken']);
  t.match((await store.listContacts({ externalId: 'a', limit: 1 })).items[0], { name: 'A2', numbers: [{ number: '+8613800000003' }, { number: '+8613800000001' }] });
});

t.test('the same file twice changes nothing the second time', async (t) => {
  const { store, run } = await fresh(t);
  const file = `id,phone,score\n${Array.from({ length: 5_000 }, (_, index) => `c${index},138${String(index).padStart(8, '0')},${index}`).join('\n')}\n`;
  t.match(await run(file), { created: 5_000, updated: 0, refused: 0, bytes: file.length });
  const before = (await store.listContacts({ limit: 1_000 })).items;
  t.match(await run(file), { created: 0, updated: 5_000, refused: 0 });
  t.same((await store.listContacts({ limit: 1_000 })).items, before);
});

t.test('a file that cannot be read at all leaves an import that says why', async (t) => {
  const { store, run } = await fresh(t);
  await t.rejects(run('name\nA\n'), { code: 'TRK_IMPORT_INVALID' });
  t.match((await store.listImports({ limit: 5 })).items, [{ state: 'failed', error: 'TRK_IMPORT_INVALID', reason: /no column holds phone numbers/ }]);
  await run('phone,score\n13800000001,5\n');
  await t.rejects(run('phone,score\n13800000001,5\n', { map: { score: 'attribute:score:text' } }), { code: 'TRK_IMPORT_INVALID' });
});

t.test('a store that fails ends the import as interrupted, with what was done', async (t) => {
  const { store, run } = await fresh(t);
  const file = `phone\n${Array.from({ length: 6_000 }, (_, index) => `138${String(index).padStart(8, '0')}`).join('\n')}\n`;
  const real = store.saveContacts;
  let calls = 0;
  store.saveContacts = async (...given) => {
    calls += 1;
    if (calls === 2) throw new Error('disk full');
    return real(...given);
  };
  await t.rejects(run(file), { code: 'TRK_INTERNAL' });
  const [left] = (await store.listImports({ limit: 5 })).items;
  t.match(left, { state: 'interrupted', created: 2_000, error: 'TRK_INTERNAL', reason: 'see the log of the server' });
  t.equal(await store.countContacts({}), 2_000);
  t.match(await run(file), { state: 'done', created: 4_000, updated: 2_000 });
});
