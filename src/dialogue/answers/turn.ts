import type { SlotLanguage } from '../slots/slot-type.js';

/** What people say when they change their mind in the middle; only what follows counts. */
const TURNS: Readonly<Record<SlotLanguage, RegExp>> = {
  en: /^.*\b(?:oh well|well actually|actually|on second thoughts?|come to think of it|no wait|wait no|scratch that|I take that back)\b[\s,.;!?]*(\S.*)$/isu,
  zh: /^.*(?:(?:^|[，,。.！!？?；;\s])(?:哎|唉|诶)?(?:算了|还是|要不|想想还是)|想了想|改主意了|等等不)[，,。.！!\s]*([^，,。.！!\s吧].*)$/su,
};

/** The words after the last turn; undefined where there is none. "Actually" at the end turns nothing. */
export function afterTurn(text: string, language: SlotLanguage): string | undefined {
  const rest = TURNS[language].exec(text)?.[1]?.trim();
  return rest === undefined || !/\p{L}{1,}/u.test(rest) ? undefined : rest;
}
