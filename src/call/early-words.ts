import { yesNo } from '../dialogue/slots/yes-no.js';
import type { SlotLanguage } from '../dialogue/slots/slot-type.js';

/** Says only that somebody is there. */
const PRESENCE = {
  en: /^(?:(?:oh|ah|uh|um|hm+\b|mm+\b|uh[ -]?huh|mm[ -]?hmm?|hello|hi|hey|okay|so|well|please|thanks|thank you|you there|are you (?:still )?there|anybody there|still there|go on|go ahead)[\s,.!?]*)+$/i,
  zh: /^(?:喂|你好|您好|嗯|哦|啊|呃|那个|在吗|还在吗|你?在听吗|说吧|请说|你说|您说|谢谢|[\s，,。.！!？?])+$/u,
} as const;

/**
 * Words that were said into the pause before a reply. "Hello?" is answered by the reply
 * itself, and a "yes" is no answer to a question that was not asked yet; anything else
 * is for the question that follows.
 */
export function answersLater(text: string, language: SlotLanguage): boolean {
  if (text.trim() === '' || PRESENCE[language].test(text.trim())) return false;
  const answer = yesNo.hear(text, { language, nowMs: 0, timeZone: 'UTC', settings: {}, previous: undefined });
  return answer?.kind !== 'value' || answer.sure < SURE_YES_NO;
}

/** With fewer words around it, it is nothing but a yes or a no. */
const SURE_YES_NO = 0.9;
