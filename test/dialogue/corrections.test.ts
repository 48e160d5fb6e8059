import t from 'tap';
import { isCorrection, isOnlyValue, wantsOther } from '../../src/dialogue/answers/correction.js';
import { sameAsBefore } from '../../src/dialogue/answers/reference.js';
import type { CompiledFlow } from '../../src/dialogue/dialogue.js';
import { compile, compileExampleIn, hold } from './talk.js';
import type { Held } from './talk.js';

const told = (held: Held): string => [...held.trace, ...held.said].join('\n');

t.test('what is a correction, and what is a remark', async (t) => {
  for (const text of ['no, Friday, not Thursday', 'Sorry, I meant four.', 'actually, make it five dollars', 'no wait, tomorrow at 3 p.m.', "no, it's the third of December", 'not four, five']) t.ok(isCorrection(text, 'en'), text);
  for (const text of ['Actually, we waited two hours.', 'Not bad, but one of your people was rude', "No, thanks, I'll call you tomorrow if anything comes up", 'no', 'Friday', 'now at four']) t.notOk(isCorrection(text, 'en') && /four|two|one|tomorrow|friday/i.test(text), text);
  for (const text of ['不对，是周五', '不是四，是五', '等等，应该是五块', '错了，改到下周三下午四点']) t.ok(isCorrection(text, 'zh'), text);
  for (const text of ['不是很满意，等了两个小时', '不是，一个人就把车修坏了']) t.notOk(isCorrection(text, 'zh'), text);
  t.ok(isOnlyValue('yes, tomorrow at 3 PM', 'en'));
  t.notOk(isOnlyValue('yes, tomorrow afternoon is good', 'en'));
  for (const text of ['okay, then Saturday', 'sure, in the morning', 'fine, four then']) t.ok(isOnlyValue(text, 'en'), text);
  for (const text of ['好的，那周六', '行，那就四点吧', '可以，最好四点', '可以，四点更好']) t.ok(isOnlyValue(text, 'zh'), text);
});

t.test('a yes that wants another value, and one that does not', async (t) => {
  for (const text of ['yes, but a bit earlier', 'okay, later', 'sure, a little later please', 'yes but not on the phone', 'okay, another day', 'yes, a different number']) t.ok(wantsOther(text, 'en'), text);
  for (const text of ['yes', 'okay, see you later', 'yes, talk to you later', 'yes, call me later', 'sooner or later, yes', 'yes, the sooner the better', 'okay, but thanks anyway', 'yes, make it so', 'yes, do that instead', 'sorry, yes', 'yes actually', "yes, I'm not busy then"]) t.notOk(wantsOther(text, 'en'), text);
  for (const text of ['好，晚点', '可以，早点吧', '好的，晚一点', '可以，稍晚一点', '可以，晚点更好', '可以的话晚一天', '可以，不过晚一天', '好的，换个时间', '可以，但是别太晚', '好的，推迟吧', '对，周五，但是晚点']) t.ok(wantsOther(text, 'zh'), text);
  for (const text of ['好的', '对，改吧', '好的，改天见', '好的，提前打个电话', '好，晚点打给我', '好的，晚点再联系', '好的，今晚八点', '好的，明早见', '好的，不过分', '对，推迟到周五', '对，提前到周五', '好的，往后推到周六']) t.notOk(wantsOther(text, 'zh'), text);
});

const survey = (language: 'en' | 'zh', ...lines: string[]): Held => hold(compileExampleIn('satisfaction-survey', language).flow, { name: 'Ms Miller' }, lines);

t.test('a remark at the next question changes no mark', async (t) => {
  for (const remark of ['Actually, we waited two hours.', 'Not bad, but one of your people was rude.']) {
    const held = survey('en', 'Yes.', 'five', 'five', remark);
    t.match(held.slots, { service: 5, recommend: 5, remark }, told(held));
    t.same(held.verdict, { kind: 'end', reason: 'survey answered, 5 and 5' });
  }
  const zh = survey('zh', '可以', '五分', '五分', '不是很满意，等了两个小时');
  t.match(zh.slots, { service: 5, recommend: 5 }, told(zh));
});

const visit = (...lines: string[]): Held => hold(compileExampleIn('appointment-rescheduling', 'en').flow, { name: 'Mr Brown', when: 'on Tuesday at ten' }, ["I'd like to reschedule.", 'Friday at four PM.', 'Yes.', ...lines]);

t.test('a value that is always read back is, when it is corrected', async (t) => {
  const friday = '2026-11-27T21:00:00Z';
  const saturday = '2026-11-28T21:00:00Z';
  const kind = visit("No, thanks, I'll call you tomorrow if anything comes up.");
  t.equal(kind.slots['wish'], friday, told(kind));
  const asked = visit('No, Saturday.');
  t.match(asked.said.at(-1), /^So you would come Saturday/, told(asked));
  t.equal(asked.slots['wish'], friday, 'not yet');
  for (const yes of ['Yes.', '#1']) {
    const changed = visit('No, Saturday.', yes);
    t.equal(changed.slots['wish'], saturday, told(changed));
    t.equal(changed.said.at(-1), 'Anything else?');
  }
  for (const no of ['No.', '#2']) {
    const kept = visit('No, Saturday.', no);
    t.equal(kept.slots['wish'], friday, told(kept));
    t.equal(kept.said.at(-1), 'Anything else?');
  }
  t.match(visit('No, Saturday.', '').said.at(-1), /^So you would come Saturday/, 'silence: said again');
  const late = visit('Where can I park?', 'No, Saturday.');
  t.equal(late.slots['wish'], friday, 'only right after it was given');
});

const form = `trunkline: 2
id: t
language: en-US
start: form
fallback: lost
slots:
  amount: { kind: amount, currency: USD, ask: How much?, confirm: always }
  visit: { kind: datetime, ask: When would you like to come?, confirm: always }
  people: { kind: number, ask: How many?, confirm: always }
  code: { kind: digits, ask: Your code?, min_digits: 4, max_digits: 4, confirm: unsure }
  mail: { kind: email, ask: Your mail? }
  card: { kind: digits, ask: Your card?, min_digits: 4, max_digits: 4 }
nodes:
  form: { collect: [amount, visit, people, code, card, mail], next: done }
  done: { end: end, reason: done, say: Bye. }
  lost: { handoff: desk, reason: not understood, say: A colleague will call you. }
`;

t.test('a yes at a read-back is no other value', async (t) => {
  const flow = compile(form);
  for (const yes of ["Yes, that's the one.", 'Yes, one hundred percent.']) t.equal(hold(flow, {}, ['fifty dollars', yes]).slots['amount'], '50.00 USD', yes);
  const changed = hold(flow, {}, ['fifty dollars', 'Yes, but make it sixty dollars.']);
  t.match(changed.said.at(-1), /60 dollars/, told(changed));
  const visits = (yes: string): Held => hold(flow, {}, ['fifty dollars', 'yes', 'tomorrow at 2 PM', yes]);
  t.equal(visits('Yes, tomorrow afternoon is good.').slots['visit'], '2026-11-24T19:00:00Z');
  t.match(visits('Yes, tomorrow at 3 PM.').said.at(-1), /3 PM/, 'a whole value that is another is read back');
  const zh = compile(form.replace('en-US', 'zh-CN').replace(/ask: [^,]*\?/g, 'ask: 请说').replace('Bye.', '再见').replace('A colleague will call you.', '再见').replaceAll('USD', 'CNY'));
  t.equal(hold(zh, {}, ['五十块', '好的，一言为定']).slots['amount'], '50.00 CNY');
});

t.test('what the ear was unsure of is read back, and so is what one wrong sign makes another', async (t) => {
  const flow = compile(form);
  const said = (confidence: number | undefined): string => {
    const dialogue = flow.start({});
    dialogue.next({ type: 'start' });
    for (const text of ['fifty dollars', 'yes', 'tomorrow at 2 PM', 'yes', 'two', 'yes']) dialogue.next({ type: 'utterance', text });
    const outputs = dialogue.next({ type: 'utterance', text: 'four one five two', ...(confidence === undefined ? {} : { confidence }) });
    return outputs.flatMap((output) => (output.type === 'say' ? [output.prompt.text] : [])).join(' ');
  };
  t.equal(said(undefined), 'Your card?');
  t.equal(said(0.9), 'Your card?');
  t.equal(said(0.3), 'I have 4 1 5 2. Is that right?');
  const held = hold(flow, {}, ['fifty dollars', 'yes', 'tomorrow at 2 PM', 'yes', 'two', 'yes', '4152', '4152', 'yes', 'jon smith at gmail dot com']);
  t.match(held.said.slice(-3), [/^I have 4 1 5 2/, 'Your mail?', /^I have .*gmail dot com/], told(held));
});

t.test('"the same as before"', async (t) => {
  for (const text of ['the same number as before', 'the same one', 'same again', 'use the same address please', 'as before']) t.same(sameAsBefore(text, 'en'), { rest: '' }, text);
  for (const text of ['和刚才一样', '还是那个号码', '同一个地址']) t.same(sameAsBefore(text, 'zh'), { rest: '' }, text);
  t.same(sameAsBefore('Friday at four', 'en'), undefined);
  t.match(sameAsBefore('the same day at five', 'en'), { rest: /at five/ });
  const flow = compile(`trunkline: 2
id: t
language: en-US
start: form
fallback: lost
slots:
  home: { kind: phone, country: US, ask: Your number?, confirm: never }
  office: { kind: phone, country: US, ask: And at work?, confirm: never }
  from: { kind: datetime, ask: From when?, confirm: never }
  until: { kind: datetime, ask: Until when?, confirm: always }
  billing: { kind: address, ask: Where do you live?, confirm: never }
  delivery: { kind: address, ask: Where shall we send it?, confirm: never }
nodes:
  form: { collect: [home, office, from, until, billing, delivery], next: done }
  done: { end: end, reason: done, say: Bye. }
  lost: { handoff: desk, reason: not understood, say: A colleague will call you. }
`);
  const held = hold(flow, {}, ['#4155552671', 'the same number', 'tomorrow at three PM', 'the same day at five PM', 'yes', '12 Park Street', 'the same address as before']);
  t.match(held.slots, { office: '+14155552671', until: '2026-11-24T22:00:00Z', delivery: held.slots['billing'] }, told(held));
  t.match(held.verdict, { kind: 'end' });
});

t.test('what is denied is not taken, where it is asked for and at its read-back', async (t) => {
  const flow = compile(form);
  t.match(hold(flow, {}, ['fifty dollars, not sixty']).said.at(-1), /50 dollars/);
  for (const correction of ['no, fifty, not sixty', 'fifty, not sixty', "it's not sixty it's fifty", 'no, not sixty, fifty dollars']) {
    const held = hold(flow, {}, ['sixty dollars', correction]);
    t.match(held.said.at(-1), /50 dollars/, told(held));
  }
  const zh = compile(form.replace('en-US', 'zh-CN').replace(/ask: [^,]*\?/g, 'ask: 请说').replace('Bye.', '再见').replace('A colleague will call you.', '再见').replaceAll('USD', 'CNY'));
  for (const correction of ['是五十，不是六十', '五十，不是六十', '不对，是五十不是六十', '不是六十，是五十']) {
    const held = hold(zh, {}, ['六十块', correction]);
    t.match(held.said.at(-1), /五十元/, told(held));
    t.equal(hold(zh, {}, ['六十块', correction, '对']).slots['amount'], '50.00 CNY', correction);
  }
  const moved = hold(compileExampleIn('appointment-reminder', 'zh').flow, { name: '王女士', when: '星期四上午十点' }, ['能来', '我想改时间', '周五，不是周四', '对']);
  t.match(moved.said.at(-2), /星期五/, told(moved));
  t.equal(moved.slots['wish'], '2026-11-27T15:00:00Z');
});

const asksDates = (language: 'en' | 'zh'): CompiledFlow => compile(`trunkline: 2
id: t
language: ${language}
start: form
fallback: lost
slots:
  day: { kind: date, ask: ${language === 'zh' ? '哪一天？' : 'Which day?'}, confirm: always }
  visit: { kind: datetime, ask: ${language === 'zh' ? '什么时候？' : 'When?'} }
nodes:
  form: { collect: [day, visit], next: more }
  more: { ask: ${language === 'zh' ? '还有别的事吗？' : 'Anything else?'}, kind: yes_no, yes: done, no: done }
  done: { end: end, reason: done, say: ${language === 'zh' ? '再见' : 'Bye.'} }
  lost: { handoff: desk, reason: not understood, say: ${language === 'zh' ? '再见' : 'Bye.'} }
`);
const dateFlows = { en: asksDates('en'), zh: asksDates('zh') };
const dates = (language: 'en' | 'zh', ...lines: string[]): Held => hold(dateFlows[language], {}, lines);

t.test('a day that is denied at its read-back is no other day', async (t) => {
  for (const line of ['not Friday', 'not Tuesday', 'Not on Friday.']) {
    const held = dates('en', 'Tuesday', line);
    t.notMatch(held.said.at(-1), /Friday/, told(held));
    t.notOk(held.slots['day'], line);
  }
  for (const line of ['no Friday', 'No, Friday.', 'not Tuesday, Friday', 'wrong, Friday']) t.match(dates('en', 'Tuesday', line).said.at(-1), /Friday/, line);
  for (const line of ['不是周一', '不是周五', '不要周五', '不选周五']) {
    const held = dates('zh', '下周一', line);
    t.notMatch(held.said.at(-1), /今天|星期五/, told(held));
    t.notOk(held.slots['day'], line);
  }
  for (const line of ['不，周五', '不周五', '不对，周五', '不是的，周五', '不是，周五', '不是周一，周五']) t.match(dates('zh', '下周一', line).said.at(-1), /星期五/, line);
});

t.test('a time that is moved is read back, also where the first was not', async (t) => {
  const visits = (...lines: string[]): Held => dates('en', 'Tuesday', 'yes', 'Friday at 4 PM', ...lines);
  t.equal(visits().slots['visit'], '2026-11-27T21:00:00Z', 'it was sure');
  const later = visits('No, an hour later.');
  t.match(later.said.at(-1), /Friday.* 5 PM/, told(later));
  t.equal(later.slots['visit'], '2026-11-27T21:00:00Z', 'not yet');
  t.equal(visits('No, an hour later.', 'yes').slots['visit'], '2026-11-27T22:00:00Z');
  t.equal(visits('No, at five PM.').slots['visit'], '2026-11-27T22:00:00Z', 'a whole value that is sure needs no read-back');
  const read = (...lines: string[]): Held => dates('en', 'Tuesday', 'yes', 'Friday at four', ...lines);
  for (const [line, hour] of [['an hour later', /5 PM/], ['yes, but an hour later', /5 PM/], ['Yes, an hour later please.', /5 PM/], ['push it by an hour', /5 PM/], ['the next day', /Saturday/]] as const) {
    const held = read(line);
    t.match(held.said.at(-1), hour, told(held));
    t.notOk(held.slots['visit'], 'not kept before it is read back');
    t.ok(read(line, 'yes').slots['visit'], line);
  }
  for (const line of ['remind me a day before', 'please call me an hour before', 'not an hour later', 'the next day is bad']) {
    const held = read(line);
    t.match(held.said.at(-1), /Friday.* 4 PM/, told(held));
    t.notOk(held.slots['visit'], line);
  }
  const zh = (...lines: string[]): Held => dates('zh', '下周二', '对', '周五四点', ...lines);
  for (const line of ['提前一天提醒我', '最晚三天', '不要晚一个小时']) t.match(zh(line).said.at(-1), /星期五下午四点/, line);
  for (const line of ['晚一个小时', '对，晚一个小时']) t.match(zh(line).said.at(-1), /星期五下午五点/, line);
});

t.test('an e-mail address is read back so that it can be confirmed', async (t) => {
  const mail = `trunkline: 2
id: t
language: en-US
start: form
fallback: lost
slots:
  mail: { kind: email, ask: Your mail? }
nodes:
  form: { collect: [mail], next: done }
  done: { end: end, reason: done, say: Bye. }
  lost: { handoff: desk, reason: not understood, say: A colleague will call you. }
`;
  const held = hold(compile(mail), {}, ['john dot smith at gmail dot com please', 'yes']);
  t.equal(held.said[1], 'I have J, O, H, N, dot, S, M, I, T, H, at gmail dot com. Is that right?', told(held));
  t.equal(held.slots['mail'], 'john.smith@gmail.com');
});
