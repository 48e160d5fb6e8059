import { end, followUp, handoff, redial, tellTalks } from './talks.js';

const lost = handoff('customer-care', 'the assistant did not understand the customer');
const upset = handoff('customer-care', 'customer wants to talk to a person');

tellTalks(
  'satisfaction-survey',
  'en',
  { name: 'Ms Miller' },
  {
    'answers all': { lines: ['Sure.', 'Five.', 'I would say four.', 'Nothing, it was all fine.'], verdict: end('survey answered, 5 and 4'), slots: { service: 5, recommend: 4 } },
    'with a remark': { lines: ['Yes, go ahead.', 'four', 'three', 'You could open an hour earlier on Mondays.'], verdict: end('survey answered, 4 and 3'), slots: { remark: 'You could open an hour earlier on Mondays.' } },
    'was not satisfied and wants a call': { lines: ['Okay.', 'Two.', 'One.', 'Yes please.', 'I waited three hours.'], verdict: handoff('customer-care', 'customer was not satisfied'), slots: { wants_call: true, remark: 'I waited three hours.' } },
    'was not satisfied and wants no call': { lines: ['Okay.', 'Two.', 'Four.', 'No, thank you.', 'Nothing.'], verdict: followUp('email', 'survey-sorry', 'not satisfied, wants no call') },
    refuses: { lines: ["No, I'm not interested."], verdict: end('did not want to answer') },
    'asks first': { lines: ['How long does it take?', 'All right.', 'Is this anonymous?', 'five', 'five', 'no'], verdict: end('survey answered, 5 and 5') },
    'a mark out of bounds': { lines: ['Yes.', 'Ten.'], verdict: undefined, last: /too much.*one to five/i },
    'corrects a mark': { lines: ['Yes.', 'Two, no, four.', 'Five.', 'Nothing.'], verdict: end('survey answered, 4 and 5') },
    'by keypad': { lines: ['Yes.', '#5', '#4', 'Nothing.'], verdict: end('survey answered, 5 and 4') },
    'is silent': { lines: ['', '', ''], verdict: lost },
    'talks nonsense': { lines: ['My neighbour has a boat.', 'The boat is green.', 'Fish swim in the sea.'], verdict: lost },
    'never again': { lines: ['Take me off your list.'], verdict: end('do_not_call'), slots: { do_not_call: true } },
    'wrong number': { lines: ['You have the wrong number.'], verdict: end('wrong_number') },
    later: { lines: ["I'm driving.", 'Tomorrow at three.', 'Yes.'], verdict: redial('2026-11-24T20:00:00Z', 'customer was busy') },
    'later, and names no time': { lines: ['Not now.', 'I have no idea.', "I can't tell.", "I really couldn't say."], verdict: redial('2026-11-24T15:20:00Z', 'customer was busy and named no time') },
    angry: { lines: ['This is ridiculous, I am fed up.', 'Shut up you idiots.'], verdict: upset },
    'wants a person': { lines: ['Can I talk to a human?'], verdict: upset },
  },
  {
    'hangs up at once': { lines: [], verdict: redial('2026-11-24T15:20:00Z', 'hung up at once') },
    'hangs up after the marks': { lines: ['Yes.', 'five', 'five'], verdict: end('survey answered, 5 and 5') },
    'hangs up at once, for the last time': { lines: [], attemptsLeft: 0, verdict: end('did not want to answer') },
  },
  'Hello Ms Miller. This is the automated assistant of Harbor Garage.',
);
