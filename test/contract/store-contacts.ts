import type { Test } from 'tap';
import type { ContactFilter } from '../../src/store/contact-filter.js';
import type { Contact, NewContact } from '../../src/store/contacts.js';
import type { Store } from '../../src/store/store.js';
import { ManualClock } from '../support/manual-clock.js';
import type { StoreUnderTest } from './store.js';

export const newContact = (number: string, changes: Partial<NewContact> = {}): NewContact => ({
  externalId: undefined,
  numbers: [{ number, kind: 'mobile', country: 'CN', label: undefined }],
  name: undefined,
  email: undefined,
  language: undefined,
  timeZones: ['Asia/Shanghai'],
  address: {},
  attributes: {},
  tags: [],
  consents: [],
  ...changes,
});

const attribute = (name: string, type: 'text' | 'number' | 'boolean' | 'date') => ({ kind: 'attribute', name, type }) as const;

/** Every adapter of the store port passes this. */
export async function contactContract(t: Test, adapter: StoreUnderTest): Promise<void> {
  const fresh = async (t: Test): Promise<{ store: Store; clock: ManualClock }> => {
    const clock = new ManualClock(1_800_000_000_000);
    return { store: (await adapter.fresh(t, { clock })).store, clock };
  };

  await t.test('contacts are saved, found and merged', async (t) => {
    const { store, clock } = await fresh(t);
    const consent = { purpose: 'marketing', granted: true, at: 5, expiresAt: undefined, source: 'import', evidence: 'imp_1:2' };
    const given = newContact('+8613800000001', { externalId: 'c1', name: '张伟', tags: ['vip'], attributes: { score: 720, city: '上海', active: true }, consents: [consent], address: { country: 'CN', city: '上海' } });
    const [made] = await store.saveContacts([given], 'update');
    t.equal(made?.kind, 'created');
    const id = made?.kind === 'created' ? made.id : '';
    const history = { calls: 0, lastCallAt: undefined, lastDisposition: undefined, lastVerdict: undefined, slots: {} };
    t.same(await store.getContact(id), { ...given, id, history, createdAt: clock.now(), updatedAt: clock.now() });
    t.equal(await store.getContact('con_none'), undefined);

    const more = newContact('+8613800000002', { externalId: 'c1', email: 'a@example.com', attributes: { score: 700 }, tags: ['gold'], consents: [{ ...consent, granted: false, at: 9 }] });
    t.same(await store.saveContacts([more], 'update'), [{ kind: 'updated', id }]);
    const merged = await store.getContact(id);
    t.match(merged, { name: '张伟', email: 'a@example.com', tags: ['vip', 'gold'], attributes: { score: 700, city: '上海', active: true }, consents: [{ granted: false, at: 9 }] });
    t.same(merged?.numbers.map(({ number }) => number), ['+8613800000002', '+8613800000001'], 'the newest number is dialled first');
    t.same(await store.saveContacts([newContact('+8613800000001', { consents: [{ ...consent, at: 7 }] })], 'update'), [{ kind: 'updated', id }], 'by number');
    t.match((await store.getContact(id))?.consents, [{ granted: false, at: 9 }], 'an older consent does not undo a newer refusal');

    t.same(await store.saveContacts([{ ...more, name: 'other' }], 'keep'), [{ kind: 'kept', id }]);
    t.same(await store.saveContacts([{ ...more, name: 'other' }], 'refuse'), [{ kind: 'exists', by: 'externalId' }]);
    t.same(await store.saveContacts([newContact('+8613800000002', { name: 'other' })], 'refuse'), [{ kind: 'exists', by: 'number' }]);
    t.equal((await store.getContact(id))?.name, '张伟');
    t.same((await store.listContacts({ number: '+8613800000001', limit: 5 })).items.map((found) => found.id), [id]);
    t.same((await store.listContacts({ externalId: 'c1', limit: 5 })).items.map((found) => found.id), [id]);
  });

  await t.test('one number is one contact', async (t) => {
    const { store } = await fresh(t);
    const outcomes = await store.saveContacts(
      [
        newContact('+8613800000001', { externalId: 'a' }),
        newContact('+8613800000002', { externalId: 'b' }),
        newContact('+8613800000001', { externalId: 'c' }),
        { ...newContact('+8613800000002'), numbers: [...newContact('+8613800000002').numbers, ...newContact('+8613800000001').numbers] },
        newContact('+8613800000001', { externalId: 'b' }),
        newContact('+8613800000003'),
        newContact('+8613800000003', { externalId: 'd' }),
      ],
      'update',
    );
    t.same(outcomes.map(({ kind }) => kind), ['created', 'created', 'conflict', 'conflict', 'conflict', 'created', 'updated']);
    t.match(outcomes[2], { by: 'externalId', number: '+8613800000001' });
    t.match(outcomes[3], { by: 'number', number: '+8613800000001' });
    t.equal((await store.listContacts({ number: '+8613800000003', limit: 5 })).items[0]?.externalId, 'd', 'who had no external id gets one');
    t.equal(await store.countContacts({}), 3);
    t.same((await store.saveContacts([newContact('+8613800000001')], 'refuse', { dryRun: true }))[0]?.kind, 'exists');
    t.same((await store.saveContacts([newContact('+8613800000009')], 'update', { dryRun: true }))[0]?.kind, 'created');
    t.equal(await store.countContacts({}), 3, 'a dry run saves nothing');
  });

  await t.test('attributes keep their type', async (t) => {
    const { store } = await fresh(t);
    await store.declareAttributes([{ name: 'since', type: 'date' }]);
    await store.saveContacts([newContact('+8613800000001', { attributes: { score: 1, since: '2026-01-31' } })], 'update');
    t.match(await store.listAttributes(), [{ name: 'score', type: 'number', indexed: true }, { name: 'since', type: 'date', indexed: true }]);
    await t.rejects(store.saveContacts([newContact('+8613800000002', { attributes: { score: 'many' } })], 'update'), { code: 'TRK_INVALID_REQUEST', field: 'attributes.score' });
    await t.rejects(store.declareAttributes([{ name: 'score', type: 'text' }]), { code: 'TRK_CONFLICT', field: 'attributes.score' });
    await store.declareAttributes(Array.from({ length: 30 }, (_, index) => ({ name: `more${index}`, type: 'number' as const })));
    t.equal((await store.listAttributes()).filter(({ indexed }) => !indexed).length, 7, 'what has no column of its own is kept all the same');
    await t.rejects(store.declareAttributes(Array.from({ length: 500 }, (_, index) => ({ name: `many${index}`, type: 'number' as const }))), { code: 'TRK_INVALID_REQUEST' });
  });

  await t.test('filters, pages and counts', async (t) => {
    const { store, clock } = await fresh(t);
    const granted = (expiresAt: number | undefined) => [{ purpose: 'marketing', granted: true, at: 1, expiresAt, source: 'api', evidence: undefined }];
    await store.saveContacts(
      [
        newContact('+8613800000001', { name: 'Li', attributes: { score: 720, city: '上海', active: true }, tags: ['vip'], consents: granted(undefined) }),
        newContact('+8613800000002', { attributes: { score: 650, city: '北京' }, consents: granted(clock.now() + 1_000) }),
        newContact('+8613800000003', { attributes: { city: "O'Hara %_\\" }, tags: ['vip2'], consents: granted(clock.now()) }),
        newContact('+8613800000004'),
      ],
      'update',
    );
    const who = async (filter: ContactFilter): Promise<string> => {
      const page = await store.listContacts({ filter, limit: 10 });
      t.equal(await store.countContacts({ filter }), page.items.length);
      return page.items.map(({ numbers }) => numbers[0]!.number.slice(-1)).join('');
    };
    const score = attribute('score', 'number');
    const city = attribute('city', 'text');
    t.equal(await who({ kind: 'compare', field: score, op: '>=', value: 700 }), '1');
    t.equal(await who({ kind: 'compare', field: score, op: '!=', value: 720 }), '2', 'missing is not unequal');
    t.equal(await who({ kind: 'not', part: { kind: 'compare', field: score, op: '=', value: 720 } }), '234', 'not is of all others');
    t.equal(await who({ kind: 'missing', field: score }), '34');
    t.equal(await who({ kind: 'in', field: city, values: ['上海', '北京'] }), '12');
    t.equal(await who({ kind: 'contains', field: city, text: "'" }), '3');
    t.equal(await who({ kind: 'contains', field: city, text: '%_\\' }), '3');
    t.equal(await who({ kind: 'starts', field: city, text: '上' }), '1');
    t.equal(await who({ kind: 'compare', field: attribute('active', 'boolean'), op: '=', value: true }), '1');
    t.equal(await who({ kind: 'tag', tag: 'vip' }), '1', 'a tag, not a part of one');
    t.equal(await who({ kind: 'consent', purpose: 'marketing' }), '12', 'a consent that ran out is none');
    t.equal(await who({ kind: 'compare', field: { kind: 'own', name: 'name' }, op: '=', value: 'Li' }), '1');
    t.equal(await who({ kind: 'compare', field: { kind: 'own', name: 'country' }, op: '=', value: 'CN' }), '1234');
    t.equal(await who({ kind: 'compare', field: { kind: 'own', name: 'created' }, op: '<', value: { agoMs: 1 } }), '');
    t.equal(await who({ kind: 'or', parts: [{ kind: 'tag', tag: 'vip2' }, { kind: 'and', parts: [{ kind: 'tag', tag: 'vip' }, { kind: 'missing', field: score }] }] }), '3');
    const first = await store.listContacts({ limit: 3 });
    t.equal(first.items.length, 3);
    t.equal((await store.listContacts({ limit: 3, cursor: first.next! })).items.length, 1);
    await t.rejects(store.listContacts({ limit: 3, cursor: 'x' }), { code: 'TRK_CURSOR_INVALID' });
  });

  await t.test('audiences, live and frozen', async (t) => {
    const { store } = await fresh(t);
    await store.saveContacts([newContact('+8613800000001', { tags: ['vip'] }), newContact('+8613800000002')], 'update');
    const audience = await store.createAudience({ name: 'VIPs', filter: 'tags has "vip"' });
    t.match(audience, { name: 'VIPs', kind: 'live', frozenAt: undefined });
    await t.rejects(store.createAudience({ name: 'VIPs', filter: '' }), { code: 'TRK_CONFLICT', field: 'name' });
    const frozen = await store.freezeAudience(audience.id, { kind: 'tag', tag: 'vip' });
    t.equal(frozen?.kind, 'frozen');
    await store.saveContacts([newContact('+8613800000003', { tags: ['vip'] })], 'update');
    t.equal(await store.countContacts({ frozenAudience: audience.id }), 1);
    t.equal((await store.listContacts({ frozenAudience: audience.id, limit: 5 })).items.length, 1);
    t.equal((await store.thawAudience(audience.id))?.kind, 'live');
    t.equal(await store.countContacts({ frozenAudience: audience.id }), 0);
    await store.freezeAudience(audience.id, { kind: 'all' });
    t.equal((await store.updateAudience(audience.id, { name: 'VIPs', filter: 'tags has "gold"' }))?.kind, 'live', 'another filter, other members');
    t.equal((await store.listAudiences({ limit: 5 })).items.length, 1);
    await t.rejects(store.freezeAudience(audience.id, { kind: 'tag', tag: 'vip' }, 'tags has "vip"'), { code: 'TRK_CONFLICT' }, 'the filter that was read is another one by now');
    const beside = [() => store.updateAudience(audience.id, { name: 'VIPs', filter: 'tags has "vip"' }), () => store.thawAudience(audience.id)];
    for (const change of beside) {
      const [freezing] = await Promise.allSettled([store.freezeAudience(audience.id, { kind: 'all' }), change()]);
      if (freezing.status === 'rejected') t.match(freezing.reason, { code: 'TRK_CONFLICT' });
      t.equal((await store.getAudience(audience.id))?.kind, 'live', 'what is changed meanwhile is not frozen as it was');
      t.equal(await store.countContacts({ frozenAudience: audience.id }), 0);
    }
    t.equal((await store.freezeAudience(audience.id, { kind: 'all' }, 'tags has "vip"'))?.kind, 'frozen');
    t.equal(await store.countContacts({ frozenAudience: audience.id }), 3);
    t.equal(await store.deleteAudience(audience.id), true);
    t.equal(await store.deleteAudience(audience.id), false);
    t.equal(await store.getAudience(audience.id), undefined);
    t.equal(await store.freezeAudience(audience.id, { kind: 'all' }), undefined);
  });

  await t.test('a sample is spread over all', async (t) => {
    const { store } = await fresh(t);
    // Two files: the first hundred have what the others lack; and every second one is somebody else's.
    for (let from = 0; from < 2_000; from += 500) {
      await store.saveContacts(Array.from({ length: 500 }, (_, index) => newContact(`+86138${String(from + index).padStart(8, '0')}`, { tags: from + index < 100 ? ['vip'] : (from + index) % 2 === 0 ? ['even'] : [] })), 'update');
    }
    const vips = (contacts: readonly Contact[]): number => contacts.filter(({ tags }) => tags.includes('vip')).length;
    const all = await store.sampleContacts({}, 2_000, 400);
    t.equal(all.length, 400);
    t.equal(new Set(all.map(({ id }) => id)).size, 400, 'nobody twice');
    t.ok(vips(all) >= 15 && vips(all) <= 25, `a fifth of the first hundred: ${vips(all)}`);
    const even = { kind: 'tag', tag: 'even' } as const;
    const count = await store.countContacts({ filter: even });
    const some = await store.sampleContacts({ filter: even }, count, 100);
    t.equal(some.length, 100);
    t.ok(some.every(({ tags }) => tags.includes('even')));
    const last = some.filter(({ numbers }) => (numbers[0]?.number ?? '') >= '+8613800001500').length;
    t.ok(last >= 15 && last <= 37, `of the last quarter about a quarter: ${last}`);
    t.equal((await store.sampleContacts({ filter: even }, count, 5_000)).length, count, 'all of a few');
    const audience = await store.createAudience({ name: 'All', filter: '' });
    await store.freezeAudience(audience.id, { kind: 'all' });
    const frozen = await store.sampleContacts({ frozenAudience: audience.id }, 2_000, 400);
    t.same(frozen.map(({ id }) => id), all.map(({ id }) => id));
    t.same(await store.sampleContacts({ filter: { kind: 'tag', tag: 'none' } }, 0, 10), []);
  });

  await t.test('imports', async (t) => {
    const { store, clock } = await fresh(t);
    const made = await store.createImport('{"format":"csv"}');
    t.match(made, { state: 'waiting', rows: 0 });
    t.equal(await store.beginImport(made.id, 'node_1'), true);
    t.equal(await store.beginImport(made.id, 'node_2'), false, 'one of them runs it');
    const counts = { bytes: 100, rows: 5, created: 2, updated: 1, kept: 0, refused: 2 };
    await store.saveImportProgress(made.id, counts, [{ row: 3, column: 'phone', code: 'number_invalid', reason: 'no' }], '{}');
    await store.saveImportProgress(made.id, counts, [{ row: 4, column: undefined, code: 'quote_not_closed', reason: 'no' }]);
    t.match(await store.getImport(made.id), { ...counts, state: 'running', found: '{}' });
    const first = await store.listRefusals(made.id, { limit: 1 });
    t.same(first.items, [{ row: 3, column: 'phone', code: 'number_invalid', reason: 'no' }]);
    t.match((await store.listRefusals(made.id, { limit: 5, cursor: first.next! })).items, [{ row: 4, column: undefined }]);
    t.equal(await store.interruptImports(clock.now()), 0, 'it was heard of');
    clock.advance(10);
    t.equal(await store.interruptImports(clock.now()), 1);
    await store.endImport(made.id, { state: 'done' });
    t.equal((await store.getImport(made.id))?.state, 'interrupted', 'what was given up is not done afterwards');
    t.equal((await store.listImports({ limit: 5 })).items.length, 1);
  });
}
