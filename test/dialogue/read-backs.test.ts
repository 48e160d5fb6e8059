import t from 'tap';
import { joinedWords } from '../../src/dialogue/answers/joined-words.js';
import type { CompiledFlow } from '../../src/dialogue/dialogue.js';
import { compile, compileExampleIn, hold } from './talk.js';
import type { Held } from './talk.js';

const told = (held: Held): string => [...held.trace, ...held.said].join('\n');
const compiled = new Map<string, CompiledFlow>();
/** Compiling takes longer than all talks. */
function example(name: string, language: 'en' | 'zh'): CompiledFlow {
  const key = `${name} ${language}`;
  const flow = compiled.get(key) ?? compileExampleIn(name, language).flow;
  compiled.set(key, flow);
  return flow;
}
const ms = { name: 'Ms Miller', when: 'on Tuesday at ten', amount: 'eighty dollars', due: 'the first of November' };
const offer = (language: 'en' | 'zh', ...lines: string[]): Held => hold(example('card-offer', language), ms, lines);

t.test('an intent that is clear says more than the no that it begins with', async (t) => {
  const held = offer('en', 'Call me back later.', 'Tomorrow at three.', 'no let me speak to a person');
  t.match(held.verdict, { kind: 'handoff', queue: 'card-sales' }, told(held));
});

t.test('courtesy beside a yes is a yes', async (t) => {
  for (const line of ['Okay, bye.', 'Yes, thank you, bye.', 'Yes, please call me then.']) {
    const held = offer('en', 'Call me back later.', 'Tomorrow at three.', line);
    t.same(held.verdict, { kind: 'redial_at', at: '2026-11-24T20:00:00Z', reason: 'customer was busy' }, told(held));
  }
});

t.test('what comes to a yes or a no is one', async (t) => {
  for (const line of ['好的到时候见', '可以就这么定', '那就这样吧', '好的谢谢再见', '没问题拜拜', '好 的 到 时候 见']) {
    const held = offer('zh', '你晚点再打给我吧', '明天下午三点', line);
    t.match(held.verdict, { kind: 'redial_at', reason: 'customer was busy' }, `${line}\n${told(held)}`);
  }
  for (const line of ['that works for me', 'sounds good to me', 'that would be perfect']) {
    const held = offer('en', 'Call me back later.', 'Tomorrow at three.', line);
    t.match(held.verdict, { kind: 'redial_at' }, `${line}\n${told(held)}`);
  }
  for (const line of ['the boat is green', 'what was that', 'could it be another day']) {
    const held = offer('en', 'Call me back later.', 'Tomorrow at three.', line);
    t.notOk(held.slots['callback_time'], `${line}\n${told(held)}`);
  }
});

t.test('what only sounds like a yes leaves the value open', async (t) => {
  const promise = (line: string): Held => hold(example('payment-reminder', 'en'), ms, ['Yes.', 'Yes, I can.', 'Fifty dollars.', line]);
  for (const line of ['earlier would be great', 'a different day would be great', 'later is fine', 'my wife is right here', 'life is great']) {
    const held = offer('en', 'Call me back later.', 'Tomorrow at three.', line);
    t.notOk(held.slots['callback_time'], `${line}\n${told(held)}`);
  }
  for (const line of ['a smaller amount would be great', 'less would be good', 'my wife is right here', 'life is great']) t.notOk(promise(line).slots['pay_amount'], line);
  t.equal(promise('that would be great').slots['pay_amount'], '50.00 USD');
  for (const line of ['好麻烦', '可以麻烦早一点', '就这样算了']) {
    const held = offer('zh', '你晚点再打给我吧', '明天下午三点', line);
    t.notOk(held.slots['callback_time'], `${line}\n${told(held)}`);
  }
  t.match(offer('zh', '你晚点再打给我吧', '明天下午三点', '可以，麻烦您了').verdict, { kind: 'redial_at' });
});

t.test('words that an ear has parted are joined', async (t) => {
  t.equal(joinedWords('好 别 再 打 了', 'zh'), '好别再打了');
  t.equal(joinedWords('我 叫 John Smith 对', 'zh'), '我叫 John Smith 对');
  t.equal(joinedWords('one two', 'en'), 'one two');
  t.match(offer('zh', '你 晚点 再 打给 我 吧', '下 周二 下午 三点', '对').verdict, { kind: 'redial_at' });
  t.equal(offer('zh', '你 晚点 再 打给 我 吧', '下 周二 下午 三点', '对').slots['callback_time'], offer('zh', '你晚点再打给我吧', '下周二下午三点', '对').slots['callback_time']);
  const paid = (line: string): Held => hold(example('payment-reminder', 'zh'), ms, ['我是本人', '能交上', line]);
  t.equal(paid('二百 五十 块').said.at(-1), paid('二百五十块').said.at(-1));
});

t.test('the read-back of a correction stays open until it is answered', async (t) => {
  const pay = (...lines: string[]): Held => hold(example('payment-reminder', 'en'), ms, ['Yes.', 'Yes, I can.', 'Fifty dollars.', 'Yes.', 'December fifteenth.', 'Yes.', 'No, the sixteenth.', ...lines]);
  const asked = pay().said.at(-1);
  t.match(asked, /December 16/);
  for (const line of ['say that again', 'can you speak more slowly', 'Is there a late fee?', 'Are you a robot?']) {
    const again = pay(line);
    t.equal(again.said.at(-1), asked, told(again));
    t.equal(pay(line, 'yes').slots['pay_date'], '2026-12-16', line);
    t.equal(pay(line, '#1').slots['pay_date'], '2026-12-16', line);
    t.equal(pay(line, 'no').slots['pay_date'], '2026-12-15', line);
  }
  const held = pay('hold on', "I'm back.");
  t.equal(held.said.at(-1), asked, told(held));
  t.equal(pay('hold on', "I'm back.", 'yes').slots['pay_date'], '2026-12-16');
  const beside = pay('Yes, but is there a late fee?');
  t.equal(beside.slots['pay_date'], '2026-12-16', told(beside));
  t.ok(beside.said.includes('There is no late fee if it is paid this month.'));
  const zh = hold(example('payment-reminder', 'zh'), ms, ['我是本人', '能交上', '五十块', '对', '十二月十五号', '对', '不对，是十六号', '再说一遍', '对']);
  t.equal(zh.slots['pay_date'], '2026-12-16', told(zh));
});

const asksAddress = (language: 'en' | 'zh'): CompiledFlow => compile(`trunkline: 2
id: t
language: ${language}
start: form
fallback: lost
slots:
  home: { kind: address, ask: ${language === 'zh' ? '您的地址？' : 'Your address?'} }
nodes:
  form: { collect: [home], next: done }
  done: { end: end, reason: done, say: ${language === 'zh' ? '再见' : 'Bye.'} }
  lost: { handoff: desk, reason: not understood, say: ${language === 'zh' ? '再见' : 'Bye.'} }
`);
const addressFlows = { en: asksAddress('en'), zh: asksAddress('zh') };
const address = (language: 'en' | 'zh', ...lines: string[]): Held => hold(addressFlows[language], {}, lines);

t.test('another address is no yes to the first', async (t) => {
  for (const line of ['14 Park Street is right', 'a different street would be right', 'see you then']) {
    const held = address('en', '12 Park Street', line);
    t.notOk(held.slots['home'], told(held));
  }
  for (const line of ['yes', "that's right", '12 Park Street is right, yes']) t.equal(address('en', '12 Park Street', line, 'yes').slots['home'], '12 Park Street', line);
});

t.test('half a value is gone on from, and nobody goes on for ever', async (t) => {
  const whole = address('en', 'Main Street', 'twelve', 'yes');
  t.equal(whole.slots['home'], 'Main Street, twelve', told(whole));
  const vain = address('en', 'i do not know', 'main street', 'that is it', 'i told you main street');
  t.match(vain.verdict, { kind: 'handoff', queue: 'desk' }, told(vain));
  const kept = address('en', 'main street', 'i told you main street', 'twelve', 'yes');
  t.equal(kept.slots['home'], 'main street, twelve', told(kept));
  const parts = address('en', 'the boat', 'my neighbor', 'green fish', '12 Park Street', 'yes');
  t.equal(parts.slots['home'], '12 Park Street', told(parts));
  t.match(parts.said.at(-3), /did not get that/, 'the third half is none');
  t.equal(address('en', "Yes, it's 12 Park Street.", 'yes').slots['home'], '12 Park Street');
  t.equal(address('zh', '嗯是的人民路三十五号', '对').slots['home'], '人民路三十五号');
  t.match(address('zh', '不知道', '不记得了', '没有').verdict, { kind: 'handoff' });
});

t.test('"Anything else?": a second yes without a question is none', async (t) => {
  const moving = (...lines: string[]): Held => hold(example('appointment-rescheduling', 'en'), ms, ['Yes.', ...lines]);
  t.equal(moving('uh huh').said.at(-1), 'Yes, go on.');
  t.match(moving('uh huh', 'Where can I park?').said.at(-1), /Anything else/);
  t.equal(moving('uh huh', 'Where can I park?', 'yes').said.at(-1), 'Yes, go on.', 'the next one is invited anew');
  const held = moving(...Array<string>(4).fill('uh huh'));
  t.same(held.verdict, { kind: 'end', reason: 'appointment confirmed' }, told(held));
  t.match(moving('#1', '#1').said.at(-1), /did not get that/);
});
