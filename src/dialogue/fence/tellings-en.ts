import { BARE_COST, plain, wordsIn } from './wording-en.js';

/** What else is known when a fact is told. */
export interface Circumstances {
  /** Words of the names of the company and its products. */
  readonly ourNames: ReadonlySet<string>;
  /** Words of what the caller said last, which "it" may stand for. */
  readonly asked: ReadonlySet<string>;
  /** All sentences of the facts. */
  readonly facts: readonly string[];
}

type Row = readonly string[];

const VERBS = new Set('be was were have do will can must should need cost come take get give go depend owe include end start open close stay stand deliver bring pay work last keep see accept charge offer park send expire begin'.split(' '));
const PLACES = new Set('above below behind beside near opposite in on at'.split(' '));
const SUBORDINATORS = new Set('if when while unless until'.split(' '));
const PREPOSITIONS = new Set([...PLACES, ...SUBORDINATORS, ...'for with within after before under over by during into to up from'.split(' ')]);
/** Nothing may stand for them, nor may they be called the caller's. */
const NO_SUBJECT = /^(?:it|they|this|that|these|we|our|you|your|there|i|some|all|each|every|any|only|no|not|neither|most|please|if|when|nobody|\D*#.*)$/;
const HOUSE = /^(?:office|clinic|shop|store|hotel|bank|branch|practice|team)$/;
/** A part that begins so, or holds such a word, limits what stands before it. */
const LIMITS = /^(?:,|and|but| )*(?:only|up|at most|at least|except|excluding|with|without|for|within|subject|not|no|plus|limited|then)\b|\b(?:if|unless|except|provided|until|when)\b/;
/** A condition, or of whom it holds, which "and" may not end. */
const REACHES = /^(?:that|which|who|provided|except|before|after)$/;
/** "... and is free on Sunday": what stands before is not always so. */
const EXCEPTS = /\b(?:but|not|no|none|never|nothing)\b|\bfree(?: (?:#|for|on|in|at|with)|$)/;
/** Of them the day may be told without the hours. */
const TIMED = /^(?:open|come|deliver)$/;
/** A longer sentence is told as it is, or not at all: nobody speaks so. */
const MAX_WORDS = 60;
const HOURS = /^#\d+:\d\d>\d+:\d\d$/;
const DAY = /^#(?:next_|last_)?(?:weekday|day|month|\d+-\d)/;

/** Every row of words that tells a sentence: of it whole parts, with all that they hang on. */
export function tellingsOf(sentence: string, before: string | undefined, about: Circumstances): Set<string> {
  const written = wordsIn(sentence);
  const words = written.map((word) => (word === BARE_COST ? 'cost' : word)).filter((word, index) => index > 0 || !/^(?:and|but|so)$/.test(word));
  // "There is no prize, but you help us": two sentences in one.
  const tellings = new Set<string>(before === undefined ? [] : [plain([...wordsIn(before), ...written])]);
  if (words.length > MAX_WORDS) return tellings.add(plain(written));
  const rows = partsOf(words).flatMap((row) => named(row, before)).flatMap((row) => [row, ...putOtherwise(row, words, sentence, about)]);
  const spoken = rows.flatMap((row) => [row, ...withSubject(row, sentence, about)]);
  for (const row of spoken.flatMap(withHours)) for (const moved of [row, ...movements(row)]) tellings.add(plain(moved));
  // "Towels cost 3 dollars, sheets 5 dollars": both are many.
  if (written.includes(BARE_COST)) for (const telling of [...tellings]) tellings.add(telling.replace(/\bcost\b/, BARE_COST));
  return tellings;
}

/** The sentence, and those of its parts that say by themselves what they say in it. */
function partsOf(words: Row): Row[] {
  const cuts = words.flatMap((word, index) => (/^(?:,|;|and|but)$/.test(word) && !/^(?:,|;)$/.test(words[index - 1] ?? '') ? [index] : []));
  const parts = [0, ...cuts].map((from, index) => words.slice(from, cuts[index]));
  const [first = [], ...others] = parts;
  if (others.length === 0 || PREPOSITIONS.has(words[0] ?? '') || words.some((word) => SUBORDINATORS.has(word) || REACHES.test(word))) return [words];
  const whole = others.map((part) => completed(part, first));
  const rows: Row[] = [words];
  for (const index of parts.keys()) {
    const row = index === 0 ? first : whole[index - 1];
    const limited = parts.slice(index + 1).some((part, at) => (LIMITS.test(part.join(' ')) || EXCEPTS.test(part.join(' ')) || whole[index + at] === undefined) && !isContrast(part));
    if (row !== undefined && (verbOf(row) >= 0 || row.includes('free')) && !limited && !(index > 0 && LIMITS.test((parts[index] ?? []).join(' ')) && !isContrast(parts[index] ?? []))) rows.push(row);
  }
  return rows;
}

/** "Closes at 9" with the subject, "sheets 5 dollars" with the verb of the first part. */
function completed(part: Row, first: Row): Row | undefined {
  const row = part.filter((word, index) => index > 2 || !/^(?:,|;|and|but)$/.test(word));
  const verb = verbOf(first);
  const own = verbOf(row);
  const figure = row.findIndex((word) => word.startsWith('#'));
  const isPlace = first[verb] === 'be' && part[0] === ',' && PLACES.has(row[0] ?? '');
  if (PREPOSITIONS.has(row[0] ?? '')) return isPlace ? [...first.slice(0, verb + 1), ...row] : undefined;
  const subject = first.slice(0, Math.max(0, verb));
  // "... and it costs 5 dollars".
  if (/^(?:it|they|this|that|these|those)$/.test(row[0] ?? '')) return subject.length > 0 ? [...subject, ...row.slice(1)] : undefined;
  if (verb <= 0) return own > 0 ? row : undefined;
  if (own > 0) return row;
  if (own === 0 || (row[0] === 'free' && (row.length === 1 || PREPOSITIONS.has(row[1] ?? '') || DAY.test(row[1] ?? '')))) return [...subject, ...row];
  if (isContrast(part)) return first[verb] === 'be' && verb + 1 < first.length ? [...subject, 'be', 'not', ...first.slice(verb + 1, verb + 2), ...row.slice(1)] : undefined;
  if (first[verb + 1]?.startsWith('#') === true && figure >= 0) return figure === 0 ? [...first.slice(0, verb + 1), ...row] : [...row.slice(0, figure), first[verb] ?? '', ...row.slice(figure)];
  if (first[verb] === 'give' && first[verb + 1] === 'you' && figure < 0) return [...first.slice(0, verb + 2), ...row];
  return undefined;
}

/** "... but not on Monday." */
function isContrast(part: Row): boolean {
  return /^(?:, )?but not (?:on |in |at |#)/.test(part.join(' '));
}

function verbOf(row: Row): number {
  return row.findIndex((word) => VERBS.has(word));
}

/** With what "it" and "that" stand for, if the sentence before names it. */
function named(row: Row, before: string | undefined): Row[] {
  if (before === undefined) return [row];
  const earlier = wordsIn(before);
  const subject = earlier.slice(0, Math.max(0, verbOf(earlier)));
  const when = earlier.lastIndexOf('in');
  const rows: Row[] = [row];
  if (/^(?:after|before)$/.test(row[0] ?? '') && row[1] === 'that' && when >= 0) rows.push([row[0] ?? '', ...earlier.slice(when + 1), ...row.slice(2)]);
  if (subject.length === 0 || NO_SUBJECT.test(subject[0] ?? '')) return rows;
  return rows.flatMap((one) => (one.includes('it') && one.indexOf('it') < verbOf(one) ? [one, one.flatMap((word, index) => (index === one.indexOf('it') ? subject : [word]))] : [one]));
}

/** The few other ways to put the same statement. */
function putOtherwise(row: Row, words: Row, sentence: string, about: Circumstances): Row[] {
  const rows: Row[] = [];
  const verb = verbOf(row);
  const subject = row.slice(0, Math.max(0, verb));
  const rest = row.slice(verb + 1);
  // "The plan", "the Gold card", but not "members" or "the student card", which say of whom it holds.
  const isOurs = /^the \w+ (?:has|gives) /i.test(sentence) || subject.some((word) => about.ourNames.has(word));
  const isBare = subject.length > 0 && !NO_SUBJECT.test(subject[0] ?? '');
  // "The plan has no data limit", "the card gives you": what is meant is clear, unless another fact says the like.
  if (isOurs && isBare && row[verb] === 'have' && rest[0] === 'no' && !hasRival(rest, words, about)) rows.push(['there', 'be', ...rest]);
  if (isOurs && isBare && row[verb] === 'give' && rest[0] === 'you' && !hasRival(rest, words, about)) rows.push(['you', 'get', ...rest.slice(1)]);
  if (row.join(' ').startsWith('you owe us #')) rows.push(['you', 'owe', ...row.slice(3)]);
  // "Repairs at your home cost 35 dollars."
  const place = row.findIndex((word, index) => index > verb + 1 && PLACES.has(word));
  if (isBare && row[verb] === 'cost' && rest[0]?.startsWith('#') === true && place > 0) rows.push([...subject, ...row.slice(place), ...row.slice(verb, place)]);
  if (/^there free \w+ing (?:above|below|behind|beside|near|opposite) /.test(row.join(' ')) && !row.includes(',')) {
    const [, , thing = '', ...where] = row;
    for (const free of [['free', ...where], [...where, 'free']]) rows.push([thing, ...free], ['you', 'can', thing.slice(0, -3), ...free]);
  }
  return rows;
}

function hasRival(rest: Row, words: Row, { facts }: Circumstances): boolean {
  const said = rest.filter((word) => word.length > 3);
  return facts.map(wordsIn).some((other) => other.join(' ') !== words.join(' ') && !words.join(' ').startsWith(other.join(' ')) && said.every((word) => other.includes(word)));
}

/** Another word for the subject: "we" for our office, "your" before it, "it" for what the caller just asked for. */
function withSubject(row: Row, sentence: string, { ourNames, asked, facts }: Circumstances): Row[] {
  const verb = verbOf(row);
  if (verb <= 0) return row[0] === 'you' ? [] : freeSubject(row, asked);
  const rest = row.slice(verb);
  const subject = row.slice(0, verb);
  const rows: Row[] = [];
  if (subject[0] === 'our' || subject[0] === 'your') rows.push([...subject.slice(1), ...rest]);
  const house = subject.filter((word) => word !== 'our');
  if (house.length === 1 && HOUSE.test(house[0] ?? '')) rows.push(['we', ...rest]);
  // "You can move your appointment": that is the caller's.
  const thing = /^\W*you (?:can |may |will )*\w+ the \w+/i.test(sentence) && row[0] === 'you' ? rest.findIndex((word) => !VERBS.has(word)) + verb : -1;
  if (thing >= 0) rows.push([...row.slice(0, thing + 1), 'your', ...row.slice(thing + 1)]);
  if (subject.some((word) => NO_SUBJECT.test(word))) return rows;
  // "The Northwind Gold card" is "the card", if no other card is known; "Gift wrapping" only begins a sentence.
  const proper = /^(?:the (?:\p{Lu}[\w-]* )+|(?:\p{Lu}[\w-]* ){2,})(\p{Ll}\w+)/u.exec(sentence.replace(/^The /, 'the '));
  const shorter: Row[] = [subject];
  const ours = subject.findIndex((word) => !ourNames.has(word));
  if (ours > 0) shorter.push(subject.slice(ours));
  if (proper !== null && subject.at(-1) === wordsIn(proper[1] ?? '')[0] && !facts.some((fact) => new RegExp(`(?!The )\\p{Lu}[\\w-]* ${proper[1] ?? ''}`, 'u').test(fact.replaceAll(proper[0].replace(/^the /, ''), '')))) shorter.push(subject.slice(-1));
  rows.push(...shorter.slice(1).map((one) => [...one, ...rest]));
  if (!/^\W*an? /i.test(sentence) && !subject.some((word) => HOUSE.test(word))) rows.push(...shorter.map((one) => ['your', ...one, ...rest]));
  if (subject.some((word) => word !== 'of' && !PREPOSITIONS.has(word) && asked.has(word))) rows.push(['it', ...rest], ['they', ...rest]);
  return rows;
}

/** "A change of the day free": the verb is gone. */
function freeSubject(row: Row, asked: ReadonlySet<string>): Row[] {
  const free = row.indexOf('free');
  const subject = row.slice(0, Math.max(0, free));
  if (subject.length === 0 || subject.some((word) => NO_SUBJECT.test(word)) || !subject.some((word) => word.length > 3 && asked.has(word))) return [];
  return [['it', ...row.slice(free)]];
}

/** "Between nine and six" without the halves of the day; the day without its hours, where nothing is denied. */
function withHours(row: Row): Row[] {
  const at = row.findIndex((word) => HOURS.test(word));
  if (at < 0) return [row];
  const bare = (row[at] ?? '').replace(/(\d+):00/g, (_, hour: string) => String(Number(hour) % 12 || 12));
  const without = [...row.slice(0, at), ...row.slice(at + 1)];
  const rows: Row[] = [row, [...row.slice(0, at), bare, ...row.slice(at + 1)]];
  return row.some((word) => DAY.test(word)) && row.some((word) => TIMED.test(word)) && !row.some((word) => /^(?:not|no|only|never)$/.test(word)) ? [...rows, without] : rows;
}

/** What says when, where or on what condition may stand first; two that stand last may change places. */
function movements(row: Row): Row[] {
  const rows: Row[] = [];
  const comma = row.indexOf(',');
  if (PREPOSITIONS.has(row[0] ?? '')) {
    const end = comma > 0 ? comma : Math.max(0, row.indexOf('it'));
    if (end > 0) rows.push([...row.slice(end).filter((word, index) => index > 0 || word !== ','), ...row.slice(0, end)]);
    return rows;
  }
  const verb = Math.max(0, verbOf(row));
  const joint = row.findIndex((word, index) => index > verb && /^(?:and|but|or)$/.test(word));
  const last = joint < 0 ? row.length : joint;
  const condition = row.findIndex((word, index) => index > verb && SUBORDINATORS.has(word));
  const starts = row.flatMap((word, index) => (index > verb && index < last && (condition < 0 || index <= condition) && isStart(row, index, word) ? [index] : []));
  const end = comma > verb ? comma : row.length;
  for (const [index, start] of starts.entries()) {
    const next = starts[index + 1];
    for (const stop of new Set([end, condition > start ? condition : end, next ?? end])) {
      if (start >= stop || (joint >= 0 && joint < stop)) continue;
      rows.push([...row.slice(start, stop), ...row.slice(0, start), ...row.slice(stop)]);
    }
    if (next !== undefined && next !== condition && joint < 0 && next < end) rows.push([...row.slice(0, start), ...row.slice(next, end), ...row.slice(start, next), ...row.slice(end)]);
    // "On the second floor, above the bakery."
    if (comma > start && PLACES.has(row[comma + 1] ?? '') && row[verb] === 'be') rows.push([...row.slice(0, start), ...row.slice(comma + 1), ...row.slice(start, comma)]);
    // "By card or by bank transfer."
    if (joint >= 0 && row[joint] === 'or' && row[joint + 1] === row[start]) rows.push([...row.slice(0, start), ...row.slice(joint + 1), 'or', ...row.slice(start, joint)]);
  }
  return rows;
}

function isStart(row: Row, index: number, word: string): boolean {
  const before = row[index - 1] ?? '';
  if (PREPOSITIONS.has(before) || before === 'than' || before === 'per') return false;
  return (PREPOSITIONS.has(word) && index + 1 < row.length) || DAY.test(word) || HOURS.test(word);
}
