import type { SlotLanguage } from '../slots/slot-type.js';

/**
 * "You said ten dollars, I see": what the caller said, given back as a quotation and with
 * nothing beside it; never as a price, a debt or a deadline, which would sound like ours.
 */
const QUOTES: Record<SlotLanguage, RegExp> = {
  en: /^(?:(?:i see|thank you|thanks|sorry|oh|so), )?(?:you (?:just )?(?:said|say|mentioned|told me|asked)|did you (?:say|mention|ask))(?: that)? (?<quoted>.+?)(?:,? (?:i see|is that right))?[.?!,]*$/i,
  zh: /^(?:(?:谢谢|明白了?|知道了?|那|嗯)[，,])?您(?:刚才|刚刚|之前)?(?:说的?是?|提到了?|提过|问的?是?)(?<quoted>[^，,]+?)(?:[，,](?:明白了?|知道了?|了解了?|是吗|对吗|对吧|谢谢)|吗)?[。？?！!，,.]*$/,
};
const TELLS_A_PRICE: Record<SlotLanguage, RegExp> = {
  en: /\b(?:costs?|prices?|priced|fees?|charges?|charged|owe[ds]?|debts?|due|pay|paying|payable|deadline|until|by|before|within|rates?|interest|balance|refunds?|return|worth|expires?|limit|free|off)\b/i,
  zh: /费(?!心)|价|欠|债|还款|还清|到期|截止|之前|以前|之内|以内|内(?!容)|利息|利率|余额|付|收|退|折|额度|只要/,
};
const TURNED: Readonly<Record<string, string>> = { i: 'you', my: 'your', me: 'you', mine: 'yours', myself: 'yourself', we: 'you', our: 'your' };
/** Who asks says nothing of what he asks. */
const ASKS = { en: /^(?:(?:and|but|so) )?(?:do|did|be|was|can|could|will|would|should|shall|may|have|what|when|where|which|who|why|how)\b/, zh: /[吗呢]$|是不是|有没有|能不能|可不可/ } as const;
const DENIES = { en: /^(?:not|no|never)$/, zh: /^[不没别]$/ } as const;

/** What a clause quotes. */
export function quotedIn(clause: string, language: SlotLanguage): string | undefined {
  const quoted = QUOTES[language].exec(clause)?.groups?.['quoted'];
  return quoted === undefined || TELLS_A_PRICE[language].test(quoted) ? undefined : quoted;
}

/** Its words stand side by side in what the caller said, and are not what was denied there. */
export function isQuotation(row: readonly string[], callers: readonly (readonly string[])[], language: SlotLanguage): boolean {
  const wanted = row.filter((word) => /[\p{L}\p{N}#]/u.test(word));
  return callers.some((words) => {
    // Of a question only a figure: "you mentioned Tuesday".
    if (!(wanted.length === 1 && wanted[0]?.startsWith('#') === true) && ASKS[language].test(words.join(language === 'zh' ? '' : ' '))) return false;
    const theirs = words.filter((word) => /[\p{L}\p{N}#]/u.test(word)).map((word) => (language === 'en' ? (TURNED[word] ?? word) : word.replace('我', '您')));
    return theirs.some((_, at) => wanted.length > 0 && wanted.every((word, index) => theirs[at + index] === word) && !theirs.slice(Math.max(0, at - 3), at).some((word) => DENIES[language].test(word)));
  });
}
