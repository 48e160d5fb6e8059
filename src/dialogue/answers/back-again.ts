import type { SlotLanguage } from '../slots/slot-type.js';

/** What comes before it and says nothing: fillers, greetings, thanks. A plain "yes" is an answer, and none of these. */
const LEAD = {
  en: /^(?:uh|um|er|okay|ok|so|right|well|alright|all right|hi|hello|sorry about that|sorry|(?:thanks|thank you) for (?:waiting|holding)|thanks|thank you)\b[\s,.]*/i,
  zh: /^(?:嗯+|呃+|啊|哦|喂|好的|好了?(?=[，,\s]|[您你我继接])|行|那个?|不好意思|对不起|抱歉|谢谢|让[您你]久等了|久等了)[，。,.\s]*/,
} as const;

const BACK = {
  en: /^(?:(?:i'm|i am|we're) (?:back|ready|here|still here|done|all set)|back|ready|here (?:i am|again)|(?:please |you can |you may |let's )?(?:go ahead|go on|carry on|continue|keep going)|where were we|what were you saying|as you were saying|that's done|got it (?:here|now))(?: now| again| then| please)?[.!?\s]*$/i,
  zh: /^(?:我(?:已经)?(?:回来|好|准备好|弄好|找到|在)了?|回来了|好了|可以了|准备好了|弄好了|找到了|(?:请|您|你|咱们|我们|可以)*(?:继续|接着)(?:说|讲|来)?|[您你](?:请)?(?:说|讲)|(?:刚才|我们)?说到哪儿?)(?:吧|了|啊|呢)*[。！？.!?\s]*$/,
} as const;

/** After "hold on": the caller is back, and has not answered anything yet. */
export function isBackAgain(text: string, language: SlotLanguage): boolean {
  let rest = text.normalize('NFKC').replace(/’/g, "'").trim();
  for (let cut = 0; cut < 4 && rest !== ''; cut += 1) {
    if (BACK[language].test(rest)) return true;
    const lead = LEAD[language].exec(rest)?.[0] ?? '';
    if (lead === '') return false;
    rest = rest.slice(lead.length).trim();
  }
  // "Thanks for waiting." by itself.
  return rest === '' && /wait|hold|久等/i.test(text);
}
