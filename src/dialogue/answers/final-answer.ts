import { normalise } from '../nlu/normalise.js';
import type { SlotContext, SlotLanguage } from '../slots/slot-type.js';
import { yesNo } from '../slots/yes-no.js';
import { STOP_CALLING, speaksOfCalls } from './stop-wish.js';
import { saysWrongNumber } from './wrong-number.js';

/** `more`: what stands beside a no, and may be heard by itself. */
export type FinalAnswer = { readonly meant: true } | { readonly meant: false; readonly more: string } | undefined;

const both = (en: RegExp, zh: RegExp): Readonly<Record<SlotLanguage, RegExp>> => ({ en, zh });

/** "Don't stop" and "carry on" deny it. */
const DENIES_STOP = both(
  /^(?:(?:no|please|oh) )*(?:do not|never) stop\b|\bnot what i (?:mean|meant|said)\b|\b(?:did|do) not mean (?:that|it|you)\b|\bmisunderst\w+|\bgot me wrong\b|\bcarry on\b/,
  /(?:别|不要|不用)停|(?:不是|没)(?:有)?(?:这个|那个)意思|误会|(?:可以|还是|接着|继续)打(?!扰|搅)|你(?:接着|继续)?说吧?$/u,
);
/** 没错，是她电话: not wrong; 不是她的电话 is. */
const DENIES_WRONG = both(/^(?:(?:no|nope) )*(?:it is |that is |you have (?:got )?)?(?:the )?(?:right|correct) (?:number|one|person)\b|\bnot (?:the )?wrong\b/, /没(?:有)?(?:打|拨|找|搞|弄)错|号码?(?:没(?:有)?错|是?对的?(?!不上))|(?<!不)是(?:他|她|它|这个人|我)?的?(?:电话|号)|不是打错/u);
/** A yes to either question that is not said as one. */
const AGREES = both(
  /\b(?:that is what i (?:just )?(?:said|want|wanted|mean|meant|told you|asked)|i (?:just |already |have )*(?:told you|said so|said that|asked you)|obviously|exactly|(?:i )?(?:guess|think|suppose|believe|afraid|am afraid) (?:so|you have|you should|it is)|looks like (?:it|that)|seems (?:so|like it))\b/,
  /^(?:那)?(?:当然|必须|肯定|废话|不然呢)|就是(?:这个|这|那个)意思|(?:我)?(?:都|刚|刚刚|已经|不是)(?:跟你们?)?(?:说|讲)(?:过)?(?:了|吗|的)|就是这么说/u,
);
/** To the offer to stop. */
const TAKES_OFFER = both(
  /\b(?:(?:would )?appreciate (?:that|it)|for good|forever|what do you think|(?:that|it|this) (?:would|will) be (?:great|good|nice|lovely|perfect|best|fine)|if you (?:would|could|do not mind)|once and for all)\b|^(?:please|thank you|thanks|(?:no more|never(?: again)?)(?: please| thanks| thank you)*|(?:yes |please |just )*stop(?: (?:it|that|please|now))*)$/,
  /^(?:那)?(?:那最好|求之不得)|^[对是好]?停(?:止|了|吧)*$|^(?:麻烦|拜托|谢谢|请)(?:了|你们?|您)*$/u,
);
/** No need to call, or none to stop it; "go ahead" and stop, or go on. */
const UNCLEAR = both(/^(?:(?:no|yes|okay) )*(?:go ahead|go on|do not)(?: please| then)*$/, /^(?:不用|不必|不需要|不要|没兴趣|别)+(?:了|啦|吧|啊|呀)*(?:谢谢(?:你|您|啊|了)*)?$/u);
/** What leads up to more than a no. */
const NO = /^\s*(?:(?:no|nope|nah|not at all)\b(?:[\s,.;!]+(?:no|thanks|thank you|please|sorry|wait|i mean)\b)*|(?:不是?(?:的|啊)?|没有?)(?=[，,。.\s]))[\s,.;!，。！]*/iu;

/** The answer to "Shall we stop calling you?" or "Have I reached the wrong number?"; undefined: it is none. */
export function finalAnswer(label: string, text: string, context: SlotContext): FinalAnswer {
  const { language } = context;
  const said = language === 'zh' ? text.normalize('NFKC').replace(/[^\p{L}\p{N}]+/gu, '') : normalise(text);
  const isStop = label === STOP_CALLING;
  const no: FinalAnswer = { meant: false, more: '' };
  if ((isStop ? DENIES_STOP : DENIES_WRONG)[language].test(said)) return no;
  if (isStop ? speaksOfCalls(text, language) === 'wish' : saysWrongNumber(text, language)) return { meant: true };
  if (isStop && UNCLEAR[language].test(said)) return undefined;
  if (AGREES[language].test(said) || (isStop && TAKES_OFFER[language].test(said))) return { meant: true };
  const heard = yesNo.hear(text, context);
  if (heard?.kind !== 'value') return undefined;
  return heard.value === true ? { meant: true } : { meant: false, more: text.replace(NO, '') === text ? '' : text.replace(NO, '') };
}
