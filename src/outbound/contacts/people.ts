import type { Erasure, PersonQuery, PersonRecords } from '../../store/contacts.js';
import { recordingOf } from '../../store/recordings.js';
import type { Store } from '../../store/store.js';

/** Names of the files in which a person is heard. */
export function recordingsOf({ results, outcomes }: Pick<PersonRecords, 'results' | 'outcomes'>): readonly string[] {
  return [...results, ...outcomes].flatMap((call) => recordingOf(call) ?? []);
}

export interface PersonErasure extends Erasure {
  /** Of `recordings`, those that another server has yet to remove. */
  readonly recordingsWaiting: number;
}

/**
 * Forgets a person everywhere. The store writes down which recordings are to be removed;
 * those that lie here are gone before this resolves, others when their server has looked.
 */
export async function erasePerson(
  { store, recordings }: { readonly store: Pick<Store, 'erasePerson' | 'countRemovals'>; readonly recordings: { sweep(): Promise<unknown> } },
  who: PersonQuery,
): Promise<PersonErasure | undefined> {
  const erasure = await store.erasePerson(who);
  if (erasure === undefined) return undefined;
  if (erasure.recordings > 0) await recordings.sweep();
  return { ...erasure, recordingsWaiting: erasure.recordings === 0 ? 0 : await store.countRemovals({ erasureId: erasure.id }) };
}
