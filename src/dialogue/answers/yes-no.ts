import { normalise } from '../nlu/normalise.js';
import { universalEn } from '../nlu/universal/en.js';

const sets = {
  yes: new Set((universalEn.get('yes') ?? []).map(normalise)),
  no: new Set((universalEn.get('no') ?? []).map(normalise)),
};

/** Words around an answer that change nothing: "well yes", "yes please thank you". */
const PADDING = /^(?:well |so |okay |right |um )+|(?: (?:please|thanks|thank you|then|actually|i think|sir|madam|maam))+$/g;

/** `yes` or `no` if the whole utterance is a clear one; anything more is for the intent model. */
export function clearYesNo(text: string): 'yes' | 'no' | undefined {
  const plain = normalise(text);
  const bare = plain.replace(PADDING, '').trim();
  for (const form of [plain, bare]) {
    if (sets.no.has(form)) return 'no';
    if (sets.yes.has(form)) return 'yes';
  }
  return undefined;
}
