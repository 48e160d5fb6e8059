import { readFileSync } from 'node:fs';
import t from 'tap';
import { parse } from 'yaml';
import type { SpeaksOfCalls } from '../../src/dialogue/answers/speaks-of-calls.js';
import { speaksOfCalls } from '../../src/dialogue/answers/stop-wish.js';
import { libraryOf } from '../../src/dialogue/nlu/universal/library.js';
import type { SlotLanguage } from '../../src/dialogue/slots/slot-type.js';
import { growth, isLinear } from '../support/growth.js';
import { compile, compileExampleIn, hangUp, hold } from './talk.js';

const STOPPED = { kind: 'end', reason: 'do_not_call' };
const SHALL_WE: Readonly<Record<SlotLanguage, string>> = { en: 'Shall we stop calling you?', zh: '您是要我们停止给您打电话吗？' };

type Kind = 'wish' | 'doubt' | 'bounded' | 'mention' | 'none';
const TABLE = parse(readFileSync(new URL('stop-wishes.yaml', import.meta.url), 'utf8')) as Readonly<Record<SlotLanguage, Readonly<Record<Kind, readonly string[]>>>>;

const WISHES: Readonly<Record<SlotLanguage, readonly string[]>> = {
  en: ['Stop calling me.', 'okay stop calling me', 'no stop calling me', "Please don't call me again, I'm actually busy right now.", "Stop calling me. Actually, I'm driving.", 'stop calling me at nine in the morning', 'do not call me again today at five pm or ever', "I don't want another day stop calling me", 'twelve Park Street take me off your list', 'yes that is right and never call me again', 'fifty dollars on Friday no more calls please', 'I told you not to call me again', 'no thank you never call me again', 'absolutely not stop calling me'],
  zh: ['别再打了', '好别再打了', '好 别 再 打 了', '不是，别再给我打电话了', '别再打给我了，还是我自己去办吧', '早上九点别再给我打电话了', '下周三下午三点，以后都不要再打了', '我不要改天你们别再打电话来了', '人民路三十五号把我的号码删掉', '五十块以后别联系我了', '不是说过别再打了吗', '今天你们都打了五次了别再打了', '没有别再打了'],
};
const DOUBTS: Readonly<Record<SlotLanguage, readonly string[]>> = {
  en: ["No, don't stop calling me.", 'He told me to stop calling.', "I didn't say stop calling me.", 'my boss told us to stop calling customers', "you don't have to stop calling me", 'my lawyer says never call me again', "don't call me, I'll call you"],
  zh: ['他叫我别再打了', '我没说别再打了', '老板让我不要再打电话了', '这么晚了别再打了', '别给我打电话，发微信就行'],
};

t.test('the wish, by its words', async (t) => {
  for (const language of ['en', 'zh'] as const) {
    for (const [kind, texts] of Object.entries(TABLE[language])) for (const text of texts) t.equal(speaksOfCalls(text, language) ?? 'none', kind, text);
    for (const text of WISHES[language].filter((one) => !one.includes(' 再'))) t.equal(speaksOfCalls(text, language), 'wish', text);
    for (const text of DOUBTS[language]) t.equal(speaksOfCalls(text, language), 'doubt', text);
  }
  t.equal(speaksOfCalls(`Stop calling me. ${'The boat is green. '.repeat(20)}`, 'en'), 'wish', 'however much is said after it');
});

t.test('what the library has for the wish is no mention of it, and nothing else there is the wish', async (t) => {
  const NONE: readonly SpeaksOfCalls[] = ['mention'];
  for (const language of ['en', 'zh'] as const) {
    const { universal, background } = libraryOf(language);
    for (const text of universal.get('stop_calling') ?? []) t.notOk(NONE.includes(speaksOfCalls(text, language)), text);
    const others = [...universal].flatMap(([label, phrases]) => (label === 'stop_calling' ? [] : phrases));
    t.same([...others, ...background].filter((text) => speaksOfCalls(text, language) === 'wish'), []);
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
      for (const line of DOUBTS[language]) {
        const held = hold(flow, VARIABLES, [...before, line]);
        t.equal(held.said.at(-1), SHALL_WE[language], `${name} ${before.join(' / ')} < ${line}\n${held.trace.join('\n')}`);
        t.notOk(held.slots['do_not_call']);
      }
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

t.test('what may be the wish is asked about', async (t) => {
  const { flow } = compileExampleIn('card-offer', 'en');
  const doubtful = 'my lawyer says never call me again';
  const after = (...lines: readonly string[]): ReturnType<typeof hold> => hold(flow, VARIABLES, [doubtful, ...lines]);
  for (const yes of ['Yes.', 'yes please do', 'Stop.', 'I said never call me again', '#1']) t.same(after(yes).verdict, STOPPED, yes);
  for (const no of ['No.', 'no no', "that's not what I meant", 'you got me wrong', '#2']) {
    const held = after(no);
    t.notOk(held.slots['do_not_call'], no);
    t.match(held.said.at(-1), /may I tell you/, `${no}: the question before it is put again`);
  }
  for (const no of ['不是', '不是这个意思，你说吧', '你误会了']) t.match(hold(compileExampleIn('card-offer', 'zh').flow, VARIABLES, ['我跟他说过别再打了你们还打', no]).said.at(-1), /我可以为您介绍/, no);
  t.equal(hold(compileExampleIn('card-offer', 'zh').flow, VARIABLES, ['我跟他说过别再打了你们还打', '不用了']).said.at(-1), SHALL_WE.zh, 'no need to call, or none to stop it');
  t.same(after('No.', 'Yes.').verdict, hold(flow, VARIABLES, ['Yes.']).verdict, 'and answered as if nothing had been');
  t.match(after('No, call me back later.').said.at(-1), /When may we call/, 'what stands beside the no is heard');
  t.match(after('What does it cost?').said.at(-1), /Shall we stop calling you/, 'a question is answered, and leaves it open');
  t.equal(after('Say that again.').said.at(-1), SHALL_WE.en);
  t.equal(after('the green boat').said.at(-1), SHALL_WE.en);
  t.same(after('the green boat', 'a red bicycle').verdict, STOPPED, 'words that may be the wish, and no answer: nobody is called who may have asked not to be');
  t.same(after('~', '~').verdict, STOPPED, 'nor one who says nothing');
  t.same(hangUp(flow, VARIABLES, [doubtful]), STOPPED, 'nor one who hangs up');
  t.equal(after('No.', doubtful, 'No.', doubtful).slots['do_not_call'], undefined, 'who has denied it twice is not asked again');
  t.not(after('No.', doubtful, 'No.', doubtful).said.at(-1), SHALL_WE.en);
});

t.test('what is said to the question, and neither yes nor no', async (t) => {
  const ask = { en: ['card-offer', 'my lawyer says never call me again'], zh: ['card-offer', '这么晚了别再打了'] } as const;
  const after = (language: SlotLanguage, ...lines: readonly string[]): ReturnType<typeof hold> => hold(compileExampleIn(ask[language][0], language).flow, VARIABLES, [ask[language][1], ...lines]);
  for (const yes of ['no more', 'that would be great', "that's what I just said", 'I just told you', 'I would appreciate that', 'obviously', 'for good', 'please', 'thank you']) t.same(after('en', yes).verdict, STOPPED, yes);
  for (const yes of ['那当然', '必须的', '不然呢', '就是这个意思', '我都说了']) t.same(after('zh', yes).verdict, STOPPED, yes);
  for (const bye of ['goodbye', "I'm hanging up bye"]) t.same(after('en', bye).verdict, STOPPED, bye);
  t.same(after('zh', '拜拜').verdict, STOPPED);
  for (const [language, lines] of [['en', ["I'm not interested", 'this is outrageous', "I'm busy", 'no thanks to your offer I mean leave it']], ['zh', ['不用了，谢谢', '不需要了谢谢', '不要', '不感兴趣', '忙着呢', '烦死了']]] as const) {
    for (const line of lines.slice(0, language === 'en' ? 3 : 6)) t.equal(after(language, line).said.at(-1)?.replace(/^I am sorry\. /, ''), SHALL_WE[language], line);
  }
  t.same(after('zh', '不用了', '不用了').verdict, STOPPED);
  for (const line of ['go ahead', "no don't"]) t.equal(after('en', line).said.at(-1), SHALL_WE.en, `${line}: to stop, or to call?`);
  for (const no of ["don't stop calling", "no don't stop", 'carry on']) t.notOk(after('en', no).slots['do_not_call'], no);
});

t.test('what is said beside the doubtful words is heard when they are denied', async (t) => {
  const held = hold(compileExampleIn('appointment-rescheduling', 'en').flow, VARIABLES, ["yes I'll be there but my wife says don't call me again", 'no']);
  t.equal(held.slots['coming'], true, held.trace.join('\n'));
});

t.test('where any words are an answer, none of them answers the question', async (t) => {
  const { flow } = compileExampleIn('delivery-check', 'en');
  for (const before of [['No.', 'A neighbor.'], ['No.', 'To another address.']]) {
    const asked = [...before, 'my lawyer says never call me again'];
    t.equal(hold(flow, VARIABLES, [...asked, 'the green boat']).said.at(-1), SHALL_WE.en);
    t.same(hold(flow, VARIABLES, [...asked, 'the green boat', 'a red bicycle']).verdict, STOPPED);
    t.notOk(hold(flow, VARIABLES, [...asked, 'No, I only meant the driver.']).slots['do_not_call']);
  }
});

t.test('another hour, and how a parcel is to come, are no wish', async (t) => {
  const card = compileExampleIn('card-offer', 'en').flow;
  for (const line of ["don't call me before nine", "don't call me at work", "don't call me today", "don't call me I'm driving", "don't call me until Monday", "don't call me on Sundays"]) {
    t.notMatch(hold(card, VARIABLES, [line]).said.at(-1), /Shall we stop/, line);
    t.notMatch(hangUp(card, VARIABLES, [line]), STOPPED, `${line}, and hung up`);
    t.notOk(hold(card, VARIABLES, [line, line, line]).slots['do_not_call'], line);
  }
  for (const line of ['今天别打了', '现在别打了', '周末别打了', '吃饭的时候别打', '别打了今天']) {
    t.not(hold(compileExampleIn('card-offer', 'zh').flow, VARIABLES, [line]).said.at(-1), SHALL_WE.zh, line);
    t.notMatch(hangUp(compileExampleIn('card-offer', 'zh').flow, VARIABLES, [line]), STOPPED, line);
  }
  for (const line of ['没人，别打电话，放物业', '快递员到了别打电话', '有人，不用再打电话了直接敲门', '我在上班别打电话，放柜子']) {
    const held = hold(compileExampleIn('delivery-check', 'zh').flow, VARIABLES, [line]);
    t.notOk(held.slots['do_not_call'], line);
    t.not(held.said.at(-1), SHALL_WE.zh, `${line}\n${held.trace.join('\n')}`);
  }
  t.equal(hold(compileExampleIn('appointment-reminder', 'zh').flow, VARIABLES, ['我会去的，不用再打电话提醒了']).slots['coming'], true);
});

t.test('a score alone ends nothing', async (t) => {
  const { flow } = compileExampleIn('card-offer', 'en');
  const scored = "no thanks I'd rather we had no contact by phone from your side in the future";
  const held = hold(flow, VARIABLES, [scored]);
  t.match(held.trace.join('\n'), /intent:stop_calling 0\.\d\d/, 'the score is that of the wish');
  t.equal(held.said.at(-1), SHALL_WE.en);
  t.same(hold(flow, VARIABLES, [scored, 'Yes.']).verdict, STOPPED);
  t.same(hold(flow, VARIABLES, [scored, 'the green boat', 'a red bicycle']).verdict, STOPPED, 'a clear one counts where no answer is understood');
  t.equal(hold(flow, VARIABLES, [scored, 'No.', scored]).slots['do_not_call'], undefined, 'and it is asked about once');
});

t.test('a flow says it in its own words', async (t) => {
  const flow = compile(`trunkline: 2
id: t
language: en-US
start: ask
fallback: lost
words: { stop_calling: Do you want us to leave you alone? }
universal: { stop_calling: { say: We will., goto: done } }
nodes:
  ask: { ask: Is it a good time?, kind: yes_no, yes: done, no: done }
  done: { end: end, reason: done, say: Bye. }
  lost: { handoff: desk, reason: not understood, say: A colleague will call you. }
`);
  t.equal(hold(flow, {}, ['my lawyer says never call me again']).said.at(-1), 'Do you want us to leave you alone?');
  t.equal(hold(flow, {}, ['my lawyer says never call me again', 'Yes.']).slots['do_not_call'], true);
});

t.test('a wrong number by a score alone is asked about, too', async (t) => {
  const delivery = compileExampleIn('delivery-check', 'en').flow;
  t.notOk(hold(delivery, VARIABLES, ['No.', 'A neighbor.', "I don't know her name"]).slots['wrong_number']);
  t.notOk(hold(delivery, VARIABLES, ['no one is here']).slots['wrong_number'], 'nobody at home');
  const payment = compileExampleIn('payment-reminder', 'en').flow;
  const unknown = hold(payment, VARIABLES, ['Yes.', 'Yes.', "I don't know", "I don't know"]);
  t.notOk(unknown.slots['wrong_number'], 'no amount is known');
  t.notMatch(unknown.said.join('\n'), /wrong number/);
  const card = compileExampleIn('card-offer', 'zh').flow;
  t.equal(hold(card, VARIABLES, ['她不在']).said.at(-1), '是我打错电话了吗？');
  for (const no of ['没打错，她不在', '您没打错，她现在不在', '不是打错，是她不在', '没错，是她电话', '号码是对的', '没打错']) t.notOk(hold(card, VARIABLES, ['她不在', no]).slots['wrong_number'], no);
  for (const yes of ['是的', '打错了', '对，这里没有这个人', '不是他的电话']) t.equal(hold(card, VARIABLES, ['她不在', yes]).slots['wrong_number'], true, yes);
  t.notOk(hold(card, VARIABLES, ['她不在', '今天天气不错', '今天天气不错']).slots['wrong_number'], 'no answer to it is no yes');
  t.notOk(hold(card, VARIABLES, ['她不在', '谢谢', '麻烦你们']).slots['wrong_number'], 'nor is courtesy');
});

t.test('a long talk of calls costs what its length does', async (t) => {
  for (const [language, words] of [['en', 'do not call me not call the the my my stop calling my '], ['zh', '别给我打打电话以后别今天别再不要']] as const) {
    const half = words.repeat(20);
    t.ok(isLinear(growth(() => speaksOfCalls(half, language), () => speaksOfCalls(half + half, language))), language);
  }
});
