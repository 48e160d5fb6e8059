import { clearYesNo, leadingYesNo } from '../answers/yes-no.js';
import { fault, value } from './readings.js';
import type { SlotType } from './slot-type.js';

const YES_ZH = /^(?:是的?|对(?:的|啊|呀)?|没错|好(?:的|啊|呀|吧)?|行(?:的|啊|吧)?|可以(?:的|啊)?|嗯+|嗯哼|要(?:的)?|愿意|同意|确认|正确|当然(?:可以|了|啦)?|就?是这样(?:的)?|就是的?|没问题|有(?:的)?|会(?:的)?|在(?:的)?|方便(?:的)?|需要(?:的)?|成|中|ok|okay|yes)+$/iu;
const NO_ZH = /^(?:不(?:是|对|要|行|可以|用|需要|同意|愿意|方便|好|会|了|在)?(?:的|了|啊|呀|吧)?|没(?:有|空|兴趣)?(?:的|了|啊)?|错(?:的|了)|别|不太(?:方便|行|好|想|需要)|(?:还是)?算了(?:吧)?|no)+$/iu;
/** A no that only hesitates: 不，可以 and 没，有 are a yes. */
const HESITATION_ZH = /^(?:不(?:是|对)?(?:的|啊)?|没)+$/u;
/** A yes that only closes: 不用了，好的 stays a no. */
const CLOSING_ZH = /^(?:好(?:的|啊|呀|吧)?|行(?:的|啊|吧)?|嗯+|嗯哼|成|ok|okay)+$/iu;
const PADDING_ZH = /(?:谢谢(?:你|您|啦|了|哈)?(?:啊|哈)?|(?<!好)麻烦了|麻烦(?:你|您)了?|那个|这个|呃|啊|哦|嗯(?=.)|我(?:觉得|想|说)?|就|吧|呢|[\s，,。.！!？?、])/gu;

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

/** Clause by clause, as 不，可以 joined is 不可以; where they differ, the last counts. */
function chineseYesNo(text: string): ReturnType<SlotType['hear']> {
  const clauses = text.normalize('NFKC').split(/[，,。.！!？?、；;]+/u).map(bareClause);
  const said = clauses.filter((clause) => clause !== '' && clause !== '嗯');
  const heard = (said.length === 0 && clauses.includes('嗯') ? ['嗯'] : said).map((clause) => ({ clause, yes: clauseYesNo(clause) }));
  const last = heard.at(-1);
  if (last?.yes !== undefined && heard.every(({ yes }) => yes !== undefined)) {
    const others = heard.filter(({ yes }) => yes !== last.yes);
    if (others.length === 0 || !last.yes) return value(last.yes, 0.95);
    const isClosed = CLOSING_ZH.test(last.clause) && others.some(({ clause }) => !HESITATION_ZH.test(clause));
    return value(!isClosed, isClosed || others.every(({ clause }) => HESITATION_ZH.test(clause)) ? 0.9 : 0.7);
  }
  // 不是，是 ...: what follows the first word decides, and that is for the intents.
  const lead = /^(是的|对的?|好的?|可以|行|没问题|不是|不对|不要|不行|不用|不可以)[，,。 ]/u.exec(text.trim())?.[1];
  if (lead === undefined || /(?:但是?|不过|可是|等等|吗|呢|什么|怎么|多少|为什么)/u.test(text)) return undefined;
  return value(!lead.startsWith('不'), 0.7);
}

function bareClause(clause: string): string {
  const bare = clause.replace(PADDING_ZH, '');
  return bare === '' && /嗯/u.test(clause) ? '嗯' : bare;
}

function clauseYesNo(clause: string): boolean | undefined {
  if (NO_ZH.test(clause)) return false;
  return YES_ZH.test(clause) ? true : undefined;
}
