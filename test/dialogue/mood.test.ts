import t from 'tap';
import type { Mood, MoodTurn } from '../../src/dialogue/mood/mood.js';
import { createMoodTracker } from '../../src/dialogue/mood/tracker.js';

const turn = (text: string, over: Partial<MoodTurn> = {}): MoodTurn => ({ text, language: /\p{Script=Han}/u.test(text) ? 'zh' : 'en', voice: undefined, interrupted: false, failed: false, ...over });
function after(...turns: MoodTurn[]): Mood {
  const tracker = createMoodTracker();
  turns.forEach((one) => tracker.add(one));
  return tracker.mood;
}
const CALM = { loudnessDb: -26, pitchHz: 120, pitchRangeSemitones: 4, syllablesPerSecond: 4 };
const RAISED = { loudnessDb: -17, pitchHz: 160, pitchRangeSemitones: 8, syllablesPerSecond: 6 };

const single = ['ridiculous', 'great', 'I am worried', 'huh', 'damn', '烦', '谢谢', '什么意思', '投诉'];
for (const text of single) t.test(`one word alone changes nothing: ${text}`, (t) => (t.equal(after(turn(text)).label, 'neutral'), t.end()));

// Whole sentences of the classifier: alone they move nothing either.
for (const text of ['do you think I am made of money or what', 'this is the last straw, who is responsible for this mess', '你们还有脸给我打电话', '这话我都讲第三遍了']) t.test(`one sentence alone changes nothing: ${text}`, (t) => (t.equal(after(turn(text)).label, 'neutral'), t.end()));

const table: [string, MoodTurn[], Mood['label']][] = [
  ['two phrases in a turn', [turn('this is ridiculous, I am fed up with you')], 'angry'],
  ['the same in two turns', [turn('ridiculous'), turn('I am sick of this')], 'angry'],
  ['a word and a raised voice', [turn('hello', { voice: CALM }), turn('yes it is me', { voice: CALM }), turn('this is annoying', { voice: RAISED })], 'angry'],
  ['a raised voice alone is a bad line', [turn('hello', { voice: CALM }), turn('yes it is me', { voice: CALM }), turn('tomorrow at three', { voice: RAISED })], 'neutral'],
  ['failures and a word', [turn('hm', { failed: true }), turn('hm', { failed: true }), turn('I already told you', { failed: true })], 'annoyed'],
  ['confused twice', [turn('I do not understand'), turn('what do you mean')], 'confused'],
  ['pleased', [turn('oh great, thank you')], 'pleased'],
  ['not happy is no pleasure', [turn('I am not happy, not happy at all')], 'neutral'],
  ['不耐烦', [turn('怎么又打来了，烦不烦')], 'annoyed'],
  ['生气', [turn('你们这些骗子，我要投诉')], 'angry'],
  ['高兴', [turn('太好了，谢谢你')], 'pleased'],
  ['angry sentences without an angry word, in two turns', [turn('who do you think you are to call me like that'), turn('you cheated my mother and now you dare to phone here')], 'angry'],
  ['a word and, beside it, a sentence', [turn('I am fed up, who do you think you are to treat people like that')], 'angry'],
  ['两句气话', [turn('你们这是欺负老年人是吧'), turn('东西弄坏了你们还不认账')], 'angry'],
  ['a voice that moves more says nothing by itself', [turn('hello', { voice: CALM }), turn('yes it is me', { voice: CALM }), turn('this is annoying', { voice: { ...CALM, pitchRangeSemitones: 12 } })], 'neutral'],
  ['a raised voice that moves more as well', [turn('hello', { voice: CALM }), turn('yes it is me', { voice: CALM }), turn('great', { voice: { ...CALM, syllablesPerSecond: 6, pitchRangeSemitones: 9 } })], 'pleased'],
  ['麻烦您 is polite', [turn('麻烦您改到周五'), turn('麻烦您发短信给我')], 'neutral'],
  ['我妈的 is about a mother', [turn('麻烦您说慢一点'), turn('这是我妈的手机')], 'neutral'],
  ['他妈妈, too', [turn('这是他妈的手机'), turn('他妈妈不在')], 'neutral'],
  ['恐怕 is no fear', [turn('恐怕不行'), turn('恐怕周五也不行')], 'neutral'],
  ['没空 of a day', [turn('周四没空'), turn('周五也没空')], 'neutral'],
  ['不用担心', [turn('不用担心'), turn('不会担心的')], 'neutral'],
  ['哪个都行', [turn('哪个都行'), turn('哪个都可以')], 'neutral'],
  ['not polite: 烦 and 妈的', [turn('别烦我'), turn('妈的')], 'angry'],
  ['没空听', [turn('没空听你说'), turn('别烦我')], 'annoyed'],
  ['"come on Friday" urges nobody', [turn('I can come on Friday'), turn('or I come on Monday')], 'neutral'],
  ['"I am afraid not" is polite', [turn("I'm afraid not"), turn("I'm afraid it does not work")], 'neutral'],
  ['enough of something', [turn('is there enough time'), turn('early enough')], 'neutral'],
  ['come on, get to the point', [turn('come on'), turn('come on, get to the point')], 'annoyed'],
  ['听不懂', [turn('没听懂'), turn('什么意思啊')], 'confused'],
];
for (const [name, turns, label] of table) t.test(name, (t) => (t.equal(after(...turns).label, label, JSON.stringify(after(...turns))), t.end()));

t.test('what it rests on is told without the words of the caller', (t) => {
  const mood = after(turn('hello', { voice: CALM }), turn('yes', { voice: CALM }), turn('this is ridiculous', { voice: RAISED, interrupted: true }));
  t.equal(mood.label, 'angry');
  t.same(mood.evidence, ['words:angry', 'interrupted', 'voice:louder', 'voice:higher', 'voice:faster', 'voice:livelier']);
  t.ok(mood.valence < -0.4 && mood.arousal > 0.8 && mood.trend < 0);
  t.end();
});

t.test('it calms down again', (t) => {
  t.equal(after(turn('this is ridiculous, I am fed up'), turn('well okay'), turn('yes tomorrow'), turn('at three'), turn('yes')).label, 'neutral');
  t.end();
});
