/**
 * Numbers in English words and figures, as recognisers write them: "twenty five
 * thousand three hundred", "1.5 million", "two fifty", "minus three and a half".
 */

export interface NumberFound {
  readonly value: number;
  /** 0 to 1: lower where people mean different things by it, or say it roughly. */
  readonly sure: number;
  /** Characters of the text. */
  readonly from: number;
  readonly to: number;
}

interface Token {
  readonly word: string;
  /** A comma parts it from the word before: "fifty, sixty" are two numbers. */
  readonly apart: boolean;
  readonly from: number;
  readonly to: number;
}

const UNITS = new Map(Object.entries({ zero: 0, nought: 0, nil: 0, one: 1, two: 2, three: 3, four: 4, five: 5, six: 6, seven: 7, eight: 8, nine: 9 }));
const TEENS = new Map(Object.entries({ ten: 10, eleven: 11, twelve: 12, thirteen: 13, fourteen: 14, fifteen: 15, sixteen: 16, seventeen: 17, eighteen: 18, nineteen: 19 }));
const TENS = new Map(Object.entries({ twenty: 20, thirty: 30, forty: 40, fourty: 40, fifty: 50, sixty: 60, seventy: 70, eighty: 80, ninety: 90 }));
const SCALES = new Map(Object.entries({ hundred: 100, thousand: 1e3, k: 1e3, grand: 1e3, million: 1e6, billion: 1e9 }));
const FRACTIONS = new Map(Object.entries({ half: 0.5, quarter: 0.25, third: 1 / 3 }));
const SINGLE = /^(?:a|an)$/;
const ROUGH = new Set(['about', 'around', 'roughly', 'almost', 'nearly', 'over', 'maybe', 'say', 'like']);

/** All numbers in the order in which they were said. Linear in the length of the text. */
export function numbersInEnglish(text: string): NumberFound[] {
  const tokens = tokenise(text);
  const found: NumberFound[] = [];
  for (let at = 0; at < tokens.length; ) {
    const number = new Reader(tokens, at).read();
    if (number === undefined) {
      at++;
      continue;
    }
    const first = tokens[at];
    const last = tokens[number.next - 1];
    if (first === undefined || last === undefined) break;
    const rough = ROUGH.has(tokens[at - 1]?.word ?? '');
    found.push({ value: number.value, sure: rough ? Math.min(number.sure, 0.7) : number.sure, from: first.from, to: last.to });
    at = number.next;
  }
  return found;
}

function tokenise(text: string): Token[] {
  return [...text.toLowerCase().matchAll(/\d[\d,]*(?:\.\d+)?|[a-z]+|-(?=\d)/g)].map((match) => ({ word: match[0], apart: /[,;]\s*$/.test(text.slice(Math.max(0, match.index - 3), match.index)), from: match.index, to: match.index + match[0].length }));
}

class Reader {
  private sure = 0.95;

  constructor(
    private readonly tokens: readonly Token[],
    private at: number,
  ) {}

  read(): { value: number; sure: number; next: number } | undefined {
    const negative = /^(?:minus|negative|-)$/.test(this.word());
    if (negative) this.at++;
    const value = this.halfOf() ?? this.whole();
    if (value === undefined) return undefined;
    const full = this.scaled(this.fraction(this.decimals(value)));
    return { value: negative ? -full : full, sure: this.sure, next: this.at };
  }

  private word(ahead = 0): string {
    return this.tokens[this.at + ahead]?.word ?? '';
  }

  /** "half a million"; "a half" alone is 0.5. */
  private halfOf(): number | undefined {
    if (this.word() === 'half' && SINGLE.test(this.word(1)) && this.word(2) === 'dozen') {
      this.at += 3;
      return 6;
    }
    if (SINGLE.test(this.word()) && /^(?:couple|pair)$/.test(this.word(1))) {
      this.at += 2;
      return 2;
    }
    const article = SINGLE.test(this.word()) ? 1 : 0;
    const part = FRACTIONS.get(this.word(article));
    if (part === undefined || (part !== 0.5 && article === 0)) return undefined;
    const scale = SINGLE.test(this.word(article + 1)) ? SCALES.get(this.word(article + 2)) : undefined;
    if (scale !== undefined) {
      this.at += article + 3;
      return part * scale;
    }
    if (article === 0) return undefined;
    this.at += 2;
    return part;
  }

  private whole(): number | undefined {
    if (/^\d/.test(this.word())) return this.figures();
    if (SINGLE.test(this.word()) && (SCALES.has(this.word(1)) || this.word(1) === 'dozen')) this.at++;
    else if (!isSmall(this.word())) return undefined;
    return this.words();
  }

  private figures(): number {
    const value = Number(this.word().replaceAll(',', ''));
    this.at++;
    return value;
  }

  /** Sections of falling scale: "two million | three hundred and five thousand | twelve". */
  private words(): number {
    let total = 0;
    let limit = Infinity;
    for (;;) {
      const section = this.belowThousand(total === 0);
      const scale = SCALES.get(this.word());
      if (section === undefined && !(total === 0 && scale !== undefined)) return total;
      const factor = scale !== undefined && scale >= 1000 && scale < limit ? scale : 1;
      if (factor > 1) this.at++;
      total += (section ?? 1) * factor;
      limit = factor;
      if (factor === 1) return total;
      const joined = this.word() === 'and' ? 1 : 0;
      if (!isSmall(this.word(joined))) return total;
      this.at += joined;
    }
  }

  private belowThousand(first: boolean): number | undefined {
    if (first && this.word() === 'dozen') {
      this.at++;
      return 12;
    }
    const leading = this.belowHundred();
    if (this.word() === 'hundred') {
      this.at++;
      const joined = this.word() === 'and' && isSmall(this.word(1)) ? 1 : 0;
      if (joined === 1 || isSmall(this.word())) {
        this.at += joined;
        return (leading ?? 1) * 100 + (this.belowHundred() ?? 0);
      }
      return (leading ?? 1) * 100;
    }
    if (leading === undefined) return undefined;
    return this.spokenTogether(leading, first);
  }

  /** "two fifty" is 250, "nineteen ninety five" 1995, "one oh five" 105: as a rule, not always. */
  private spokenTogether(leading: number, first: boolean): number {
    if (!first || leading === 0 || leading > 99) return leading;
    const zero = /^(?:oh|o|zero)$/.test(this.word()) && UNITS.has(this.word(1)) ? UNITS.get(this.word(1)) : undefined;
    if (zero !== undefined) {
      this.at += 2;
      this.sure = 0.6;
      return leading * 100 + zero;
    }
    if ((!TENS.has(this.word()) && !TEENS.has(this.word())) || this.tokens[this.at]?.apart === true) return leading;
    // "twenty fifty" is a year, or two guesses, or 20.50: read back. "twenty thirty thousand": only the first is one number.
    this.sure = leading < 10 ? 0.6 : 0.55;
    return leading * 100 + (this.belowHundred() ?? 0);
  }

  private belowHundred(): number | undefined {
    const tens = TENS.get(this.word());
    if (tens !== undefined) {
      this.at++;
      const unit = UNITS.get(this.word());
      if (unit === undefined || unit === 0) return tens;
      this.at++;
      return tens + unit;
    }
    const value = TEENS.get(this.word()) ?? UNITS.get(this.word());
    if (value !== undefined) this.at++;
    return value;
  }

  private decimals(value: number): number {
    if (this.word() !== 'point') return value;
    let digits = '';
    let ahead = 1;
    for (; /^\d+$/.test(this.word(ahead)) || UNITS.has(this.word(ahead)) || /^(?:oh|o)$/.test(this.word(ahead)); ahead++) {
      const word = this.word(ahead);
      digits += /^\d/.test(word) ? word : String(UNITS.get(word) ?? 0);
    }
    if (digits === '') return value;
    this.at += ahead;
    return Number(`${value}.${digits}`);
  }

  /** "two and a half". */
  private fraction(value: number): number {
    const part = this.word() === 'and' && SINGLE.test(this.word(1)) ? FRACTIONS.get(this.word(2)) : undefined;
    if (part === undefined) return value;
    this.at += 3;
    return value + part;
  }

  /** "1.5 million", "two and a half thousand", "25 k". */
  private scaled(value: number): number {
    const scale = SCALES.get(this.word());
    if (scale === undefined) return value;
    this.at++;
    const rounded = Math.round(value * scale * 1e6) / 1e6;
    const rest = scale >= 1000 && isSmall(this.word(this.word() === 'and' ? 1 : 0)) ? this.smaller(scale) : 0;
    return rounded + rest;
  }

  private smaller(limit: number): number {
    const start = this.at;
    if (this.word() === 'and') this.at++;
    const value = this.words();
    if (value < limit) return value;
    this.at = start;
    return 0;
  }
}

function isSmall(word: string): boolean {
  return UNITS.has(word) || TEENS.has(word) || TENS.has(word);
}

/** 1,234.5 as figures with separators, which every voice reads as a number. */
export function englishNumber(value: number): string {
  return new Intl.NumberFormat('en-US', { maximumFractionDigits: 6 }).format(value);
}
