/** Numbers as people say them, American English, no "and" inside. */
const ONES = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve', 'thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen'] as const;
const TENS = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'] as const;
const SCALES = ['', 'thousand', 'million', 'billion', 'trillion'] as const;
const ORDINALS: Readonly<Record<string, string>> = { one: 'first', two: 'second', three: 'third', five: 'fifth', eight: 'eighth', nine: 'ninth', twelve: 'twelfth' };

/** Longer integers are read digit by digit: nobody says quadrillions on the phone. */
const MAX_CARDINAL_DIGITS = 15;

function belowHundred(value: number): string {
  if (value < 20) return ONES[value]!;
  const rest = value % 10;
  return rest === 0 ? TENS[Math.floor(value / 10)]! : `${TENS[Math.floor(value / 10)]!}-${ONES[rest]!}`;
}

function belowThousand(value: number): string {
  const hundreds = Math.floor(value / 100);
  if (hundreds === 0) return belowHundred(value);
  const rest = value % 100;
  return rest === 0 ? `${ONES[hundreds]!} hundred` : `${ONES[hundreds]!} hundred ${belowHundred(rest)}`;
}

/** `digits` is a string of 0-9, so that no precision is lost on the way. */
export function cardinal(digits: string): string {
  const trimmed = digits.replace(/^0+(?=\d)/, '');
  if (trimmed.length > MAX_CARDINAL_DIGITS) return spellDigits(digits);
  if (trimmed === '0') return 'zero';
  const groups: string[] = [];
  for (let end = trimmed.length, scale = 0; end > 0; end -= 3, scale++) {
    const value = Number(trimmed.slice(Math.max(0, end - 3), end));
    if (value > 0) groups.unshift(scale === 0 ? belowThousand(value) : `${belowThousand(value)} ${SCALES[scale]!}`);
  }
  return groups.join(' ');
}

export function ordinal(digits: string): string {
  const words = cardinal(digits);
  const last = /[a-z]+$/.exec(words)?.[0] ?? '';
  const head = words.slice(0, words.length - last.length);
  const known = ORDINALS[last];
  if (known !== undefined) return head + known;
  return head + (last.endsWith('y') ? `${last.slice(0, -1)}ieth` : `${last}th`);
}

/** Each digit by itself: `one zero five`. */
export function spellDigits(digits: string): string {
  return [...digits].map((digit) => ONES[Number(digit)]!).join(' ');
}

/** With commas where a person takes a breath: `one two three, four five six seven`. */
export function spellGroups(groups: readonly string[]): string {
  return groups.filter((group) => group !== '').map(spellDigits).join(', ');
}

/** Groups of 3 or 4 as people say account numbers; up to 5 digits go in one breath. */
export function groupDigits(digits: string): string[] {
  if (digits.length <= 5) return [digits];
  const count = Math.ceil(digits.length / 4);
  const short = Math.floor(digits.length / count);
  const long = digits.length % count;
  const groups: string[] = [];
  for (let at = 0, index = 0; index < count; index++) {
    const size = index < count - long ? short : short + 1;
    groups.push(digits.slice(at, at + size));
    at += size;
  }
  return groups;
}

/** `1234.50` with an optional fraction; the fraction is read digit by digit. */
export function decimal(whole: string, fraction: string | undefined): string {
  const head = cardinal(whole === '' ? '0' : whole);
  return fraction === undefined || fraction === '' ? head : `${head} point ${spellDigits(fraction)}`;
}

/** A year from 1000 to 2999 as people say it: `nineteen eighty-four`, `two thousand five`, `twenty twenty-six`. */
export function year(digits: string): string {
  const value = Number(digits);
  if (digits.length !== 4 || value < 1000 || value > 2999) return cardinal(digits);
  const century = Math.floor(value / 100);
  const rest = value % 100;
  if (value % 1000 < 10) return cardinal(digits);
  if (rest === 0) return `${belowHundred(century)} hundred`;
  return `${belowHundred(century)} ${rest < 10 ? `oh ${ONES[rest]!}` : belowHundred(rest)}`;
}

/** The form of a unit that `count` takes. */
export function plural(count: string, one: string, many: string): string {
  return /^0*1$/.test(count) ? one : many;
}
