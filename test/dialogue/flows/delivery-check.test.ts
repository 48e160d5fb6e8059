import { end, followUp, handoff, redial, tellTalks } from './talks.js';

const lost = handoff('delivery-care', 'the assistant did not understand the customer');
const person = handoff('delivery-care', 'customer wants to talk to a person');

tellTalks(
  'delivery-check',
  'en',
  { name: 'Ms Miller', day: 'Thursday' },
  {
    'is at home': { lines: ['Yes, somebody will be there.'], verdict: end('customer is at home'), slots: { at_home: true } },
    'another day': { lines: ['No.', 'Another day, please.', 'Next Monday.', 'Yes.'], verdict: end('delivery on 2026-11-30'), slots: { place: 'another_day' } },
    'says at once that another day is better': { lines: ['Can you come another day?', 'Friday.', 'No, Saturday.', 'That is right.'], verdict: end('delivery on 2026-11-28') },
    'to the neighbor': { lines: ['No.', 'Give it to a neighbor.', 'Her name is Alice Brown.'], verdict: end('delivery to the neighbor Alice Brown') },
    'pick-up point': { lines: ['No, nobody.', 'The pick-up point.'], verdict: followUp('sms', 'pickup-code', 'customer fetches it') },
    'another address, by parts': { lines: ['No.', 'To another address.', 'Garden Street.', 'Number 12.', 'Yes.'], verdict: handoff('delivery-desk', 'new address: Garden Street, Number 12') },
    'by place in the list and by key': { lines: ['No.', 'The first one.', '#1201', '#1'], verdict: end('delivery on 2026-12-01') },
    'ordered nothing': { lines: ["I didn't order anything."], verdict: handoff('delivery-care', 'customer knows of no parcel') },
    'does not want it': { lines: ['Please send it back.'], verdict: end('customer does not want the parcel') },
    'asks in between': { lines: ['What time will you come?', 'No.', 'Does it cost extra?', 'The pick-up point, please.'], verdict: followUp('sms', 'pickup-code', 'customer fetches it') },
    'is silent': { lines: ['', '', ''], verdict: lost },
    'talks nonsense': { lines: ['My neighbour has a boat.', 'The boat is green.', 'Fish swim in the sea.'], verdict: lost },
    'never again': { lines: ['Take my number off your list.'], verdict: end('do_not_call') },
    'wrong number': { lines: ['You have the wrong number.'], verdict: end('wrong_number') },
    later: { lines: ['Call me back later, please.', 'Tomorrow at five.', 'Yes.'], verdict: redial('2026-11-24T22:00:00Z', 'customer was busy') },
    angry: { lines: ['This is ridiculous, I am fed up.', 'Shut up you idiots.'], verdict: person },
    'drops the new day': { lines: ['No.', 'Another day.', 'Never mind.'], verdict: undefined, last: /^Shall we come on another day/ },
    'says goodbye': { lines: ['Bye.'], verdict: followUp('sms', 'delivery-options', 'nothing was settled') },
  },
  {
    'hangs up at once': { lines: [], verdict: redial('2026-11-23T17:20:00Z', 'hung up before it was settled') },
    'hangs up, for the last time': { lines: [], attemptsLeft: 0, verdict: followUp('sms', 'delivery-options', 'nothing was settled') },
  },
  'Hello Ms Miller. This is the automated assistant of Swift Parcel.',
);
