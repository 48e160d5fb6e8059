import type { SlotLanguage } from '../slots/slot-type.js';

/**
 * Questions and announcements that state nothing, each a closed form: "would you like to
 * know more about ...?", "let me tell you about ...", 关于...，. What they name must stand
 * in the facts, as a thing and not as a deed: see `isThing`.
 */
const MORE = String.raw`(?:(?:a bit |a little |some |something |anything )?more |something |anything )?(?:information |details )?`;
const ABOUT = String.raw`(?:about|regarding|concerning|on|of)`;
const FORMS: Record<SlotLanguage, readonly RegExp[]> = {
  en: [
    new RegExp(String.raw`^(?:would you like|do you want|do you wish) to (?:hear|know|learn) ${MORE}${ABOUT} (?<topic>.+)\?$`),
    new RegExp(String.raw`^(?:would you like|do you want|do you wish) to (?:hear|know|learn) (?:more|anything else)\?$`),
    new RegExp(String.raw`^(?:may|can|shall) i tell you ${MORE}about (?<topic>.+)\?$`),
    new RegExp(String.raw`^(?:do you have|are there) (?:any )?(?:other |more |further )?questions?(?: ${ABOUT} (?<topic>.+))?\?$`),
    /^would you like one\?$/,
    /^(?:any|other) (?:other |more |further )?questions?\?$/,
    /^is there (?:anything|something) (?:else )?(?:that )?(?:i can (?:help (?:you )?with|do for you|tell you)|you would like to (?:know|ask|hear))\?$/,
    /^anything else(?: (?:that )?i can (?:help you with|do for you|tell you))?\?$/,
    /^(?:how|what) (?:else )?(?:can|may) i (?:help|tell|do for)(?: you)?(?: with)?\?$/,
    /^(?:can|may) i help you(?: with (?:anything|something) else)?\?$/,
    new RegExp(String.raw`^(?:${ABOUT} )?what (?:else )?would you like to (?:know|hear|ask)(?: more)?(?: ${ABOUT} (?<topic>.+)| about)?\?$`),
    new RegExp(String.raw`^(?:let me|i (?:can|will)|i would (?:like|love|be (?:glad|happy)) to|i am (?:glad|happy|here) to) (?:tell|talk|speak)(?: to| with)?(?: you)? ${MORE}about (?<topic>.+)$`),
    new RegExp(String.raw`^(?:i (?:understand|see|have|hear) your (?:question|interest)s?|(?:thank you|thanks) for (?:your (?:question|interest)|asking)|your question is) (?:${ABOUT}|in) (?<topic>.+)$`),
    /^you (?:are asking|asked|ask) about (?<topic>.+)$/,
    /^(?:regarding|concerning|as for) (?<topic>.+)$/,
  ],
  zh: [
    /^您?(?:还)?(?:想|要|需要)(?:再)?(?:多)?(?:了解|知道|听听?)(?:一下|更多)?(?:关于)?(?<topic>[^，]*)(?:吗|呢)$/,
    /^您?还?有(?:什么|哪些|没有)?(?:其他|别的)?(?:关于(?<topic>[^，]+))?的?问题(?:吗|呢)$/,
    /^您?(?:还)?(?:想|要)(?:了解|知道|问)(?:些|一些)?什么(?:呢)?$/,
    /^(?:好的?)?(?:让我|我来|下面)(?:给|为|向|跟)?您?(?:介绍|说明|讲|说)(?:一下)?(?:关于)?(?<topic>[^，]*)$/,
    /^关于(?<topic>[^，]+)$/,
    /^(?:您(?:刚才)?问的是|(?:感谢|谢谢)您?对)(?<topic>[^，]+?)(?:的(?:问题|关注))?$/,
  ],
};

/** What a question or an announcement names; '' where it names nothing, undefined if the clause is neither. */
export function topicOf(clause: string, language: SlotLanguage): string | undefined {
  const bare =
    language === 'zh'
      ? clause.replace(/[^\p{Script=Han}\p{N}a-z，]/giu, '').replace(/，$/, '').replace(/^(?:请问|那么?)，?/, '')
      : clause.toLowerCase().replace(/[’']d\b/g, ' would').replace(/[’']m\b/g, ' am').replace(/[’']ll\b/g, ' will').replace(/^(?:(?:and|so|now|then|or|well|okay),? )+/, '').replace(/[.,:!]+$/, '');
  const match = FORMS[language].map((form) => form.exec(bare)).find((found) => found !== null);
  return match === undefined || match === null ? undefined : (match.groups?.['topic'] ?? '').trim();
}

/** Chinese and English words that say that something is so, is done or costs nothing: with them nothing is only named. */
const SAYS: Record<SlotLanguage, RegExp> = {
  en: /(?:^| )(?:be|was|were|have|do|did|will|would|can|could|may|must|should|need|cost|bcost|come|came|take|took|get|got|give|gave|go|went|depend|owe|include|end|start|stay|stand|stood|see|saw|pay|no|not|never|without|free|i|we|they|you|he|she|us|them|that|who|which|if|when|#(?!ordinal)\S*|and|or|for)(?= |$)/,
  zh: /[是免不没无有可会能收付送退返取要等到了过您你我他她谁就已]|#/,
};
const PRONOUN = { en: /^(?:it|this|that)$/, zh: /^(?:它|这个?|这件事)?$/ } as const;

/** Words that stand side by side in one sentence of the facts and name a thing there. */
export function isThing(topic: string, row: readonly string[], known: readonly (readonly string[])[], language: SlotLanguage): boolean {
  if (topic === '' || PRONOUN[language].test(topic)) return true;
  if (row.length === 0 || SAYS[language].test(row.join(' '))) return false;
  return known.some((words) => ` ${words.join(' ')} `.includes(` ${row.join(' ')} `));
}
