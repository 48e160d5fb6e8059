import { join } from 'node:path';
import t from 'tap';
import { StoredAudiences } from '../../../src/outbound/campaigns/stored-audiences.js';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.js';
import { newContact } from '../../contract/store-contacts.js';
import { storeOptions } from '../../store/store-options.js';
import { ManualClock } from '../../support/manual-clock.js';

t.test('a sample shows an audience as it is, whichever file came first', async (t) => {
  const clock = new ManualClock();
  const store = openSqliteStore(storeOptions(join(t.testdir(), 'trunkline.db'), { clock }));
  t.teardown(() => store.close());
  await store.migrate();
  await store.saveContacts(Array.from({ length: 600 }, (_, index) => newContact(`+8613800000${String(index).padStart(3, '0')}`, { tags: [index < 100 ? 'vip' : index < 500 ? 'plain' : 'gone'] })), 'update');
  const audiences = new StoredAudiences(store, clock);
  const { id } = await store.createAudience({ name: 'All', filter: 'not tags has "gone"' });
  for (const kind of ['live', 'frozen'] as const) {
    if (kind === 'frozen') await store.freezeAudience(id, { kind: 'not', part: { kind: 'tag', tag: 'gone' } });
    const count = await audiences.count(id);
    t.equal(count, 500);
    const sample = await audiences.sample(id, count, 100);
    const vips = sample.filter(({ tags }) => tags.includes('vip')).length;
    t.equal(sample.length, 100);
    t.ok(vips >= 15 && vips <= 25, `${kind}: a fifth of them are, and ${vips} of a hundred`);
    t.notOk(sample.some(({ tags }) => tags.includes('gone')));
  }
  await t.rejects(audiences.sample('aud_none', 1, 1), { code: 'TRK_NOT_FOUND' });
});
