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
  for (const line of ['14 Park Street is right', 'a different street would be right']) {
    const held = address('en', '12 Park Street', line);
    t.notOk(held.slots['home'], told(held));
  }
  for (const line of ['yes', "that's right", '12 Park Street is right, yes', 'see you then', 'great, see you tomorrow', 'until then', 'that would be great', 'sounds like a plan', 'the address is right']) t.equal(address('en', '12 Park Street', line, 'yes').slots['home'], '12 Park Street', line);
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

const readBackOf = {
  call: (language: 'en' | 'zh', ...lines: string[]): Held => (language === 'en' ? offer('en', 'Call me back later.', 'Tomorrow at three.', ...lines) : offer('zh', '你晚点再打给我吧', '明天下午三点', ...lines)),
  day: (language: 'en' | 'zh', ...lines: string[]): Held => hold(example('delivery-check', language), { name: 'Ms Miller', day: 'Thursday' }, [...(language === 'en' ? ['no', 'another day', 'friday'] : ['没人', '改天', '周五']), ...lines]),
  visit: (language: 'en' | 'zh', ...lines: string[]): Held => hold(example(language === 'en' ? 'appointment-rescheduling' : 'appointment-reminder', language), ms, [...(language === 'en' ? ['can we move it', 'friday at four'] : ['换个时间吧', '周五下午四点']), ...lines]),
};

t.test('another value beside a yes is read back, however unsure it is', async (t) => {
  const table: readonly (readonly [keyof typeof readBackOf, 'en' | 'zh', string, RegExp])[] = [
    ['call', 'zh', '好的，四点', /明天下午四点/],
    ['call', 'zh', '可以，四点', /明天下午四点/],
    ['call', 'zh', '行，那就四点吧', /明天下午四点/],
    ['call', 'zh', '好，晚上吧', /明天晚上七点/],
    ['call', 'zh', '可以，上午吧', /明天上午十点/],
    ['call', 'zh', '可以，四点更好', /明天下午四点/],
    ['call', 'zh', '可以，但是晚一个小时', /明天下午四点/],
    ['day', 'zh', '好的，那周六', /二十八号，星期六/],
    ['day', 'zh', '行，那周六吧', /二十八号，星期六/],
    ['day', 'zh', '可以的话晚一天', /二十八号，星期六/],
    ['day', 'zh', '不过晚一天行吗', /二十八号，星期六/],
    ['day', 'zh', '好的，周六或者周日', /星期六，还是.*星期日/],
    ['call', 'en', 'yes at four', /tomorrow at 4 PM/],
    ['call', 'en', 'sure, in the morning', /tomorrow at 10 AM/],
    ['call', 'en', 'okay, then saturday', /Saturday, November 28 at 3 PM/],
    ['visit', 'en', 'yes at five', /November 27 at 5 PM/],
    ['visit', 'en', 'yes friday at five', /November 27 at 5 PM/],
    ['visit', 'en', 'yes four thirty', /November 27 at 4:30 PM/],
    ['visit', 'en', 'yes, but saturday', /Saturday, November 28 at 4 PM/],
    ['day', 'en', 'yes, saturday or sunday', /Did you mean Saturday.*Sunday/],
  ];
  for (const [where, language, line, asked] of table) {
    const held = readBackOf[where](language, line);
    t.match(held.said.at(-1), asked, `${line}\n${told(held)}`);
  }
});

t.test('a yes that wants another value, though it says none, keeps nothing', async (t) => {
  const kept = (held: Held): unknown => held.slots['callback_time'] ?? held.slots['new_day'] ?? held.slots['wish'];
  for (const line of ['好，晚点', '可以，早点吧', '好的，晚一点', '行，晚点吧', '可以，晚点更好']) for (const where of ['call', 'visit'] as const) {
    const held = readBackOf[where]('zh', line);
    t.equal(kept(held) ?? held.verdict, undefined, `${line}\n${told(held)}`);
    t.match(held.said.at(-1), /三点|四点/, line);
  }
  for (const line of ['yes but a bit earlier', 'okay, later', 'okay, a bit later', 'sure, but another day', 'yes, friday, but later']) for (const where of ['call', 'visit'] as const) {
    const held = readBackOf[where]('en', line);
    t.equal(kept(held) ?? held.verdict, undefined, `${line}\n${told(held)}`);
  }
  for (const line of ['okay, see you later', 'yes, talk to you later', 'yes, call me later', 'yes at three', 'yes, tomorrow afternoon is good', 'yes, that is the one', 'yes, move it to tomorrow at three']) t.ok(kept(readBackOf.call('en', line)), line);
  for (const line of ['好的，三点', '好的，下午', '可以，那就明天下午吧', '对，改到明天下午', '好的，晚点再联系', '好，晚点打给我']) t.ok(kept(readBackOf.call('zh', line)), line);
  t.ok(kept(readBackOf.day('zh', '好的，那周五')), 'the day itself');
});

t.test('the value itself, if it is praised, is a yes', async (t) => {
  for (const line of ['friday is good', 'friday is fine', 'friday at four is fine', 'the time is fine', 'the afternoon is good', 'friday works for me']) t.ok(readBackOf.visit('en', line).slots['wish'], line);
  for (const line of ['周五可以', '下午挺好的', '时间没问题', '四点没问题']) t.ok(readBackOf.visit('zh', line).slots['wish'], line);
  t.match(readBackOf.visit('en', 'saturday is good').said.at(-1), /Saturday, November 28/);
  t.match(readBackOf.visit('zh', '周六可以').said.at(-1), /星期六/);
  for (const [language, line] of [['en', 'the weather is fine'], ['zh', '天气挺好'], ['zh', '周五行吗']] as const) t.notOk(readBackOf.visit(language, line).slots['wish'], line);
});

t.test('what closes the matter keeps the value, goodbye or not', async (t) => {
  for (const line of ['那就这样吧，我先忙了', '那就这样，先这样', '就这样啦', '行那就这么定了，我挂了', '好的麻烦你们了', '好的辛苦你们了', '好的谢谢你的提醒', '那咱们到时候见', '到时候等你电话', '到时候等您电话啊']) {
    t.ok(readBackOf.visit('zh', line).slots['wish'], line);
    t.ok(readBackOf.call('zh', line).slots['callback_time'], line);
  }
  for (const line of ['see you then, I have to go', 'that is fine, I got to run, bye for now']) t.ok(readBackOf.visit('en', line).slots['wish'], line);
});

t.test('one of two days is an answer where a day is asked for, and no "call me later"', async (t) => {
  const promise = (language: 'en' | 'zh', line: string): Held => hold(example('payment-reminder', language), ms, [...(language === 'en' ? ['Yes.', 'Yes, I can.', 'Fifty dollars.', 'Yes.'] : ['我是本人', '能交上', '八十', '对']), line]);
  for (const line of ['明后天', '明后天吧', '明后天交', '明天或后天吧']) t.equal(promise('zh', line).said.at(-1), '您是说明天，还是后天？', line);
  for (const line of ['明后天吧', '明天或后天吧']) t.equal(hold(example('delivery-check', 'zh'), { name: '王女士', day: '周四' }, ['没人', '改天', line]).said.at(-1), '您是说明天，还是后天？', line);
  t.match(offer('zh', '我在忙', '明后天吧').said.at(-1), /明天上午十点，还是后天上午十点/);
  t.match(promise('en', 'tomorrow or the day after').said.at(-1), /^Did you mean tomorrow, or Wednesday/);
  t.match(offer('en', 'Call me back later.', 'tomorrow or the day after').said.at(-1), /^Did you mean tomorrow at 10 AM, or Wednesday/);
});

t.test('the read-back of a correction takes another value beside a yes, too', async (t) => {
  const pay = (...lines: string[]): Held => hold(example('payment-reminder', 'en'), ms, ['Yes.', 'Yes, I can.', 'Fifty dollars.', 'Yes.', 'December fifteenth.', 'Yes.', 'No, the sixteenth.', ...lines]);
  const held = pay('Yes, but the seventeenth.');
  t.match(held.said.at(-1), /December 17/, told(held));
  t.equal(pay('Okay, then the seventeenth.', 'yes').slots['pay_date'], '2026-12-17');
  const open = pay('yes but a bit later');
  t.match(open.said.at(-1), /December 16/, told(open));
  t.equal(open.slots['pay_date'], '2026-12-15');
  const zh = (...lines: string[]): Held => hold(example('payment-reminder', 'zh'), ms, ['我是本人', '能交上', '五十块', '对', '十二月十五号', '对', '不对，是十六号', ...lines]);
  t.equal(zh('好的，那十七号', '对').slots['pay_date'], '2026-12-17');
  t.equal(zh('好，晚点').slots['pay_date'], '2026-12-15');
});

t.test('nobody is called "I do not know"', async (t) => {
  const neighbour = (line: string): Held => hold(example('delivery-check', 'en'), { name: 'Ms Miller', day: 'Thursday' }, ['no', 'a neighbor', line]);
  for (const line of ["i don't know", 'no idea', "i don't know the name", 'not sure what they are called']) t.equal(neighbour(line).said.at(-1), 'Sorry, what is their name?', line);
  t.equal(neighbour('jane').slots['neighbour'], 'Jane');
});
