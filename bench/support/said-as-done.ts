import type { Invention, Spoken } from './inventions.js';

/**
 * Lies without a figure: that something has been done or is being done ("I have changed
 * the day for you", 我帮您改日期了), and that whatever was asked is granted ("sure", "you
 * said it comes to your neighbor, and it does"). A model can do nothing, so what it tells
 * of deeds must stand in the facts in the same words.
 */
const DONE = String.raw`(\w{2,}ed|done|sent|told|made|put|set|paid|taken|given|gave|took|found|spoken|kept|brought|got|called)`;
const DEEDS = {
  en: [
    new RegExp(String.raw`\b(?:i|we|(?:a|my|our|the) (?:colleague|team|agent|driver))(?:'ve| have| has)? (?:just |already |now |also )*(?!needed|wanted|understood|heard)${DONE}\b`, 'gi'),
    new RegExp(String.raw`\b(?:is|are|was|were|has been|have been|being|be|'s) (?:now |already |just |being )*(?!interested|pleased|needed|concerned|confused|waived|located)${DONE}\b`, 'gi'),
    /\b(?:i(?:'m| am)|we(?:'re| are)) (?:now |just |already )*(?!calling (?:about|from)|looking forward)(\w{3,}ing)\b/gi,
    // Offers and announces what a model cannot do.
    /\b(?:let me|shall i|should i|(?:may|can) i|(?:like|want) (?:me|us) to) (?!tell|explain|help|see|know|say|ask|repeat|hear|think)(\w+)/gi,
    /\b(?:i|we|a colleague|someone) (?:will |now |gladly )*(calls?|changes?|books?|cancels?|moves?|orders?|notes?|arranges?)\b(?! (?:you )?about)/gi,
    /^(?:all |you are all |consider it )?(done|set|changed|booked|cancelled|noted|confirmed|arranged|sent)\b/gi,
  ],
  zh: [/(?:我们?|同事)[^，。]{0,4}(?:[帮给替为])您(?!介绍|说明|解释|讲|说|查)[^，。]{0,2}/g, /已经?(?!知)[^，。]{0,3}/g, /正在(?!吃)[^，。]{0,3}/g, /[^，。]?[^白道解楚了好]了(?=[。！，]|$)/g, /[改办取消订送][^，。]{0,2}[好完掉]了/g],
} as const;
const GRANTS = {
  en: /^(?:sure|okay|ok|fine|all right|no problem|gladly|agreed|of course|certainly|yes|no|not at all)[.!]?$|\b(?:that|it)(?:'s| is) (?:fine|okay|ok|possible|no problem|done)\b|^(?:it|that|they|we|you|i) (?:do|does|did|is|are|may|can|will|works?|has|have)[.!]$|\byou (?:said|mentioned|told me|asked)\b.*(?:,|\band\b|\bso\b|\bwhich\b) ?(?:and |so |which )*(?:it|that|this|i|we|they|is|does|will)\b(?! see\b| understand\b)/i,
  zh: /^(?:好的?|可以的?|行|没问题|当然|会的|能的?|是的?|不用|不会|没有)[。！]?$|您(?:刚才)?(?:说|提到)[^，]*，(?!明白|知道|了解|对吗|是吗|谢谢)/,
} as const;

export function saidAsDone({ language, said, facts, values, caller }: Spoken): Invention[] {
  const known = [...facts, ...values].join(' \n ').toLowerCase();
  const found: Invention[] = [];
  for (const sentence of said.split(/(?<=[.!?。！？])\s*/).filter(Boolean)) {
    for (const pattern of DEEDS[language]) {
      for (const match of sentence.matchAll(pattern)) {
        const word = match[0].toLowerCase();
        // "The router is included", "a fee is added": as the facts have it.
        const stands = language === 'en' ? new RegExp(String.raw`\b(?:is|are|was|were|be|been|not|we|i|have|has)\b (?:\w+ )?${match[1]?.toLowerCase() ?? ''}\b`).test(known) && !/^(?:i|we|a|my|our|the|let|shall|should|may|can|like|want)\b/.test(word) : known.includes(word);
        if (!stands && !known.includes(word)) found.push({ what: 'deed', text: sentence, parroted: false });
      }
    }
    if (GRANTS[language].test(sentence.trim())) found.push({ what: 'granted', text: sentence, parroted: caller.toLowerCase().includes(sentence.toLowerCase()) });
  }
  return found;
}
