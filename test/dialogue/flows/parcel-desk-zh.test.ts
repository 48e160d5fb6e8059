import { end, handoff, tellTalks } from './talks.js';

const found = (state: string, day: string): string => `={"parcel.state": "${state}", "parcel.day": "${day}"}`;
const number = ['四一五二二六', '对'];
const told = end('was told where parcel 415226 is');

tellTalks(
  'parcel-desk',
  'zh',
  {},
  {
    在路上: { lines: [...number, found('on_the_way', '明天'), '没有了，谢谢'], verdict: told, slots: { parcel_number: '415226', state: 'on_the_way' }, last: /谢谢您的来电/ },
    按键输入: { lines: ['#415226', '#1', found('delivered', '昨天'), '没有'], verdict: told },
    丢了: { lines: [...number, found('lost', '-')], verdict: handoff('parcel-search', 'parcel 415226 is lost') },
    查不到: { lines: [...number, '='], verdict: handoff('service', 'the parcel could not be looked up'), last: /现在查不到/ },
    问有答案的: { lines: [...number, found('on_the_way', '明天'), '在代收点放几天', '没有'], verdict: told },
    问没准备的: { lines: [...number, found('on_the_way', '明天'), '送货的师傅车上有没有带狗'], verdict: undefined, last: /还有别的问题吗/ },
    没有单号: { lines: ['我没有单号'], verdict: undefined, last: /单号是多少/ },
    说英语但没人接: { lines: ['可以说英语吗', '!!'], verdict: handoff('service', 'caller wants to talk to a person') },
  },
  {},
  '您好，这里是迅捷快递，我是智能语音助手。',
);
