import { end, followUp, handoff, redial, tellTalks } from './talks.js';

const lost = handoff('delivery-care', 'the assistant did not understand the customer');
const person = handoff('delivery-care', 'customer wants to talk to a person');

tellTalks(
  'delivery-check',
  'zh',
  { name: '王女士', day: '星期四' },
  {
    在家: { lines: ['有人的'], verdict: end('customer is at home'), slots: { at_home: true } },
    改天送: { lines: ['没人', '改天送吧', '下周一', '对'], verdict: end('delivery on 2026-11-30'), slots: { place: 'another_day' } },
    一开始就要改天: { lines: ['能不能换一天送', '周五', '不对，周六', '对的'], verdict: end('delivery on 2026-11-28') },
    放物业: { lines: ['不在家', '放物业就行'], verdict: end('delivery to the property office') },
    放快递柜: { lines: ['没有人', '快递柜吧'], verdict: followUp('sms', 'locker-code', 'customer fetches it from the locker') },
    换地址: { lines: ['没人在', '换个地址', '人民路', '十二号', '对'], verdict: handoff('delivery-desk', 'new address: 人民路十二号') },
    按键: { lines: ['没人', '#1', '#1201', '#1'], verdict: end('delivery on 2026-12-01') },
    没买东西: { lines: ['我没买过东西啊'], verdict: handoff('delivery-care', 'customer knows of no parcel') },
    不要了: { lines: ['帮我退回去吧'], verdict: end('customer does not want the parcel') },
    中间提问: { lines: ['几点能送到', '没人', '要加钱吗', '放丰巢'], verdict: followUp('sms', 'locker-code', 'customer fetches it from the locker') },
    不出声: { lines: ['', '', ''], verdict: lost },
    听不懂: { lines: ['船是绿色的', '鱼在海里游来游去', '今天的电影真好看'], verdict: lost },
    别再打: { lines: ['以后别给我打电话了'], verdict: end('do_not_call') },
    打错: { lines: ['打错电话了'], verdict: end('wrong_number') },
    改天再打: { lines: ['我在开会，晚点再打', '明天下午五点', '可以'], verdict: redial('2026-11-24T22:00:00Z', 'customer was busy') },
    生气: { lines: ['太过分了，让我白等一天', '骗子，闭嘴，什么东西'], verdict: person },
  },
  {
    一接就挂: { lines: [], verdict: redial('2026-11-23T17:20:00Z', 'hung up before it was settled') },
    最后一次也挂: { lines: [], attemptsLeft: 0, verdict: followUp('sms', 'delivery-options', 'nothing was settled') },
  },
  '王女士，您好，我是飞鱼快递的智能语音助手。',
);
