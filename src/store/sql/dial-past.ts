import type { Callee, CalleePast } from '../rules.js';
import type { StoreContext } from './context.js';
import { NOTHING_YET, historiesOf, suppressionsOf } from './dial-facts.js';

/** As the rules are told it when a task is dialled, for a look ahead. */
export async function pastOf(context: StoreContext, callees: readonly Callee[]): Promise<readonly CalleePast[]> {
  if (callees.length === 0) return [];
  const { db, subjects, clock } = context;
  const asked = callees.map(({ to, contactId }) => {
    const readings = subjects.readings(to);
    return { number: readings[0], all: contactId === undefined ? readings : [...readings, subjects.contact(contactId)] };
  });
  const suppressed = await suppressionsOf(context, db, [...new Set(asked.flatMap(({ all }) => all))]);
  const histories = await historiesOf(context, db, [...new Set(asked.map(({ number }) => number))], clock.now());
  return asked.map(({ number, all }) => ({ suppressions: all.flatMap((one) => suppressed.get(one) ?? []), history: histories.get(number) ?? NOTHING_YET }));
}
