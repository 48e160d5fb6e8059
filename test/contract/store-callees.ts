import type { Test } from 'tap';
import { createDialRules } from '../../src/outbound/rules/judge-dial.js';
import type { NewContact } from '../../src/store/contacts.js';
import type { NewTask, Store } from '../../src/store/store.js';
import { settings } from '../outbound/campaigns/campaigns.js';
import { book, ruleSettings } from '../outbound/rules/facts.js';
import { ManualClock } from '../support/manual-clock.js';
import { newContact } from './store-contacts.js';
import { newSuppression } from './store-rules.js';
import { callIdOf, newTask, resultOf } from './store.js';
import type { StorePlace, StoreUnderTest } from './store.js';

const NUMBER = '+12125550100';
const at = (text: string): number => Date.parse(text);
/** Tuesday, nine in New York, six in California, three in the afternoon in Madrid. */
const NINE = at('2026-12-01T14:00:00Z');

const american = (changes: Partial<NewContact> = {}): NewContact => newContact(NUMBER, { numbers: [{ number: NUMBER, kind: 'fixed_or_mobile', country: 'US', label: undefined }], timeZones: [], ...changes });

async function contactIn(store: Store, contact: NewContact): Promise<string> {
  const [saved] = await store.saveContacts([contact], 'update');
  return saved !== undefined && 'id' in saved ? saved.id : '';
}

/** What came of trying to dial a new task at this moment. A call is over at once: a number on the line is not dialled. */
async function dial(store: Store, changes: Partial<NewTask>): Promise<string> {
  const [task] = (await store.createTasks([newTask({ purpose: 'service', ...changes })])).tasks;
  return await dialAgain(store, task!.id);
}

async function dialAgain(store: Store, id: string): Promise<string> {
  const attempt = await store.beginAttempt(id, 'node_1', callIdOf);
  if (attempt !== undefined) {
    const busy = resultOf(new ManualClock(attempt.startedAt), (await store.getTask(id))!, attempt, { disposition: 'busy', verdict: { kind: 'continue' }, answeredAt: undefined });
    await store.finishAttempt(attempt.id, busy);
    return 'dialled';
  }
  const { blockedBy, blockedUntil } = (await store.getTask(id))!;
  return `${blockedBy}${blockedUntil === undefined ? '' : ` until ${new Date(blockedUntil).toISOString()}`}`;
}

/** Who is called by a task, and where they are, at the instant of dialling. */
export async function calleeContract(t: Test, adapter: StoreUnderTest): Promise<void> {
  const start = async (t: Test, now = NINE): Promise<StorePlace & { clock: ManualClock }> => {
    const clock = new ManualClock(now);
    return { ...(await adapter.fresh(t, { clock, rules: createDialRules(ruleSettings(), book()) })), clock };
  };

  await t.test('hours are those of the contact as it is now', async (t) => {
    const { store, clock } = await start(t);
    const id = await contactIn(store, american());
    t.equal(await dial(store, { to: NUMBER, contactId: id }), 'dialled', 'a number of New York is not in Hawaii');
    t.equal(await dial(store, { to: NUMBER, contactId: 'con_gone' }), 'dialled');
    await contactIn(store, american({ address: { region: 'California' } }));
    t.equal(await dial(store, { to: NUMBER, contactId: id }), 'calling_hours until 2026-12-01T16:00:00.000Z', 'the address counts, with a state that is written out');
    await contactIn(store, american({ attributes: { score: 5 } }));
    t.equal(await dial(store, { to: NUMBER, contactId: id }), 'calling_hours until 2026-12-01T16:00:00.000Z', 'a later file without an address changes nothing of it');
    t.equal(await dial(store, { to: NUMBER, contactId: id, timeZones: ['America/New_York'] }), 'calling_hours until 2026-12-01T16:00:00.000Z', 'nor does what a task says');
    await contactIn(store, american({ address: { country: 'ES' } }));
    t.equal(await dial(store, { to: NUMBER, contactId: id }), 'dialled', 'three in the afternoon in Madrid');
    clock.advance(7 * 3_600_000);
    t.equal(await dial(store, { to: NUMBER, contactId: id }), 'calling_hours until 2026-12-02T14:00:00.000Z', 'ten in the evening there; New York waits until nine here');
  });

  await t.test('a task of a campaign does not keep the zones of a contact that has moved', async (t) => {
    const { store, clock } = await start(t);
    const { id: campaignId } = await store.createCampaign(settings({ purpose: 'service', hours: { tue: [{ from: '00:00', to: '24:00' }] }, hoursIn: 'callee', holidays: [] }));
    await store.moveCampaign(campaignId, 'start');
    const of = (contactId: string): Partial<NewTask> => ({ to: NUMBER, contactId, campaignId, campaignRound: 1, timeZones: ['America/Los_Angeles'] });
    const id = await contactIn(store, american({ address: { country: 'US', region: 'NY' } }));
    t.equal(await dial(store, of(id)), 'dialled');
    t.equal(await dial(store, of('con_gone')), 'calling_hours until 2026-12-01T16:00:00.000Z', 'they count where there is no contact any more');
    const [task] = (await store.createTasks([newTask({ ...of(id), campaignRound: 2, purpose: 'service', timeZones: ['America/New_York'] })])).tasks;
    await contactIn(store, american({ timeZones: ['Asia/Shanghai'] }));
    t.match(await dialAgain(store, task!.id), /^calling_hours/, 'nine in New York is ten in the evening in Shanghai');
    t.equal(clock.now(), NINE);
  });

  await t.test('zones that were told stay until others are', async (t) => {
    const { store } = await start(t);
    const id = await contactIn(store, american({ timeZones: ['Europe/Paris'] }));
    await contactIn(store, american({ name: 'Ms Miller' }));
    t.match(await store.getContact(id), { timeZones: ['Europe/Paris'] });
    await contactIn(store, american({ timeZones: ['Asia/Tokyo'] }));
    t.match(await store.getContact(id), { timeZones: ['Asia/Tokyo'] });
  });

  await t.test('a number in a SIP URI is that number', async (t) => {
    const { store } = await start(t);
    const uri = `sip:${NUMBER}@sbc.carrier.example;user=phone`;
    const subject = store.subjects.number(NUMBER);
    t.equal(store.subjects.number(uri), subject);
    t.same([await dial(store, { to: uri }), await dial(store, { to: NUMBER }), await dial(store, { to: 'sips:+1-212-555-0100@other.example' })], ['dialled', 'dialled', 'dialled']);
    t.match(await dial(store, { to: uri }), /^attempts_number_day/, 'they count together');
    t.same([...new Set((await store.readCompliance({ after: 0, limit: 10 })).map((entry) => entry.subject))], [subject], 'and are one in the log');

    const other = '+13105550100';
    const night = ['sip:+13105550100@sbc.carrier.example', 'sip:13105550100@sbc.carrier.example'] as const;
    t.match(await dial(store, { to: night[0] }), /^calling_hours/);
    t.equal(await dial(store, { to: night[1] }), 'dialled', 'digits are what their host makes of them');
    await store.addSuppressions([newSuppression({ number: other })]);
    t.same([await dial(store, { to: night[0] }), await dial(store, { to: night[1] })], ['suppression', 'suppression'], 'but a no to the number that they may be is heard');
    t.equal((await store.listSuppressions({ number: night[1], limit: 5 })).items.length, 1);

    const [said] = await store.addSuppressions([newSuppression({ number: 'sip:+14155550100@sbc.carrier.example' })]);
    t.equal(said?.number, '+14155550100', 'a suppression by URI is one of its number');
    t.equal(await dial(store, { to: '+14155550100' }), 'suppression');
    t.equal(await dial(store, { to: 'sip:someone@sbc.carrier.example' }), 'dialled', 'a URI without a number stays what it is');
  });
}
