import t from 'tap';
import { callsIn, onlyMentionsCalls } from '../../src/dialogue/answers/stop-wish.js';
import type { SpeaksOfCalls } from '../../src/dialogue/answers/stop-wish.js';
import { libraryOf } from '../../src/dialogue/nlu/universal/library.js';
import type { SlotLanguage } from '../../src/dialogue/slots/slot-type.js';
import { compile, compileExampleIn, hold } from './talk.js';

const STOPPED = { kind: 'end', reason: 'do_not_call' };

function spoken(text: string, language: SlotLanguage): SpeaksOfCalls {
  const found = callsIn(text, language).map(({ speaks }) => speaks);
  return (['wish', 'mention', 'bounded'] as const).find((one) => found.includes(one));
}

const WISHES: Readonly<Record<SlotLanguage, readonly string[]>> = {
  en: ['Stop calling me.', 'okay stop calling me', 'no stop calling me', "Please don't call me again, I'm actually busy right now.", "Stop calling me. Actually, I'm driving.", 'stop calling me at nine in the morning', 'do not call me again today at five pm or ever', "I don't want another day stop calling me", 'twelve Park Street take me off your list', 'yes that is right and never call me again', 'fifty dollars on Friday no more calls please', 'I told you not to call me again'],
  zh: ['别再打了', '好别再打了', '好 别 再 打 了', '不是，别再给我打电话了', '别再打给我了，还是我自己去办吧', '早上九点别再给我打电话了', '下周三下午三点，以后都不要再打了', '我不要改天你们别再打电话来了', '人民路三十五号把我的号码删掉', '五十块以后别联系我了', '不是说过别再打了吗'],
};
const MENTIONS: Readonly<Record<SlotLanguage, readonly string[]>> = {
  en: ["No, don't stop calling me.", 'He told me to stop calling.', "I didn't say stop calling me.", 'my boss told us to stop calling customers', "you don't have to stop calling me"],
  zh: ['他叫我别再打了', '我没说别再打了', '老板让我不要再打电话了', '不要停止打电话给我'],
};

t.test('the wish, by its words', async (t) => {
  for (const language of ['en', 'zh'] as const) {
    for (const text of WISHES[language].filter((one) => !one.includes(' 再'))) t.equal(spoken(text, language), 'wish', text);
    for (const text of MENTIONS[language]) {
      t.equal(spoken(text, language), 'mention', text);
      t.ok(onlyMentionsCalls(text, language), text);
    }
  }
  for (const text of ['my wife says stop calling us', 'my husband told you to stop calling', "I told you don't call me anymore", "why don't you stop calling me", 'can you stop calling me', 'I already paid it so stop calling this number', 'four one five stop calling me five five five', 'He told me to stop calling him. Take me off your list.']) t.equal(spoken(text, 'en'), 'wish', text);
  for (const text of ['He told me, stop calling.', 'I never asked you to stop calling', "the phone won't stop ringing", 'why did you stop calling me', 'he said stop calling me', 'I told him to stop calling me', 'he told me never to call again', "why don't you call me again tomorrow", 'you never call me back', 'stop calling me Mister Brown', 'yes but stop calling me sir']) t.equal(spoken(text, 'en'), 'mention', text);
  for (const text of ["don't call me again before nine", "don't call me today", "please don't call me tomorrow call me on friday", "don't call before nine"]) t.equal(spoken(text, 'en'), 'bounded', text);
  for (const text of ['call me tomorrow', 'I got a call about the do not call list', 'do not call the driver', 'never mind call me again', 'until you stop calling me I will not pay', 'take me off the waiting list']) t.equal(spoken(text, 'en'), undefined, text);
  for (const text of ['我老婆让你们别再打了', '对，别再打了', '把我的号码从你们系统里删掉', '停止给我打电话']) t.equal(spoken(text, 'zh'), 'wish', text);
  for (const text of ['我没让你们不要再打', '我老公跟我说，别再打电话了']) t.equal(spoken(text, 'zh'), 'mention', text);
  for (const text of ['今天别再打了', '现在别打了，明天再打', '别打太早，明天十点']) t.equal(spoken(text, 'zh'), 'bounded', text);
  for (const text of ['别打针', '不要再打折了', '你再打给我吧', '明天再给我打电话', '别打车来']) t.equal(spoken(text, 'zh'), undefined, text);
  t.equal(spoken(`Stop calling me. ${'The boat is green. '.repeat(20)}`, 'en'), 'wish', 'however much is said after it');
});

t.test('what the library has for the wish is no mention of it, and nothing else there is the wish', async (t) => {
  for (const language of ['en', 'zh'] as const) {
    const { universal, background } = libraryOf(language);
    for (const text of universal.get('stop_calling') ?? []) t.notOk(onlyMentionsCalls(text, language), text);
    const others = [...universal].flatMap(([label, phrases]) => (label === 'stop_calling' ? [] : phrases));
    t.same([...others, ...background].filter((text) => spoken(text, language) === 'wish'), []);
  }
});

const VARIABLES = { name: 'Ms Miller', when: 'on Tuesday at ten', day: 'Thursday', amount: 'eighty dollars', due: 'the first of November' };

/** Flow and what is said before: each leads to another kind of question, or stage of one. */
const STAGES: Readonly<Record<SlotLanguage, readonly (readonly [string, readonly string[], RegExp])[]>> = {
  en: [
    ['card-offer', [], /May I tell you/],
    ['card-offer', ['Call me back later.'], /When may we call/],
    ['card-offer', ['Call me back later.', 'Tomorrow at three.'], /I will call you/],
    ['delivery-check', ['No.'], /Shall we come on another day/],
    ['delivery-check', ['No.', 'Another day.'], /Which day/],
    ['delivery-check', ['No.', 'Another day.', 'Next Monday.'], /So we will come/],
    ['delivery-check', ['No.', 'A neighbor.'], /name of your neighbor/],
    ['delivery-check', ['No.', 'To another address.'], /the street and the number/],
    ['delivery-check', ['No.', 'To another address.', '12 Park Street.'], /I have 12 Park Street/],
    ['payment-reminder', [], /speaking with/],
    ['payment-reminder', ['No.'], /./],
    ['payment-reminder', ['Yes.', 'Yes, I can.'], /How much/],
    ['payment-reminder', ['Yes.', 'Yes, I can.', 'Fifty dollars.'], /50 dollars/],
    ['appointment-rescheduling', ["I'd like to reschedule.", 'Friday at four PM.', 'Yes.'], /any questions/],
    ['appointment-rescheduling', ["I'd like to reschedule.", 'Friday at four PM.', 'Yes.', 'No, Saturday.'], /So you would come/],
    ['satisfaction-survey', ['Yes.'], /satisfied/],
    ['satisfaction-survey', ['Yes.', 'five', 'five'], /./],
  ],
  zh: [
    ['card-offer', [], /信用卡/],
    ['card-offer', ['你晚点再打给我吧'], /什么时候/],
    ['card-offer', ['你晚点再打给我吧', '明天下午三点'], /下午三点/],
    ['delivery-check', ['没有'], /改天|哪/],
    ['delivery-check', ['没有', '改天', '下周一'], /星期一|下周一|十一月三十/],
    ['payment-reminder', [], /本人/],
    ['payment-reminder', ['我是本人', '能交上'], /多少/],
    ['payment-reminder', ['我是本人', '能交上', '五十块'], /五十/],
    ['satisfaction-survey', ['可以'], /./],
  ],
};

for (const language of ['en', 'zh'] as const) {
  t.test(`at every kind of question and every stage of it (${language})`, async (t) => {
    for (const [name, before, asked] of STAGES[language]) {
      const { flow } = compileExampleIn(name, language);
      t.match(hold(flow, VARIABLES, before).said.at(-1), asked);
      for (const line of WISHES[language]) {
        const held = hold(flow, VARIABLES, [...before, line]);
        t.same(held.verdict, STOPPED, `${name} ${before.join(' / ')} < ${line}\n${held.trace.join('\n')}`);
      }
      for (const line of MENTIONS[language]) t.notOk(hold(flow, VARIABLES, [...before, line]).slots['do_not_call'], `${name} ${before.join(' / ')} < ${line}`);
    }
  });
}

t.test('at a question back, and at a choice of two', async (t) => {
  const flow = compile(`trunkline: 2
id: t
language: en-US
start: offer
fallback: lost
universal: { stop_calling: true }
slots:
  people: { kind: number, ask: How many will you be?, min: 1, max: 8 }
nodes:
  offer:
    choose: Which card would you like?
    options:
      gold: { say: the gold card, synonyms: [gold], goto: form }
      platinum: { say: the platinum card, synonyms: [platinum], goto: form }
  form: { collect: [people], next: done }
  done: { end: end, reason: done, say: 'Thank you.' }
  lost: { handoff: desk, reason: not understood, say: A colleague will call you. }
`);
  for (const before of [['gold or platinum'], ['gold', 'two or three']]) t.same(hold(flow, {}, [...before, 'the first one and stop calling me']).verdict, STOPPED);
});

t.test('"stop" in the middle of a form stops the form, and a bounded wish is heard as what it asks for', async (t) => {
  const { flow } = compileExampleIn('card-offer', 'en');
  t.notOk(hold(flow, VARIABLES, ['Call me back later.', 'Stop.']).slots['do_not_call']);
  for (const line of ["Don't call me before nine, call me tomorrow at ten.", 'do not call me before nine call me at ten']) {
    const held = hold(flow, VARIABLES, ['Call me back later.', line]);
    t.notOk(held.slots['do_not_call'], held.trace.join('\n'));
    t.match(held.said.at(-1), /I will call you|That does not fit|when would be a good time/);
  }
  t.notOk(hold(compileExampleIn('card-offer', 'zh').flow, VARIABLES, ['你晚点再打给我吧', '别打太早，明天十点']).slots['do_not_call']);
});

t.test('a wrong number is one beside what else is said, and not where a number is read back', async (t) => {
  const { flow } = compileExampleIn('delivery-check', 'en');
  t.same(hold(flow, VARIABLES, ["You have the wrong number. Actually, I'm driving."]).verdict, { kind: 'end', reason: 'wrong_number' });
  const asks = compile(`trunkline: 2
id: t
language: en-US
start: form
fallback: lost
universal: { wrong_number: true }
slots:
  number: { kind: phone, country: US, ask: Your number? }
nodes:
  form: { collect: [number], next: done }
  done: { end: end, reason: done, say: Bye. }
  lost: { handoff: desk, reason: not understood, say: A colleague will call you. }
`);
  const held = hold(asks, {}, ['#4155552671', "No, that's the wrong number."]);
  t.equal(held.verdict, undefined, held.trace.join('\n'));
  t.match(held.said.at(-1), /once more. Your number/);
});
