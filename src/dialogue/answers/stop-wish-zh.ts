import type { SpeaksOfCalls } from './stop-wish.js';

const NOT = '(?:别|不要|不准|不许|甭|莫|勿|停止|禁止|覅|唔好|嫑)';
const STILL = '(?:再|老是?|总是?|天天|一直|继续|随便|乱)';
/** Calling, and not an injection, a discount, a taxi or a game, which are 打, too. */
const CALL = '(?:打(?!折|针|印|扫|车|包|开|球|牌|架|算|听|卡|字|工|分|碎|湿|翻|断)|拨(?!款|付)|来电|致电)';
const ME = '(?:我|俺|咱)(?:们)?';
const CONTACT = `(?:联系(?=${ME}|$|了|啦|吧|啊)|联络(?=${ME}|$|了|啦)|骚扰|打扰|烦(?=${ME}))`;
const NUMBER = '(?:号码?|电话(?:号码)?|手机号?码?|联系方式|信息|资料)';

/** Each begins with what is not to be denied or told of. */
const WISHES: readonly RegExp[] = [
  new RegExp(`${NOT}${STILL}*.{0,8}?(?:给|跟|往|向)(?:${ME}|这|家)[^，。]{0,4}?${CALL}`, 'gu'),
  new RegExp(`${NOT}${STILL}+(?:${CALL}|${CONTACT})`, 'gu'),
  new RegExp(`${NOT}(?:联系|联络|骚扰)(?:${ME})`, 'gu'),
  new RegExp(`${NOT}(?:打|拨|来电|致电)(?:过?来|(?:${ME}|这个?)的?(?:电话|号码?|手机)|电话(?:给|来|过来)?|给)?(?:${ME})?(?:了|啦|喽)`, 'gu'),
  new RegExp(`${NOT}${STILL}*(?:打(?:${ME})(?:的|这个)?电话|打电话给(?:${ME})|来电)`, 'gu'),
  new RegExp(`${NOT}${CALL}(?=[太这])`, 'gu'),
  new RegExp(`停止(?:(?:给|往|跟)(?:${ME}))?(?:打电话|拨打|来电|联系|致电|骚扰)`, 'gu'),
  new RegExp(`(?:以后|今后|往后|从此|永远).{0,6}?${NOT}.{0,8}?(?:${CALL}|${CONTACT})`, 'gu'),
  new RegExp(`(?:把|将)(?:${ME})的?${NUMBER}(?:给|都|全部?|统统|从.{0,8}?)*(?:删|注销|清|抹|去掉|划掉|拉黑)`, 'gu'),
  new RegExp(`(?:把|将)(?:${ME}).{0,6}?从.{0,8}?(?:名单|系统|库)(?:里|上|中|面)*(?:删|去|划|移|拿|剔|取消)`, 'gu'),
  new RegExp(`(?:删(?:掉|除|了)?|注销|清除|抹掉)(?:${ME})的?${NUMBER}`, 'gu'),
  new RegExp(`(?:把|将)(?:${ME})(?:的?${NUMBER})?(?:拉黑|(?:加入|列入|拉进|放进|设为|设成|加到|加进).{0,4}?(?:黑名单|免打扰|拒接|勿扰))`, 'gu'),
  /(?<!已经|给你们?|把你们?)拉黑我|免打扰名单|(?:我要|给我|帮我)退订/gu,
  new RegExp(`不(?:想|愿意?|希望|要)再(?:接到?|收到|听到).{0,8}?(?:来电|电话)`, 'gu'),
];

/** A time from now, which is not for ever: "not today". A habit ("in the mornings") bounds nothing. */
const BOUND = /今天|今晚|明天|明早|明晚|后天|现在|这会儿|这时候|这两天|这几天|这周|下周|周[一二三四五六日末]|星期|礼拜|之前|以前|的时候|[太这]么?[早晚]/u;
const LASTING = /(?<![点钟半天周月])(?:以后|今后|往后|从此|永远)|从.{0,3}起|再也|任何时候|天天|每天/u;

const OTHERS = '(?:他|她|别人|人家|有人|领导|老板|医生|老师|客户|(?:我|他|她)(?:们)?(?:老公|老婆|爱人|妈妈?|爸爸?|儿子|女儿|朋友|同事|领导|老板|前男友|前女友|男朋友|女朋友|家人|太太|先生))(?:们)?';
const OFTEN = '(?:刚才|昨天|今天|上次|总是?|老是?|一直|就|也|都|又|还|已经|曾经)*';
/** Said to somebody else than us. */
const TOLD: readonly RegExp[] = [new RegExp(`${OTHERS}${OFTEN}(?:跟|对|和|叫|让|劝|要|要求|警告|告诉|求|骂|嘱咐|吩咐)(?:我|他|她|大家)(?:们)?(?:说|讲)?过?$`, 'u'), /我(?:已经|就|也|都|昨天|刚才)*(?:叫|让|劝|告诉|跟|对)(?:他|她|我(?:老公|老婆|妈|爸|儿子|女儿|朋友|同事))(?:说|讲)?过?$/u];
const DENIED = /(?:没有?|(?<!是)不是|并没|从没|从来没|不用|不必|不需要|谁)(?:说|让|叫|要|要求)?过?(?:你们?|您|他们?)?$/u;
/** 别停止打: what is denied is the end of it. */
const DENIED_END = /(?:别|不要|不能|不用)$/u;
/** "Didn't I tell you?" says that one did. */
const RHETORICAL = /(?:吗|么|嘛)$/u;

export function speaksOfCallsZh(clause: string, before: string): SpeaksOfCalls {
  const words = plain(clause);
  const lead = plain(before);
  const bounded = BOUND.test(words) && !LASTING.test(words);
  const found = new Set<SpeaksOfCalls>();
  for (const form of WISHES) {
    for (const match of words.matchAll(form)) {
      const head = words.slice(0, match.index);
      const denied = (DENIED.test(head) && !RHETORICAL.test(words)) || (match[0].startsWith('停止') && DENIED_END.test(head));
      found.add(denied || TOLD.some((told) => told.test(lead + head)) ? 'mention' : bounded ? 'bounded' : 'wish');
    }
  }
  return found.has('wish') ? 'wish' : found.has('mention') ? 'mention' : found.has('bounded') ? 'bounded' : undefined;
}

function plain(text: string): string {
  return text.normalize('NFKC').replace(/[^\p{L}\p{N}]+/gu, '');
}
