import t from 'tap';
import { isCompleteAnswer } from '../../src/dialogue/answers/complete.js';
import { spokenDigits, writtenNumbers } from '../../src/dialogue/answers/digits.js';
import { heardTime, spokenTime } from '../../src/dialogue/answers/time.js';
import { clausesOf } from '../../src/dialogue/answers/several.js';
import { afterTurn } from '../../src/dialogue/answers/turn.js';
import { clearYesNo, leadingYesNo } from '../../src/dialogue/answers/yes-no.js';
import { normalise } from '../../src/dialogue/nlu/normalise.js';
import { lastMeant } from '../../src/dialogue/slots/readings.js';
import { NOW, ZONE } from './talk.js';

t.test('spoken digits, in the forms that recognisers write', (t) => {
  const table: Readonly<Record<string, string>> = {
    'four one five, double five, oh': '415550',
    'Twenty three.': '23',
    '4 1 5.': '415',
    '415': '415',
    '415-220.': '415220',
    "It's 4, 1, 5, 2, 2, oh.": '415220',
    'My number is 12 34 56.': '123456',
    'triple seven nine': '7779',
    'four hundred and twelve': '412',
    'two thousand five': '2005',
    'two thousand three hundred and four': '2304',
    'thirty forty': '3040',
    'four hundred five': '405',
    'four hundred and five': '405',
    'eight hundred five five five one two one two': '8005551212',
    'one eight hundred five five five thirty five thirty five': '18005553535',
    'oh seven seven hundred nine hundred one two three': '07700900123',
    'two hundred twelve five five five': '212555',
    'two thousand five double six': '2000566',
    'Oh, 4 1 5.': '0415',
    "Oh, it's 415.": '415',
    'for one five': '415',
    'nine eight seven to three': '98723',
    'One moment, please.': '',
    'I have two children at home': '',
    'Could you wait for me?': '',
    'No.': '',
    '': '',
  };
  for (const [text, digits] of Object.entries(table)) t.equal(spokenDigits(text), digits, text);
  t.end();
});

t.test('numbers of more than one digit as figures, for what is spelt', (t) => {
  t.equal(writtenNumbers('mary twenty two'), 'mary 22');
  t.equal(writtenNumbers('mary twenty-two, five'), 'mary 22, five');
  t.equal(writtenNumbers('two thousand five'), '2005');
  t.equal(writtenNumbers('two seven'), 'two seven');
  t.end();
});

t.test('times, on a Monday at 10:20 in New York', (t) => {
  const table: Readonly<Record<string, string | undefined>> = {
    'Tomorrow at three.': 'tomorrow at 3 PM',
    'Tomorrow at three in the afternoon.': 'tomorrow at 3 PM',
    'Call me in half an hour.': 'today at 10:50 AM',
    'In an hour.': 'today at 11:20 AM',
    'In 20 minutes': 'today at 10:40 AM',
    'Monday morning.': 'Monday, November 30 at 10 AM',
    'Next Tuesday afternoon.': 'Tuesday, December 1 at 3 PM',
    'At five thirty.': 'today at 5:30 PM',
    'at half past four': 'today at 4:30 PM',
    'Quarter to five.': 'today at 4:45 PM',
    "Three o'clock.": 'today at 3 PM',
    'At nine.': 'tomorrow at 9 AM',
    'After six.': 'today at 6 PM',
    'Not until five.': 'today at 5 PM',
    'Tonight.': 'today at 7 PM',
    'Tomorrow': 'tomorrow at 10 AM',
    'tomorrow morning at eight': 'tomorrow at 8 AM',
    'Next week.': 'Monday, November 30 at 10 AM',
    'Friday at noon': 'Friday, November 27 at 12 PM',
    'After lunch.': 'today at 1 PM',
    'December 1st at 2 p.m.': 'Tuesday, December 1 at 2 PM',
    'Later.': undefined,
    'Yesterday.': undefined,
    'Not tomorrow, but Friday.': 'Friday, November 27 at 10 AM',
    "I can't do Thursday, how about Friday at two?": 'Friday, November 27 at 2 PM',
    'The first of next month at three.': 'Tuesday, December 1 at 3 PM',
    'Tonight at twelve.': 'tomorrow at 12 AM',
    'Friday, please, at three.': 'Friday, November 27 at 3 PM',
    'Wait a second.': undefined,
    'I have no idea.': undefined,
  };
  for (const [text, spoken] of Object.entries(table)) {
    const time = heardTime(text, NOW, ZONE);
    t.equal(time === undefined ? undefined : spokenTime(time.iso, NOW, ZONE), spoken, text);
  }
  t.end();
});

t.test('an hour means the wall clock of the zone, also after clocks change', (t) => {
  // Clocks in New York go back on Sunday, 1 November 2026.
  const saturday = Date.parse('2026-10-31T15:00:00Z');
  t.equal(heardTime('Tomorrow at three.', saturday, ZONE)?.iso, '2026-11-01T20:00:00Z');
  t.equal(heardTime('Today at three.', saturday, ZONE)?.iso, '2026-10-31T19:00:00Z');
  t.equal(heardTime('Tomorrow at three.', saturday, 'Asia/Shanghai')?.iso, '2026-11-01T07:00:00Z');
  t.end();
});

t.test('yes and no', (t) => {
  const clear: Readonly<Record<string, string | undefined>> = {
    'Yes.': 'yes', 'Yeah, sure.': 'yes', 'Uh-huh.': 'yes', "Well, that's fine, thanks.": 'yes', 'No.': 'no', 'Nope, sorry': undefined, "No, I don't.": 'no', 'Uh-uh.': 'no', 'No problem.': 'yes',
    'Yes, but what does it cost?': undefined, 'Maybe.': undefined, '': undefined,
  };
  for (const [text, answer] of Object.entries(clear)) t.equal(clearYesNo(text), answer, text);
  const leading: Readonly<Record<string, string | undefined>> = {
    'Yes, please send it to me.': 'yes', "Yes, well, I don't know.": undefined, 'Yes, but not today.': undefined, 'Okay, what is it?': undefined, 'No, leave me in peace.': 'no',
    'No, wait, yes.': undefined, 'No, go ahead.': undefined, 'Yeah, no.': undefined, 'Send it to me.': undefined,
  };
  for (const [text, answer] of Object.entries(leading)) t.equal(leadingYesNo(text), answer, text);
  t.end();
});

t.test('a whole answer ends the turn early', (t) => {
  t.ok(isCompleteAnswer('Yes.', 'yes_no'));
  t.notOk(isCompleteAnswer('Yes, but', 'yes_no'));
  t.ok(isCompleteAnswer('4 1 5 2', 'digits', { maxDigits: 4 }));
  t.notOk(isCompleteAnswer('4 1 5', 'digits', { maxDigits: 4 }));
  t.notOk(isCompleteAnswer('4 1 5', 'digits'));
  t.notOk(isCompleteAnswer('Yes.', 'open'));
  for (const text of ['是的', '好的，谢谢', '不用了']) t.ok(isCompleteAnswer(text, 'yes_no'), text);
  for (const text of ['好，不过', '不行，太贵了', '你说什么']) t.notOk(isCompleteAnswer(text, 'yes_no'), text);
  t.ok(isCompleteAnswer('一三八零零一三八零零零', 'digits', { maxDigits: 11 }));
  t.ok(isCompleteAnswer('尾号是四幺五二', 'digits', { maxDigits: 4 }));
  t.notOk(isCompleteAnswer('一三八零零一三八零零', 'digits', { maxDigits: 11 }));
  t.end();
});

t.test('a change of mind in the middle: what follows counts', (t) => {
  const table: readonly (readonly [string, 'en' | 'zh', string | undefined])[] = [
    ['No thanks. Oh well, actually, go on, tell me.', 'en', 'go on, tell me.'],
    ['Actually, please cancel it.', 'en', 'please cancel it.'],
    ['yes, no wait, no', 'en', 'no'],
    ['I already paid that actually', 'en', undefined],
    ['yes please', 'en', undefined],
    ['没时间，哎算了，你问吧', 'zh', '你问吧'],
    ['好的，还是帮我取消吧', 'zh', '帮我取消吧'],
    ['算了吧', 'zh', undefined],
    ['还是不要了', 'zh', '不要了'],
    ['我不需要', 'zh', undefined],
  ];
  for (const [text, language, rest] of table) t.equal(afterTurn(text, language), rest, text);
  t.end();
});

t.test('clauses: at marks and joining words, and where "I" begins to say something', (t) => {
  t.same(clausesOf("Well, with my grandson's birthday I can't pay all of it", 'en'), ['Well', "with my grandson's birthday", "I can't pay all of it"]);
  t.same(clausesOf('yes please', 'en'), []);
  t.same(clausesOf('车坏了，去不了啊', 'zh'), ['车坏了', '去不了啊']);
  t.equal(clausesOf('one, two, three, four, five, six, seven, eight, nine, ten', 'en').length, 8, 'the last eight: people come to the point late');
  t.end();
});

t.test('courtesy in other tongues is courtesy', (t) => {
  t.equal(normalise('Sí, por favor.'), 'yes please');
  t.equal(normalise('Already paid, spasibo!'), 'already paid thanks');
  t.equal(clearYesNo('Sí, yes.'), 'yes');
  t.equal(clearYesNo('yes yeah okay yes'), 'yes');
  t.equal(clearYesNo('okay no'), 'no');
  t.end();
});

t.test('what is corrected with a no of its own', (t) => {
  t.equal(lastMeant('Eighteen. No, eighty dollars.').trim(), 'eighty dollars.');
  t.equal(lastMeant('The neighbor. No, the pick-up point.').trim(), 'the pick-up point.');
  t.equal(lastMeant('No, thank you.'), 'No, thank you.');
  t.equal(lastMeant('No, not four, five.'), 'five.');
  t.equal(lastMeant('It is not Smith, it is Schmidt'), 'Schmidt');
  t.equal(lastMeant('Not bad, but one of your people was rude'), 'Not bad, but one of your people was rude');
  t.equal(lastMeant('Not until five, please'), 'Not until five, please');
  t.equal(lastMeant('red rather than blue'), 'red rather than blue');
  t.equal(lastMeant('四个，不是，五个'), '五个');
  t.equal(lastMeant('不是四个是五个'), '五个');
  const hasNumber = (words: string): boolean => /fifty|sixty|[四五]/.test(words);
  t.equal(lastMeant('Fifty, not sixty', hasNumber).trim(), 'Fifty,');
  t.equal(lastMeant('Fifty, not sure', hasNumber), 'Fifty, not sure');
  t.equal(lastMeant('四个不是五个', hasNumber), '四个');
  t.equal(lastMeant('四个不是很确定', hasNumber), '四个不是很确定');
  t.end();
});
