import type { Test } from 'tap';
import { matches } from '../../src/outbound/audiences/matches.js';
import { ownFields } from '../../src/store/contact-filter.js';
import type { ContactFilter, FilterField } from '../../src/store/contact-filter.js';
import type { NewContact } from '../../src/store/contacts.js';
import { ManualClock } from '../support/manual-clock.js';
import { newContact } from './store-contacts.js';
import type { StoreUnderTest } from './store.js';
import fc from '../support/property.js';

const NOW = 1_800_000_000_000;
const words = ['a', 'A', 'ab', 'b%', "'", '上海', '|', '😀', 'ｂ', ''] as const;
const numbers = [-1, 0, 0.5, 720, 1e9] as const;
const days = ['2026-01-31', '2026-02-01'] as const;

/** The last number and the last text have no column of their own. */
const attributes = [
  ...Array.from({ length: 23 }, (_, index) => ({ name: `pad${index}`, type: 'number' as const })),
  { name: 'flag', type: 'boolean' as const },
  { name: 'score', type: 'number' as const },
  ...Array.from({ length: 22 }, (_, index) => ({ name: `padding${index}`, type: 'text' as const })),
  { name: 'city', type: 'text' as const },
  { name: 'since', type: 'date' as const },
  { name: 'spare', type: 'text' as const },
  { name: 'spare_flag', type: 'boolean' as const },
  { name: 'spare_number', type: 'number' as const },
];
const typed = new Map(attributes.map(({ name, type }) => [name, type]));
const values = { text: fc.constantFrom(...words), number: fc.constantFrom(...numbers), boolean: fc.boolean(), date: fc.constantFrom(...days) };

const contact: fc.Arbitrary<NewContact> = fc.record({
  attributes: fc.record({ flag: values.boolean, score: values.number, city: values.text, since: values.date, spare: values.text, spare_flag: values.boolean, spare_number: values.number }, { requiredKeys: [] }),
  name: fc.option(values.text, { nil: undefined }),
  tags: fc.uniqueArray(fc.constantFrom('a', 'ab', 'A', '上海', "'")),
  address: fc.record({ city: values.text, country: fc.constantFrom('CN', 'US') }, { requiredKeys: [] }),
  consents: fc.array(fc.record({ purpose: fc.constant('a'), granted: fc.boolean(), at: fc.constant(1), expiresAt: fc.constantFrom(undefined, NOW, NOW + 1), source: fc.constant('api'), evidence: fc.constant(undefined) }), { maxLength: 1 }),
}).map((fields) => newContact('+8613800000000', fields));

const attributeField = fc.constantFrom('flag', 'score', 'city', 'since', 'spare', 'spare_flag', 'spare_number').map((name): FilterField => ({ kind: 'attribute', name, type: typed.get(name)! }));
const ownField = fc.constantFrom('name', 'email', 'city', 'country', 'language', 'calls', 'last_call', 'created', 'last_disposition').map((name): FilterField => ({ kind: 'own', name: name as keyof typeof ownFields }));
const typeOf = (field: FilterField): 'text' | 'number' | 'boolean' | 'date' | 'time' => (field.kind === 'own' ? ownFields[field.name] : field.kind === 'attribute' ? field.type : 'text');
const isText = (field: FilterField): boolean => typeOf(field) === 'text';
const field = fc.oneof(attributeField, ownField);
const texts = field.filter(isText);

const compare = field.chain((one): fc.Arbitrary<ContactFilter> => {
  const type = typeOf(one);
  const op = type === 'boolean' ? fc.constantFrom('=' as const, '!=' as const) : fc.constantFrom('=' as const, '!=' as const, '<' as const, '<=' as const, '>' as const, '>=' as const);
  const value = type === 'time' ? fc.oneof(fc.constantFrom(NOW, NOW - 1), fc.record({ agoMs: fc.constantFrom(0, 1, 1.5) })) : values[type];
  return fc.record({ kind: fc.constant('compare' as const), field: fc.constant(one), op, value });
});

const { filter } = fc.letrec<{ filter: ContactFilter }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    compare,
    fc.record({ kind: fc.constantFrom('contains' as const, 'starts' as const), field: texts, text: fc.constantFrom(...words.filter((word) => word !== '')) }),
    fc.record({ kind: fc.constant('in' as const), field: texts, values: fc.array(values.text, { minLength: 1, maxLength: 3 }) }),
    fc.record({ kind: fc.constant('missing' as const), field }),
    fc.record({ kind: fc.constant('tag' as const), tag: fc.constantFrom('a', 'ab', '上海', "'") }),
    fc.record({ kind: fc.constant('consent' as const), purpose: fc.constantFrom('a', 'b') }),
    fc.record({ kind: fc.constantFrom('and' as const, 'or' as const), parts: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ kind: fc.constant('not' as const), part: tie('filter') }),
  ),
}));

/** A filter takes in memory whom it takes in the store. */
export async function filterContract(t: Test, adapter: StoreUnderTest, runs: number): Promise<void> {
  const clock = new ManualClock(NOW);
  const { store } = await adapter.fresh(t, { clock });
  await store.declareAttributes(attributes);
  t.same((await store.listAttributes()).filter(({ indexed }) => !indexed).map(({ name }) => name), ['score', 'spare', 'spare_flag', 'spare_number'], 'both kinds of attributes are asked');
  const people = fc.sample(contact, { numRuns: 60, seed: 7 }).map((one, index) => ({ ...one, numbers: [{ ...one.numbers[0]!, number: `+86138${String(index).padStart(8, '0')}` }] }));
  await store.saveContacts(people, 'update');
  const all = (await store.listContacts({ limit: 100 })).items;
  let some = 0;
  await fc.assert(
    fc.asyncProperty(filter, async (one) => {
      const expected = all.filter((each) => matches(one, each, NOW)).map(({ id }) => id);
      const found = (await store.listContacts({ filter: one, limit: 100 })).items.map(({ id }) => id);
      if (expected.length > 0 && expected.length < all.length) some += 1;
      if (JSON.stringify(found) !== JSON.stringify(expected)) throw new Error(`the store takes ${found.length}, memory ${expected.length}`);
    }),
    { numRuns: runs },
  );
  t.ok(some > runs / 10, 'filters that take some and not all were among them');
}
