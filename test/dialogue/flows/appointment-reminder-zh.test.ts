import { end, followUp, handoff, redial, tellTalks } from './talks.js';

const lost = handoff('front-desk', 'the assistant did not understand the patient');
const person = handoff('front-desk', 'patient wants to talk to a person');
const moved = (at: string) => followUp('sms', 'appointment-moved', `wants to come ${at}`);

tellTalks(
  'appointment-reminder',
  'zh',
  { name: '王先生', when: '星期二上午十点' },
  {
    能来: { lines: ['能来', '没有'], verdict: end('appointment confirmed'), slots: { coming: true } },
    换个说法: { lines: ['放心吧，我会准时去的', '没了'], verdict: end('appointment confirmed') },
    改期: { lines: ['能换个时间吗', '周四下午四点', '对', '没有了'], verdict: moved('2026-11-26T21:00:00Z') },
    来不了再改: { lines: ['来不了', '好的', '下周一上午十点', '对的', '没有'], verdict: moved('2026-11-30T15:00:00Z') },
    改钟点: { lines: ['我想改期', '周五上午九点', '不对，十一点', '对', '没有'], verdict: moved('2026-11-27T16:00:00Z') },
    过去的日子: { lines: ['我想改期', '昨天中午'], verdict: undefined, last: /不合适/ },
    又不来了: { lines: ['能来', '等等，还是帮我取消吧'], verdict: end('appointment cancelled') },
    取消: { lines: ['帮我取消预约吧'], verdict: end('appointment cancelled') },
    两步取消: { lines: ['不能', '不用了'], verdict: end('appointment cancelled') },
    中间提问: { lines: ['大概要多久', '能来', '哪里能停车', '没有了'], verdict: end('appointment confirmed') },
    边答应边问: { lines: ['可以，不过要带什么东西吗？', '没有'], verdict: end('appointment confirmed') },
    在忙: { lines: ['我在开会', '明天下午三点', '行'], verdict: redial('2026-11-24T20:00:00Z', 'patient was busy') },
    不出声: { lines: ['', '', ''], verdict: lost },
    听不懂: { lines: ['隔壁老王家的船', '鱼在海里游来游去', '船是绿色的'], verdict: lost },
    别再打: { lines: ['别再打了'], verdict: end('do_not_call') },
    打错: { lines: ['你打错了'], verdict: end('wrong_number') },
    生气: { lines: ['太过分了，等了我两个小时', '一群骗子，我要投诉，闭嘴'], verdict: person },
    转人工: { lines: ['转人工'], verdict: person },
  },
  {
    一接就挂: { lines: [], verdict: redial('2026-11-23T17:20:00Z', 'hung up before an answer') },
    答应了再挂: { lines: ['能来'], verdict: end('appointment confirmed') },
    最后一次也挂: { lines: [], attemptsLeft: 0, verdict: handoff('front-desk', 'it is not known whether the patient comes') },
  },
  '王先生，您好，我是康乐口腔的智能语音助手。',
);
