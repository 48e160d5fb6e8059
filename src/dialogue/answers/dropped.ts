import type { SlotLanguage } from '../slots/slot-type.js';

/** What comes before it and changes nothing. */
const LEAD = {
  en: /^(?:uh|um|er|oh|ah|no|nah|okay|ok|well|actually|you know what|sorry|look|hm+|please|just|let's just|let us just)\b[\s,.]*/i,
  zh: /^(?:嗯+|呃+|啊|哦|唉|哎呀?|那个?|不|不了|还是|要不|要不然|不好意思|对不起|我看)[，。,.\s]*/,
} as const;

const DROPPED = {
  en: /^(?:(?:never ?mind|forget (?:it|that|about it|about that|the whole thing)|drop it|leave it|scrap (?:it|that)|cancel(?: (?:it|that|this|the whole thing))?|stop(?: (?:it|this|that|here))?|let's (?:not|stop|leave it|drop it|forget (?:it|about it))|(?:i|we)(?:'ve| have) changed (?:my|our) minds?|i (?:do not|don't) want to (?:do this|go on|continue|carry on)(?: any ?more)?|(?:i'd|i would) rather not(?: (?:do (?:it|this)|go on|continue))?|this is too (?:complicated|long))(?:[\s,]+(?:please|then|now|for now|after all|thanks|thank you))*[\s,.!]*)+$/i,
  zh: /^(?:(?:算了|拉倒|罢了|取消(?:掉|吧|了)?|(?:不|甭|别)(?:弄|填|办|搞|说|问|报|预约|约|继续|想)了|不(?:想)?(?:继续|接着)(?:了|弄|填)?|我?改(?:变)?主意了|先?(?:不|别)(?:弄|填|办|约)了|(?:到此|就)?(?:为止|停(?:下)?)|停一?下别弄了|太麻烦了)(?:吧|了|啊|呗|谢谢)*[，。！,.!\s]*)+$/,
} as const;

/** In the middle of a form: the caller wants none of it any more. Only where nothing else is said: "forget the second one" is something else. */
export function isDropped(text: string, language: SlotLanguage): boolean {
  let rest = text.normalize('NFKC').replace(/’/g, "'").trim();
  for (let cut = 0; cut < 4 && rest !== ''; cut += 1) {
    if (DROPPED[language].test(rest)) return true;
    const lead = LEAD[language].exec(rest)?.[0] ?? '';
    if (lead === '') return false;
    rest = rest.slice(lead.length).trim();
  }
  return false;
}
