import type { Figure, Invention, Spoken } from './inventions.js';

/**
 * The blind spot of looking words up: "the annual fee is 300 dollars" holds nothing that
 * is in no fact if some fact says "up to 300 dollars of cash back", nor does "we are open
 * on Sunday" beside "we are not open on Sunday". Each spoken sentence is laid beside the
 * sentence of the facts that it has most words in common with. Values of the call have no
 * words: a figure of theirs is left alone.
 */
export interface Beside extends Pick<Spoken, 'language' | 'said' | 'facts'> {
  figuresIn(text: string): readonly Figure[];
  daysIn(text: string): readonly string[];
}

const COMMON = new Set('the and for are you your our its has have will can may with from that this there then was about into per each get gets not but they them any all too also one does did been pay paid charge please after within said mentioned'.split(' '));
const UNITS = /^(?:dollars?|euros?|pounds?|cents?|percent|days?|weeks?|months?|years?|hours?|minutes?|zero|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundred|thousand|point|half|\w+days?|first|second|tomorrow|today|tonight)$/;
const DENIES = { en: /\b(?:not|never|nor|cannot|none)\b|n't\b|\b(?:no|without)\b(?! (?:\w+ )?(?:fees?|costs?|charges?|interest))/i, zh: /[不没未]/ } as const;
const FREE_OF = { en: /\b(?:free|waived?|(?:no|without|not pay (?:any|an)|don't pay (?:any|an)) (?:\w+ )?(?:fees?|costs?|charges?))\b/i, zh: /免|[没无不][有收用]?.{0,2}费/ } as const;
const CHARGES = { en: /\b(?:fees?|costs?|charges?|charged)\b/i, zh: /费|收|付/ } as const;
/** So much of a spoken sentence must stand in one of the facts before the two are held against each other. */
const NEAR = { en: 2 / 3, zh: 1 / 2 } as const;

export function againstFacts(beside: Beside): Invention[] {
  const { language, said, facts } = beside;
  const known = facts.flatMap(sentences);
  const found: Invention[] = [];
  for (const spoken of sentences(said)) {
    const topics = topicsOf(spoken, language);
    // Of what "it is 300 dollars" is said nobody can tell from the words.
    if (topics.length === 0) continue;
    const shared = (fact: string): number => topics.filter((topic) => stands(topic, fact, language)).length;
    const wrong = misplaced(spoken, beside, known, shared);
    if (wrong !== undefined) found.push({ what: 'misplaced', text: `${wrong}: ${spoken}`, parroted: false });
    const days = beside.daysIn(spoken);
    const alike = known.filter((fact) => days.every((day) => beside.daysIn(fact).includes(day)) && shared(fact) / topics.length >= NEAR[language]);
    const most = Math.max(...alike.map(shared));
    const nearest = alike.filter((fact) => shared(fact) === most);
    if (nearest.length > 0 && nearest.every((fact) => isTurned(spoken, fact, language))) found.push({ what: 'turned', text: spoken, parroted: false });
  }
  return found;
}

/** A figure or a day that stands only in sentences that are about something else. */
function misplaced(spoken: string, { figuresIn, daysIn }: Beside, known: readonly string[], shared: (fact: string) => number): string | undefined {
  const unit = ({ unit: one }: Figure): string => (one ?? '').replace(/s$/, '');
  for (const figure of figuresIn(spoken.replace(/(?:周|星期|礼拜)./g, ' '))) {
    if (figure.value === 1) continue;
    const holding = known.filter((fact) => figuresIn(fact).some((one) => one.value === figure.value && unit(one) === unit(figure)));
    if (holding.length === 0) continue;
    const near = Math.max(...holding.map(shared));
    if (near === 0 || known.some((fact) => shared(fact) > near && figuresIn(fact).some((one) => unit(one) === unit(figure)))) return figure.text;
  }
  return daysIn(spoken).find((day) => {
    const holding = known.filter((fact) => daysIn(fact).includes(day));
    return holding.length > 0 && holding.every((fact) => shared(fact) === 0);
  });
}

function isTurned(spoken: string, fact: string, language: Spoken['language']): boolean {
  // "No annual fee" is "free", and denies nothing else.
  const denies = (text: string): boolean => DENIES[language].test(text.replace(FREE_OF[language], ''));
  if (denies(spoken) !== denies(fact)) return true;
  return FREE_OF[language].test(fact) && !FREE_OF[language].test(spoken) && CHARGES[language].test(spoken);
}

export function sentences(text: string): string[] {
  return text.split(/(?<=[.!?])\s+|[。！？；;]|,? but |[，,](?=但|之后)/).filter((one) => /[\p{L}]/u.test(one));
}

/** English: longer words, by how they begin. Chinese: pairs of characters. Figures and days are no topics. */
export function topicsOf(text: string, language: Spoken['language']): string[] {
  if (language === 'zh') {
    const runs = text.replace(/[零一二两三四五六七八九十百千万点\d]+(?:元|块钱?|天|个?月|小时|号)?|百分之|(?:周|星期)./g, ' ').split(/[^\p{Script=Han}]+|[的了是为在我您你们会就也，]|可以|之内/u);
    return [...new Set(runs.flatMap((run) => [...run].slice(1).map((one, index) => `${[...run][index] ?? ''}${one}`)))];
  }
  const words = text.toLowerCase().match(/[a-z]{3,}/g) ?? [];
  return [...new Set(words.filter((word) => !COMMON.has(word) && !UNITS.test(word)).map((word) => word.slice(0, 5)))];
}

export function stands(topic: string, text: string, language: Spoken['language']): boolean {
  return language === 'zh' ? text.includes(topic) : text.toLowerCase().split(/[^a-z]+/).some((word) => word.startsWith(topic.replace(/(?<=..)[sy]$/, '')));
}
