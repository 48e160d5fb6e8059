import t from 'tap';
import { isAgreed, praised, praisesElse } from '../../src/dialogue/answers/agreed.js';
import { growth, isLinear } from '../support/growth.js';

const CLOSING = {
  en: ['okay see you then bye', 'perfect, talk to you tomorrow', 'yes that sounds great thank you very much', "it's a date", 'until then', 'that all sounds good to me', 'sounds like a plan, thanks', 'that would be lovely', 'great, see you on Friday', "that's just perfect", 'okay well that is fine then', 'that is right', 'that will be fine for me', 'fine, I will see you then', 'until then take care', 'that looks right', 'see you then, I have to go', 'great, talk to you then, thanks for the reminder', 'that is fine, I got to run, bye for now'],
  zh: ['那就这么说定了', '好的，那就这样，再见', '明天见', '好，周五见', '一言为定', '到时候见，谢谢', '可以麻烦您了', '没问题，到时联系', '嗯那就这样吧', '好的谢谢您', '行，辛苦了', '好的好的再见', '不见不散', '那就这么办吧', '对的谢谢', '那就这样吧，我先忙了', '那就这样，先这样', '就这样啦', '行那就这么定了，我挂了', '好的麻烦你们了', '好的辛苦你们了', '好的谢谢你的提醒', '那咱们到时候见', '到时候等你电话', '到时候等您电话啊', '好啦谢谢'],
} as const;
const ELSE = {
  en: ['earlier would be great', 'a different day would be great', 'a smaller amount would be great', 'less would be good', 'my wife is right here', 'life is great', '14 Park Street is right', 'a different street would be right', 'later is fine', 'that would be great can you call earlier', 'earlier is good', 'the other one is fine', 'sunday is good', 'someone else is right here', 'that would be great if it was later', 'is that right', 'my husband sounds good', 'all is right with the world', 'a bit later is perfect', 'see you then but make it earlier', 'the boat looks great', 'maybe that is fine', 'what would be great', 'that is not right', 'that would be better', 'cheaper would be good', 'sixty is fine', 'the blue house is right', 'nothing is right', 'see you', 'the weather is fine', 'dinner would be lovely', 'I have to go', 'see you then but I have to go earlier'],
  zh: ['好麻烦', '可以麻烦早一点', '就这样算了', '可以麻烦晚一点吗', '可以早一点', '就这样不行', '好像不对', '行不行', '好麻烦啊', '好麻烦了', '好麻烦你们', '就这么点钱', '就这样吧我不要了', '那就这样改到周五', '是的但是早点', '我在公司见客户', '明天见面谈', '说定了吗', '好慢', '可以少一点', '好贵', '到时候再说', '没问题才怪', '那就这样我再想想', '好的另外一个号码', '我先忙了', '我挂了', '等你电话', '麻烦你们', '谢谢你的提醒', '那就这样吧我先不要了'],
} as const;

for (const language of ['en', 'zh'] as const) {
  t.test(`what closes the matter, and what only sounds like it, ${language}`, async (t) => {
    for (const text of CLOSING[language]) t.ok(isAgreed(text, language), text);
    for (const text of ELSE[language]) t.notOk(isAgreed(text, language), text);
  });
}

t.test('praise of something else than what was read back', async (t) => {
  for (const text of ['life is great', 'the weather is fine', 'my wife is right here', 'dinner would be lovely', 'the blue house is right', 'a different street would be right', 'okay the kids are great']) t.ok(praisesElse(text, 'en', []), text);
  for (const text of ['that would be great', 'it is fine', 'tomorrow at three is fine', 'fifty dollars is okay', 'the date is right', 'everything is perfect', 'Friday would be good', 'sounds good', 'all is fine', 'great']) t.notOk(praisesElse(text, 'en', []), text);
  t.notOk(praisesElse('12 Park Street is right', 'en', ['12 Park Street']), 'that is what was read back');
  t.notOk(praisesElse('the gold card is great', 'en', ['gold card', 'basic card']));
});

t.test('praise of the value, whatever it is, and of what was read back', async (t) => {
  for (const text of ['friday is good', 'thursday at four is fine', 'friday works for me', 'the afternoon is good', 'Yes, sixty is great.']) t.equal(praised(text, 'en', []), 'value', text);
  for (const text of ['the time is fine', 'the number is right', 'the amount is good', 'okay that date works']) t.equal(praised(text, 'en', []), 'it', text);
  for (const text of ['the weather is fine', 'friday is good if it is late', 'friday is bad', 'a different day would be great', 'my number is right here', 'the time is fine but later', 'the gold card is great']) t.equal(praised(text, 'en', []), undefined, text);
  t.equal(praised('the gold card is great', 'en', ['gold card']), 'value');
  for (const text of ['周五可以', '下午挺好的', '四点没问题', '周五下午四点很方便。']) t.equal(praised(text, 'zh', []), 'value', text);
  for (const text of ['时间没问题', '号码是对的', '金额没错']) t.equal(praised(text, 'zh', []), 'it', text);
  for (const text of ['天气挺好', '周五行吗', '周五不行', '周五可以吗', '周五可以，但是晚点']) t.equal(praised(text, 'zh', []), undefined, text);
});

t.test('words that a recogniser repeats cost what their number does', async (t) => {
  for (const words of ['倒是', '是我', '很好', '就是', '那就这样']) {
    const half = `时间${words.repeat(10)}呃`;
    const whole = `时间${words.repeat(20)}呃`;
    t.ok(isLinear(growth(() => praised(half, 'zh', []), () => praised(whole, 'zh', []))), words);
  }
});
