import { end, followUp, handoff, redial, tellTalks } from './talks.js';

const lost = handoff('customer-care', 'the assistant did not understand the customer');
const upset = handoff('customer-care', 'customer wants to talk to a person');

tellTalks(
  'satisfaction-survey',
  'zh',
  { name: '王女士' },
  {
    都回答了: { lines: ['可以', '五分', '四分吧', '没什么'], verdict: end('survey answered, 5 and 4'), slots: { service: 5, recommend: 4 } },
    有意见: { lines: ['好的，你说', '打四分', '三分', '周末人太多，最好能多开几个窗口'], verdict: end('survey answered, 4 and 3'), slots: { remark: '周末人太多，最好能多开几个窗口' } },
    不满意要回电: { lines: ['行', '两分', '一分', '好的', '等了三个小时'], verdict: handoff('customer-care', 'customer was not satisfied'), slots: { wants_call: true } },
    不满意不要回电: { lines: ['行', '两分', '四分', '不用了', '没有'], verdict: followUp('sms', 'survey-sorry', 'not satisfied, wants no call') },
    拒绝: { lines: ['不用了，谢谢'], verdict: end('did not want to answer') },
    先问: { lines: ['要多久啊', '那行吧', '是匿名的吗', '五分', '五分', '没有'], verdict: end('survey answered, 5 and 5') },
    打十分: { lines: ['可以', '十分'], verdict: undefined, last: /一到五|五分/ },
    改分数: { lines: ['可以', '两分，不对，四分', '五分', '没有了'], verdict: end('survey answered, 4 and 5') },
    按键: { lines: ['可以', '#5', '#4', '没有'], verdict: end('survey answered, 5 and 4') },
    不出声: { lines: ['', '', ''], verdict: lost },
    听不懂: { lines: ['隔壁老王家的船', '鱼在海里游来游去', '船是绿色的'], verdict: lost },
    别再打: { lines: ['以后别再给我打电话了'], verdict: end('do_not_call') },
    打错: { lines: ['你打错了'], verdict: end('wrong_number') },
    改天: { lines: ['我在开车', '明天下午三点', '对'], verdict: redial('2026-11-24T20:00:00Z', 'customer was busy') },
    生气: { lines: ['太过分了，让我白等两个小时', '有完没完，你们这些骗子'], verdict: upset },
    转人工: { lines: ['转人工'], verdict: upset },
  },
  {
    一接就挂: { lines: [], verdict: redial('2026-11-24T15:20:00Z', 'hung up at once') },
    打完分挂: { lines: ['可以', '五分', '五分'], verdict: end('survey answered, 5 and 5') },
    最后一次也挂: { lines: [], attemptsLeft: 0, verdict: end('did not want to answer') },
  },
  '王女士，您好，我是顺达汽修的智能语音助手。',
);
