import { end, followUp, handoff, redial, tellTalks } from './talks.js';

const lost = handoff('front-desk', 'the assistant did not understand the patient');
const person = handoff('front-desk', 'patient wants to talk to a person');
const moved = (at: string) => followUp('sms', 'appointment-moved', `wants to come ${at}`);

tellTalks(
  'appointment-rescheduling',
  'en',
  { name: 'Mr Brown', when: 'on Tuesday at ten' },
  {
    'comes': { lines: ['Yes, I will be there.', 'No.'], verdict: end('appointment confirmed'), slots: { coming: true } },
    'moves it': { lines: ['Can I move it to another day?', 'Thursday at four.', 'Yes.', 'No, thanks.'], verdict: moved('2026-11-26T21:00:00Z') },
    'moves it after a no': { lines: ['No.', 'Yes please.', 'Next Monday at 10 a.m.', 'Correct.', 'No.'], verdict: moved('2026-11-30T15:00:00Z') },
    'corrects the hour': { lines: ["I'd like to reschedule.", 'Friday at nine.', 'No, at eleven.', 'Yes.', 'No.'], verdict: moved('2026-11-27T16:00:00Z') },
    'a day that is past': { lines: ["I'd like to reschedule.", 'Yesterday at noon.'], verdict: undefined, last: /does not fit/ },
    'changes the mind: comes, then not': { lines: ['Yes.', 'Oh wait, please cancel the appointment.'], verdict: end('appointment cancelled') },
    cancels: { lines: ['I want to cancel.'], verdict: end('appointment cancelled'), slots: { cancelled: true } },
    'cancels in two steps': { lines: ["No, I can't.", 'No thanks.'], verdict: end('appointment cancelled') },
    'asks in between': { lines: ['How long will it take?', 'Yes.', 'Where can I park?', 'No.'], verdict: end('appointment confirmed') },
    'yes, but': { lines: ['Yes, but how long will it take?', 'No.'], verdict: end('appointment confirmed') },
    busy: { lines: ["I'm in a meeting.", 'Tomorrow at three.', 'Yes.'], verdict: redial('2026-11-24T20:00:00Z', 'patient was busy') },
    'is silent': { lines: ['', '', ''], verdict: lost },
    'talks nonsense': { lines: ['My neighbour has a boat.', 'The boat is green.', 'Fish swim in the sea.'], verdict: lost },
    'never again': { lines: ['Stop calling me.'], verdict: end('do_not_call') },
    'wrong number': { lines: ["There's nobody here by that name."], verdict: end('wrong_number') },
    angry: { lines: ['This is ridiculous, I am fed up.', 'Shut up you idiots.'], verdict: person },
    'wants a person': { lines: ['Let me talk to somebody.'], verdict: person },
  },
  {
    'hangs up at once': { lines: [], verdict: redial('2026-11-23T17:20:00Z', 'hung up before an answer') },
    'hangs up after a yes': { lines: ['Yes.'], verdict: end('appointment confirmed') },
    'hangs up, for the last time': { lines: [], attemptsLeft: 0, verdict: handoff('front-desk', 'it is not known whether the patient comes') },
  },
  'Hello Mr Brown. This is the automated assistant of the dental practice on Main Street.',
);
