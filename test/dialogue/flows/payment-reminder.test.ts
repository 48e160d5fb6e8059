import { end, followUp, handoff, redial, tellTalks } from './talks.js';

const lost = handoff('collections', 'the assistant did not understand the customer');
const person = handoff('collections', 'customer wants to talk to a person');
const promised = (what: string) => followUp('email', 'payment-promise', `promised ${what}`);

tellTalks(
  'payment-reminder',
  'en',
  { name: 'Mr Brown', amount: 'eighty dollars', due: 'the first of November' },
  {
    promises: { lines: ['Yes, speaking.', 'Yes, I can.', 'Eighty dollars.', 'Yes.', 'Next Friday.', 'Yes.', 'No.'], verdict: promised('80.00 USD on 2026-12-04') },
    'a part of it': { lines: ['Yes.', "No, I don't have the money right now.", 'A part of it.', 'Forty dollars.', 'Correct.', 'The third of December.', 'Yes.', 'No thanks.'], verdict: promised('40.00 USD on 2026-12-03') },
    'corrects amount and day': { lines: ['Yes.', 'Yes.', 'Fifty dollars.', 'No, sixty dollars.', 'Yes.', 'Thursday.', 'No, Friday.', 'Yes.', 'No.'], verdict: promised('60.00 USD on 2026-11-27') },
    'says all of it': { lines: ['Yes.', 'Yes.', 'The whole amount.', 'Eighty dollars.', 'Yes.'], verdict: undefined, slots: { pay_amount: '80.00 USD' }, last: /which day/ },
    refuses: { lines: ['Yes.', 'I refuse to pay.'], verdict: handoff('collections', 'refuses to pay'), slots: { refused: true } },
    'says that it is paid': { lines: ['Yes.', 'I already paid that last week.'], verdict: followUp('email', 'payment-check', 'says that it is paid') },
    'the bill is wrong': { lines: ['Yes.', 'That bill is not right.'], verdict: person, slots: { disputed: true } },
    'wants a colleague': { lines: ['Yes.', 'No.', 'A colleague, please.'], verdict: person },
    'asks in between': { lines: ['Yes.', 'Is there a late fee?', 'Yes.', 'How can I pay?', 'Eighty dollars.', 'Yes.', 'Tomorrow.', 'Yes.', 'No.'], verdict: promised('80.00 USD on 2026-11-24') },
    'nothing of a bill to others': { lines: ['What is this about?'], verdict: undefined, last: /speaking with Mr Brown|speak with Mr Brown/ },
    'is not there': { lines: ["He's not home."], verdict: redial('2026-11-24T15:20:00Z', 'the right person was not there') },
    'somebody else lives there': { lines: ['No.', 'No.'], verdict: end('wrong_number') },
    'the other one lives there': { lines: ['No.', 'Yes.'], verdict: redial('2026-11-24T15:20:00Z', 'the right person was not there') },
    'wrong number': { lines: ['You have the wrong number.'], verdict: end('wrong_number') },
    'never again': { lines: ['Yes.', 'Stop calling me.'], verdict: end('do_not_call') },
    later: { lines: ['Yes.', "I'm in a meeting.", 'Tomorrow at five.', 'Yes.'], verdict: redial('2026-11-24T22:00:00Z', 'customer was busy') },
    'is silent': { lines: ['', '', ''], verdict: lost },
    'talks nonsense': { lines: ['Yes.', 'My neighbour has a boat.', 'The boat is green.', 'Fish swim in the sea.'], verdict: lost },
    angry: { lines: ['Yes.', 'This is outrageous, you crooks, I am fed up with you.', 'Shut up you idiots.'], verdict: person },
  },
  {
    'hangs up before a promise': { lines: ['Yes.'], verdict: redial('2026-11-24T15:20:00Z', 'hung up before a promise') },
    'hangs up after it': { lines: ['Yes.', 'Yes.', 'eighty dollars', 'yes', 'tomorrow', 'yes'], verdict: promised('80.00 USD on 2026-11-24') },
    'hangs up, for the last time': { lines: ['Yes.'], attemptsLeft: 0, verdict: handoff('collections', 'no promise') },
  },
  'Hello. This is the automated assistant of Northwind Energy.',
);
