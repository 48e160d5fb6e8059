/**
 * Spoken digit strings, as a recogniser writes them: "four one five, double five, oh",
 * "Twenty three", "4 1 5.", "415-220". English.
 */
const UNITS = new Map(Object.entries({ zero: 0, nought: 0, naught: 0, nil: 0, one: 1, two: 2, three: 3, four: 4, five: 5, six: 6, seven: 7, eight: 8, nine: 9, niner: 9 }));
const TEENS = new Map(Object.entries({ ten: 10, eleven: 11, twelve: 12, thirteen: 13, fourteen: 14, fifteen: 15, sixteen: 16, seventeen: 17, eighteen: 18, nineteen: 19 }));
const TENS = new Map(Object.entries({ twenty: 20, thirty: 30, forty: 40, fourty: 40, fifty: 50, sixty: 60, seventy: 70, eighty: 80, ninety: 90 }));
const TIMES = new Map(Object.entries({ double: 2, triple: 3, treble: 3, quadruple: 4 }));
/** Taken for a digit only beside one: they are common words or their homophones. */
const BESIDE = new Map(Object.entries({ oh: '0', o: '0', won: '1', to: '2', too: '2', tree: '3', for: '4', fore: '4', ate: '8' }));
/** Words that people wrap a number in. */
const WRAPPING = new Set(
  'it its is my the a number account code card pin that thats this here and then is would be yes yeah sure okay ok so well um uh er hmm ends ending starts with i think of dash hyphen space again was no not sorry'.split(' '),
);

interface Token {
  readonly word: string;
  /** Digits as written, for "415". */
  readonly digits: string | undefined;
}

/** All digits in the order in which they were said; empty if the utterance is about something else. */
export function spokenDigits(text: string): string {
  const tokens = tokenise(text);
  let digits = '';
  let other = 0;
  for (let at = 0; at < tokens.length; ) {
    const taken = numberAt(tokens, at);
    if (taken === undefined) {
      const word = tokens[at]?.word ?? '';
      if (!WRAPPING.has(word)) other++;
      at++;
      continue;
    }
    digits += taken.digits;
    at += taken.length;
  }
  // "One moment, please" has a digit in it, but is no number.
  return other > 0 && digits.length <= other ? '' : digits;
}

/** "mary twenty two" to "mary 22", "two thousand five" to "2005": numbers of more than one digit as figures, other words as they are. */
export function writtenNumbers(text: string): string {
  return text.replace(/[a-z]+(?:[ -][a-z]+)*/gi, (run) => {
    const words = [...run.matchAll(/[a-z]+/gi)];
    const tokens = words.map(([word]) => ({ word: word.toLowerCase(), digits: undefined }));
    let written = '';
    let from = 0;
    for (let at = 0; at < tokens.length; ) {
      const number = spelledNumber(tokens, at);
      const [first, last] = [words[at], words[at + (number?.length ?? 1) - 1]];
      if (number !== undefined && number.digits.length > 1 && first !== undefined && last !== undefined) {
        written += `${run.slice(from, first.index)}${number.digits}`;
        from = last.index + last[0].length;
      }
      at += number?.length ?? 1;
    }
    return written + run.slice(from);
  });
}

function tokenise(text: string): Token[] {
  const words = text.normalize('NFKC').toLowerCase().replace(/'/g, '').match(/[a-z]+|[0-9]+/g) ?? [];
  return words.map((word) => ({ word, digits: /^[0-9]+$/.test(word) ? word : undefined }));
}

function numberAt(tokens: readonly Token[], at: number): { digits: string; length: number } | undefined {
  const token = tokens[at];
  if (token === undefined) return undefined;
  const times = TIMES.get(token.word);
  if (times !== undefined) {
    const next = tokens[at + 1];
    const single = next === undefined ? undefined : digitOf(next);
    return single === undefined ? undefined : { digits: single.repeat(times), length: 2 };
  }
  if (token.digits !== undefined) return { digits: token.digits, length: 1 };
  const beside = BESIDE.get(token.word);
  if (beside !== undefined) return isBeside(tokens, at) ? { digits: beside, length: 1 } : undefined;
  return spelledNumber(tokens, at);
}

function digitOf(token: Token): string | undefined {
  if (token.digits?.length === 1) return token.digits;
  const unit = UNITS.get(token.word);
  if (unit !== undefined) return String(unit);
  return token.word === 'o' || token.word === 'oh' ? '0' : undefined;
}

/** "oh" and "to" are digits after a digit, or first in the utterance and before one; "oh" also after "it is". */
function isBeside(tokens: readonly Token[], at: number): boolean {
  const isDigit = (token: Token | undefined): boolean =>
    token !== undefined && (token.digits !== undefined || UNITS.has(token.word) || TEENS.has(token.word) || TENS.has(token.word) || TIMES.has(token.word));
  const before = tokens[at - 1];
  const zero = /^oh?$/.test(tokens[at]?.word ?? '');
  const leads = at === 0 || (zero && WRAPPING.has(before?.word ?? ''));
  return isDigit(before) || (before !== undefined && BESIDE.has(before.word)) || (leads && isDigit(tokens[at + 1]));
}

/** "twenty three" is 23, "four hundred and twelve" 412, "two thousand five" 2005; "four one" stays two numbers. */
function spelledNumber(tokens: readonly Token[], start: number): { digits: string; length: number } | undefined {
  const small = belowHundred(tokens, start);
  if (small === undefined) return undefined;
  let { value } = small;
  let at = start + small.length;
  for (const [word, factor] of [['thousand', 1000], ['hundred', 100]] as const) {
    if (tokens[at]?.word !== word) continue;
    value *= factor;
    at++;
    const joined = tokens[at]?.word === 'and' ? at + 1 : at;
    let rest = joined === at && beginsAnew(tokens, at, factor) ? undefined : belowHundred(tokens, joined);
    if (rest !== undefined && factor === 1000 && tokens[joined + rest.length]?.word === 'hundred') {
      value += rest.value * 100;
      at = joined + rest.length + 1;
      const last = tokens[at]?.word === 'and' ? at + 1 : at;
      rest = belowHundred(tokens, last);
      if (rest !== undefined) at = last;
    } else if (rest !== undefined) at = joined;
    if (rest !== undefined) {
      value += rest.value;
      at += rest.length;
    }
    break;
  }
  return { digits: String(value), length: at - start };
}

/** "Eight hundred | five five five", "seven hundred | nine hundred": a unit before more figures is no part of the hundreds. */
function beginsAnew(tokens: readonly Token[], at: number, after: number): boolean {
  const next = tokens[at + 1];
  const isUnit = UNITS.has(tokens[at]?.word ?? '');
  return isUnit && next !== undefined && (next.digits !== undefined || /^oh?$/.test(next.word) || (after === 100 && next.word === 'hundred') || UNITS.has(next.word) || TEENS.has(next.word) || TENS.has(next.word) || TIMES.has(next.word));
}

function belowHundred(tokens: readonly Token[], at: number): { value: number; length: number } | undefined {
  const word = tokens[at]?.word ?? '';
  const tens = TENS.get(word);
  if (tens !== undefined) {
    const unit = UNITS.get(tokens[at + 1]?.word ?? '');
    return unit !== undefined && unit > 0 ? { value: tens + unit, length: 2 } : { value: tens, length: 1 };
  }
  const value = TEENS.get(word) ?? UNITS.get(word);
  return value === undefined ? undefined : { value, length: 1 };
}
