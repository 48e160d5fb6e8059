import type { Erasure, PersonQuery, PersonRecords } from '../../store/contacts.js';
import type { Store } from '../../store/store.js';

interface Files {
  /** False if there was none. */
  remove(name: string): Promise<boolean>;
}

/** Names of the files in which a person is heard. */
export function recordingsOf({ results }: Pick<PersonRecords, 'results'>): readonly string[] {
  return results.flatMap(({ recording }) => recording?.split('/').at(-1) ?? []);
}

/**
 * Forgets a person everywhere. Recordings go first: what was forgotten in the store could
 * not be found again if the server died in between, while all of it may be done twice.
 */
export async function erasePerson({ store, recordings }: { readonly store: Pick<Store, 'personRecords' | 'erasePerson'>; readonly recordings: Files }, who: PersonQuery): Promise<Erasure | undefined> {
  let removed = 0;
  for (const name of recordingsOf(await store.personRecords(who))) if (await recordings.remove(name)) removed += 1;
  return await store.erasePerson(who, removed);
}
