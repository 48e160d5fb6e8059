import type { Clock } from '../../kernel/clock.js';
import type { Contact, ContactQuery, ContactStore } from '../../store/contacts.js';

const SAMPLE = 10;

/** How many an audience has now, some of them unless only their number is wanted, and how long it took to know. */
export async function previewOf(
  { store, clock }: { readonly store: Pick<ContactStore, 'countContacts' | 'listContacts'>; readonly clock: Clock },
  query: Pick<ContactQuery, 'filter' | 'frozenAudience'>,
  withSample = true,
): Promise<{ readonly count: number; readonly sample: readonly Contact[] | undefined; readonly ms: number }> {
  const began = clock.monotonic();
  const count = await store.countContacts(query);
  const sample = !withSample ? undefined : count === 0 ? [] : (await store.listContacts({ ...query, limit: SAMPLE })).items;
  return { count, sample, ms: Math.round(clock.monotonic() - began) };
}
