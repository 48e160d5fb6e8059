import { sql } from 'kysely';
import t from 'tap';
import { calleeContract } from '../contract/store-callees.js';
import { newContact } from '../contract/store-contacts.js';
import { newSuppression } from '../contract/store-rules.js';
import { ManualClock } from '../support/manual-clock.js';
import { onEveryDatabase, onEveryStore } from '../support/stores.js';

await onEveryStore(t, calleeContract);

await t.test('what older versions have left', async (t) => {
  await onEveryDatabase(t, async (t, place) => {
    const { db, open } = await place(t);
    const store = open({ clock: new ManualClock() });
    await store.migrate();
    const number = '+12125550100';
    const contact = newContact(number, { timeZones: [] });
    const [saved] = await store.saveContacts([contact], 'update');
    const id = saved !== undefined && 'id' in saved ? saved.id : '';
    // They kept what followed from number and address together with what was told.
    await sql`update contact_bodies set body = ${JSON.stringify({ numbers: contact.numbers, timeZones: ['America/Los_Angeles', 'America/New_York'], address: { country: 'US', region: 'CA' }, tags: [] })}`.execute(db);
    t.match(await store.getContact(id), { timeZones: ['America/Los_Angeles', 'America/New_York'] }, 'it counts as told');
    await store.saveContacts([{ ...contact, address: { region: 'NY' } }], 'update');
    t.match(await store.getContact(id), { timeZones: [], address: { country: 'US', region: 'NY' } }, 'until the contact is saved again');

    // And suppressed a URI by its text.
    const uri = `sip:${number}@carrier.example`;
    const [suppression] = await store.addSuppressions([newSuppression({ number: 'sip:someone@carrier.example' })]);
    const old = store.subjects.readings(uri)[1] ?? '';
    t.ok(old);
    await sql`update suppressions set subject = ${old}, number = ${uri}`.execute(db);
    t.match((await store.listSuppressions({ number: uri, limit: 5 })).items, [{ id: suppression?.id }], 'it is found');
  });
});
