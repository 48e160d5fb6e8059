import { strongest } from './speaks-of-calls.js';
import type { Around, SpeaksOfCalls } from './speaks-of-calls.js';

const NOT = '(?:别|不要|不准|不许|甭|莫|勿|停止|禁止|覅|唔好|嫑)';
const STILL = '(?:再|老是?|总是?|天天|一直|继续|随便|乱)';
const ME = '(?:我|俺|咱)(?:们)?';
/** Calling, and not an injection, a discount, a taxi, money or a bad mark, which are 打, too. */
const CALL = `(?:打(?=(?:过来|过|来|给)?(?:${ME}|这|家里)|(?:骚扰|推销|广告|什么|那么多|这么多|你们的?|这种|这样的?|这些)*电话|过?来|[了啦喽吧啊呀扰搅太那这就]|$)|拨(?:打|过?来|了|$)|来电(?!提醒|显示|铃声|转接|秀)|致电)`;
const CONTACT = `(?:联系(?=${ME}|$|了|啦|吧|啊)|联络(?=${ME}|$|了|啦)|骚扰|打扰|烦(?=${ME}))`;
const NUMBER = '(?:号码?|电话(?:号码)?|手机号?码?|联系方式|信息|资料)';
const DELETED = '(?:删|注销|清(?:除|空|掉|了)|抹|去掉|划掉|拉黑)';
/** Words between the denial and the call; not those which deny something else: 别忘了给我打电话, 别光发短信. */
const BETWEEN = '(?:(?!忘|怕|客气|犹豫|光|只|发|用|等|嫌|说|让|叫)[^，。])';
/** Before the denial in one wish with it: 以后就都别. */
const PLEA = '(?:就|都|也|请|你们?|您|麻烦|千万|永远|可|最好|还是)';

interface Form {
  readonly words: RegExp;
  /** A time beside it bounds it: "not today". What is deleted is deleted. */
  readonly kind: 'call' | 'number';
}

/** Each begins with what is not to be denied or told of. */
const FORMS: readonly Form[] = [
  { kind: 'call', words: new RegExp(`${NOT}${STILL}*${BETWEEN}{0,8}?(?:给|跟|往|向)(?:${ME}|这|家)[^，。]{0,4}?${CALL}`, 'gu') },
  { kind: 'call', words: new RegExp(`${NOT}${STILL}+(?:${CALL}|${CONTACT})`, 'gu') },
  { kind: 'call', words: new RegExp(`${NOT}(?:再|来|老)*(?:联系|联络|骚扰|打扰|烦)(?:${ME})`, 'gu') },
  { kind: 'call', words: new RegExp(`${NOT}(?:打|拨|来电|致电)(?:过?来|(?:${ME}|这个?)的?(?:电话|号码?|手机)|电话(?:给|来|过来)?|给)?(?:${ME})?(?:了|啦|喽|$)`, 'gu') },
  { kind: 'call', words: new RegExp(`${NOT}${STILL}*(?:打(?:${ME})(?:的|这个)?电话|打电话给(?:${ME})|来电(?!提醒|显示|铃声|转接|秀))`, 'gu') },
  { kind: 'call', words: new RegExp(`${NOT}${CALL}(?=[太这那])`, 'gu') },
  { kind: 'call', words: new RegExp(`(?:不用|不必|不需要)(?:再(?:给(?:${ME}))?|给(?:${ME}))(?:打(?:电话|来|过来|了|$)|来电|联系)(?!提醒|确认|通知)`, 'gu') },
  { kind: 'call', words: new RegExp(`(?:以后|今后|往后)(?:就|都|也|你们?|您|再)*(?:不用|不必|不需要)(?:再|给(?:${ME}))*(?:打|来电|联系)(?!提醒|确认|通知)`, 'gu') },
  { kind: 'call', words: new RegExp(`${NOT}再找(?:${ME})`, 'gu') },
  { kind: 'call', words: /再(?:给我)?打(?:来|过来|电话)?(?:的话)?(?:(?:(?:我|老子)(?:们)?就?|就)(?:投诉|举报|报警|拉黑|起诉|告(?!诉|知))|(?<=再(?:给我)?打(?:过?来)?)(?:报警|拉黑))/gu },
  { kind: 'call', words: new RegExp(`停止(?:(?:给|往|跟)(?:${ME}))?(?:打电话|拨打|来电(?!提醒|显示|铃声|转接|秀)|联系|致电|骚扰)`, 'gu') },
  { kind: 'call', words: new RegExp(`(?<![点钟半刻天周月])(?:以后|今后|往后|从此|永远)${PLEA}*${NOT}${BETWEEN}{0,8}?(?:${CALL}|${CONTACT})`, 'gu') },
  { kind: 'number', words: new RegExp(`(?:把|将)(?:${ME})的?${NUMBER}(?:给|都|全部?|统统|从.{0,8}?)*${DELETED}`, 'gu') },
  { kind: 'number', words: new RegExp(`(?:把|将)(?:${ME}).{0,6}?从.{0,8}?(?:名单|系统|库)(?:里|上|中|面)*(?:删|去|划|移|拿|剔|取消)`, 'gu') },
  { kind: 'number', words: new RegExp(`(?:删(?:掉|除|了)?|注销|清除|抹掉)(?:${ME})的?${NUMBER}(?!里|中|上|有|哪|的|是)`, 'gu') },
  { kind: 'number', words: new RegExp(`(?:把|将)(?:${ME})(?:的?${NUMBER})?(?:拉黑|(?:加入|列入|拉进|放进|设为|设成|加到|加进).{0,4}?(?:黑名单|免打扰|拒接|勿扰))`, 'gu') },
  { kind: 'number', words: /(?<!已经|给你们?|把你们?)拉黑我|(?:加|列|放|拉|设|进|上)[^，。]{0,6}?免打扰名单|(?:我要|给我|帮我)退订(?=$|[了吧啊]|你们|这个?电话|所有|一切|推销|来电|服务电话)/gu },
  { kind: 'call', words: new RegExp('(?:再也不(?:想|愿意?|希望|要)|不(?:想|愿意?|希望|要)再|不(?:想|愿意?|希望|要)(?=(?:接到?|收到|听到)你们?的?(?:来电|电话)))(?:接到?|收到|听到)(?:你们?|这种|这样|这些|任何|什么|推销|广告|骚扰|的)*(?:来电|电话)', 'gu') },
];

/** "Don't forget to call me" asks for a call. */
const REMINDS = /(?:别|不要|千万别)(?:忘|怕|客气|犹豫)[^，。]{0,6}?(?:打|联系|通知|电话)/u;

const WHEN = '(?:今天|今晚|明天|明早|明晚|后天|现在|这会儿|这时候|这两天|这几天|这周|下周|(?:周|星期|礼拜)[一二三四五六日天末]|(?:上班|下班|休息|睡觉|吃饭|开会|工作|午休|忙)[^，。]{0,2}?(?:时间|的?时候?)|的时候|[点钟半](?:以后|之后|以前|之前|前|后)|之前|以前|先|暂时)(?:里|内)?';
/** Directly before the denial it bounds the wish; farther off it may tell of something: 今天你们都打了五次了，别再打了. */
const BOUND_BEFORE = new RegExp(`${WHEN}${PLEA}*$`, 'u');
/** An hour or a part of the day is one that bounds it, unless it is not to be done "any more": 早上九点别再打了. */
const HOUR_BEFORE = new RegExp(`(?:[点钟半刻]|早上|上午|中午|下午|晚上|夜里|半夜|凌晨|周末|平时)${PLEA}*$`, 'u');
const BOUND_INSIDE = /[太这那]么?[早晚]|别在.{1,6}(?:打|联系)|不要在.{1,6}(?:打|联系)/u;
/** "So late, don't call any more": now, or ever. */
const SO_LATE = /[太这那]么?[早晚]了?$/u;
/** 别打了今天. */
const BOUND_AFTER = /^(?:今天|今晚|现在|这会儿|明天)/u;
const LASTING = /(?<![点钟半天周月])(?:以后|今后|往后|从此|永远)|从.{0,3}起|开始|再也|任何时候|天天|每天/u;

const OTHERS = '(?:他|她|别人|人家|有人|领导|老板|医生|老师|客户|(?:我|他|她)(?:们)?(?:老公|老婆|爱人|妈妈?|爸爸?|儿子|女儿|朋友|同事|领导|老板|前男友|前女友|男朋友|女朋友|家人|太太|先生))(?:们)?';
const OFTEN = '(?:刚才|昨天|今天|上次|总是?|老是?|一直|就|也|都|又|还|已经|曾经)*';
/** Said to somebody else than us, or of somebody else. */
const TOLD: readonly RegExp[] = [
  new RegExp(`${OTHERS}${OFTEN}(?:跟|对|和|叫|让|劝|要|要求|警告|告诉|求|骂|嘱咐|吩咐)(?:我|他|她|大家)(?:们)?(?:说|讲)?过?$`, 'u'),
  /我(?:已经|就|也|都|昨天|刚才)*(?:叫|让|劝|告诉|跟|对)(?:他|她|我(?:老公|老婆|妈|爸|儿子|女儿|朋友|同事))(?:说|讲)?过?$/u,
  /(?:答应|保证|承诺|决定|发誓)(?:过|了)?(?:我|你们?)?(?:以后|永远|再也|都)*$/u,
];
/** Who is not to call is somebody else; 我不认识他，别再打了 tells of somebody in another clause. */
const ANOTHER = /(?:快递员?|司机|师傅|骑手|外卖员?|送货员?|送货的人?|小哥|他们?|她们?|人家|别人)(?:以后|千万|最好|都|就)*$/u;
/** 到了别打电话，放门口: how a parcel is to come. */
const DELIVERS = /放(?:在|到)?(?:驿站|门口|前台|快递|柜|物业|保安|家|鞋柜|地上|楼下|车库)|直接(?:送|放|敲|上|来|进)|敲门|按门铃/u;
const DELIVERED = new RegExp(`${NOT}(?:给我)?打电话(?:就|给我|你|您|了)*(?:${DELIVERS.source})`, 'u');
const ARRIVES = /(?:(?:快递员?|司机|师傅|骑手|外卖员?|小哥)[^，。]{0,2}(?:到|来)|(?<!打)(?:到了|送(?:货|到|来)))(?:了|的)?(?:时候|以后|之后|后|前|之前)?(?:就|都|也|先)*$/u;
/** What was not said, or not asked for. "No. Don't call again" denies something else. */
const DENIED = /(?:没有?|(?<!是)不是|并没|从没|从来没|不用|不必|不需要|谁)(?:说|让|叫|要求?)过?(?:你们?|您|他们?)?$/u;
/** 别停止打: what is denied is the end of it. */
const DENIED_END = /(?:别|不要|不能|不用)$/u;
/** "Didn't I tell you?" says that one did. */
const RHETORICAL = /(?:吗|么|嘛)$/u;
const ASKED = /(?:怎么|如何|为什么|为啥|是不是|有没有|谁)(?:才能?|能|可以|把我的?|要|说|让|叫|就|给我){0,3}$/u;
const ASKED_AFTER = /^[^，。]{0,4}(?:怎么办|是什么|是啥)/u;

/** 有事我会联系你: a brush-off where it is "again" or "from now on" that is not wanted. */
const BRUSH_OFF = /我(?:会|来|再|自己)*(?:打|联系|找)(?:给)?你|等我(?:消息|电话|通知|联系)|就(?:行|可以)/u;
/** Another way or another time is asked for: 别打电话，发微信就行. */
const SUBSTITUTE =
  /(?:发|回|加|用|走)(?:我|个|一?条|下)?的?(?:微信|短信|信息|邮件|邮箱|消息)|微信上?(?:说|聊|联系)|打(?:我的|我?另|那个|她的?|他的?|座机|手机|公司|家里)|(?:晚点|晚些|回头|改天|明天|后天|下午|晚上|待会儿?|等会儿?|有空|过.{1,3}|点钟?|早点)再?(?:打|联系|拨)(?!.*(?:投诉|举报|报警|起诉|告你))|换(?:个|成|到)|直接发|转卡/u;

export function speaksOfCallsZh(clause: string, { before, after }: Around): SpeaksOfCalls {
  const words = plain(clause);
  const lead = plain(before);
  const rest = plain(after);
  if (REMINDS.test(words) || DELIVERED.test(words)) return 'mention';
  const found: SpeaksOfCalls[] = [];
  for (const { kind, words: form } of FORMS) for (const match of words.matchAll(form)) found.push(spokenAs(kind, { words, lead, head: words.slice(0, match.index), said: match[0], rest: words.slice(match.index + match[0].length) + rest }));
  return strongest(found);
}

const FOR_GOOD = /再|以后|今后|往后/u;

interface Spoken {
  readonly words: string;
  readonly lead: string;
  readonly head: string;
  readonly said: string;
  readonly rest: string;
}

function spokenAs(kind: Form['kind'], { words, lead, head, said, rest }: Spoken): SpeaksOfCalls {
  if (said.startsWith('停止') && DENIED_END.test(head)) return 'mention';
  if (kind === 'number' && ASKED.test(head)) return 'mention';
  // 不用给我打电话了 may be said of this delivery, or of this errand.
  const isForNow = /^(?:不用|不必|不需要)(?!再)/u.test(said);
  if (kind === 'call' && (DELIVERS.test(rest) || ARRIVES.test(head))) return FOR_GOOD.test(said + head) && !/^(?:不用|不必|不需要)/u.test(said) ? 'doubt' : 'mention';
  if ((DENIED.test(head) && !RHETORICAL.test(words)) || TOLD.some((told) => told.test(lead + head)) || ANOTHER.test(head) || ASKED.test(head) || ASKED_AFTER.test(rest)) return 'doubt';
  if (kind === 'number') return 'wish';
  if (isBounded(head, said, words.slice(head.length))) return 'bounded';
  const isForGood = FOR_GOOD.test(said + head);
  return SO_LATE.test(head) || isForNow || SUBSTITUTE.test(rest) || (!isForGood && BRUSH_OFF.test(rest)) ? 'doubt' : 'wish';
}

function isBounded(head: string, said: string, tail: string): boolean {
  if (said.startsWith('停止') || LASTING.test(head.slice(-6)) || LASTING.test(said)) return false;
  if (BOUND_INSIDE.test(tail) || (BOUND_AFTER.test(tail.slice(said.length)) && !said.includes('再'))) return true;
  return BOUND_BEFORE.test(head) || (HOUR_BEFORE.test(head) && !said.includes('再'));
}

function plain(text: string): string {
  return text.normalize('NFKC').replace(/[^\p{L}\p{N}]+/gu, '');
}
