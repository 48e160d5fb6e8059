import { end, followUp, handoff, redial, tellTalks } from './talks.js';

const lost = handoff('collections', 'the assistant did not understand the customer');
const person = handoff('collections', 'customer wants to talk to a person');
const promised = (what: string) => followUp('sms', 'payment-promise', `promised ${what}`);

tellTalks(
  'payment-reminder',
  'zh',
  { name: '王女士', amount: '两百块', due: '十一月一号' },
  {
    答应交: { lines: ['是我', '能交', '两百块', '对', '下周五', '对的', '没有了'], verdict: promised('200.00 CNY on 2026-12-04') },
    先交一部分: { lines: ['对，我是', '最近手头紧', '先交一部分吧', '一百', '是的', '十二月三号', '对', '没有'], verdict: promised('100.00 CNY on 2026-12-03') },
    改金额改日期: { lines: ['是的', '可以', '一百五', '不对，一百八', '对', '周四', '不是，周五', '对', '没了'], verdict: promised('180.00 CNY on 2026-11-27') },
    说全交: { lines: ['是的', '能', '全部交清', '两百', '对'], verdict: undefined, slots: { pay_amount: '200.00 CNY' }, last: /哪天/ },
    不交: { lines: ['是我', '这钱我不交'], verdict: handoff('collections', 'refuses to pay') },
    交过了: { lines: ['是我', '我上周就交过了'], verdict: followUp('sms', 'payment-check', 'says that it is paid') },
    账单不对: { lines: ['是我', '你们账单不对吧'], verdict: person, slots: { disputed: true } },
    要同事联系: { lines: ['是我', '不能', '请同事联系我吧'], verdict: person },
    中间提问: { lines: ['是我', '有滞纳金吗', '能', '可以用微信交吗', '两百', '对', '明天', '对', '没有'], verdict: promised('200.00 CNY on 2026-11-24') },
    不在家: { lines: ['她不在家'], verdict: redial('2026-11-24T15:20:00Z', 'the right person was not there') },
    不认识: { lines: ['不是', '不认识'], verdict: end('wrong_number') },
    打错: { lines: ['你打错了'], verdict: end('wrong_number') },
    别再打: { lines: ['是我', '别再给我打电话了'], verdict: end('do_not_call') },
    改天: { lines: ['是我', '我在开会', '明天下午五点', '可以'], verdict: redial('2026-11-24T22:00:00Z', 'customer was busy') },
    不出声: { lines: ['', '', ''], verdict: lost },
    听不懂: { lines: ['是我', '隔壁老王家的船', '鱼在海里游来游去', '船是绿色的'], verdict: lost },
    生气: { lines: ['是我', '你们太过分了，骗子，烦死了', '闭嘴，神经病'], verdict: person },
  },
  {
    没说定就挂: { lines: ['是我'], verdict: redial('2026-11-24T15:20:00Z', 'hung up before a promise') },
    说定了再挂: { lines: ['是我', '能交', '两百块', '对', '明天', '对'], verdict: promised('200.00 CNY on 2026-11-24') },
    最后一次也挂: { lines: ['是我'], attemptsLeft: 0, verdict: handoff('collections', 'no promise') },
  },
  '您好，我是北风燃气的智能语音助手。',
);
