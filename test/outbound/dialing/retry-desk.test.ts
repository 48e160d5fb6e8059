import t from 'tap';
import { RetryDesk } from '../../../src/outbound/dialing/retry-desk.js';
import type { Contact } from '../../../src/store/contacts.js';
import type { Attempt, CallResult } from '../../../src/store/store.js';
import { ManualClock } from '../../support/manual-clock.js';
import { plainTask } from '../../support/plain-task.js';
import { contact } from '../campaigns/campaigns.js';

const HOUR = 3_600_000;
/** Eight in the morning in New York. */
const START = Date.UTC(2026, 2, 2, 13);

t.test('parts of the day are those of the callee, whatever the task tells', async (t) => {
  const found: Contact[] = [];
  let away = false;
  const store = {
    getCampaign: async () => undefined,
    getContact: async () => {
      if (away) throw new Error('the store is away');
      return found[0];
    },
    listAttempts: async () => [],
  };
  const clock = new ManualClock(START);
  const desk = new RetryDesk({ store, clock }, 'Asia/Shanghai');
  const attempt = { id: 'att_1', number: 1, startedAt: START } as Attempt;
  const result = { disposition: 'no_answer', verdict: { kind: 'end', reason: 'no_answer' } } as CallResult;
  const retry = { maxAttempts: 3, delays: { no_answer: [HOUR] }, varyDayPart: true };
  const hoursLater = async (changes: object): Promise<number> => (((await desk.at(plainTask({ retry, ...changes }), attempt, result)) ?? NaN) - START) / HOUR;
  t.equal(await hoursLater({ to: '+12125550123' }), 4, "noon in New York, not another part of the server's day");
  t.equal(await hoursLater({ to: 'sip:+12125550123@carrier.example' }), 4);
  t.equal(await hoursLater({ to: '+442079460000' }), 4, 'one in London: five in the evening there');
  t.equal(await hoursLater({ to: 'sip:somebody@h' }), 3, 'nobody knows where: the evening in Shanghai is over at midnight');
  t.equal(await hoursLater({ to: 'sip:somebody@h', timeZones: ['America/Los_Angeles'] }), 7, 'noon there');
  found.push(contact({ timeZones: ['America/Los_Angeles'], numbers: [] }));
  t.equal(await hoursLater({ to: 'sip:somebody@h', contactId: 'con_1' }), 7, 'as the contact is now');
  away = true;
  t.equal(await hoursLater({ to: '+12125550123', contactId: 'con_1' }), 4, 'the number is known without the store');
});
