import { normalise } from '../nlu/normalise.js';
import { universalEn } from '../nlu/universal/en.js';
import type { SlotLanguage } from '../slots/slot-type.js';

const sets = {
  yes: new Set((universalEn.get('yes') ?? []).map(normalise)),
  no: new Set((universalEn.get('no') ?? []).map(normalise)),
};

/** Words around an answer that change nothing: "well yes", "yes please thank you". */
const PADDING = /^(?:well |so |okay |right |um |haha |ha )+|(?: (?:please|thanks|thank you|then|actually|i think|sir|madam|maam))+$/g;

/** `yes` or `no` if the whole utterance is a clear one; anything more is for the intent model. */
export function clearYesNo(text: string): 'yes' | 'no' | undefined {
  const plain = normalise(text);
  const bare = plain.replace(PADDING, '').trim();
  for (const form of [plain, bare]) {
    if (sets.no.has(form)) return 'no';
    if (sets.yes.has(form)) return 'yes';
  }
  // "Yes, yeah, okay": one yes after the other, whatever their number.
  return bare !== '' && bare.split(' ').every((word) => sets.yes.has(word)) ? 'yes' : undefined;
}

/** After a "yes" these take it back or ask something: "yes, but", "okay, what is it", "sure, if ...". */
const HEDGE = /\b(?:not|no|nope|but|wait|maybe|perhaps|if|unless|depends|however|although|except|never|before|first|who|what|how|why|when|where|which|question)\b/;
const HEDGE_ZH = /但是?|不过|可是|等等|等一下|吗|呢|什么|怎么|多少|为什么|如果|要是|改|换/u;
/** After a "no" these turn it round: "no problem", "no, go ahead", "no, wait, yes". */
const REVERSAL = /\b(?:problem|worries|doubt|matter|idea|wonder|one|yes|yeah|sure|okay|wait|but|go|fine|love|like|would|who|what|how|why|when|where|which|question)\b/;

/** A yes that asks something or takes itself back is none yet. */
export function isHedged(text: string, language: SlotLanguage): boolean {
  return language === 'zh' ? HEDGE_ZH.test(text) : HEDGE.test(normalise(text));
}

/**
 * `yes` or `no` if the utterance begins with one and goes on without taking it back:
 * "Yes, please send it to me." Weaker than a clear answer: an intent that is sure of
 * itself comes first.
 */
export function leadingYesNo(text: string): 'yes' | 'no' | undefined {
  const match = /^(?:well |so )*(yes|yeah|sure|okay|certainly|absolutely|definitely|of course|no|nope|nah)\b(.*)$/.exec(normalise(text));
  const lead = match?.[1] ?? '';
  const rest = match?.[2] ?? '';
  if (lead === '') return undefined;
  if (/^n/.test(lead)) return REVERSAL.test(rest) ? undefined : 'no';
  return HEDGE.test(rest) ? undefined : 'yes';
}
