import type { SlotLanguage } from '../slots/slot-type.js';

/** A part of an utterance with fewer characters than this says nothing by itself. */
const SHORTEST: Record<SlotLanguage, number> = { en: 2, zh: 1 };
const MAX_PARTS = 8;

/** A part of an utterance, and where in it it stands. */
export interface Clause {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** A point inside "p.m." or "3.5" ends nothing; "I can't ..." begins a clause without any mark. */
const BETWEEN = /[?!;。？！；，]+\s*|\.+(?=\s|$)\s*|,\s+|\s+(?:but|and|also|however|though|so|because)\s+|\s+(?=I(?:'m|'ve|'ll|'d| am| can| cannot| have| do| will| would| want| need)\b)|(?:但是|不过|可是|还有|另外|而且|所以)/giu;
const JOINING = /^(?:(?:but|and|so|also|however)\b|但是?|不过|可是|那)[\s,，]*/iu;

/** The clauses of an utterance, the last of them if there are many. */
export function clausesIn(text: string, language: SlotLanguage, most = MAX_PARTS): Clause[] {
  const clauses: Clause[] = [];
  const add = (from: number, to: number): void => {
    const said = text.slice(from, to).replace(JOINING, '').trim();
    if (said.length >= SHORTEST[language]) clauses.push({ text: said, from, to });
  };
  let from = 0;
  for (const mark of text.matchAll(BETWEEN)) {
    add(from, mark.index);
    from = mark.index + mark[0].length;
  }
  add(from, text.length);
  return clauses.slice(-most);
}

/** The utterance without some of its clauses; one that is left alone is as `clausesIn` has it. */
export function withoutClauses(text: string, clauses: readonly Clause[], taken: ReadonlySet<Clause>): string {
  const left = clauses.filter((clause) => !taken.has(clause));
  if (left.length <= 1) return left[0]?.text ?? '';
  const pieces = clauses.reduceRight((rest, clause) => (taken.has(clause) ? `${rest.slice(0, clause.from)} ${rest.slice(clause.to)}` : rest), text);
  return pieces.replace(/\s+/g, ' ').replace(/^[\s,.;!?，。；！？]+/u, '').replace(JOINING, '').replace(/[\s,;，；]+(?:but|and|so|also)?[\s.]*$/iu, '').trim();
}
