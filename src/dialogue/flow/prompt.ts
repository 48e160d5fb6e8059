import type { Prompt, PromptMark, PromptPart } from '../dialogue.js';
import type { SlotLanguage } from '../slots/slot-type.js';

/**
 * A text with `{variables}`, split once when the flow is loaded. Only the variable
 * part is synthesised in the call. Punctuation that follows a variable goes with it:
 * it decides the tune of the word before, and a clip of a lone comma is no clip.
 */
export interface Template {
  readonly pieces: readonly TemplatePiece[];
  readonly marks: readonly PromptMark[];
}

type TemplatePiece = { readonly fixed: string } | { readonly variable: string; readonly before: string; readonly after: string };

export type Render = (variable: string) => string;

/** Longer runs of fixed words are cut at ends of sentences, so that one clip stays small. */
const LONG_RUN = 300;

const VARIABLE = /\{([a-z][a-z0-9_]*)\}/g;

export function variablesOf(text: string): string[] {
  return [...text.matchAll(VARIABLE)].map((match) => match[1] ?? '');
}

/** What touches the variable and goes with it: with spaces between words "$", "'s", ","; without them only marks. */
const TOUCHING: Readonly<Record<SlotLanguage, { readonly before: RegExp; readonly after: RegExp }>> = {
  en: { before: /\S*$/, after: /^[^\s{]*/ },
  zh: { before: /[￥¥$（(]*$/, after: /^[，。！？、；：）),.!?;:%]*/ },
};

export function template(text: string, language: SlotLanguage = 'en', marks: readonly PromptMark[] = []): Template {
  const pieces: TemplatePiece[] = [];
  let rest = text.replace(/\s+/g, ' ').trim();
  while (rest !== '') {
    const match = /\{([a-z][a-z0-9_]*)\}/.exec(rest);
    if (match === null) {
      pieces.push(...runs(rest));
      break;
    }
    const before = TOUCHING[language].before.exec(rest.slice(0, match.index))?.[0] ?? '';
    const tail = rest.slice(match.index + match[0].length);
    const after = TOUCHING[language].after.exec(tail)?.[0] ?? '';
    pieces.push(...runs(rest.slice(0, match.index - before.length)));
    pieces.push({ variable: match[1] ?? '', before, after });
    rest = tail.slice(after.length);
  }
  return { pieces, marks };
}

function runs(text: string): TemplatePiece[] {
  const trimmed = text.trim();
  if (!/[\p{L}\p{N}]/u.test(trimmed)) return [];
  if (trimmed.length <= LONG_RUN) return [{ fixed: trimmed }];
  const pieces: string[] = [];
  for (const sentence of trimmed.match(/[^.!?。！？]+[.!?。！？]*\s*/g) ?? [trimmed]) {
    const last = pieces[pieces.length - 1];
    if (last !== undefined && last.length + sentence.length <= LONG_RUN) pieces[pieces.length - 1] = last + sentence;
    else pieces.push(sentence);
  }
  return pieces.map((piece) => ({ fixed: piece.trim() }));
}

export function fixedTextsOf(templates: Iterable<Template>): string[] {
  const texts = new Set<string>();
  for (const { pieces } of templates) for (const piece of pieces) if ('fixed' in piece) texts.add(piece.fixed);
  return [...texts];
}

/** One prompt from one or more templates said in a row. */
export function renderPrompt(templates: readonly Template[], render: Render): Prompt {
  const parts: PromptPart[] = [];
  for (const { pieces } of templates) {
    for (const piece of pieces) {
      if ('fixed' in piece) parts.push({ kind: 'fixed', text: piece.fixed });
      else {
        const value = render(piece.variable).trim();
        if (value !== '') parts.push({ kind: 'variable', text: piece.before + value + piece.after });
      }
    }
  }
  const marks = [...new Set(templates.flatMap((each) => each.marks))];
  return { text: joined(parts.map((part) => part.text)), parts, ...(marks.length > 0 ? { marks } : {}) };
}

/** Chinese has no spaces between words. */
function joined(texts: readonly string[]): string {
  return texts.reduce((whole, text) => (whole === '' || /[\p{Script=Han}，。！？、；：）]$/u.test(whole) || /^[\p{Script=Han}，。！？、；：]/u.test(text) ? whole + text : `${whole} ${text}`), '');
}

/** Text for records, such as the reason of a verdict. */
export function fillText(text: string, render: Render): string {
  return text.replace(VARIABLE, (_, name: string) => render(name));
}
