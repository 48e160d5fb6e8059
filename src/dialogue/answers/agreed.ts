import { normalise } from '../nlu/normalise.js';
import type { SlotLanguage } from '../slots/slot-type.js';
import { isHedged } from './yes-no.js';

const AGREED: Readonly<Record<SlotLanguage, RegExp>> = {
  en: /\b(?:(?:see|talk to|speak to|speak with|hear from) you (?:then|tomorrow|on \w+day)|(?:until|till|til) then|it is a (?:deal|date)|(?:that )?(?:sounds|is|would be|will be|looks) (?:just |all )?(?:good|great|fine|perfect|lovely|right|like a plan))\b/,
  zh: /(?:那就?|就)这(?:样|么)(?:吧|定|说定|办|着)?|说定了|一言为定|到时候?(?:再?见|再?联系|再?聊|等你|等您)|^(?:好的?|可以|行|没问题|是的?|对的?|嗯+)(?:吧|啊|呀|哈|嘞)?(?:谢谢|多谢|再见|拜拜|麻烦|辛苦)|(?:明天|后天|那天|(?:周|星期|礼拜).)见/u,
};
const DENIED: Readonly<Record<SlotLanguage, RegExp>> = { en: /\b(?:not|no|never|would be better|other|another|instead)\b/, zh: /不|没(?!问题)|别|错/u };

/** Said to what has just been read back, these close the matter: "see you then", 那就这样吧. Elsewhere they may be a goodbye. */
export function isAgreed(text: string, language: SlotLanguage): boolean {
  const said = language === 'zh' ? text : normalise(text);
  return AGREED[language].test(said) && !DENIED[language].test(said) && !isHedged(text, language);
}
