import { afterNo } from './denied-values.js';
import { fault, lastMeant, value } from './readings.js';
import type { SlotChoice, SlotLanguage, SlotReading, SlotSettings, SlotType } from './slot-type.js';

const ORDINALS: Record<SlotLanguage, readonly RegExp[]> = {
  en: [/\b(?:first|number one|option one|the 1st)\b/i, /\b(?:second|number two|option two|the 2nd)\b/i, /\b(?:third|number three|option three|the 3rd)\b/i, /\b(?:fourth|number four|option four|the 4th)\b/i, /\b(?:fifth|number five|option five)\b/i],
  zh: [/第一/, /第二/, /第三/, /第四/, /第五/],
};
const LAST: Record<SlotLanguage, RegExp> = { en: /\b(?:the )?last(?: one)?\b/i, zh: /最后(?:一个|那个)?/ };
const BOTH_SURE = 0.95;
const NEAR_SURE = 0.55;

/** One of a list, by its name, a synonym, its place in the list, or nearly so. */
export const choice: SlotType = {
  name: 'choice',
  answerKind: 'open',
  hear(text, { language, settings: { choices = [] } }) {
    const isNamed = (words: string): boolean => choices.some((one) => forms(one).some((form) => contains(plain(words), form, language)));
    // What is denied is found by its name below, where no mark says how far a "not" reaches.
    const said = plain(lastMeant(afterNo(text.replace(/^\s*(?:no|nope)\s*[,.;]/i, ''), isNamed)));
    if (said === '') return undefined;
    const named = choices.filter((one) => forms(one).some((form) => contains(said, form, language)));
    // "Dark blue" has "blue" in it: a form inside a longer one that was said does not count, unless it stands elsewhere too.
    const outer = named.filter((one) => !named.some((other) => other !== one && isInside(longestForm(one, said, language), longestForm(other, said, language), said)));
    const apart = outer.filter((one) => !denied(said, one, language));
    if (apart.length > 1) return { kind: 'ambiguous', values: apart.slice(0, 3).map((one) => one.value) };
    if (apart.length === 1 && apart[0] !== undefined) return value(apart[0].value, named.length === 1 ? BOTH_SURE : 0.75);
    if (named.length > 0) return undefined;
    return byPlace(said, choices, language) ?? nearest(said, choices);
  },
  keyed(keys, { settings: { choices = [] } }) {
    const one = /^\d{1,2}$/.test(keys) ? choices[Number(keys) - 1] : undefined;
    return one === undefined ? fault('no_such_choice') : value(one.value, BOTH_SURE);
  },
  readBack: (of, { settings }) => settings.choices?.find((one) => one.value === of)?.say ?? String(of),
  check({ choices }) {
    if (choices === undefined || choices.length < 2) return [['choices', 'needs at least two']];
    const seen = new Map<string, string>();
    for (const one of choices) {
      for (const form of forms(one)) {
        const other = seen.get(form);
        if (other !== undefined && other !== one.value) return [['choices', `"${form}" means both ${other} and ${one.value}`]];
        seen.set(form, one.value);
      }
    }
    return [];
  },
};

/** Words that mean one of the choices. */
export function namesIn({ choices = [] }: SlotSettings): string[] {
  return choices.flatMap((one) => [one.value.replaceAll('_', ' '), one.say ?? '', ...one.synonyms]).filter((name) => name !== '');
}

function plain(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ').trim();
}

function forms(one: SlotChoice): string[] {
  return namesIn({ choices: [one] }).map(plain).filter((form) => form !== '');
}

function contains(said: string, form: string, language: SlotLanguage): boolean {
  return language === 'zh' ? said.includes(form) : ` ${said} `.includes(` ${form} `);
}

function isInside(form: string, longer: string, said: string): boolean {
  return form !== longer && longer.includes(form) && !said.replaceAll(longer, ' ').includes(form);
}

function longestForm(one: SlotChoice, said: string, language: SlotLanguage): string {
  return forms(one)
    .filter((form) => contains(said, form, language))
    .reduce((longest, form) => (form.length > longest.length ? form : longest), '');
}

const DENIED_BEFORE: Record<SlotLanguage, string> = {
  en: "(?<!\\bwhy )\\b(?:not|no|without|except|neither|nor|(?:rather )?than|instead of|other than|(?:any|every)(?:thing|one) but|all but|(?:don|didn|wouldn|isn|wasn|can|couldn) t)(?: (?:really|have|take|do|want|wanted|afford|like|need|say|said|mean|meant|it|in|on|at|for|to))*(?: the| a)? ",
  zh: '(?<![是要])(?:不(?:太|大|怎么)?(?:想|会)?(?:要|是|选|喜欢|想)|别(?:选|要)?|除了|除开)(?:这个|那个|那种|这种)?',
};
/** "Red is out", 红色不要, 红色以外; but "red is not bad", and 红色不要蓝色 denies the blue. */
const DENIED_AFTER: Record<SlotLanguage, string> = {
  en: "(?: one)? (?:(?:is|was) (?:not(?! (?:bad|a problem))|no good|out)|(?:is|was|are|looks|seems|sounds) (?:way |far |much |a bit |a little |just )?too (?!good\\b|bad\\b)|costs too much|isn t(?! (?:bad|a problem))|(?:doesn|don|won) t|does not|will not|no thanks?\\b)",
  zh: '(?:的|那个|这个)?(?:就|都|我|也)?(?:不要|不行|不喜欢|不可以|不好|不选|太(?:[贵高大小多少难]|复杂|麻烦)|以外|之外|除外)(?:了|的|吧|啊)?(?: |都|其他|$)',
};

/** "Not the red one", "anything but red", 不要红色, 除了红色都行. */
function denied(said: string, one: SlotChoice, language: SlotLanguage): boolean {
  return forms(one).some((form) => new RegExp(`${DENIED_BEFORE[language]}${form}${language === 'en' ? '\\b' : '(?![吗么])'}|${language === 'en' ? '\\b' : ''}${form}${DENIED_AFTER[language]}`).test(said));
}

/** "Not the first one" and 不要第一个 leave the others. */
const DENIED_PLACE: Record<SlotLanguage, RegExp> = {
  en: /\b(?:not|no|except|anything but|rather than|instead of|(?:don|didn) t (?:want|like|need|take))(?: the)? (?:first|second|third|fourth|fifth|last)(?: one)?/g,
  zh: /(?:不(?:要|是|选|想要|喜欢)|别选?|除了)(?:第[一二三四五](?:个|种)?|最后(?:一个|那个)?)/g,
};

function byPlace(words: string, choices: readonly SlotChoice[], language: SlotLanguage): SlotReading | undefined {
  const said = words.replace(DENIED_PLACE[language], ' ');
  if (LAST[language].test(said) && choices.length > 0) return value(choices[choices.length - 1]?.value ?? '', 0.8);
  const place = ORDINALS[language].findIndex((ordinal) => ordinal.test(said));
  const one = place < 0 ? undefined : choices[place];
  return one === undefined ? undefined : value(one.value, 0.85);
}

/** One edit in five characters is a slip of the recogniser; the best must be clearly better than the second. */
function nearest(said: string, choices: readonly SlotChoice[]): SlotReading | undefined {
  const scored = choices
    .map((one) => ({ one, distance: Math.min(...forms(one).map((form) => editDistance(said, form) / Math.max(form.length, 1))) }))
    .sort((left, right) => left.distance - right.distance);
  const [first, second] = scored;
  if (first === undefined || first.distance > 0.34) return undefined;
  return second !== undefined && second.distance - first.distance < 0.2 ? undefined : value(first.one.value, NEAR_SURE);
}

/** Levenshtein; both sides are cut to 60 characters. */
export function editDistance(left: string, right: string): number {
  const a = [...left.slice(0, 60)];
  const b = [...right.slice(0, 60)];
  let row = b.map((_, index) => index + 1);
  for (const [i, one] of a.entries()) {
    let diagonal = i;
    let before = i + 1;
    row = row.map((above, j) => {
      const cost = Math.min(above + 1, before + 1, diagonal + (one === b[j] ? 0 : 1));
      diagonal = above;
      before = cost;
      return cost;
    });
  }
  return row.at(-1) ?? a.length;
}
