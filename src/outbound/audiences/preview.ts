import type { Clock } from '../../kernel/clock.js';
import type { Contact, ContactQuery, ContactStore } from '../../store/contacts.js';

const SAMPLE = 10;

/** How many an audience has now, some of them, and how long it took to know. */
export async function previewOf(
  { store, clock }: { readonly store: Pick<ContactStore, 'countContacts' | 'listContacts'>; readonly clock: Clock },
  query: Pick<ContactQuery, 'filter' | 'frozenAudience'>,
): Promise<{ readonly count: number; readonly sample: readonly Contact[]; readonly ms: number }> {
  const began = clock.monotonic();
  const count = await store.countContacts(query);
  const sample = count === 0 ? [] : (await store.listContacts({ ...query, limit: SAMPLE })).items;
  return { count, sample, ms: Math.round(clock.monotonic() - began) };
}
