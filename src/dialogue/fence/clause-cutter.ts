import type { ClauseCutter } from './guard.js';
import type { SlotLanguage } from '../slots/slot-type.js';

/** A comma ends a clause only after so many characters: shorter pieces sound chopped. */
const MIN_AT_COMMA: Record<SlotLanguage, number> = { en: 24, zh: 8 };
/** Where no mark comes, a clause is cut at a space, or here. */
const MAX_CLAUSE: Record<SlotLanguage, number> = { en: 200, zh: 60 };
/** A reply is a few clauses: what comes after is a model that does not end. */
const MAX_CLAUSES = 8;
/** A dot after these ends no sentence, nor does one between figures. */
const ABBREVIATION = /(?:\b(?:mr|mrs|ms|dr|st|no|vs|etc|approx|e\.g|i\.e|a\.m|p\.m|u\.s)|\d)\.$/i;

export function createClauseCutter(language: SlotLanguage): ClauseCutter {
  let waiting = '';
  let made = 0;

  function cut(final: boolean): string | undefined {
    const end = endOf(waiting, language, final);
    if (end === undefined) return undefined;
    const clause = waiting.slice(0, end).trim();
    waiting = waiting.slice(end);
    return clause;
  }

  return {
    push(text) {
      waiting += text.replace(/\s+/g, ' ');
      const clauses: string[] = [];
      for (let clause = cut(false); clause !== undefined && made < MAX_CLAUSES; clause = cut(false)) {
        if (clause === '') continue;
        clauses.push(clause);
        made++;
      }
      if (made >= MAX_CLAUSES) waiting = '';
      return clauses;
    },
    end() {
      const rest = made >= MAX_CLAUSES ? '' : waiting.trim();
      waiting = '';
      // Half a sentence, cut by a length limit, is not said.
      return rest !== '' && /[.!?。！？]$/.test(rest) ? rest : undefined;
    },
  };
}

function endOf(text: string, language: SlotLanguage, final: boolean): number | undefined {
  for (const match of text.matchAll(/[.!?。！？；;,，:：]+["'”’)]?/g)) {
    const end = match.index + match[0].length;
    const next = text.charAt(end);
    // The next character tells whether 1.5 goes on; without it there is nothing to decide yet.
    if (next === '' && !final && /[.,:]$/.test(match[0])) return undefined;
    if (/^[.,:]$/.test(match[0]) && next !== ' ' && next !== '') continue;
    if (match[0].startsWith('.') && ABBREVIATION.test(text.slice(0, end)) && !/\d\.$/.test(text.slice(0, end))) continue;
    const comma = /[,，;；:：]/.test(match[0]);
    if (comma && end < MIN_AT_COMMA[language]) continue;
    return end;
  }
  if (text.length <= MAX_CLAUSE[language]) return undefined;
  const space = text.lastIndexOf(' ', MAX_CLAUSE[language]);
  return space > 0 ? space : MAX_CLAUSE[language];
}
