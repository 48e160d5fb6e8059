const FIRST = /\b(?:the )?(?:first|former)\b(?! of\b)|第一|前(?:者|面|一|头)|头一/iu;
const SECOND = /\b(?:the )?(?:second|latter|last)\b(?! of\b)|第二|后(?:者|面|一)|最后/iu;

/** Of two that were offered: "the first one", "the latter", 第二个. */
export function placeOf(text: string): 0 | 1 | undefined {
  const [first, second] = [FIRST.test(text), SECOND.test(text)];
  return first === second ? undefined : first ? 0 : 1;
}

/** By key: 1 is the first, 2 the second. */
export function placeOfKey(pressed: string): 0 | 1 | undefined {
  const key = pressed.replace(/#$/, '');
  return key === '1' ? 0 : key === '2' ? 1 : undefined;
}

const PRONOUN = /\b(?:the|that|this|which|wrong|right|other|first|second|third|last|next|same|good|any|no|every|some)[\s-]+one\b|\bone (?:moment|second|sec|minute|thing)\b|(?<![十百零〇])一(?:言为定|定|下|会儿?|样|直|起|切|共|般)/giu;

/** "That's the one" and 一言为定 have no number in them. */
export function withoutPronouns(text: string): string {
  return text.replace(PRONOUN, ' ').trim();
}
