import { clearYesNo, leadingYesNo } from '../answers/yes-no.js';
import { fault, value } from './readings.js';
import type { SlotType } from './slot-type.js';

const YES_ZH = /^(?:是的?|对(?:的|啊|呀)?|没错|好(?:的|啊|呀|吧)?|行(?:的|啊|吧)?|可以(?:的|啊)?|嗯+|嗯哼|要(?:的)?|愿意|同意|确认|正确|当然(?:可以|了|啦)?|就?是这样(?:的)?|就是的?|没问题|有(?:的)?|会(?:的)?|在(?:的)?|方便(?:的)?|需要(?:的)?|成|中|ok|okay|yes)+$/iu;
const NO_ZH = /^(?:不(?:是|对|要|行|可以|用|需要|同意|愿意|方便|好|会|了|在)?(?:的|了|啊|呀|吧)?|没(?:有|空|兴趣)?(?:的|了|啊)?|错(?:的|了)|别|不太(?:方便|行|好|想|需要)|(?:还是)?算了(?:吧)?|no)+$/iu;
const PADDING_ZH = /(?:谢谢|谢谢你|麻烦(?:你|您)?了?|那个|这个|呃|啊|哦|嗯(?=.)|我(?:觉得|想|说)?|就|吧|呢|[\s，,。.！!？?、])/gu;

export const yesNo: SlotType = {
  name: 'yes_no',
  answerKind: 'yes_no',
  hear(text, { language }) {
    if (language === 'zh') return chineseYesNo(text);
    const clear = clearYesNo(text);
    if (clear !== undefined) return value(clear === 'yes', 0.95);
    const lead = leadingYesNo(text);
    return lead === undefined ? undefined : value(lead === 'yes', 0.7);
  },
  /** As most menus have it: 1 is yes, 2 is no. */
  keyed: (keys) => (keys === '1' ? value(true, 0.95) : keys === '2' ? value(false, 0.95) : fault('malformed')),
  readBack: (of, { language }) => (language === 'zh' ? (of === true ? '是' : '不是') : of === true ? 'yes' : 'no'),
  check: () => [],
};

function chineseYesNo(text: string): ReturnType<SlotType['hear']> {
  const bare = text.normalize('NFKC').replace(PADDING_ZH, '');
  const whole = bare === '' && /嗯/.test(text) ? '嗯' : bare;
  if (NO_ZH.test(whole)) return value(false, 0.95);
  if (YES_ZH.test(whole)) return value(true, 0.95);
  // 不是，是 ...: what follows the first word decides, and that is for the intents.
  const lead = /^(是的|对的?|好的?|可以|行|没问题|不是|不对|不要|不行|不用|不可以)[，,。 ]/u.exec(text.trim())?.[1];
  if (lead === undefined || /(?:但是?|不过|可是|等等|吗|呢|什么|怎么|多少|为什么)/u.test(text)) return undefined;
  return value(!lead.startsWith('不'), 0.7);
}
